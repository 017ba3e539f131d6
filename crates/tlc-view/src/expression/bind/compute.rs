//! What is computed of numbers and texts.

use super::super::fault::Fault;
use super::super::function::Function;
use super::super::node::{Node, NumberFunction, Op, Search, TextFunction, Type};
use super::super::term::{Arithmetic, Literal, Term, What};
use super::Binder;
use super::types::{Quoted, coerced, common, plain};

/// Places that `round` takes.
const MOST_PLACES: i64 = 30;

impl Binder<'_> {
    pub(super) fn negated(&mut self, at: usize, of: &Term) -> Result<Node, Fault> {
        let of = self.number(of)?;
        let (kind, can_fail) = (of.kind.clone(), of.can_fail);
        Ok(Node::of(at, kind, Op::Negate(Box::new(of)), can_fail))
    }

    pub(super) fn compute(
        &mut self,
        at: usize,
        arithmetic: Arithmetic,
        left: &Term,
        right: &Term,
    ) -> Result<Node, Fault> {
        let (left, right) = (self.number(left)?, self.number(right)?);
        let kind = common([&left, &right], Quoted::IsText)?;
        let (left, right) = (coerced(left, &kind)?, coerced(right, &kind)?);
        let is_division = matches!(arithmetic, Arithmetic::Divide | Arithmetic::Modulo);
        let can_fail = left.can_fail || right.can_fail || (is_division && kind == Type::Whole);
        let op = Op::Compute(arithmetic, Box::new(left), Box::new(right));
        Ok(Node::of(at, kind, op, can_fail))
    }

    pub(super) fn call(
        &mut self,
        at: usize,
        function: Function,
        values: &[Term],
    ) -> Result<Node, Fault> {
        match (function, values) {
            (Function::Coalesce, _) => self.coalesce(at, values),
            (Function::Greatest, _) => self.greatest(at, values, Op::Greatest),
            (Function::Least, _) => self.greatest(at, values, Op::Least),
            (Function::NullIf, [one, other]) => self.null_if(at, one, other),
            (Function::Power, [base, exponent]) => {
                let base = coerced(self.number(base)?, &Type::Double)?;
                let exponent = coerced(self.number(exponent)?, &Type::Double)?;
                let op = Op::Power(Box::new(base), Box::new(exponent));
                Ok(Node::of(at, Type::Double, op, true))
            }
            (Function::Contains, [text, part]) => self.search(at, Search::Anywhere, text, part),
            (Function::StartsWith, [text, part]) => self.search(at, Search::Start, text, part),
            (Function::EndsWith, [text, part]) => self.search(at, Search::End, text, part),
            (Function::Length, [text]) => self.of_text(at, TextFunction::Length, Type::Whole, text),
            (Function::Lower, [text]) => self.of_text(at, TextFunction::Lower, Type::Text, text),
            (Function::Upper, [text]) => self.of_text(at, TextFunction::Upper, Type::Text, text),
            (Function::Round, [number, places]) => {
                let function = match places_of(places)? {
                    Some(places) => NumberFunction::Round(places),
                    None => return coerced(super::constant(at, &Literal::Null)?, &Type::Double),
                };
                self.of_number(at, function, number)
            }
            (_, [number]) => match number_function(function) {
                Some(function) => self.of_number(at, function, number),
                None => Fault::at(at, "a number is expected here"),
            },
            _ => Fault::at(at, "too many values"),
        }
    }

    /// A number to compute with.
    fn number(&mut self, term: &Term) -> Result<Node, Fault> {
        number(self.node(term)?)
    }

    fn of_number(&mut self, at: usize, function: NumberFunction, of: &Term) -> Result<Node, Fault> {
        let of = match (function, self.node(of)?) {
            (NumberFunction::IsNan, of) if of.kind.is_number() => of,
            (_, of) => number(of)?,
        };
        let of = match (function, &of.kind) {
            (NumberFunction::Abs | NumberFunction::Round(_), Type::Whole) => of,
            (NumberFunction::IsNan, kind) if kind.is_number() => of,
            (_, Type::Whole) => coerced(of, &Type::Double)?,
            _ => of,
        };
        let kind = match function {
            NumberFunction::IsNan => Type::Flag,
            _ => of.kind.clone(),
        };
        let can_fail = of.can_fail
            || matches!(function, NumberFunction::Sqrt)
            || (kind == Type::Whole && !matches!(function, NumberFunction::IsNan));
        Ok(Node::of(
            at,
            kind,
            Op::Number(function, Box::new(of)),
            can_fail,
        ))
    }

    fn of_text(
        &mut self,
        at: usize,
        function: TextFunction,
        kind: Type,
        text: &Term,
    ) -> Result<Node, Fault> {
        let of = plain(self.text(text)?)?;
        let can_fail = of.can_fail;
        Ok(Node::of(
            at,
            kind,
            Op::Text(function, Box::new(of)),
            can_fail,
        ))
    }

    fn search(
        &mut self,
        at: usize,
        search: Search,
        text: &Term,
        part: &Term,
    ) -> Result<Node, Fault> {
        let text = self.text(text)?;
        let part = plain(self.text(part)?)?;
        let text = match part.is_constant() {
            true => text,
            false => plain(text)?,
        };
        let can_fail = text.can_fail || part.can_fail;
        let op = Op::Search(search, Box::new(text), Box::new(part));
        Ok(Node::of(at, Type::Flag, op, can_fail))
    }
}

fn number(node: Node) -> Result<Node, Fault> {
    match &node.kind {
        Type::Whole | Type::Class(_) => coerced(node, &Type::Whole),
        Type::Single | Type::Double => Ok(node),
        Type::Null => coerced(node, &Type::Double),
        Type::Unsigned | Type::Wide => {
            let reason = "whole numbers past 9223372036854775807 are compared, not computed with: \
                          cast(… as double) makes numbers of them";
            Fault::at(node.at, reason)
        }
        Type::Text => {
            let reason = "expected a number, found a text: cast(… as double) reads one";
            Fault::at(node.at, reason)
        }
        other => Fault::at(
            node.at,
            format!("expected a number, found {}", other.told()),
        ),
    }
}

fn number_function(function: Function) -> Option<NumberFunction> {
    Some(match function {
        Function::Abs => NumberFunction::Abs,
        Function::Ceil => NumberFunction::Ceil,
        Function::Exp => NumberFunction::Exp,
        Function::Floor => NumberFunction::Floor,
        Function::IsNan => NumberFunction::IsNan,
        Function::Ln => NumberFunction::Ln,
        Function::Log10 => NumberFunction::Log10,
        Function::Round => NumberFunction::Round(0),
        Function::Sqrt => NumberFunction::Sqrt,
        _ => return None,
    })
}

/// To how many places `round` rounds; `None` for null.
fn places_of(term: &Term) -> Result<Option<i32>, Fault> {
    match &term.what {
        What::Literal(Literal::Null) => Ok(None),
        What::Literal(Literal::Whole(places)) if places.abs() <= MOST_PLACES => {
            Ok(i32::try_from(*places).ok())
        }
        _ => {
            let reason = format!(
                "`round` takes a whole number of places from -{MOST_PLACES} to {MOST_PLACES}"
            );
            Fault::at(term.at, reason)
        }
    }
}
