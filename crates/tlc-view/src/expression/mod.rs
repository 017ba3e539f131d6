//! Conditions and values in SQL's syntax over the columns of a view, in the meaning that
//! DataFusion gives them.
//!
//! A text is parsed to terms, terms are bound to columns, which says what is computed of which
//! type, and that is computed block after block, side by side.

mod bind;
mod evaluate;
mod fault;
mod function;
mod node;
mod parse;
mod term;

use self::bind::{Bound, bind};
use self::evaluate::evaluate;
use self::fault::Fault;
use self::node::Type;
use self::term::{Term, What};
use crate::column::narrowed;
use crate::mask::BLOCK_ROWS;
use crate::{Column, Mask, Meaning, Result};
use rayon::prelude::*;
use std::sync::Arc;
use tlc_core::ClassMap;
use tlc_core::ValueType;
use tlc_core::arrow::array::{Array, ArrayRef, AsArray, new_empty_array};
use tlc_core::arrow::buffer::BooleanBuffer;
use tlc_core::arrow::compute::concat;

/// Columns by name, as many rows each.
pub(crate) trait Lookup {
    /// A column, read if need be.
    fn column(&self, name: &str) -> Result<Arc<Column>>;
    /// The names of all.
    fn names(&self) -> Vec<String>;
    /// Number of rows.
    fn rows(&self) -> usize;
}

/// A condition, or a value, of the columns of a row, in SQL's syntax.
///
/// ```
/// # use tlc_core::{Columns, Table, TableOptions, Url};
/// # use tlc_view::{Expression, ViewOptions};
/// # let root = Url::parse("memory://docs-expression/")?;
/// # let table = Table::create(TableOptions::new("demo", "train", "initial").root(&root), |writer| {
/// #     writer.add_batch(Columns::new().column("loss", vec![0.1, 2.3, 4.0]).column("label", vec!["cat", "dog", "cat"]))
/// # })?;
/// let view = ViewOptions::new().table(&table).open()?;
/// let bad = Expression::parse("loss > 2 and label = 'cat'")?;
/// assert_eq!(view.matching(&bad)?.iter().collect::<Vec<_>>(), [2]);
/// # Ok::<(), tlc_view::Error>(())
/// ```
///
/// # What there is
/// - `+ - * / %`, `= <> < <= > >=`, `and or not`, `between`, `in (…)`, `is [not] null`,
///   `is [not] true | false | unknown`, `is [not] distinct from`, `like` and `ilike` with
///   `escape`, `case`, `cast` and `try_cast`;
/// - `abs`, `ceil`, `exp`, `floor`, `isnan`, `ln`, `log10`, `power`, `round`, `sqrt`;
///   `contains`, `ends_with`, `length`, `lower`, `starts_with`, `upper`; `coalesce`,
///   `greatest`, `least`, `nullif`.
///
/// # What they mean
/// - Texts stand in single quotes, columns in none or, as they are written, in double quotes:
///   `"my column" > 1`. Without quotes the case of letters counts if there are several such
///   columns. `table.label` is the column of that name.
/// - What is computed of null is null; a row matches if the condition is true.
/// - Whole numbers are divided as such, and by zero not at all; what is computed of them wraps
///   around at 64 bits. All NaN are equal, and more than any number.
/// - A class is compared by name with texts (its name has to be one of the column's), by id with
///   numbers, and with classes of another column by id if both columns have the same classes,
///   else by name. A class without name is null where the name counts.
/// - A moment is compared with a text `'YYYY-MM-DD HH:MM:SS'`, UTC.
/// - What can fail, a division say, is computed just for rows that need it: in `x <> 0 and
///   10 / x > 1` for those where x is not 0.
#[derive(Clone, Debug)]
pub struct Expression {
    text: Arc<str>,
    term: Arc<Term>,
    columns: Arc<[String]>,
}

impl Expression {
    /// Reads an expression. Which columns there are is seen when it is asked for rows.
    ///
    /// # Errors
    /// [`Error::Expression`](crate::Error::Expression), with the place, if it is none, or uses
    /// what expressions about a row do not have.
    pub fn parse(text: &str) -> Result<Self> {
        let term = parse::parse(text).map_err(|fault| fault.of(text))?;
        let mut columns = Vec::new();
        term.each(&mut |term| {
            if let What::Column(name) = &term.what
                && !columns.contains(&name.text)
            {
                columns.push(name.text.clone());
            }
        });
        Ok(Self {
            text: text.into(),
            term: Arc::new(term),
            columns: columns.into(),
        })
    }

    /// What was parsed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names of the columns that it is about, as they are written, each once.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The rows in which it is true.
    ///
    /// # Errors
    /// [`Error::Expression`](crate::Error::Expression) if it is no condition about these
    /// columns, or cannot be computed; those of reading columns.
    pub(crate) fn mask(&self, columns: &dyn Lookup) -> Result<Mask> {
        let bits = || {
            let (bound, arrays) = self.bound(columns)?;
            if !matches!(bound.node.kind, Type::Flag | Type::Null) {
                let found = bound.node.kind.told();
                let reason = format!("expected a condition such as `loss > 2`, found {found}");
                return Fault::at(bound.node.at, reason);
            }
            Mask::try_by_blocks(columns.rows(), |start, len| {
                let flags = evaluate(&bound.node, &arrays, start, len)?;
                Ok(true_of(&flags))
            })
        };
        bits().map_err(|fault| fault.of(&self.text))
    }

    /// Its values as a column of a name.
    ///
    /// # Errors
    /// As [`mask`](Self::mask), but for what it has to be.
    pub(crate) fn column(&self, name: &str, columns: &dyn Lookup) -> Result<Column> {
        let values = || {
            let (bound, arrays) = self.bound(columns)?;
            let meaning = meaning(name, &bound)?;
            let rows = columns.rows();
            let starts = (0..rows).into_par_iter().step_by(BLOCK_ROWS);
            let blocks = starts.map(|start| {
                let len = BLOCK_ROWS.min(rows - start);
                evaluate(&bound.node, &arrays, start, len)
            });
            let blocks: Vec<ArrayRef> = blocks.collect::<Result<_, Fault>>()?;
            let values = put_together(&blocks, &bound)?;
            Ok(Column::new(meaning, narrowed(values)?))
        };
        values().map_err(|fault: Fault| fault.of(&self.text))
    }

    fn bound(&self, columns: &dyn Lookup) -> Result<(Bound, Vec<ArrayRef>), Fault> {
        let bound = bind(&self.term, columns)?;
        let arrays = bound.columns.iter();
        let arrays = arrays.map(|column| Arc::clone(column.values())).collect();
        Ok((bound, arrays))
    }
}

impl std::str::FromStr for Expression {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl std::fmt::Display for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

fn true_of(flags: &ArrayRef) -> BooleanBuffer {
    match flags.as_boolean_opt() {
        None => BooleanBuffer::new_unset(flags.len()),
        Some(flags) => match flags.nulls() {
            None => flags.values().clone(),
            Some(nulls) => flags.values() & nulls.inner(),
        },
    }
}

/// What the column is that values stand in.
fn meaning(name: &str, bound: &Bound) -> Result<Meaning, Fault> {
    let value = match &bound.node.kind {
        Type::Flag => ValueType::Bool,
        Type::Whole => ValueType::Int64,
        Type::Unsigned => ValueType::UInt64,
        Type::Single => ValueType::Float32,
        Type::Double => ValueType::Float64,
        Type::Text => ValueType::String,
        Type::Moment => ValueType::Datetime,
        Type::Class(names) => return Ok(of_classes(name, &names.classes)),
        Type::Null | Type::Wide => {
            let reason = "this is null in all rows: cast(null as double) is a column";
            return Fault::at(bound.node.at, reason);
        }
    };
    let column = tlc_core::Column::new(name, value).writable(false);
    Ok(Meaning::of(name.to_owned(), &column, false))
}

fn of_classes(name: &str, classes: &ClassMap) -> Meaning {
    Meaning::of_names(name, classes.clone(), false)
}

fn put_together(blocks: &[ArrayRef], bound: &Bound) -> Result<ArrayRef, Fault> {
    let blocks: Vec<&dyn Array> = blocks.iter().map(AsRef::as_ref).collect();
    match blocks.as_slice() {
        [] => Ok(new_empty_array(&bound.node.data)),
        blocks => concat(blocks).map_err(|error| Fault::computing(bound.node.at, error)),
    }
}
