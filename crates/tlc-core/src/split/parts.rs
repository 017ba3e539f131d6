//! How the rows of a table are divided, and dividing them.

use super::made::Split;
use super::number::{MOST_PARTS, number};
use super::shares::{Share, ends, sizes};
use super::{chance, groups, keys, named, strata};
use crate::{Error, Result, Table};
use std::collections::BTreeSet;

/// How the rows of a table are divided in parts; see [`Table::split`].
///
/// ```
/// use tlc_core::{Parts, Share};
///
/// let by_chance = Parts::new([("train", 0.8), ("valid", 0.1), ("test", 0.1)]).seed(7);
/// let same_classes = Parts::new([("train", 0.9), ("test", 0.1)]).stratified_by("label");
/// let no_patient_in_both = Parts::new([("train", 0.9), ("test", 0.1)]).grouped_by("patient");
/// let for_rows_to_come = Parts::new([("train", 0.9), ("test", 0.1)]).hashed_by("url");
/// let counted = Parts::new([("train", Share::Rest), ("test", Share::Rows(10_000))]);
/// let given = Parts::of_column("subset");
/// # let _ = (by_chance, same_classes, no_patient_in_both, for_rows_to_come, counted, given);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    shares: Vec<(String, Share)>,
    by: By,
    seed: u64,
}

#[derive(Clone, Debug, PartialEq)]
enum By {
    Chance,
    /// The column whose values each part has the same share of.
    Strata(String),
    /// The column whose values are each in one part.
    Groups(String),
    /// The column whose values alone say the part.
    Hash(String),
    /// The column whose values are the parts.
    Column(String),
}

impl Parts {
    /// Parts of these names and shares, to which rows are dealt at random: each division into
    /// parts of these sizes is equally likely. Fractions are rounded so that all rows are in a
    /// part, each part at most a row from what was asked. A row that is added or dropped moves
    /// others, too; [`hashed_by`](Self::hashed_by) does not.
    pub fn new<N: Into<String>, S: Into<Share>>(parts: impl IntoIterator<Item = (N, S)>) -> Self {
        let shares = parts.into_iter();
        Self {
            shares: shares
                .map(|(name, share)| (name.into(), share.into()))
                .collect(),
            by: By::Chance,
            seed: 0,
        }
    }

    /// A part for each value of a column of texts, labels, integers or booleans, called as the
    /// value is: labels by the name of their class, in the order of the classes, else in the
    /// order of the texts. Rows without a value are in no part.
    pub fn of_column(column: impl Into<String>) -> Self {
        Self {
            shares: Vec::new(),
            by: By::Column(column.into()),
            seed: 0,
        }
    }

    /// Gives each part its share of the rows of each value of a column, such as the label, to
    /// less than two rows, and its size to the row. Of classes with fewer rows than there are
    /// parts, those together have each part's share. Rows without a value are one class more.
    #[must_use]
    pub fn stratified_by(self, column: impl Into<String>) -> Self {
        Self {
            by: By::Strata(column.into()),
            ..self
        }
    }

    /// Keeps rows that have the same value of a column, such as the patient, in one part. The
    /// largest groups are dealt first, each to the part that lacks most rows, so that sizes are
    /// near to what was asked, and as near as the groups allow. No part stays empty. A row
    /// without a value is an error, for nobody knows whose it is.
    #[must_use]
    pub fn grouped_by(self, column: impl Into<String>) -> Self {
        Self {
            by: By::Groups(column.into()),
            ..self
        }
    }

    /// Lets the value of a column, such as a URL or an id, say alone which part a row is in: it
    /// stays there whatever rows are added, dropped or put in another order, and in whatever
    /// table. Sizes are those that were asked for on average, and rows with the same value are
    /// in the same part. Only fractions can be asked for; a row without a value is an error.
    ///
    /// A row is in the first part whose end is above `u`, where the parts stand one after
    /// another between 0 and 1, and `u` is the upper 53 bits of the XXH3-128 of the value with
    /// the seed, divided by 2^53. The value's bytes are UTF-8 for texts, themselves for bytes,
    /// and 8 little-endian bytes for all else: integers, labels, booleans and microseconds as
    /// 64-bit integers, numbers as 64-bit floats, with one NaN and without -0. In Python:
    /// `(xxhash.xxh3_128_intdigest(b"7.png", seed) >> 75) / 2**53`.
    #[must_use]
    pub fn hashed_by(self, column: impl Into<String>) -> Self {
        Self {
            by: By::Hash(column.into()),
            ..self
        }
    }

    /// Sets the seed, 0 without one: another seed gives another split.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    fn check_names(&self) -> std::result::Result<(), String> {
        let mut known = BTreeSet::new();
        for (name, _) in &self.shares {
            if name.is_empty() || name.chars().any(char::is_control) {
                return Err(format!("{name:?} is no name of a part"));
            }
            if !known.insert(name) {
                return Err(format!("two parts are called `{name}`"));
            }
        }
        match (&self.by, self.shares.len()) {
            (By::Column(_), _) => Ok(()),
            (_, 0) => Err("there is no part: name them and their shares".to_owned()),
            (_, parts) if parts > MOST_PARTS => {
                Err(format!("{parts} parts, there can be {MOST_PARTS}"))
            }
            _ => Ok(()),
        }
    }
}

/// As the description of what is made of a split says it.
impl std::fmt::Display for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seed = self.seed;
        match &self.by {
            By::Chance => write!(f, "by chance, seed {seed}"),
            By::Strata(column) => write!(f, "stratified by `{column}`, seed {seed}"),
            By::Groups(column) => write!(f, "grouped by `{column}`, seed {seed}"),
            By::Hash(column) => write!(f, "by a hash of `{column}`, seed {seed}"),
            By::Column(column) => write!(f, "as `{column}` says"),
        }
    }
}

impl Table {
    /// Divides the rows in named parts. Nothing is stored: the same parts and seed give the
    /// same rows. What is in a part can be [trained on](Split::rows) as it is, or be kept as
    /// [tables](Split::revisions), [a column](Split::column) or
    /// [selections](Split::selections).
    ///
    /// It takes a byte for each row, and reads no more than the column that rows are divided
    /// by, batch by batch; some hundred bytes more for each class, or for each group.
    ///
    /// ```
    /// use tlc_core::{Columns, Parts, Table, TableOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-split/")?;
    /// let table = Table::create(TableOptions::new("demo", "pets", "initial").root(root), |writer| {
    ///     writer.add_batch(Columns::new().column("label", vec![0, 0, 0, 0, 1, 1, 1, 1]))
    /// })?;
    /// let split = table.split(Parts::new([("train", 0.75), ("test", 0.25)]).stratified_by("label"))?;
    /// let test: Vec<usize> = split.rows("test")?.collect();
    /// assert!(test.len() == 2 && test[0] < 4 && test[1] >= 4);
    ///
    /// let tables = split.revisions()?;
    /// assert_eq!((tables[0].name(), tables[0].len()), ("initial_train", 6));
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Split`] for shares that are not those of a whole, a part that would get no row,
    /// fewer groups than parts, a row without a group or key; [`Error::NoSuchColumn`];
    /// [`Error::Column`] for a column of lists, images or the like; storage errors,
    /// [`Error::Corrupt`].
    pub fn split(&self, parts: Parts) -> Result<Split> {
        let refused = |reason| Error::Split {
            table: self.url().clone(),
            reason,
        };
        parts.check_names().map_err(refused)?;
        let sizes = || sizes(&parts.shares, self.len()).map_err(refused);
        let how = parts.to_string();
        let of_row = match &parts.by {
            By::Chance => chance::deal(&sizes()?, self.len(), parts.seed),
            By::Strata(column) => strata::deal(self, column, &sizes()?, parts.seed)?,
            By::Groups(column) => groups::deal(self, column, &sizes()?, parts.seed)?,
            By::Hash(column) => {
                let ends = ends(&parts.shares).map_err(refused)?;
                by_hash(self, column, &ends, parts.seed)?
            }
            By::Column(column) => {
                let (names, of_row) = named::deal(self, column)?;
                return Ok(Split::new(self.whole()?, names, of_row, how));
            }
        };
        let names = parts.shares.into_iter().map(|(name, _)| name).collect();
        Ok(Split::new(self.whole()?, names, of_row, how))
    }
}

/// The part of each row by where its hash is between 0 and 1.
fn by_hash(table: &Table, column: &str, ends: &[f64], seed: u64) -> Result<Vec<u8>> {
    let last = ends.len().saturating_sub(1);
    let mut of_row = Vec::with_capacity(table.len());
    keys::each(table, column, seed, |row, key| {
        let key = key.ok_or_else(|| keys::missing(table, column, row))?;
        let part = ends.iter().position(|end| unit(key) < *end);
        of_row.push(number(part.unwrap_or(last)));
        Ok(())
    })?;
    Ok(of_row)
}

/// The upper 53 bits of a hash as a number from 0 to below 1.
fn unit(hash: u128) -> f64 {
    (hash >> 75) as f64 / (1_u64 << 53) as f64
}
