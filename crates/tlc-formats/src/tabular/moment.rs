//! Dates and moments as texts, in the forms of ISO 8601 that programs write.

use chrono::{NaiveDate, NaiveTime};

const MICROS_A_SECOND: i64 = 1_000_000;
const SECONDS_A_DAY: i64 = 86_400;

/// A moment in microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) micros: i64,
    /// Whether the text says how far the clock is from UTC; one that does not is UTC.
    pub(super) has_zone: bool,
}

/// What a text says: `2024-02-29`, `2024-02-29T12:30`, `2024-02-29 12:30:00.123456+01:00`.
/// `None` for anything else, a day that there is not, or digits below the microsecond.
pub(super) fn parse(text: &str) -> Option<Moment> {
    let (date, rest) = text.split_at_checked(10)?;
    let days = days(date)?;
    if rest.is_empty() {
        return Some(Moment {
            micros: days * SECONDS_A_DAY * MICROS_A_SECOND,
            has_zone: false,
        });
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let mut bytes = rest.bytes();
    let zone = bytes.position(|byte| matches!(byte, b'Z' | b'z' | b'+' | b'-'));
    let zone = zone.unwrap_or(rest.len());
    let (clock, zone) = rest.split_at_checked(zone)?;
    let micros = days * SECONDS_A_DAY * MICROS_A_SECOND + micros_of_day(clock)?;
    let offset_seconds = offset_seconds(zone)?;
    Some(Moment {
        micros: micros - offset_seconds * MICROS_A_SECOND,
        has_zone: !zone.is_empty(),
    })
}

fn days(date: &str) -> Option<i64> {
    let (year, rest) = date.split_at_checked(4)?;
    let (month, day) = rest.strip_prefix('-')?.split_at_checked(2)?;
    let day = day.strip_prefix('-')?;
    let [year, month, day] = [digits(year, 4)?, digits(month, 2)?, digits(day, 2)?];
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    Some(date.signed_duration_since(NaiveDate::default()).num_days())
}

fn micros_of_day(clock: &str) -> Option<i64> {
    let (clock, fraction) = match clock.bytes().position(|byte| byte == b'.') {
        Some(point) => (clock.get(..point)?, clock.get(point + 1..)?),
        None => (clock, "0"),
    };
    let mut parts = clock.split(':');
    let mut next = || parts.next().map(|part| digits(part, 2));
    let (hours, minutes) = (next()??, next()??);
    let seconds = next().unwrap_or(Some(0))?;
    let time = NaiveTime::from_hms_opt(hours, minutes, seconds)?;
    let micros = fraction.get(..6).unwrap_or(fraction);
    let below = fraction.get(6..).unwrap_or_default();
    if parts.next().is_some() || micros.is_empty() || below.bytes().any(|digit| digit != b'0') {
        return None;
    }
    let scale = 10_i64.pow(6 - u32::try_from(micros.len()).ok()?);
    let micros = i64::from(digits(micros, micros.len())?) * scale;
    let seconds = time.signed_duration_since(NaiveTime::MIN).num_seconds();
    Some(seconds * MICROS_A_SECOND + micros)
}

/// How far a clock is before UTC: of `Z`, `+01:00`, `+0100`, `+01`, or nothing.
fn offset_seconds(zone: &str) -> Option<i64> {
    let (sign, zone) = match zone.split_at_checked(1) {
        None => return Some(0),
        Some(("Z" | "z", "")) => return Some(0),
        Some(("+", zone)) => (1, zone),
        Some(("-", zone)) => (-1, zone),
        Some(_) => return None,
    };
    let (hours, minutes) = zone.split_at_checked(2)?;
    let minutes = match minutes.strip_prefix(':').unwrap_or(minutes) {
        "" if minutes.is_empty() => 0,
        minutes => digits(minutes, 2)?,
    };
    let hours = digits(hours, 2)?;
    (hours < 24 && minutes < 60).then(|| sign * i64::from(hours * 3600 + minutes * 60))
}

/// A number of so many digits, at most nine.
fn digits(text: &str, len: usize) -> Option<u32> {
    let is_number = text.len() == len && text.bytes().all(|digit| digit.is_ascii_digit());
    let number = || {
        text.bytes()
            .fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
    };
    is_number.then(number)
}

#[cfg(test)]
mod tests {
    use super::parse;
    use proptest::prelude::*;

    #[test]
    fn moments_are_those_of_rfc_3339_and_its_shorter_forms() {
        let noon = 1_709_209_800_000_000;
        for (text, micros, has_zone) in [
            ("1970-01-01", 0, false),
            ("2024-02-29T12:30:00", noon, false),
            ("2024-02-29 12:30", noon, false),
            ("2024-02-29T12:30:00.5", noon + 500_000, false),
            ("2024-02-29T12:30:00.123456000Z", noon + 123_456, true),
            ("2024-02-29 13:30:00+01:00", noon, true),
            ("2024-02-29T13:30:00+0100", noon, true),
            ("2024-02-29T11:30:00-01", noon, true),
        ] {
            let moment = parse(text).unwrap();
            assert_eq!(
                (moment.micros, moment.has_zone),
                (micros, has_zone),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_moment_or_finer_than_one_is_none() {
        for text in [
            "",
            "2024-02-30",
            "2023-02-29",
            "2024-13-01",
            "2024-2-29",
            "24-02-29",
            "2024/02/29",
            "2024-02-29T",
            "2024-02-29T24:00",
            "2024-02-29T12:60",
            "2024-02-29T12:30:61",
            "2024-02-29T12:30:00.0000001",
            "2024-02-29T12:30:00.",
            "2024-02-29T12:30:00+",
            "2024-02-29T12:30:00+1",
            "2024-02-29T12:30:00+24:00",
            "2024-02-29T12:30:00:00",
            "2024-02-29T12:30:00.12x",
            "2024-02-29T12:30:00+01:",
            "２０２４-02-29",
            "2024-02-29é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_moment_that_chrono_writes_is_read(micros in -62_167_219_200_000_000_i64..253_402_300_800_000_000, offset in -1439_i32..1440) {
            let moment = chrono::DateTime::from_timestamp_micros(micros).unwrap();
            let zone = chrono::FixedOffset::east_opt(offset * 60).unwrap();
            let text = moment.with_timezone(&zone).to_rfc3339();
            // A zone may lead out of the years of four digits.
            if text.find('-') == Some(4) {
                let read = parse(&text).unwrap();
                prop_assert_eq!((read.micros, read.has_zone), (micros, true));
            }
        }

        #[test]
        fn no_text_is_too_odd(text in "\\PC*") {
            let _ = parse(&text);
        }
    }
}
