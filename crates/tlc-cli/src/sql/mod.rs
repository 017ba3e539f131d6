//! `tlc sql`: questions about runs and tables, on DataFusion (feature `sql`).

mod plain;

use crate::export::{As, write_rows};
use crate::print::{self, Told};
use crate::rows::Listed;
use crate::{End, Failure, Place, progress};
use clap::Args;
use serde::{Serialize, Serializer};
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use tlc_core::Schema;
use tlc_core::arrow::array::RecordBatch;
use tlc_core::arrow::array::UInt64Array;
use tlc_core::arrow::compute::{concat_batches, take_record_batch};
use tlc_formats::{RowSource, Rows};

/// Rows that a terminal is shown.
const SHOWN: usize = 40;

const EXAMPLES: &str = "\
Examples:
  tlc sql \"SELECT class_name(label), avg(loss) FROM runs.\\\"train-classifier\\\".test GROUP BY 1\"
  tlc sql \"SELECT example_id, loss FROM runs.r.train WHERE epoch = 9 ORDER BY loss DESC\" --to worst.csv
  tlc sql --explain \"SELECT count(*) FROM tables.train.\\\"initial@latest\\\" WHERE label = 3\"

Names:
  project.runs.run.stream            the stream of a run, mostly `default_stream`
  project.tables.dataset.table       a table or revision, with the number of each row as example_id
  project.tables.dataset.\"table@latest\"
  runs.…, tables.…                   of the project that --project names, or the only one
What has capitals, `-` or `@` in it stands in double quotes.

Questions change nothing. `tlc edit --from` reads the file back that --to writes.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A question, in the SQL of DataFusion
    question: String,
    /// The project of names that begin with `runs` or `tables` [default: the only one]
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// Shows how the question is answered, and what is read for it
    #[arg(long, conflicts_with = "to")]
    explain: bool,
    /// Writes the answer into a file: CSV, TSV, JSON lines, Parquet or Arrow
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// The format of the file [default: what its name says]
    #[arg(long = "as", value_name = "FORMAT", value_enum, requires = "to")]
    format: Option<As>,
    /// Overwrites the file
    #[arg(long, requires = "to")]
    force: bool,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let root = place.root()?;
    let context = tlc_query::context(&root)?;
    let context = match (&arguments.project, tlc_core::projects(&root)?.as_slice()) {
        (Some(project), _) => context.project(project.as_str()),
        (None, [only]) => context.project(only.as_str()),
        (None, _) => context,
    };
    let question = match arguments.explain {
        true => format!("EXPLAIN {}", arguments.question),
        false => arguments.question.clone(),
    };
    let asking = || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let asked = context.sql(&question).await?;
            let schema = Arc::clone(asked.schema().inner());
            Ok::<_, tlc_query::Error>((schema, asked.collect().await?))
        })
    };
    let (schema, batches) = progress::awaited("asks", asking)?;
    if arguments.explain {
        return plain::texts(&batches, 1)?
            .iter()
            .try_for_each(|plan| print::line(plan));
    }
    let answer = Answer::new(&plain::schema(&schema)?, &batches)?;
    let Some(to) = &arguments.to else {
        return print::tell(&answer.listed()?, place);
    };
    let rows = Rows::of_source(answer);
    let exported = write_rows(
        &rows,
        None,
        to,
        arguments.format,
        arguments.force,
        Vec::new(),
    )?;
    print::tell(&exported, place)
}

/// What a question is answered, in memory.
#[derive(Debug)]
struct Answer {
    schema: Schema,
    rows: RecordBatch,
}

impl Answer {
    fn new(
        schema: &tlc_core::arrow::datatypes::SchemaRef,
        batches: &[RecordBatch],
    ) -> Result<Self, Failure> {
        let batches = batches.iter().map(|batch| plain::rows(batch, schema));
        let batches = batches.collect::<Result<Vec<_>, Failure>>()?;
        let columns = Schema::from_arrow(schema);
        Ok(Self {
            schema: columns.map_err(|error| {
                End::wrong_use(format!(
                    "{error}; give each column a name of its own with AS"
                ))
            })?,
            rows: concat_batches(schema, &batches)?,
        })
    }

    fn listed(&self) -> Result<Found, Failure> {
        let all = self.rows.num_rows();
        let shown = match print::is_terminal() {
            true => all.min(SHOWN),
            false => all,
        };
        Ok(Found {
            all,
            rows: Listed::of_batch(&self.rows.slice(0, shown), &self.schema),
        })
    }
}

impl RowSource for Answer {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn rows(&self) -> usize {
        self.rows.num_rows()
    }

    fn take(
        &self,
        rows: &[usize],
        columns: &[&str],
    ) -> Result<RecordBatch, Box<dyn Error + Send + Sync>> {
        let schema = self.rows.schema();
        let places = columns.iter().map(|name| schema.index_of(name));
        let columns = self.rows.project(&places.collect::<Result<Vec<_>, _>>()?)?;
        let rows: UInt64Array = rows.iter().map(|row| Some(*row as u64)).collect();
        Ok(take_record_batch(&columns, &rows)?)
    }
}

/// Rows for people and programs.
struct Found {
    all: usize,
    rows: Listed,
}

impl Serialize for Found {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rows.serialize(serializer)
    }
}

impl Told for Found {
    fn print(&self) -> Result<(), Failure> {
        if self.all == 0 {
            return print::note("no rows");
        }
        self.rows.print()?;
        match self.rows.len() < self.all {
            true => print::note(&format!(
                "{} of {}: --to FILE writes all",
                self.rows.len(),
                print::many(self.all, "row")
            )),
            false => Ok(()),
        }
    }
}
