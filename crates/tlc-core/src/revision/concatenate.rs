//! Several tables one after another, copied into one.

use super::labels::{Renumbering, classes, places};
use crate::arrow::array::{RecordBatch, new_null_array};
use crate::{Column, Error, Result, Schema, Table, TableOptions, ValueType};
use std::fmt;
use std::sync::Arc;

/// A table made by [`concatenate`], and what had to be done for it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Concatenated {
    /// The table.
    pub table: Table,
    /// Columns that some of the tables lack: their rows are without a value.
    pub filled: Vec<String>,
    /// Labels that have another number than in their table.
    pub renumbered: Vec<Renumbered>,
}

/// The numbers of one class in one of the tables that were concatenated, and in the result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Renumbered {
    /// Place of the table among those given.
    pub table: usize,
    /// The label column.
    pub column: String,
    /// Name of the class.
    pub class: String,
    /// Its number in that table.
    pub from: usize,
    /// Its number in the result.
    pub to: usize,
}

impl fmt::Display for Renumbered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            table,
            column,
            class,
            from,
            to,
        } = self;
        write!(f, "table {table}, `{column}`: {class} is {to}, was {from}")
    }
}

/// Copies the rows of several tables, one table after another, into a new one. Columns go by
/// their names: the first table that has one says what it means; classes of labels go by
/// theirs, and are numbered in the order in which they first appear. The rows are new ones:
/// see [`Derivation::rows_of`](crate::Derivation::rows_of) for those of one base.
///
/// ```
/// use tlc_core::{Column, Columns, Table, TableOptions, Url, ValueType, concatenate};
///
/// let root = Url::parse("memory://docs-concatenate/")?;
/// let make = |name: &str, classes: [&str; 2]| {
///     let label = Column::new("label", ValueType::labels(classes));
///     let options = TableOptions::new("pets", name, "initial").column(label).root(&root);
///     Table::create(options, |writer| writer.add_batch(Columns::new().column("label", vec![0, 1])))
/// };
/// let tables = [make("home", ["cat", "dog"])?, make("farm", ["dog", "cow"])?];
/// let all = concatenate(&tables, TableOptions::new("pets", "all", "initial").root(&root))?;
/// assert_eq!(all.table.rows::<(i32,)>()?.collect::<Result<Vec<_>, _>>()?, [(0,), (1,), (1,), (2,)]);
/// assert_eq!(all.renumbered[0].to_string(), "table 1, `label`: dog is 1, was 0");
/// # Ok::<(), tlc_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Column`] for columns of one name whose types differ, and for no table at all;
/// those of [`Table::create`]; storage errors.
pub fn concatenate(tables: &[Table], options: impl Into<TableOptions>) -> Result<Concatenated> {
    let schema = merged(tables)?;
    let lacks = |column: &&Column| {
        tables
            .iter()
            .any(|table| table.schema().column(&column.name).is_none())
    };
    let filled = schema.columns().iter().filter(lacks);
    let filled = filled.map(|column| column.name.clone()).collect();
    let renumbered = tables.iter().enumerate();
    let renumbered = renumbered.flat_map(|(place, table)| renumbered_in(place, table, &schema));
    let renumbered = renumbered.collect();
    let options = options.into().columns(schema.columns().to_vec());
    let table = Table::create(options, |writer| {
        for table in tables {
            for batch in table.scan().batches()? {
                writer.add_batch(fitted(&batch?, table.schema(), &schema)?)?;
            }
        }
        Ok(())
    })?;
    Ok(Concatenated {
        table,
        filled,
        renumbered,
    })
}

/// The columns of all tables.
fn merged(tables: &[Table]) -> Result<Schema> {
    let mut columns: Vec<Column> = Vec::new();
    for table in tables {
        for column in table.schema().columns() {
            match columns.iter_mut().find(|known| known.name == column.name) {
                None => columns.push(column.clone()),
                Some(known) => merge(known, column)?,
            }
        }
    }
    for column in &mut columns {
        let mut schemas = tables.iter().map(Table::schema);
        column.nullable |= schemas.any(|schema| schema.column(&column.name).is_none());
    }
    match columns.is_empty() {
        true => Err(Error::column(
            "",
            "no table, or none with a column, to concatenate",
        )),
        false => Schema::new(columns),
    }
}

fn merge(known: &mut Column, column: &Column) -> Result<()> {
    known.nullable |= column.nullable;
    match (&mut known.value, &column.value) {
        (
            ValueType::CategoricalLabel { classes },
            ValueType::CategoricalLabel { classes: others },
        ) if classes.is_empty() == others.is_empty() => {
            let known = places(classes);
            let new = others
                .iter()
                .filter(|class| !known.contains_key(class.as_str()));
            let new: Vec<String> = new.cloned().collect();
            classes.extend(new);
            Ok(())
        }
        (known_value, value) if known_value == value => Ok(()),
        (known_value, value) => {
            let reason = format!("{known_value} in one table, {value} in another");
            Err(Error::column(&column.name, reason))
        }
    }
}

/// The numbers that the classes of a table's column have in the result.
fn renumbering(column: &Column, schema: &Schema) -> Option<Renumbering> {
    let all = classes(schema.column(&column.name)?)?;
    Some(Renumbering::between(classes(column)?, all))
}

fn renumbered_in(place: usize, table: &Table, schema: &Schema) -> Vec<Renumbered> {
    let of_column = |column: &Column| {
        let names = classes(column).unwrap_or_default().iter();
        let numbers = renumbering(column, schema);
        let numbers = numbers.iter().flat_map(Renumbering::numbers);
        let renumbered = names
            .zip(numbers)
            .enumerate()
            .filter_map(|(from, (class, to))| {
                let to = usize::try_from(to?).ok().filter(|to| *to != from)?;
                Some(Renumbered {
                    table: place,
                    column: column.name.clone(),
                    class: class.clone(),
                    from,
                    to,
                })
            });
        renumbered.collect::<Vec<_>>()
    };
    table
        .schema()
        .columns()
        .iter()
        .flat_map(of_column)
        .collect()
}

/// Rows of one table as rows of the result.
fn fitted(batch: &RecordBatch, from: &Schema, to: &Schema) -> Result<RecordBatch> {
    let arrays = to.columns().iter().map(|column| {
        let Some(values) = batch.column_by_name(&column.name) else {
            return Ok(new_null_array(&column.value.to_arrow(), batch.num_rows()));
        };
        let of_table = from.column(&column.name);
        match of_table.and_then(|of_table| renumbering(of_table, to)) {
            Some(numbers) => numbers.apply(&column.name, values),
            None => Ok(Arc::clone(values)),
        }
    });
    let arrays = arrays.collect::<Result<Vec<_>>>()?;
    RecordBatch::try_new(to.to_arrow(), arrays)
        .map_err(|source| Error::arrow("put tables one after another", source))
}
