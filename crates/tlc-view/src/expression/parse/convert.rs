//! From SQL's syntax tree to terms.

use super::super::fault::Fault;
use super::super::function::Function;
use super::super::term::{Arithmetic, Comparison, Join, Literal, Name, State, Target, Term, What};
use super::places::Places;
use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, CeilFloorKind, DataType, DateTimeField, Expr,
    Function as Call, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, InTarget,
    ObjectNamePart, Spanned, UnaryOperator, Value, ValueWithSpan,
};
use sqlparser::tokenizer::Span;

/// As deep as terms may stand in terms.
const MOST_DEPTH: usize = 100;
/// Bytes of a pattern of `like`, which is made ready for each block of rows.
const MOST_PATTERN: usize = 1_000;

pub(super) struct Converter<'p> {
    places: &'p Places,
    depth: usize,
}

type Converted = Result<Term, Fault>;

impl<'p> Converter<'p> {
    pub(super) fn new(places: &'p Places) -> Self {
        Self { places, depth: 0 }
    }

    /// # Errors
    /// If it is not about the values of one row, or is nested too deep.
    pub(super) fn term(&self, expr: &Expr) -> Converted {
        if self.depth == MOST_DEPTH {
            let reason = format!("nested more than {MOST_DEPTH} deep");
            return Fault::at(self.at(expr.span()), reason);
        }
        let deeper = Self {
            places: self.places,
            depth: self.depth + 1,
        };
        deeper.converted(expr)
    }

    fn converted(&self, expr: &Expr) -> Converted {
        match expr {
            Expr::Nested(inner) => self.term(inner),
            Expr::Value(value) => self.literal(value, false),
            Expr::Identifier(name) => Ok(self.column(name)),
            Expr::CompoundIdentifier(parts) => self.dotted(parts),
            Expr::UnaryOp { op, expr: of } => self.unary(*op, of),
            Expr::BinaryOp { left, op, right } => self.binary(expr, left, op, right),
            Expr::Between {
                expr: of,
                negated,
                low,
                high,
            } => self.between(of, low, high, *negated),
            Expr::In {
                expr: of,
                target,
                negated,
                global: false,
            } => self.in_list(of, target, *negated),
            Expr::Like { .. } | Expr::ILike { .. } => self.like(expr),
            Expr::Case {
                case_token,
                operand,
                conditions,
                else_result,
                ..
            } => {
                let at = self.at(case_token.0.span);
                self.case(at, operand.as_deref(), conditions, else_result.as_deref())
            }
            Expr::Function(call) => self.call(call),
            Expr::Ceil { expr: of, field } => self.rounded(Function::Ceil, "ceil", of, field),
            Expr::Floor { expr: of, field } => self.rounded(Function::Floor, "floor", of, field),
            Expr::TypedString(typed) => match &typed.data_type {
                DataType::Timestamp(..) | DataType::Date => self.moment(&typed.value),
                _ => self.foreign(expr),
            },
            _ => self.converted_asked(expr),
        }
    }

    /// Casts, and what is asked with `is`.
    fn converted_asked(&self, expr: &Expr) -> Converted {
        match expr {
            Expr::IsNull(of) => self.is(of, State::Null, false),
            Expr::IsNotNull(of) => self.is(of, State::Null, true),
            Expr::IsTrue(of) => self.is(of, State::True, false),
            Expr::IsNotTrue(of) => self.is(of, State::True, true),
            Expr::IsFalse(of) => self.is(of, State::False, false),
            Expr::IsNotFalse(of) => self.is(of, State::False, true),
            Expr::IsUnknown(of) => self.is(of, State::Unknown, false),
            Expr::IsNotUnknown(of) => self.is(of, State::Unknown, true),
            Expr::IsDistinctFrom(left, right) => self.compare(Comparison::Distinct, left, right),
            Expr::IsNotDistinctFrom(left, right) => {
                self.compare(Comparison::NotDistinct, left, right)
            }
            Expr::Cast {
                kind,
                expr: of,
                data_type,
                format: None,
            } => self.cast(kind, of, data_type),
            _ => self.foreign(expr),
        }
    }

    fn literal(&self, value: &ValueWithSpan, is_negative: bool) -> Converted {
        let literal = match &value.value {
            Value::Null => Literal::Null,
            Value::Boolean(flag) => Literal::Flag(*flag),
            Value::SingleQuotedString(text) => Literal::Text(text.clone()),
            Value::Number(digits, _) => {
                let sign = if is_negative { "-" } else { "" };
                match number(&format!("{sign}{}", digits.replace('_', ""))) {
                    Some(number) => number,
                    None => return Fault::at(self.at(value.span), "this is no number"),
                }
            }
            _ => {
                let reason = "texts stand in single quotes, columns in double quotes or none";
                return Fault::at(self.at(value.span), reason);
            }
        };
        Ok(self.made(value.span, What::Literal(literal)))
    }

    fn moment(&self, value: &ValueWithSpan) -> Converted {
        match &value.value {
            Value::SingleQuotedString(text) => {
                let literal = Literal::Moment(text.clone());
                Ok(self.made(value.span, What::Literal(literal)))
            }
            _ => self.literal(value, false),
        }
    }

    fn column(&self, name: &Ident) -> Term {
        let column = Name {
            text: name.value.clone(),
            is_quoted: name.quote_style.is_some(),
        };
        self.made(name.span, What::Column(column))
    }

    /// A name with dots: columns have such names, where another one has the name without.
    fn dotted(&self, parts: &[Ident]) -> Converted {
        let span = parts.first().map_or_else(Span::empty, |part| part.span);
        let names: Vec<&str> = parts.iter().map(|part| part.value.as_str()).collect();
        let text = names.join(".");
        if parts.iter().any(|part| part.quote_style.is_some()) {
            let reason = format!("a name with a dot stands in quotes as a whole: \"{text}\"");
            return Fault::at(self.at(span), reason);
        }
        let is_quoted = false;
        Ok(self.made(span, What::Column(Name { text, is_quoted })))
    }

    fn unary(&self, operator: UnaryOperator, of: &Expr) -> Converted {
        match (operator, of) {
            (UnaryOperator::Minus, Expr::Value(value))
                if matches!(value.value, Value::Number(..)) =>
            {
                self.literal(value, true)
            }
            (UnaryOperator::Plus, _) => self.term(of),
            (UnaryOperator::Minus, _) => {
                let of = self.term(of)?;
                let at = of.at;
                let what = What::Negate(Box::new(of));
                Ok(Term { at, what })
            }
            (UnaryOperator::Not, _) => {
                let of = self.term(of)?;
                let at = of.at;
                let what = What::Not(Box::new(of));
                Ok(Term { at, what })
            }
            _ => Fault::at(self.at(of.span()), format!("no operator `{operator}`")),
        }
    }

    fn binary(&self, all: &Expr, left: &Expr, op: &BinaryOperator, right: &Expr) -> Converted {
        match op {
            BinaryOperator::And => self.join(Join::And, all),
            BinaryOperator::Or => self.join(Join::Or, all),
            BinaryOperator::Eq => self.compare(Comparison::Equal, left, right),
            BinaryOperator::NotEq => self.compare(Comparison::NotEqual, left, right),
            BinaryOperator::Lt => self.compare(Comparison::Less, left, right),
            BinaryOperator::LtEq => self.compare(Comparison::LessOrEqual, left, right),
            BinaryOperator::Gt => self.compare(Comparison::Greater, left, right),
            BinaryOperator::GtEq => self.compare(Comparison::GreaterOrEqual, left, right),
            BinaryOperator::Plus => self.compute(Arithmetic::Add, left, right),
            BinaryOperator::Minus => self.compute(Arithmetic::Subtract, left, right),
            BinaryOperator::Multiply => self.compute(Arithmetic::Multiply, left, right),
            BinaryOperator::Divide => self.compute(Arithmetic::Divide, left, right),
            BinaryOperator::Modulo => self.compute(Arithmetic::Modulo, left, right),
            other => Fault::at(self.at(right.span()), format!("no operator `{other}`")),
        }
    }

    /// A chain of one operator, which leans to the left, however long.
    fn join(&self, join: Join, all: &Expr) -> Converted {
        let wanted = match join {
            Join::And => BinaryOperator::And,
            Join::Or => BinaryOperator::Or,
        };
        let mut chain = Vec::new();
        let mut rest = all;
        while let Expr::BinaryOp { left, op, right } = rest
            && *op == wanted
        {
            chain.push(right.as_ref());
            rest = left;
        }
        chain.push(rest);
        let terms = chain.into_iter().rev().map(|term| self.term(term));
        let terms: Vec<Term> = terms.collect::<Result<_, _>>()?;
        let at = terms.first().map_or(1, |term| term.at);
        let what = What::Join(join, terms);
        Ok(Term { at, what })
    }

    fn compare(&self, comparison: Comparison, left: &Expr, right: &Expr) -> Converted {
        let (left, right) = (self.term(left)?, self.term(right)?);
        let at = left.at;
        let what = What::Compare(comparison, Box::new(left), Box::new(right));
        Ok(Term { at, what })
    }

    fn compute(&self, arithmetic: Arithmetic, left: &Expr, right: &Expr) -> Converted {
        let (left, right) = (self.term(left)?, self.term(right)?);
        let at = left.at;
        let what = What::Compute(arithmetic, Box::new(left), Box::new(right));
        Ok(Term { at, what })
    }

    fn between(&self, of: &Expr, low: &Expr, high: &Expr, is_not: bool) -> Converted {
        let of = Box::new(self.term(of)?);
        let (low, high) = (Box::new(self.term(low)?), Box::new(self.term(high)?));
        let at = of.at;
        let what = What::Between {
            of,
            low,
            high,
            is_not,
        };
        Ok(Term { at, what })
    }

    fn in_list(&self, of: &Expr, target: &InTarget, is_not: bool) -> Converted {
        let of = Box::new(self.term(of)?);
        let InTarget::List(list) = target else {
            return Fault::at(of.at, "`in` takes a list of values: in (1, 2)");
        };
        let list = list.iter().map(|term| self.term(term));
        let list: Vec<Term> = list.collect::<Result<_, _>>()?;
        let at = of.at;
        let what = What::In { of, list, is_not };
        Ok(Term { at, what })
    }

    fn like(&self, expr: &Expr) -> Converted {
        let (Expr::Like {
            negated,
            any,
            expr: of,
            pattern,
            escape_char,
        }
        | Expr::ILike {
            negated,
            any,
            expr: of,
            pattern,
            escape_char,
        }) = expr
        else {
            return self.foreign(expr);
        };
        if *any {
            return Fault::at(self.at(pattern.span()), "`like` takes one pattern");
        }
        let of = Box::new(self.term(of)?);
        let pattern = self.term(pattern)?;
        let escape = escape_char.as_deref().map(|escape| self.term(escape));
        let pattern = pattern_of(&pattern, escape.transpose()?.as_ref())?;
        let at = of.at;
        let what = What::Like {
            of,
            pattern,
            is_case_ignored: matches!(expr, Expr::ILike { .. }),
            is_not: *negated,
        };
        Ok(Term { at, what })
    }

    fn is(&self, of: &Expr, state: State, is_not: bool) -> Converted {
        let of = Box::new(self.term(of)?);
        let at = of.at;
        let what = What::Is { of, state, is_not };
        Ok(Term { at, what })
    }

    fn case(
        &self,
        at: usize,
        of: Option<&Expr>,
        branches: &[CaseWhen],
        otherwise: Option<&Expr>,
    ) -> Converted {
        let boxed = |term: Option<&Expr>| term.map(|term| self.term(term).map(Box::new));
        let branches = branches.iter().map(|branch| {
            let when = self.term(&branch.condition)?;
            Ok((when, self.term(&branch.result)?))
        });
        let what = What::Case {
            of: boxed(of).transpose()?,
            branches: branches.collect::<Result<_, Fault>>()?,
            otherwise: boxed(otherwise).transpose()?,
        };
        Ok(Term { at, what })
    }

    fn cast(&self, kind: &CastKind, of: &Expr, to: &DataType) -> Converted {
        let of = Box::new(self.term(of)?);
        let at = of.at;
        let Some(to) = target(to) else {
            let reason = format!(
                "no type `{to}`: there are int, bigint, float, double, text, boolean, timestamp"
            );
            return Fault::at(at, reason);
        };
        let is_tried = matches!(kind, CastKind::TryCast | CastKind::SafeCast);
        let what = What::Cast { of, to, is_tried };
        Ok(Term { at, what })
    }

    fn call(&self, call: &Call) -> Converted {
        let at = self.at(call.name.span());
        let [ObjectNamePart::Identifier(name)] = call.name.0.as_slice() else {
            return Fault::at(at, format!("no function `{}`", call.name));
        };
        let values = match &call.args {
            FunctionArguments::List(list)
                if list.clauses.is_empty() && list.duplicate_treatment.is_none() =>
            {
                list.args.as_slice()
            }
            _ => &[],
        };
        let function = Function::named(&name.value, values.len());
        let function = function.or_else(|reason| Fault::at(at, reason))?;
        let is_plain = call.filter.is_none()
            && call.over.is_none()
            && call.within_group.is_empty()
            && call.null_treatment.is_none()
            && matches!(call.parameters, FunctionArguments::None)
            && matches!(&call.args, FunctionArguments::List(list)
                if list.clauses.is_empty() && list.duplicate_treatment.is_none());
        if !is_plain {
            let reason = format!("`{}` takes just values, separated by commas", name.value);
            return Fault::at(at, reason);
        }
        let values = values.iter().map(|value| match value {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => self.term(value),
            other => Fault::at(self.at(other.span()).max(at), "a value is expected here"),
        });
        let what = What::Call(function, values.collect::<Result<_, _>>()?);
        Ok(Term { at, what })
    }

    fn rounded(
        &self,
        function: Function,
        name: &str,
        of: &Expr,
        field: &CeilFloorKind,
    ) -> Converted {
        let of = self.term(of)?;
        let at = of.at;
        match field {
            CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) => {
                let what = What::Call(function, vec![of]);
                Ok(Term { at, what })
            }
            _ => Fault::at(at, format!("`{name}` takes 1 argument")),
        }
    }

    fn foreign(&self, expr: &Expr) -> Converted {
        let reason = match expr {
            Expr::Subquery(_) | Expr::Exists { .. } => "an expression has no queries inside",
            Expr::Wildcard(_) | Expr::QualifiedWildcard(..) => "name a column instead of `*`",
            Expr::Tuple(_) => "a list stands behind `in` alone",
            Expr::Trim { .. }
            | Expr::Substring { .. }
            | Expr::Position { .. }
            | Expr::Overlay { .. }
            | Expr::Extract { .. } => "no such function for expressions about a row",
            _ => "this part of SQL is not for expressions about a row",
        };
        Fault::at(self.at(expr.span()), reason)
    }

    fn made(&self, span: Span, what: What) -> Term {
        let at = self.at(span);
        Term { at, what }
    }

    fn at(&self, span: Span) -> usize {
        self.places.at(span.start)
    }
}

/// A number as DataFusion reads it: whole where it can be.
fn number(digits: &str) -> Option<Literal> {
    let whole = digits.parse().map(Literal::Whole);
    let unsigned = || digits.parse().map(Literal::Unsigned);
    let double = || digits.parse().map(Literal::Double);
    whole.or_else(|_| unsigned()).or_else(|_| double()).ok()
}

/// The pattern of `like` with `\` as what makes the next character stand for itself.
fn pattern_of(pattern: &Term, escape: Option<&Term>) -> Result<Option<String>, Fault> {
    let text = match &pattern.what {
        What::Literal(Literal::Text(text)) => text,
        What::Literal(Literal::Null) => return Ok(None),
        _ => {
            return Fault::at(
                pattern.at,
                "the pattern of `like` is a text in single quotes",
            );
        }
    };
    if text.len() > MOST_PATTERN {
        let reason = format!("a pattern of `like` has at most {MOST_PATTERN} bytes");
        return Fault::at(pattern.at, reason);
    }
    let escape = match escape.map(|escape| (escape.at, &escape.what)) {
        None => '\\',
        Some((at, What::Literal(Literal::Text(text)))) => {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(one), None) => one,
                _ => return Fault::at(at, "`escape` takes one character"),
            }
        }
        Some((at, _)) => return Fault::at(at, "`escape` takes one character"),
    };
    let mut told = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            _ if character == escape => {
                told.push('\\');
                told.push(characters.next().unwrap_or(escape));
            }
            '\\' => told.push_str("\\\\"),
            other => told.push(other),
        }
    }
    Ok(Some(told))
}

fn target(data_type: &DataType) -> Option<Target> {
    Some(match data_type {
        DataType::Bool | DataType::Boolean => Target::Flag,
        DataType::TinyInt(_) => Target::Whole8,
        DataType::SmallInt(_) | DataType::Int2(_) => Target::Whole16,
        DataType::Int(_) | DataType::Integer(_) | DataType::Int4(_) => Target::Whole32,
        DataType::BigInt(_) | DataType::Int8(_) | DataType::Int64 => Target::Whole64,
        DataType::Float(_) | DataType::Real | DataType::Float4 => Target::Single,
        DataType::Double(_) | DataType::DoublePrecision | DataType::Float8 | DataType::Float64 => {
            Target::Double
        }
        DataType::Text
        | DataType::String(_)
        | DataType::Varchar(None)
        | DataType::CharacterVarying(None)
        | DataType::Char(None) => Target::Text,
        DataType::Timestamp(..) => Target::Moment,
        _ => return None,
    })
}
