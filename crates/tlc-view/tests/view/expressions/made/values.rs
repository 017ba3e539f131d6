//! Random values.

use super::conditions::*;
use super::meaning::*;
use super::rows::*;
use std::cmp::Ordering;

pub(crate) fn any(tape: &mut Tape, depth: usize) -> Made {
    match tape.below(3) {
        0 => value(tape, depth, Type::Text),
        1 => condition(tape, depth),
        _ => number(tape, depth),
    }
}

pub(crate) fn number(tape: &mut Tape, depth: usize) -> Made {
    let kind = tape.pick(&[Type::Whole, Type::Whole, Type::Single, Type::Double]);
    value(tape, depth, kind)
}

pub(crate) fn value(tape: &mut Tape, depth: usize, kind: Type) -> Made {
    match (kind, depth) {
        (Type::Flag, _) => condition(tape, depth),
        (_, 0) => leaf(tape, kind),
        _ if tape.below(4) == 0 => chosen(tape, depth - 1, kind),
        (Type::Text, _) => text_function(tape, depth - 1),
        _ => numeric(tape, depth - 1, kind),
    }
}

pub(crate) fn leaf(tape: &mut Tape, kind: Type) -> Made {
    let is_literal = tape.below(3) == 0;
    match (kind, is_literal) {
        (Type::Flag, _) => condition(tape, 0),
        (Type::Whole, true) => {
            let number = tape.pick(&[0, 1, -1, 2, 3, 100, 300, i64::MIN, i64::MAX]);
            made(number.to_string(), kind, move |_| Ok(Some(Whole(number))))
        }
        (Type::Whole, false) => match tape.below(3) {
            0 => made("m".into(), kind, |row| Ok(row.m.map(|m| Whole(m.into())))),
            1 => made("\"n\"".into(), kind, |row| Ok(row.n.map(Whole))),
            _ => made("N".into(), kind, |row| Ok(row.n.map(Whole))),
        },
        (Type::Single, _) => made("x".into(), kind, |row| Ok(row.x.map(Single))),
        (Type::Double, true) => {
            let text = tape.pick(&["0.0", "0.1", "2.5", "1e10", "-3.0", "0.5"]);
            let number = text.parse().unwrap();
            made(text.to_owned(), kind, move |_| Ok(Some(Double(number))))
        }
        (Type::Double, false) => made("y".into(), kind, |row| Ok(row.y.map(Double))),
        (Type::Text, true) => {
            let text = tape.pick(&["", "a", "b", "ab", "it's", "é", "%"]);
            made(quoted(text), kind, move |_| Ok(Some(Text(text.to_owned()))))
        }
        (Type::Text, false) => made("note".into(), kind, |row| Ok(row.note.clone().map(Text))),
    }
}

/// `case`, `coalesce`, `nullif`, `greatest` and `least`, whose type is that of the widest.
pub(crate) fn chosen(tape: &mut Tape, depth: usize, kind: Type) -> Made {
    let first = value(tape, depth, kind);
    let others: Vec<Made> = (0..1 + tape.below(2))
        .map(|_| {
            let narrow = tape.below(3) == 0 && matches!(kind, Type::Single | Type::Double);
            value(tape, depth, if narrow { Type::Whole } else { kind })
        })
        .collect();
    let values: Vec<Made> = std::iter::once(first).chain(others).collect();
    let texts: Vec<&str> = values.iter().map(|value| value.text.as_str()).collect();
    let joined = texts.join(", ");
    match tape.below(6) {
        0 => made(format!("coalesce({joined})"), kind, move |row| {
            for value in &values {
                if let Some(value) = (value.of)(row)? {
                    return Ok(Some(wide(value, kind)));
                }
            }
            Ok(None)
        }),
        1 => made(
            format!("nullif({}, {})", texts[0], texts[1]),
            kind,
            move |row| {
                let (of, other) = ((values[0].of)(row)?, (values[1].of)(row)?);
                let is_same = compared(of.clone(), other, kind).is_some_and(Ordering::is_eq);
                Ok(of.filter(|_| !is_same).map(|of| wide(of, kind)))
            },
        ),
        2 | 3 => {
            let is_greatest = tape.below(2) == 0;
            let name = if is_greatest { "greatest" } else { "least" };
            made(format!("{name}({joined})"), kind, move |row| {
                let mut best: Option<Value> = None;
                for value in &values {
                    let Some(value) = (value.of)(row)?.map(|value| wide(value, kind)) else {
                        continue;
                    };
                    let wanted = if is_greatest {
                        Ordering::Greater
                    } else {
                        Ordering::Less
                    };
                    if best
                        .as_ref()
                        .is_none_or(|best| order(&value, best) == wanted)
                    {
                        best = Some(value);
                    }
                }
                Ok(best)
            })
        }
        _ => case(tape, depth, values),
    }
}

pub(crate) fn case(tape: &mut Tape, depth: usize, mut values: Vec<Made>) -> Made {
    let otherwise = (tape.below(2) == 0).then(|| values.pop()).flatten();
    let of = (tape.below(2) == 0).then(|| number(tape, depth));
    let whens: Vec<Made> = values
        .iter()
        .map(|_| match &of {
            Some(_) => number(tape, depth),
            None => condition(tape, depth),
        })
        .collect();
    let wide_of = whens
        .iter()
        .chain(&of)
        .map(|when| when.kind)
        .fold(Type::Whole, common);
    let kinds = values.iter().chain(&otherwise).map(|value| value.kind);
    let kind = kinds.fold(Type::Flag, common);
    let mut text = String::from("case");
    if let Some(of) = &of {
        text += &format!(" {}", of.text);
    }
    for (when, then) in whens.iter().zip(&values) {
        text += &format!(" when {} then {}", when.text, then.text);
    }
    if let Some(otherwise) = &otherwise {
        text += &format!(" else {}", otherwise.text);
    }
    made(text + " end", kind, move |row| {
        let of = of.as_ref().map(|of| (of.of)(row)).transpose()?;
        for (when, then) in whens.iter().zip(&values) {
            let when = (when.of)(row);
            let is_taken = match &of {
                Some(of) => compared(of.clone(), when?, wide_of).is_some_and(Ordering::is_eq),
                None => flag(when)? == Some(true),
            };
            if is_taken {
                return Ok((then.of)(row)?.map(|value| wide(value, kind)));
            }
        }
        match &otherwise {
            Some(otherwise) => Ok((otherwise.of)(row)?.map(|value| wide(value, kind))),
            None => Ok(None),
        }
    })
}

pub(crate) fn text_function(tape: &mut Tape, depth: usize) -> Made {
    match tape.below(4) {
        0 => {
            let of = value(tape, depth, Type::Whole);
            made(
                format!("cast({} as text)", of.text),
                Type::Text,
                move |row| {
                    Ok((of.of)(row)?.map(|value| match value {
                        Whole(number) => Text(number.to_string()),
                        other => panic!("{other:?}"),
                    }))
                },
            )
        }
        1 => made("coalesce(label, note)".into(), Type::Text, |row| {
            let name = row
                .label
                .map(|label| NAMES[usize::try_from(label).unwrap()].to_owned());
            Ok(name.or_else(|| row.note.clone()).map(Text))
        }),
        _ => {
            let of = value(tape, depth, Type::Text);
            let is_upper = tape.below(2) == 0;
            let name = if is_upper { "upper" } else { "LOWER" };
            made(format!("{name}({})", of.text), Type::Text, move |row| {
                Ok(text_of(&of, row)?.map(|text| match is_upper {
                    true => Text(text.to_uppercase()),
                    false => Text(text.to_lowercase()),
                }))
            })
        }
    }
}

pub(crate) fn numeric(tape: &mut Tape, depth: usize, kind: Type) -> Made {
    match (tape.below(6), kind) {
        (0, Type::Whole) => whole_function(tape, depth),
        (0 | 1, Type::Single | Type::Double) => float_function(tape, depth, kind),
        (1, _) => {
            let of = value(tape, depth, kind);
            made(format!("(- {})", of.text), kind, move |row| {
                Ok((of.of)(row)?.map(|value| match value {
                    Whole(number) => Whole(number.wrapping_neg()),
                    Single(number) => Single(-number),
                    Double(number) => Double(-number),
                    other => panic!("{other:?}"),
                }))
            })
        }
        (2, Type::Double) => {
            let (base, exponent) = (number(tape, depth), number(tape, depth));
            let text = format!("power({}, {})", base.text, exponent.text);
            made(text, kind, move |row| {
                let double = |value: Value| match wide(value, Type::Double) {
                    Double(number) => number,
                    other => panic!("{other:?}"),
                };
                let (base, exponent) = ((base.of)(row)?, (exponent.of)(row)?);
                match base.map(double).zip(exponent.map(double)) {
                    Some((base, exponent)) if base == 0.0 && exponent < 0.0 => Err(()),
                    both => Ok(both.map(|(base, exponent)| Double(base.powf(exponent)))),
                }
            })
        }
        _ => {
            let one = value(tape, depth, kind);
            let narrow = tape.below(3) == 0 && kind != Type::Whole;
            let other = value(tape, depth, if narrow { Type::Whole } else { kind });
            let op = tape.pick(&["+", "-", "*", "/", "%"]);
            let text = format!("({} {op} {})", one.text, other.text);
            let kind = common(one.kind, other.kind);
            made(text, kind, move |row| {
                match ((one.of)(row)?, (other.of)(row)?) {
                    (Some(one), Some(other)) => computed(op, wide(one, kind), wide(other, kind)),
                    _ => Ok(None),
                }
            })
        }
    }
}

pub(crate) fn whole_function(tape: &mut Tape, depth: usize) -> Made {
    match tape.below(4) {
        0 => {
            let of = value(tape, depth, Type::Text);
            made(format!("length({})", of.text), Type::Whole, move |row| {
                let length = |text: String| Whole(i64::try_from(text.chars().count()).unwrap());
                Ok(text_of(&of, row)?.map(length))
            })
        }
        1 => {
            let of = value(tape, depth, Type::Whole);
            made(
                format!("abs({})", of.text),
                Type::Whole,
                move |row| match (of.of)(row)? {
                    Some(Whole(number)) => number.checked_abs().map(|n| Some(Whole(n))).ok_or(()),
                    _ => Ok(None),
                },
            )
        }
        2 => {
            let of = value(tape, depth, Type::Double);
            let is_tried = tape.below(2) == 0;
            let name = if is_tried { "try_cast" } else { "cast" };
            #[allow(clippy::cast_possible_truncation)]
            made(
                format!("{name}({} as bigint)", of.text),
                Type::Whole,
                move |row| {
                    let number = match (of.of)(row)? {
                        Some(Double(number)) => number.trunc(),
                        _ => return Ok(None),
                    };
                    let fits = (-(2.0_f64.powi(63))..2.0_f64.powi(63)).contains(&number);
                    match (fits, is_tried) {
                        (true, _) => Ok(Some(Whole(number as i64))),
                        (false, true) => Ok(None),
                        (false, false) => Err(()),
                    }
                },
            )
        }
        _ => {
            let of = condition(tape, depth);
            made(
                format!("cast({} as bigint)", of.text),
                Type::Whole,
                move |row| Ok(flag((of.of)(row))?.map(|flag| Whole(flag.into()))),
            )
        }
    }
}

pub(crate) fn float_function(tape: &mut Tape, depth: usize, kind: Type) -> Made {
    let of = value(tape, depth, kind);
    let name = tape.pick(&[
        "abs", "ceil", "exp", "floor", "ln", "log10", "round", "sqrt",
    ]);
    macro_rules! function {
        ($of:ident, $number:expr) => {
            $of(match name {
                "abs" => $number.abs(),
                "ceil" => $number.ceil(),
                "exp" => $number.exp(),
                "floor" => $number.floor(),
                "ln" => $number.ln(),
                "log10" => $number.log10(),
                "round" => $number.round(),
                _ if $number < 0.0 => return Err(()),
                _ => $number.sqrt(),
            })
        };
    }
    made(format!("{name}({})", of.text), of.kind, move |row| {
        Ok(match (of.of)(row)? {
            None => None,
            Some(Single(number)) => Some(function!(Single, number)),
            Some(Double(number)) => Some(function!(Double, number)),
            Some(other) => panic!("{other:?}"),
        })
    })
}

// What is held against what.
