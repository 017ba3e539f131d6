//! How numbers are written: as on the dashboard, with three significant digits.

/// Three significant digits, without a power of ten where that reads well.
pub(crate) fn digits(value: f64) -> String {
    let size = value.abs();
    let told = match value {
        value if value.is_nan() => "NaN".to_owned(),
        value if value.is_infinite() => if value > 0.0 { "∞" } else { "-∞" }.to_owned(),
        value if value.fract() == 0.0 && size < 1e6 => grouped(&format!("{value:.0}")),
        _ if !(1e-3..1e6).contains(&size) => format!("{value:.2e}"),
        value => {
            #[allow(clippy::cast_possible_truncation)] // from -3 to 5
            let tens = size.log10().floor() as i32;
            let decimals = usize::try_from(2 - tens).unwrap_or(0).min(5);
            format!("{value:.decimals$}")
        }
    };
    told.replace('-', "−")
}

/// A whole number with thousands apart.
pub(crate) fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// So many of what has this name.
pub(crate) fn many(value: u64, name: &str) -> String {
    let plural = if value == 1 { "" } else { "s" };
    format!("{} {name}{plural}", count(value))
}

/// A share of one in hundredths.
pub(crate) fn percent(part: f64) -> String {
    let all = part * 100.0;
    match part {
        part if part > 0.0 && part < 0.0995 => format!("{} %", digits_of(all, 2)),
        part if part > 0.995 && part < 0.9995 => format!("{all:.1} %"),
        _ => format!("{all:.0} %"),
    }
}

fn digits_of(value: f64, digits: i32) -> String {
    #[allow(clippy::cast_possible_truncation)] // of a small number
    let tens = value.abs().log10().floor() as i32;
    let decimals = usize::try_from(digits - 1 - tens).unwrap_or(0);
    format!("{value:.decimals$}")
}

fn grouped(whole: &str) -> String {
    let (sign, whole) = match whole.strip_prefix('-') {
        Some(rest) if rest != "0" => ("-", rest),
        Some(rest) => ("", rest),
        None => ("", whole),
    };
    let letters = whole.chars().enumerate().map(|(at, letter)| {
        let is_start = at > 0 && (whole.len() - at).is_multiple_of(3);
        let comma = is_start.then_some(',');
        comma.into_iter().chain([letter])
    });
    letters.flatten().fold(sign.to_owned(), |mut all, letter| {
        all.push(letter);
        all
    })
}

#[cfg(test)]
mod tests {
    use super::{count, digits, many, percent};

    #[test]
    fn numbers_are_written_as_on_the_dashboard() {
        let written = [
            0.0,
            8.421_337,
            0.012_345,
            -42.0,
            1234.0,
            1234.5,
            1.5e6,
            2e-5,
            f64::NAN,
        ];
        let written: Vec<String> = written.into_iter().map(digits).collect();
        assert_eq!(
            written,
            [
                "0",
                "8.42",
                "0.0123",
                "−42",
                "1,234",
                "1234",
                "1.50e6",
                "2.00e−5",
                "NaN"
            ]
        );
        assert_eq!([count(999), count(1_234_567)], ["999", "1,234,567"]);
        assert_eq!([many(1, "row"), many(0, "row")], ["1 row", "0 rows"]);
        let shares = [1.0, 0.9961, 0.84, 0.0421, 0.0].map(percent);
        assert_eq!(shares, ["100 %", "99.6 %", "84 %", "4.2 %", "0 %"]);
    }
}
