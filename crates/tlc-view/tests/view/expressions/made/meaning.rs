//! What operators mean, of one value after the other.

use super::rows::*;
use std::cmp::Ordering;

pub(crate) fn common(one: Type, other: Type) -> Type {
    if one > other { one } else { other }
}

/// A value as one of a wider type.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn wide(value: Value, kind: Type) -> Value {
    match (value, kind) {
        (Whole(number), Type::Single) => Single(number as f32),
        (Whole(number), Type::Double) => Double(number as f64),
        (Single(number), Type::Double) => Double(f64::from(number)),
        (value, _) => value,
    }
}

pub(crate) fn order(one: &Value, other: &Value) -> Ordering {
    fn floats(one: f64, other: f64) -> Ordering {
        let known = one.partial_cmp(&other);
        known.unwrap_or_else(|| one.is_nan().cmp(&other.is_nan()))
    }
    match (one, other) {
        (Flag(one), Flag(other)) => one.cmp(other),
        (Whole(one), Whole(other)) => one.cmp(other),
        (Single(one), Single(other)) => floats((*one).into(), (*other).into()),
        (Double(one), Double(other)) => floats(*one, *other),
        (Text(one), Text(other)) => one.cmp(other),
        _ => panic!("{one:?} beside {other:?}"),
    }
}

pub(crate) fn compared(one: Option<Value>, other: Option<Value>, kind: Type) -> Option<Ordering> {
    Some(order(&wide(one?, kind), &wide(other?, kind)))
}

pub(crate) fn computed(op: &str, one: Value, other: Value) -> Answer {
    macro_rules! floats {
        ($of:ident, $one:expr, $other:expr) => {
            $of(match op {
                "+" => $one + $other,
                "-" => $one - $other,
                "*" => $one * $other,
                "/" => $one / $other,
                _ => $one % $other,
            })
        };
    }
    Ok(Some(match (one, other) {
        (Whole(one), Whole(other)) => Whole(match op {
            "+" => one.wrapping_add(other),
            "-" => one.wrapping_sub(other),
            "*" => one.wrapping_mul(other),
            "/" => one.checked_div(other).ok_or(())?,
            _ if other == 0 => return Err(()),
            _ => one.wrapping_rem(other),
        }),
        (Single(one), Single(other)) => floats!(Single, one, other),
        (Double(one), Double(other)) => floats!(Double, one, other),
        other => panic!("{other:?}"),
    }))
}

pub(crate) fn flag(answer: Answer) -> Result<Option<bool>, ()> {
    Ok(match answer? {
        None => None,
        Some(Flag(flag)) => Some(flag),
        Some(other) => panic!("{other:?}"),
    })
}

pub(crate) fn text(answer: Answer) -> Result<Option<String>, ()> {
    Ok(match answer? {
        None => None,
        Some(Text(text)) => Some(text),
        Some(other) => panic!("{other:?}"),
    })
}

/// `like`, by its definition.
pub(crate) fn is_like(text: &[char], pattern: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|start| is_like(&text[start..], rest)),
        ['_', rest @ ..] => !text.is_empty() && is_like(&text[1..], rest),
        ['\\', next, rest @ ..] => text.first() == Some(next) && is_like(&text[1..], rest),
        [next, rest @ ..] => text.first() == Some(next) && is_like(&text[1..], rest),
    }
}

pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

// How expressions are made.
