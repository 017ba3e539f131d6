//! Which rows to look at: filters, each of which lets some rows through, and what passes them
//! all.

mod lasso;
mod matching;

use crate::{Mask, Result, View};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::Arc;

/// A filter lets rows through by what stands in one column, or in two.
///
/// Missing values pass none but [`Special`](Self::Special), [`Classes`](Self::Classes) that
/// name them, [`Rows`](Self::Rows) and [`Not`](Self::Not).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Filter {
    /// Numbers from `min` to `max`, both among them; NaN passes no bound.
    Range {
        /// The column.
        column: String,
        /// The least that passes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<f64>,
        /// The greatest that passes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<f64>,
    },
    /// Some of the classes of a column.
    Classes {
        /// The column.
        column: String,
        /// Ids of those that pass.
        ids: Vec<i64>,
        /// Whether rows without a class pass.
        #[serde(default)]
        missing: bool,
    },
    /// True, or false.
    Flag {
        /// The column.
        column: String,
        /// What passes.
        is: bool,
    },
    /// Texts and names of classes that contain a text, in upper or lower case.
    Contains {
        /// The column.
        column: String,
        /// What they contain.
        text: String,
    },
    /// What is no ordinary number.
    Special {
        /// The column.
        column: String,
        /// What passes.
        is: Special,
    },
    /// Points of two columns inside a polygon, whose last corner is joined to the first.
    Lasso {
        /// The column of the first coordinate.
        x: String,
        /// The column of the second one.
        y: String,
        /// Its corners.
        polygon: Vec<[f64; 2]>,
    },
    /// Rows of which an expression in SQL's syntax is true; see
    /// [`Expression`](crate::Expression).
    Expression {
        /// The expression.
        text: String,
    },
    /// Rows of the view.
    Rows {
        /// Which.
        rows: Vec<usize>,
    },
    /// What another filter does not let through.
    Not {
        /// The other one.
        filter: Box<Self>,
    },
    /// What one of several filters lets through.
    Any {
        /// The others.
        filters: Vec<Self>,
    },
}

/// What a column can hold that is no ordinary number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Special {
    /// No value.
    Missing,
    /// Not a number.
    Nan,
    /// Infinity.
    Infinity,
    /// Minus infinity.
    MinusInfinity,
}

impl Filter {
    /// The columns it looks at, as far as it names them one by one: an expression does not.
    #[must_use]
    pub fn columns(&self) -> HashSet<&str> {
        match self {
            Self::Range { column, .. }
            | Self::Classes { column, .. }
            | Self::Flag { column, .. }
            | Self::Contains { column, .. }
            | Self::Special { column, .. } => [column.as_str()].into(),
            Self::Lasso { x, y, .. } => [x.as_str(), y.as_str()].into(),
            Self::Rows { .. } | Self::Expression { .. } => HashSet::new(),
            Self::Not { filter } => filter.columns(),
            Self::Any { filters } => filters.iter().flat_map(Self::columns).collect(),
        }
    }

    /// The rows that it lets through.
    ///
    /// # Errors
    /// [`NoSuchColumn`](crate::Error::NoSuchColumn),
    /// [`ColumnKind`](crate::Error::ColumnKind); as [`View::column`].
    pub fn matching(&self, view: &View) -> Result<Mask> {
        matching::matching(self, view)
    }

    /// Whether it looks at this column alone, so that what is shown of the column is not
    /// under it.
    fn is_of(&self, column: &str) -> bool {
        self.columns() == [column].into()
    }
}

/// The rows of a view that pass all of some filters.
///
/// ```
/// use std::sync::Arc;
/// use tlc_core::{Columns, Table, TableOptions, Url};
/// use tlc_view::{Filter, Filtered, ViewOptions};
///
/// let root = Url::parse("memory://docs-filtered/")?;
/// let table = Table::create(TableOptions::new("demo", "points", "initial").root(root), |writer| {
///     writer.add_batch(Columns::new().column("x", vec![0.5, 1.5, 2.5]))
/// })?;
/// let view = Arc::new(ViewOptions::new().table(&table).open()?);
/// let column = "x".to_owned();
/// let filtered = Filtered::new(&view, &[Filter::Range { column, min: Some(1.0), max: None }])?;
/// assert_eq!(filtered.mask().iter().collect::<Vec<_>>(), [1, 2]);
/// # Ok::<(), tlc_view::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Filtered {
    view: Arc<View>,
    filters: Vec<(Filter, Arc<Mask>)>,
    mask: Arc<Mask>,
    count: usize,
}

impl Filtered {
    /// The rows that pass all of these filters; all rows, without any.
    ///
    /// # Errors
    /// As [`Filter::matching`].
    pub fn new(view: &Arc<View>, filters: &[Filter]) -> Result<Self> {
        let none = Self::of_masks(view, Vec::new());
        none.refine(filters)
    }

    /// The same view under other filters. Those that stay are not computed again.
    ///
    /// # Errors
    /// As [`Filter::matching`].
    pub fn refine(&self, filters: &[Filter]) -> Result<Self> {
        let masks = filters.iter().map(|filter| {
            let known = self.filters.iter().find(|(known, _)| known == filter);
            let mask = match known {
                Some((_, mask)) => Arc::clone(mask),
                None => Arc::new(filter.matching(&self.view)?),
            };
            Ok((filter.clone(), mask))
        });
        let masks = masks.collect::<Result<Vec<_>>>()?;
        Ok(Self::of_masks(&self.view, masks))
    }

    /// Whether these are its filters.
    #[must_use]
    pub fn is_under(&self, filters: &[Filter]) -> bool {
        self.filters.iter().map(|(filter, _)| filter).eq(filters)
    }

    /// The view.
    #[must_use]
    pub fn view(&self) -> &Arc<View> {
        &self.view
    }

    /// Which rows pass.
    #[must_use]
    pub fn mask(&self) -> &Arc<Mask> {
        &self.mask
    }

    /// How many rows pass.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// The rows that pass all filters but those on this column alone: what its histogram
    /// shows, so that one sees what widening its filter would bring.
    #[must_use]
    pub fn without(&self, column: &str) -> Arc<Mask> {
        match self.filters.iter().any(|(filter, _)| filter.is_of(column)) {
            false => Arc::clone(&self.mask),
            true => {
                let others = self.filters.iter();
                let others = others.filter(|(filter, _)| !filter.is_of(column));
                all_of(self.view.len(), others.map(|(_, mask)| mask))
            }
        }
    }

    fn of_masks(view: &Arc<View>, filters: Vec<(Filter, Arc<Mask>)>) -> Self {
        let mask = all_of(view.len(), filters.iter().map(|(_, mask)| mask));
        Self {
            view: Arc::clone(view),
            count: mask.count(),
            filters,
            mask,
        }
    }
}

fn all_of<'m>(rows: usize, masks: impl Iterator<Item = &'m Arc<Mask>>) -> Arc<Mask> {
    let all = masks
        .cloned()
        .reduce(|one, other| Arc::new(one.and(&other)));
    all.unwrap_or_else(|| Arc::new(Mask::full(rows, true)))
}
