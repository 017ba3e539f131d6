//! From text to terms: SQL's syntax, as far as expressions about one row go.

mod convert;
mod places;

use self::convert::Converter;
use self::places::Places;
use super::fault::Fault;
use super::term::Term;
use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

/// Longer texts are refused.
const MOST_BYTES: usize = 1 << 18;
/// More operators and keywords are, a chain of which is a tree as deep; and more names.
const MOST_PARTS: usize = 2_000;
/// As deep as parentheses and operators may be nested.
const MOST_DEPTH: usize = 50;
const STACK_BYTES: usize = 32 << 20;

/// # Errors
/// If the text is no expression, is one that is not about the values of one row, or is too
/// large.
pub(super) fn parse(text: &str) -> Result<Term, Fault> {
    if text.len() > MOST_BYTES {
        let reason = format!(
            "the expression has {} bytes, and can have {MOST_BYTES}",
            text.len()
        );
        return Fault::at(1, reason);
    }
    with_room(|| parsed(text))
}

/// Runs on a stack of its own: unoptimised, the parser takes more for its deepest nesting than
/// a thread of a pool has.
fn with_room<T: Send>(work: impl FnOnce() -> Result<T, Fault> + Send) -> Result<T, Fault> {
    let failed = |reason: String| Fault::At(1, format!("the expression was not read: {reason}"));
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let thread = thread.spawn_scoped(scope, work);
        let thread = thread.map_err(|error| failed(error.to_string()))?;
        let done = thread.join();
        done.unwrap_or_else(|_| Err(failed("the parser has failed".to_owned())))
    })
}

fn parsed(text: &str) -> Result<Term, Fault> {
    let places = Places::of(text);
    let tokens = tokens(text, &places)?;
    let dialect = GenericDialect {};
    let mut parser = Parser::new(&dialect)
        .with_recursion_limit(MOST_DEPTH)
        .with_tokens_with_locations(tokens);
    let parsed = parser.parse_expr();
    let parsed = parsed.map_err(|error| refused(&error, &places))?;
    let rest = parser.peek_token();
    if rest.token != Token::EOF {
        let reason = format!("`{rest}` does not go on with what stands before it");
        return Fault::at(places.at(rest.span.start), reason);
    }
    Converter::new(&places).term(&parsed)
}

fn tokens(text: &str, places: &Places) -> Result<Vec<TokenWithSpan>, Fault> {
    let dialect = GenericDialect {};
    let mut tokenizer = Tokenizer::new(&dialect, text);
    let tokens = tokenizer
        .tokenize_with_location()
        .map_err(|error| Fault::At(places.at(error.location), error.message))?;
    let too_many = |is_part: fn(&Token) -> bool| {
        let mut parts = tokens.iter().filter(|token| is_part(&token.token));
        parts.nth(MOST_PARTS).map(|token| token.span.start)
    };
    if let Some(place) = too_many(is_name).or_else(|| too_many(is_operator)) {
        let reason = format!(
            "more than {MOST_PARTS} operators or names: `in (…)` takes many values with one"
        );
        return Fault::at(places.at(place), reason);
    }
    let mut meant = tokens.iter().map(|token| &token.token);
    match meant.all(|token| matches!(token, Token::Whitespace(_) | Token::EOF)) {
        true => Fault::at(1, "there is no expression: write one such as `loss > 2`"),
        false => Ok(tokens),
    }
}

fn is_name(token: &Token) -> bool {
    matches!(token, Token::Word(word) if word.keyword == Keyword::NoKeyword)
}

fn is_operator(token: &Token) -> bool {
    match token {
        Token::Word(_) => !is_name(token),
        Token::Whitespace(_)
        | Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::Comma
        | Token::LParen
        | Token::RParen
        | Token::EOF => false,
        _ => true,
    }
}

fn refused(error: &ParserError, places: &Places) -> Fault {
    match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
            let (reason, at) = places.told(message);
            Fault::At(at, reason.replacen("Expected: ", "expected ", 1))
        }
        ParserError::RecursionLimitExceeded => Fault::At(1, too_deep()),
    }
}

fn too_deep() -> String {
    format!("nested more than {MOST_DEPTH} deep")
}
