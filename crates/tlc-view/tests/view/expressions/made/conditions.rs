//! Random conditions.

use super::meaning::*;
use super::rows::*;
use super::values::*;
use std::cmp::Ordering;

pub(crate) fn condition(tape: &mut Tape, depth: usize) -> Made {
    if depth == 0 {
        return match tape.below(4) {
            0 => made("true".into(), Type::Flag, |_| Ok(Some(Flag(true)))),
            1 => made("null".into(), Type::Flag, |_| Ok(None)),
            _ => made("flag".into(), Type::Flag, |row| Ok(row.flag.map(Flag))),
        };
    }
    match tape.below(11) {
        0 | 1 => joined(tape, depth - 1),
        2 => {
            let of = condition(tape, depth - 1);
            made(format!("(not {})", of.text), Type::Flag, move |row| {
                Ok(flag((of.of)(row))?.map(|flag| Flag(!flag)))
            })
        }
        3 => between(tape, depth - 1),
        4 => in_list(tape, depth - 1),
        5 => like(tape, depth - 1),
        6 => is(tape, depth - 1),
        7 => classes(tape),
        8 => chosen(tape, depth - 1, Type::Flag),
        9 => search(tape, depth - 1),
        _ => comparison(tape, depth - 1),
    }
}

pub(crate) fn joined(tape: &mut Tape, depth: usize) -> Made {
    let is_and = tape.below(2) == 0;
    let terms: Vec<Made> = (0..2 + tape.below(2))
        .map(|_| condition(tape, depth))
        .collect();
    let texts: Vec<&str> = terms.iter().map(|term| term.text.as_str()).collect();
    let text = format!("({})", texts.join(if is_and { " and " } else { " or " }));
    made(text, Type::Flag, move |row| {
        let mut known = Some(is_and);
        for term in &terms {
            known = match (known, flag((term.of)(row))?) {
                (_, Some(flag)) if flag != is_and => return Ok(Some(Flag(flag))),
                (Some(_), Some(flag)) => Some(flag),
                _ => None,
            };
        }
        Ok(known.map(Flag))
    })
}

/// Two values that go together.
pub(crate) fn pair(tape: &mut Tape, depth: usize) -> (Made, Made) {
    match tape.below(5) {
        0 => (
            value(tape, depth, Type::Text),
            value(tape, depth, Type::Text),
        ),
        1 => (
            value(tape, depth, Type::Flag),
            value(tape, depth, Type::Flag),
        ),
        _ => (number(tape, depth), number(tape, depth)),
    }
}

pub(crate) fn comparison(tape: &mut Tape, depth: usize) -> Made {
    let (one, other) = pair(tape, depth);
    let kind = common(one.kind, other.kind);
    let op = tape.pick(&[
        "=",
        "<>",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "is distinct from",
        "is not distinct from",
    ]);
    let text = format!("({} {op} {})", one.text, other.text);
    made(text, Type::Flag, move |row| {
        let (one, other) = ((one.of)(row)?, (other.of)(row)?);
        let is_null = (one.is_none(), other.is_none());
        let order = compared(one, other, kind);
        let is_same = order.map_or(is_null == (true, true), Ordering::is_eq);
        Ok(match (op, order) {
            ("is distinct from", _) => Some(Flag(!is_same)),
            ("is not distinct from", _) => Some(Flag(is_same)),
            (_, None) => None,
            (op, Some(order)) => Some(Flag(match op {
                "=" => order.is_eq(),
                "<>" | "!=" => order.is_ne(),
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                ">" => order.is_gt(),
                _ => order.is_ge(),
            })),
        })
    })
}

pub(crate) fn between(tape: &mut Tape, depth: usize) -> Made {
    let terms = [
        number(tape, depth),
        number(tape, depth),
        number(tape, depth),
    ];
    let kind = terms.iter().map(|term| term.kind).fold(Type::Whole, common);
    let is_not = tape.below(2) == 0;
    let [of, low, high] = &terms;
    let not = if is_not { " not" } else { "" };
    let text = format!("({}{not} between {} and {})", of.text, low.text, high.text);
    made(text, Type::Flag, move |row| {
        let [of, low, high] = &terms;
        let (of, low, high) = ((of.of)(row)?, (low.of)(row)?, (high.of)(row)?);
        let from = compared(of.clone(), low, kind).map(Ordering::is_ge);
        let to = compared(of, high, kind).map(Ordering::is_le);
        let both = match (from, to) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
        Ok(both.map(|both| Flag(both != is_not)))
    })
}

pub(crate) fn in_list(tape: &mut Tape, depth: usize) -> Made {
    let is_text = tape.below(3) == 0;
    let term = |tape: &mut Tape, depth| match is_text {
        true => value(tape, depth, Type::Text),
        false => number(tape, depth),
    };
    let of = term(tape, depth);
    let depths = [0, 0, 0, depth.min(1)];
    let list: Vec<Made> = (0..1 + tape.below(5))
        .map(|_| {
            let depth = tape.pick(&depths);
            term(tape, depth)
        })
        .collect();
    let kind = list.iter().map(|term| term.kind).fold(of.kind, common);
    let is_not = tape.below(2) == 0;
    let texts: Vec<&str> = list.iter().map(|term| term.text.as_str()).collect();
    let not = if is_not { " not" } else { "" };
    let text = format!("({}{not} in ({}))", of.text, texts.join(", "));
    made(text, Type::Flag, move |row| {
        let of = (of.of)(row)?;
        let mut found = Some(false);
        for other in &list {
            let same = compared(of.clone(), (other.of)(row)?, kind).map(Ordering::is_eq);
            found = match (found, same) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        Ok(found.map(|found| Flag(found != is_not)))
    })
}

pub(crate) fn like(tape: &mut Tape, depth: usize) -> Made {
    let of = value(tape, depth, Type::Text);
    // As it is written with `\` and with `!` before what stands for itself.
    let parts = [
        ("a", "a"),
        ("b", "b"),
        ("%", "%"),
        ("_", "_"),
        ("é", "é"),
        ("B", "B"),
        ("c", "c"),
        ("\\%", "!%"),
        ("\\\\", "\\"),
    ];
    let parts: Vec<(&str, &str)> = (0..tape.below(5)).map(|_| tape.pick(&parts)).collect();
    let pattern: String = parts.iter().map(|(part, _)| *part).collect();
    let other: String = parts.iter().map(|(_, part)| *part).collect();
    let (is_not, is_case_ignored) = (tape.below(2) == 0, tape.below(2) == 0);
    let not = if is_not { " not" } else { "" };
    let op = if is_case_ignored { "ilike" } else { "like" };
    let (shown, escape) = match tape.below(2) {
        0 => (&pattern, ""),
        _ => (&other, " escape '!'"),
    };
    let text = format!("({}{not} {op} {}{escape})", of.text, quoted(shown));
    made(text, Type::Flag, move |row| {
        let Some(text) = text_of(&of, row)? else {
            return Ok(None);
        };
        let letters = |text: &str| -> Vec<char> {
            match is_case_ignored {
                true => text.to_lowercase().chars().collect(),
                false => text.chars().collect(),
            }
        };
        let is_like = is_like(&letters(&text), &letters(&pattern));
        Ok(Some(Flag(is_like != is_not)))
    })
}

pub(crate) fn text_of(of: &Made, row: &Row) -> Result<Option<String>, ()> {
    text((of.of)(row))
}

pub(crate) fn is(tape: &mut Tape, depth: usize) -> Made {
    let is_not = tape.below(2) == 0;
    let not = if is_not { "not " } else { "" };
    let state = tape.pick(&["null", "true", "false", "unknown"]);
    let of = match state {
        "null" => any(tape, depth),
        _ => condition(tape, depth),
    };
    made(
        format!("({} is {not}{state})", of.text),
        Type::Flag,
        move |row| {
            let value = (of.of)(row)?;
            let is = match state {
                "true" => value == Some(Flag(true)),
                "false" => value == Some(Flag(false)),
                _ => value.is_none(),
            };
            Ok(Some(Flag(is != is_not)))
        },
    )
}

/// Classes beside names, numbers and other classes.
pub(crate) fn classes(tape: &mut Tape) -> Made {
    fn name(id: Option<i32>, names: &[&str]) -> Option<String> {
        Some(names[usize::try_from(id?).unwrap()].to_owned())
    }
    let flags = |flag: Option<bool>| Ok(flag.map(Flag));
    match tape.below(6) {
        0 => {
            let wanted = tape.pick(&NAMES);
            let is_not = tape.below(2) == 0;
            let op = if is_not { "<>" } else { "=" };
            made(format!("(label {op} '{wanted}')"), Type::Flag, move |row| {
                flags(name(row.label, &NAMES).map(|name| (name == wanted) != is_not))
            })
        }
        1 => {
            let id = tape.below(4);
            made(format!("(label >= {id})"), Type::Flag, move |row| {
                flags(row.label.map(|label| usize::try_from(label).unwrap() >= id))
            })
        }
        2 => made("(label = guess)".into(), Type::Flag, move |row| {
            flags(
                row.label
                    .zip(row.guess)
                    .map(|(label, guess)| label == guess),
            )
        }),
        3 => made("(label > \"Odd kind\")".into(), Type::Flag, move |row| {
            let both = name(row.label, &NAMES).zip(name(row.kind, &KINDS));
            flags(both.map(|(label, kind)| label > kind))
        }),
        4 => {
            let wanted = [tape.pick(&NAMES), tape.pick(&NAMES)];
            let text = format!("(label in ('{}', '{}', null))", wanted[0], wanted[1]);
            made(text, Type::Flag, move |row| {
                let name = name(row.label, &NAMES);
                flags(
                    name.filter(|name| wanted.contains(&name.as_str()))
                        .map(|_| true),
                )
            })
        }
        _ => made(
            "(nothing is distinct from label)".into(),
            Type::Flag,
            move |row| flags(Some(row.label.is_some())),
        ),
    }
}

pub(crate) fn search(tape: &mut Tape, depth: usize) -> Made {
    let (of, part) = (
        value(tape, depth, Type::Text),
        value(tape, depth, Type::Text),
    );
    let function = tape.pick(&["starts_with", "ends_with", "contains"]);
    let text = format!("{function}({}, {})", of.text, part.text);
    made(text, Type::Flag, move |row| {
        let (of, part) = (text_of(&of, row)?, text_of(&part, row)?);
        let (Some(of), Some(part)) = (of, part) else {
            return Ok(None);
        };
        Ok(Some(Flag(match function {
            "starts_with" => of.starts_with(&part),
            "ends_with" => of.ends_with(&part),
            _ => of.contains(&part),
        })))
    })
}
