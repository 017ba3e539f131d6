//! Several tables one after another, copied into one.

use super::labels::{Renumbering, classes, ids_by_name, union};
use crate::arrow::array::{RecordBatch, new_null_array};
use crate::{ClassMap, Column, Error, Result, Schema, Table, TableOptions, ValueType};
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
    /// Labels that have another id than in their table.
    pub renumbered: Vec<Renumbered>,
    /// What tables say of their classes, and one before them otherwise.
    pub overruled: Vec<Overruled>,
}

/// The ids of one class in one of the tables that were concatenated, and in the result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Renumbered {
    /// Place of the table among those given.
    pub table: usize,
    /// The label column.
    pub column: String,
    /// Name of the class, `void` for what is to be ignored.
    pub class: String,
    /// Its id in that table.
    pub from: i32,
    /// Its id in the result.
    pub to: i32,
}

/// What one of the tables that were concatenated says of its classes, where a table before it
/// says something else, which counts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overruled {
    /// Place of the table among those given.
    pub table: usize,
    /// The column.
    pub column: String,
    /// What is meant: `the background`, or `the color of` a class.
    pub what: String,
    /// What the table says.
    pub given: String,
    /// What is so in the result.
    pub kept: String,
}

impl fmt::Display for Overruled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            table,
            column,
            what,
            given,
            kept,
        } = self;
        write!(
            f,
            "table {table}, `{column}`: {what} is {kept}, was {given}"
        )
    }
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
/// theirs. A class that comes new to the others keeps its id where that is free, and gets the
/// one after the largest where it is not, or where all ids are 0 to n-1. The first table that
/// says so decides on the colour of a class, on the background and the void. Masks keep their
/// pixels: their classes must go together as they are. The rows are new ones: see [`Derivation::rows_of`](crate::Derivation::rows_of) for those of one base.
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
    let overruled = tables.iter().enumerate();
    let overruled = overruled.flat_map(|(place, table)| overruled_in(place, table, &schema));
    let overruled = overruled.collect();
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
        overruled,
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
    let differ = |known: &Column| {
        let reason = format!("{} in one table, {} in another", known.value, column.value);
        Error::column(&column.name, reason)
    };
    match (&mut known.value, &column.value) {
        (known_value, value) if known_value == value => Ok(()),
        (
            ValueType::CategoricalLabel { classes },
            ValueType::CategoricalLabel { classes: others },
        ) if classes.is_empty() == others.is_empty() => {
            *classes = union(classes, others)?;
            Ok(())
        }
        (
            ValueType::SegmentationMask { classes },
            ValueType::SegmentationMask { classes: others },
        ) => {
            let all = union(classes, others)?;
            // Pixels keep their numbers.
            if !Renumbering::between(others, &all).is_nothing() {
                return Err(differ(known));
            }
            *classes = all;
            Ok(())
        }
        _ => Err(differ(known)),
    }
}

/// The numbers that the classes of a table's column have in the result.
fn renumbering(column: &Column, schema: &Schema) -> Option<Renumbering> {
    let all = classes(schema.column(&column.name)?)?;
    Some(Renumbering::between(classes(column)?, all))
}

fn renumbered_in(place: usize, table: &Table, schema: &Schema) -> Vec<Renumbered> {
    let of_column = |column: &Column| {
        let ids = renumbering(column, schema);
        let classes = ids.iter().flat_map(|_| named_ids(column));
        let renumbered = classes.filter_map(|(class, from)| {
            let to = ids.as_ref()?.id(from).filter(|to| *to != from)?;
            Some(Renumbered {
                table: place,
                column: column.name.clone(),
                class: class.to_owned(),
                from,
                to,
            })
        });
        renumbered.collect::<Vec<_>>()
    };
    let columns = table.schema().columns().iter();
    columns.flat_map(of_column).collect()
}

/// The ids that rows may have, and what they are called.
fn named_ids(column: &Column) -> impl Iterator<Item = (&str, i32)> {
    let classes = column.value.classes().into_iter();
    classes.flat_map(|classes| {
        let void = classes.void().map(|void| ("void", void));
        classes.names().zip(classes.ids()).chain(void)
    })
}

/// What a table says of classes that is otherwise in the result.
fn overruled_in(place: usize, table: &Table, schema: &Schema) -> Vec<Overruled> {
    let of_column = |column: &Column| {
        let kept = schema.column(&column.name)?.value.classes()?;
        let given = column.value.classes()?;
        let overruled = |what: String, given: String, kept: String| Overruled {
            table: place,
            column: column.name.clone(),
            what,
            given,
            kept,
        };
        let ids = ids_by_name(kept);
        let colors = given.iter().filter_map(|class| {
            let other = kept.get(*ids.get(class.name.as_str())?)?.color?;
            let own = class.color.filter(|own| *own != other)?;
            let what = format!("the color of {}", class.name);
            Some(overruled(what, own.to_string(), other.to_string()))
        });
        let background = |classes: &ClassMap| {
            let name = classes.background().and_then(|id| classes.name(id));
            name.map(str::to_owned)
        };
        let backgrounds = background(given).zip(background(kept));
        let backgrounds = backgrounds.filter(|(own, other)| own != other);
        let background =
            backgrounds.map(|(own, other)| overruled("the background".to_owned(), own, other));
        Some(colors.chain(background).collect::<Vec<_>>())
    };
    let columns = table.schema().columns().iter();
    columns.filter_map(of_column).flatten().collect()
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
