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

/// How many rows each part gets of so many; all rows are in one.
///
/// # Errors
/// What is wrong with them.
pub(super) fn sizes(shares: &Shares, rows: usize) -> Result<Vec<usize>, String> {
    check(shares)?;
    let sizes = match are_fractions(shares) {
        true => rounded(shares, rows),
        false => counted(shares, rows)?,
    };
    let empty = shares.iter().zip(&sizes).find(|(_, size)| **size == 0);
    match empty {
        None => Ok(sizes),
        Some(((name, share), _)) => Err(format!(
            "part `{name}` would get none of {rows} rows ({share}): give it more, or leave it out"
        )),
    }
}

/// Where each part ends between 0 and 1.
///
/// # Errors
/// What is wrong with them.
pub(super) fn ends(shares: &Shares) -> Result<Vec<f64>, String> {
    check(shares)?;
    let is_count = |(_, share): &&(String, Share)| matches!(share, Share::Rows(_));
    if let Some((name, share)) = shares.iter().find(is_count) {
        return Err(format!(
            "part `{name}` is to have {share}, but a hash does not count: give it a fraction"
        ));
    }
    let rest = (1.0 - fractions(shares)).max(0.0);
    let ends = shares.iter().scan(0.0, |end, (_, share)| {
        *end += fraction(share).unwrap_or(rest);
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
    let rest = shares.iter().filter(|(_, share)| *share == Share::Rest);
    if rest.count() > 1 {
        return Err("one part can have the rest, not two".to_owned());
    }
    let sum = fractions(shares);
    let is_less = are_fractions(shares) && sum < 1.0 - ROUNDING;
    match is_less || sum > 1.0 + ROUNDING {
        true => Err(format!(
            "the fractions sum to {sum}, not to 1: change one, or give it `Share::Rest`"
        )),
        false => Ok(()),
    }
}

/// Of fractions alone the place where a part ends and the next begins is rounded.
fn rounded(shares: &Shares, rows: usize) -> Vec<usize> {
    let (mut end, mut before) = (0.0, 0);
    let sizes = shares.iter().zip(1..).map(|((_, share), place)| {
        end += fraction(share).unwrap_or_default();
        let until = match place == shares.len() {
            true => rows,
            false => part_of(rows, end).clamp(before, rows),
        };
        let size = until - before;
        before = until;
        size
    });
    sizes.collect()
}

/// Each share by itself, and the rest.
fn counted(shares: &Shares, rows: usize) -> Result<Vec<usize>, String> {
    let sizes = || {
        shares.iter().map(|(_, share)| match share {
            Share::Fraction(fraction) => Some(part_of(rows, *fraction)),
            Share::Rows(rows) => Some(*rows),
            Share::Rest => None,
        })
    };
    let taken = sizes().flatten().fold(0, usize::saturating_add);
    let has_rest = sizes().any(|size| size.is_none());
    match rows.checked_sub(taken) {
        None => Err(format!(
            "the parts have {taken} rows in all, the table {rows}: make them smaller"
        )),
        Some(rest) if rest > 0 && !has_rest => Err(format!(
            "the parts have {taken} rows of {rows}: add one with `Share::Rest` for the others"
        )),
        Some(rest) => Ok(sizes().map(|size| size.unwrap_or(rest)).collect()),
    }
}

fn are_fractions(shares: &Shares) -> bool {
    shares.iter().all(|(_, share)| fraction(share).is_some())
}

fn fractions(shares: &Shares) -> f64 {
    shares.iter().filter_map(|(_, share)| fraction(share)).sum()
}

fn fraction(share: &Share) -> Option<f64> {
    match share {
        Share::Fraction(fraction) => Some(*fraction),
        Share::Rows(_) | Share::Rest => None,
    }
}

fn part_of(rows: usize, fraction: f64) -> usize {
    (fraction * rows as f64).round() as usize
}
