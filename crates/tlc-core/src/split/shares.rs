//! How large parts are.

/// How large a part of a split is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Share {
    /// So much of all rows, above 0, at most 1.
    Fraction(f64),
    /// So many rows.
    Rows(usize),
    /// All that the other parts leave.
    Rest,
}

/// How far fractions may be from 1 in all.
const ROUNDING: f64 = 1e-6;

impl From<f64> for Share {
    fn from(fraction: f64) -> Self {
        Self::Fraction(fraction)
    }
}

impl From<usize> for Share {
    fn from(rows: usize) -> Self {
        Self::Rows(rows)
    }
}

impl Share {
    fn is_usable(self) -> bool {
        match self {
            Self::Fraction(fraction) => fraction > 0.0 && fraction <= 1.0,
            Self::Rows(rows) => rows > 0,
            Self::Rest => true,
        }
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fraction(fraction) => write!(f, "{fraction} of all rows"),
            Self::Rows(rows) => write!(f, "{rows} rows"),
            Self::Rest => f.write_str("the rest"),
        }
    }
}

/// Names and shares of parts, in their order.
pub(super) type Shares = [(String, Share)];

/// How many rows each part gets of so many. Fractions are rounded where one part ends and the
/// next begins, so that all rows are in one.
///
/// # Errors
/// What is wrong with them.
pub(super) fn sizes(shares: &Shares, rows: usize) -> Result<Vec<usize>, String> {
    check(shares)?;
    let asked: Vec<Option<usize>> = match has_rest(shares) {
        false => all_or_given(shares, rows),
        true => given(shares, rows),
    };
    let taken = asked
        .iter()
        .flatten()
        .fold(0, |sum: usize, rows| sum.saturating_add(*rows));
    let rest = rows.checked_sub(taken).ok_or_else(|| {
        format!("the parts have {taken} rows or more in all, the table {rows}: make them smaller")
    })?;
    if !has_rest(shares) && rest > 0 {
        return Err(format!(
            "the parts have {taken} rows of {rows}: add one with `Share::Rest` for the others"
        ));
    }
    let sizes = asked.into_iter().map(|rows| rows.unwrap_or(rest)).collect();
    check_none_empty(shares, &sizes, rows)?;
    Ok(sizes)
}

/// Where each part ends between 0 and 1.
///
/// # Errors
/// What is wrong with them.
pub(super) fn ends(shares: &Shares) -> Result<Vec<f64>, String> {
    check(shares)?;
    if let Some((name, share)) = shares
        .iter()
        .find(|(_, share)| matches!(share, Share::Rows(_)))
    {
        return Err(format!(
            "part `{name}` is to have {share}, but a hash does not count: give it a fraction"
        ));
    }
    if !has_rest(shares) {
        check_whole(shares)?;
    }
    let rest = (1.0 - fractions(shares)).max(0.0);
    let ends = shares.iter().scan(0.0, |end, (_, share)| {
        *end += match share {
            Share::Fraction(fraction) => *fraction,
            Share::Rows(_) | Share::Rest => rest,
        };
        Some(*end)
    });
    Ok(ends.collect())
}

fn check(shares: &Shares) -> Result<(), String> {
    if let Some((name, share)) = shares.iter().find(|(_, share)| !share.is_usable()) {
        return Err(format!(
            "part `{name}` is to have {share}: give it a fraction above 0 and at most 1, or a \
             number of rows above 0"
        ));
    }
    if shares
        .iter()
        .filter(|(_, share)| *share == Share::Rest)
        .count()
        > 1
    {
        return Err("one part can have the rest, not two".to_owned());
    }
    let all_fractions = shares
        .iter()
        .all(|(_, share)| matches!(share, Share::Fraction(_)));
    match all_fractions {
        true => check_whole(shares),
        false if fractions(shares) > 1.0 + ROUNDING => Err(not_whole(shares)),
        false => Ok(()),
    }
}

fn check_whole(shares: &Shares) -> Result<(), String> {
    match (fractions(shares) - 1.0).abs() <= ROUNDING {
        true => Ok(()),
        false => Err(not_whole(shares)),
    }
}

fn not_whole(shares: &Shares) -> String {
    let sum = fractions(shares);
    format!("the fractions sum to {sum}, not to 1: change one, or give it `Share::Rest`")
}

fn check_none_empty(shares: &Shares, sizes: &Vec<usize>, rows: usize) -> Result<(), String> {
    let empty = shares.iter().zip(sizes).find(|(_, size)| **size == 0);
    match empty {
        None => Ok(()),
        Some(((name, share), _)) => Err(format!(
            "part `{name}` would get none of {rows} rows ({share}): give it more, or leave it out"
        )),
    }
}

fn has_rest(shares: &Shares) -> bool {
    shares.iter().any(|(_, share)| *share == Share::Rest)
}

fn fractions(shares: &Shares) -> f64 {
    let fractions = shares.iter().map(|(_, share)| match share {
        Share::Fraction(fraction) => *fraction,
        Share::Rows(_) | Share::Rest => 0.0,
    });
    fractions.sum()
}

/// Of fractions alone the places where parts end are rounded; else each fraction by itself.
fn all_or_given(shares: &Shares, rows: usize) -> Vec<Option<usize>> {
    if shares
        .iter()
        .any(|(_, share)| matches!(share, Share::Rows(_)))
    {
        return given(shares, rows);
    }
    let mut before = 0;
    let mut end = 0.0;
    let last = shares.len().saturating_sub(1);
    let sizes = shares.iter().enumerate().map(|(place, (_, share))| {
        if let Share::Fraction(fraction) = share {
            end += fraction;
        }
        let until = match place == last {
            true => rows,
            false => of(end, rows).clamp(before, rows),
        };
        let size = until - before;
        before = until;
        Some(size)
    });
    sizes.collect()
}

fn given(shares: &Shares, rows: usize) -> Vec<Option<usize>> {
    let sizes = shares.iter().map(|(_, share)| match share {
        Share::Fraction(fraction) => Some(of(*fraction, rows)),
        Share::Rows(rows) => Some(*rows),
        Share::Rest => None,
    });
    sizes.collect()
}

fn of(fraction: f64, rows: usize) -> usize {
    (fraction * rows as f64).round() as usize
}
