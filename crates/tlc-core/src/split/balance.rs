//! As many rows of each class.

use super::chance::Places;
use super::keys;
use crate::{Error, Result, RowSet, Table};
use std::collections::HashMap;

/// How rows are chosen so that each class has as many; see [`Table::balanced`].
///
/// ```
/// use tlc_core::Balance;
///
/// let balance = Balance::by("label").rows_per_class(500).seed(7);
/// # let _ = balance;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    column: String,
    rows_per_class: Option<usize>,
    seed: u64,
}

impl Balance {
    /// As many rows of each value of a column as there are of the rarest.
    pub fn by(column: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            rows_per_class: None,
            seed: 0,
        }
    }

    /// So many rows of each value instead.
    #[must_use]
    pub fn rows_per_class(self, rows: usize) -> Self {
        Self {
            rows_per_class: Some(rows),
            ..self
        }
    }

    /// Sets the seed, 0 without one: another seed gives other rows.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }
}

/// Rows of one class.
#[derive(Debug)]
struct Class {
    rows: usize,
    /// The first of them, to name the class by.
    first: usize,
}

impl Table {
    /// Rows among which each class has as many, chosen at random of each: to train on, to
    /// [derive](Self::derive) a table by, or to [keep](Self::save_selection). Rows without a
    /// class and void ones are not among them, and a class without a row does not count.
    ///
    /// ```
    /// use tlc_core::{Balance, Columns, Table, TableOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-balanced/")?;
    /// let table = Table::create(TableOptions::new("demo", "pets", "initial").root(root), |writer| {
    ///     writer.add_batch(Columns::new().column("label", vec![0, 1, 1, 1, 0]))
    /// })?;
    /// let rows = table.balanced(Balance::by("label"))?;
    /// assert!(rows.len() == 4 && rows.place(0).is_some() && rows.place(4).is_some());
    /// let balanced = table.derive()?.rows(rows.iter())?.commit("two of each")?;
    /// assert_eq!(balanced.len(), 4);
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Split`] if a class has fewer rows than were asked for, or no row has a class;
    /// [`Error::NoSuchColumn`]; [`Error::Column`] for a column of lists, images or the like;
    /// storage errors, [`Error::Corrupt`].
    pub fn balanced(&self, balance: Balance) -> Result<RowSet> {
        let Balance {
            column,
            rows_per_class,
            seed,
        } = balance;
        let classes = self.classes(&column, seed)?;
        let refused = |reason| Error::Split {
            table: self.url().clone(),
            reason,
        };
        let rarest = classes
            .values()
            .min_by_key(|class| (class.rows, class.first));
        let Some(Class { rows, first }) = rarest else {
            return Err(refused(format!("no row has a class by `{column}`")));
        };
        let wanted = rows_per_class.unwrap_or(*rows);
        if wanted > *rows {
            return Err(refused(format!(
                "{wanted} rows of each `{column}` are asked for, but there are {rows} of that of \
                 row {first}"
            )));
        }
        let places = |class: Class| Places::new(vec![wanted, class.rows - wanted]);
        let mut places: HashMap<u128, Places> = classes
            .into_iter()
            .map(|(key, class)| (key, places(class)))
            .collect();
        let mut chosen = RowSet::default();
        keys::each(self, &column, seed, |row, class| {
            let places = class.and_then(|class| places.get_mut(&class));
            if places.is_some_and(|places| places.draw(row, seed) == 0) {
                chosen.push(row, 1);
            }
            Ok(())
        })?;
        Ok(chosen)
    }

    fn classes(&self, column: &str, seed: u64) -> Result<HashMap<u128, Class>> {
        let void = self.schema().require(column)?.value.classes();
        let void = void.and_then(|classes| classes.void());
        let void = void.map(|id| keys::of_whole(id.into(), seed));
        let mut classes: HashMap<u128, Class> = HashMap::new();
        keys::each(self, column, seed, |row, class| {
            if let Some(class) = class.filter(|class| Some(*class) != void) {
                classes
                    .entry(class)
                    .or_insert(Class {
                        rows: 0,
                        first: row,
                    })
                    .rows += 1;
            }
            Ok(())
        })?;
        Ok(classes)
    }
}
