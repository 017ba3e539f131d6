//! How the rows of a format become a table.

mod bad;
mod batch;
mod change;
mod labels;
mod options;
mod places;
mod sink;

pub use self::bad::Skipped;
pub(crate) use self::batch::batch_of;
pub(crate) use self::change::{Bad, Change, Changed, Give};
pub use self::options::{ImportOptions, OnError, Progress};
pub use self::places::Places;
pub use self::sink::RowSink;

use self::labels::Survey;
use crate::Result;
use tlc_core::Table;

/// A format that can be imported: where the data are, and how they are written.
///
/// See the [crate's page](crate) for one from the first line to the last.
pub trait Format {
    /// What is imported, as the table's description says it: `CSV of train/*.csv`.
    fn describe(&self) -> String;

    /// Gives all rows to the sink, batch after batch, always in the same order and the same
    /// columns: where classes are first gathered from the data, it is called twice.
    ///
    /// A format without rows gives a batch without rows, so that the table has its columns.
    ///
    /// # Errors
    /// What goes wrong with files; of the sink what it returns.
    fn read(&self, rows: &mut RowSink<'_>) -> Result<()>;
}

/// A table that was imported.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The table.
    pub table: Table,
    /// Rows that were left out because they were bad.
    pub skipped: Skipped,
}

/// Makes a table of what a format reads, in memory that does not grow with the rows.
///
/// If the table is there already, with the same rows, it is opened and nothing is written:
/// see [`ImportOptions::if_exists`].
///
/// # Errors
/// [`Error::Row`](crate::Error::Row) names file, line or row, and column of what does not fit;
/// [`Error::AllSkipped`](crate::Error::AllSkipped) if no row was good; those of the format, and
/// of [`Table::create`]. Nothing is made then.
pub fn import(format: &dyn Format, options: impl Into<ImportOptions>) -> Result<Imported> {
    let options = with_classes(format, options.into())?;
    let source = format.describe();
    let mut skipped = Skipped::default();
    let mut made = |is_last: bool| {
        let mut starts_over = false;
        let made = Table::create_with(options.for_table(&source), |writer| {
            let sink = RowSink::writing(&options, writer);
            let mut sink = if is_last {
                sink.for_the_last_time()
            } else {
                sink
            };
            let read = format.read(&mut sink);
            starts_over = sink.starts_over();
            read?;
            skipped = sink.finish(&source)?;
            Ok::<(), crate::Error>(())
        });
        (made, starts_over)
    };
    let table = match made(false) {
        (_, true) => made(true).0?,
        (made, false) => made?,
    };
    Ok(Imported { table, skipped })
}

/// The options with the classes of labels that are to be gathered, for which all is read once.
fn with_classes(format: &dyn Format, mut options: ImportOptions) -> Result<ImportOptions> {
    let labels = options.take_labels()?;
    if labels.is_empty() {
        return Ok(options);
    }
    let mut survey = Survey::of(&labels);
    let mut sink = RowSink::surveying(&options, &mut survey);
    let read = format.read(&mut sink);
    match sink.starts_over() {
        false => read?,
        true => {
            survey = Survey::of(&labels);
            let sink = RowSink::surveying(&options, &mut survey);
            format.read(&mut sink.for_the_last_time())?;
        }
    }
    Ok(options.columns(survey.columns()?))
}
