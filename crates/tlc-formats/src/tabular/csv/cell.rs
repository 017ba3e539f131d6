//! What the text of one field may be.

use super::super::moment::{self, Moment};

/// A whole number that has more digits is a text.
const MOST_DIGITS: usize = 20;
/// No number of so many digits before the point is too large for a float.
const MOST_DIGITS_OF_FLOATS: usize = 300;

/// What a field looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Empty,
    Truth(bool),
    Whole(i128),
    Float,
    Moment(Moment),
    Text,
}

/// Texts that stand for a missing value.
#[derive(Debug)]
pub(super) struct Missing<'a> {
    texts: &'a [String],
    /// Whether one of them would be a value else.
    are_values: bool,
}

impl<'a> Missing<'a> {
    pub(super) fn of(texts: &'a [String]) -> Self {
        let is_value = |text: &String| !matches!(look(text), Look::Text | Look::Empty);
        Self {
            texts,
            are_values: texts.iter().any(is_value),
        }
    }

    /// Whether a text that is no value stands for a missing one.
    pub(super) fn has(&self, bare: &str) -> bool {
        self.texts.iter().any(|text| text == bare)
    }

    /// Whether a text stands for a missing value, though it may be one.
    pub(super) fn has_value(&self, bare: &str) -> bool {
        self.are_values && self.has(bare)
    }
}

pub(super) fn look(text: &str) -> Look {
    if text.is_empty() {
        return Look::Empty;
    }
    let text = bare(text);
    match text.as_bytes().first() {
        Some(b'0'..=b'9' | b'-' | b'.') => {
            if let Some(number) = whole(text) {
                Look::Whole(number)
            } else if is_decimal(text) {
                Look::Float
            } else if let Some(moment) = moment::parse(text) {
                Look::Moment(moment)
            } else if float(text).is_some() {
                Look::Float
            } else {
                Look::Text
            }
        }
        Some(b't' | b'T' | b'f' | b'F') => truth(text).map_or(Look::Text, Look::Truth),
        Some(b'n' | b'N' | b'i' | b'I') if float(text).is_some() => Look::Float,
        _ => Look::Text,
    }
}

/// Without the spaces and tabs around it.
pub(super) fn bare(text: &str) -> &str {
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(b' ' | b'\t'), _) | (_, Some(b' ' | b'\t')) => text.trim_matches([' ', '\t']),
        _ => text,
    }
}

/// A whole number as programs write it: no sign but a minus, no zeros before it.
pub(super) fn whole(text: &str) -> Option<i128> {
    let (digits, is_negative) = match text.strip_prefix('-') {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    let is_plain = match digits.as_bytes() {
        [b'0'] => !is_negative,
        [b'1'..=b'9', rest @ ..] => rest.len() < MOST_DIGITS && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if !is_plain {
        return None;
    }
    let number = match digits.len() < 19 {
        true => i128::from(
            digits
                .bytes()
                .fold(0_i64, |number, digit| number * 10 + i64::from(digit - b'0')),
        ),
        false => digits.parse().ok()?,
    };
    Some(if is_negative { -number } else { number })
}

/// A number as programs write it, or `nan` and `inf`; none with a plus or zeros before it,
/// nor one that is too large, or of more digits than a float has.
pub(super) fn float(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    match digits.as_bytes() {
        [b'0', b'0'..=b'9', ..] | [b'+' | b'-', ..] => None,
        // A number without a point that is no whole one is one of too many digits.
        digits if digits.len() > MOST_DIGITS && digits.iter().all(u8::is_ascii_digit) => None,
        digits => {
            let number: f64 = text.parse().ok()?;
            let is_written = digits.first().is_some_and(u8::is_ascii_alphabetic);
            (number.is_finite() || is_written).then_some(number)
        }
    }
}

/// A truth value as programs write it.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// Digits, a point, digits: no need to know which number it is.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let whole = digits.iter().take_while(|digit| digit.is_ascii_digit());
    let Some((whole, rest)) = digits.split_at_checked(whole.count()) else {
        return false;
    };
    let is_whole = match whole {
        [b'0'] => true,
        [b'1'..=b'9', ..] => whole.len() <= MOST_DIGITS_OF_FLOATS,
        _ => false,
    };
    match rest {
        [b'.', fraction @ ..] => {
            is_whole && !fraction.is_empty() && fraction.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Look, Moment, float, look, whole};
    use proptest::prelude::*;

    fn moment(hours: i64, has_zone: bool) -> Moment {
        let micros = hours * 3_600_000_000;
        Moment { micros, has_zone }
    }

    #[test]
    fn a_field_looks_like_what_it_says() {
        for (text, expected) in [
            ("", Look::Empty),
            ("0", Look::Whole(0)),
            ("-12", Look::Whole(-12)),
            (" 7\t", Look::Whole(7)),
            ("9223372036854775808", Look::Whole(1 << 63)),
            ("18446744073709551615", Look::Whole((1 << 64) - 1)),
            ("0.5", Look::Float),
            ("-0", Look::Float),
            (".5", Look::Float),
            ("5.", Look::Float),
            ("1e5", Look::Float),
            ("-1.5E-300", Look::Float),
            ("nan", Look::Float),
            ("-inf", Look::Float),
            ("true", Look::Truth(true)),
            ("FALSE", Look::Truth(false)),
            ("2024-02-29", Look::Moment(moment(19_782 * 24, false))),
            (
                "2024-02-29T10:00:00Z",
                Look::Moment(moment(19_782 * 24 + 10, true)),
            ),
        ] {
            assert_eq!(look(text), expected, "{text}");
        }
    }

    #[test]
    fn what_would_lose_a_digit_or_a_sign_as_a_number_is_a_text() {
        for text in [
            "007",
            "-007",
            "00.5",
            "+5",
            "+49123",
            "--1",
            "1_000",
            "1,5",
            "0x10",
            "yes",
            "-",
            "100000000000000000000000",
            "tRUE",
            "2024-02-30",
            "1e400",
            "-1e400",
            "NA",
            "null",
            " ",
            "٣",
        ] {
            assert_eq!(look(text), Look::Text, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_whole_number_is_read_as_it_is_written(number: i64, large: u64) {
            prop_assert_eq!(whole(&number.to_string()), Some(i128::from(number)));
            prop_assert_eq!(whole(&large.to_string()), Some(i128::from(large)));
        }

        #[test]
        fn every_float_is_read_to_the_bit(number: f64) {
            let read = float(&number.to_string());
            match number.fract() == 0.0 && number.abs() >= 1e20 {
                true => prop_assert!(read.is_none_or(|read| read.to_bits() == number.to_bits())),
                false => prop_assert_eq!(read.unwrap().is_nan(), number.is_nan()),
            }
            let scientific = float(&format!("{number:e}")).unwrap();
            prop_assert!(scientific.to_bits() == number.to_bits() || number.is_nan());
        }

        #[test]
        fn a_field_looks_like_a_number_only_if_it_can_be_read_as_one(text in "[-+.0-9e ]{0,24}") {
            match look(&text) {
                Look::Whole(number) => prop_assert_eq!(text.trim().parse::<i128>().ok(), Some(number)),
                Look::Float => prop_assert!(text.trim().parse::<f64>().is_ok()),
                _ => {}
            }
        }
    }
}
