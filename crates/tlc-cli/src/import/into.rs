//! Where a table goes, and what is made of its columns: the same for every format.

use crate::progress::{self, STEPS};
use crate::{End, Failure, Place};
use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use tlc_core::{Column, DEFAULT_PROJECT, DEFAULT_TABLE, IfExists, ValueType};
use tlc_formats::{Format, ImportOptions, Imported, Progress, import};

#[derive(Args, Debug)]
pub(super) struct Into {
    /// Project that the table goes to
    #[arg(long, default_value = DEFAULT_PROJECT)]
    project: String,
    /// Data set that the table is of
    #[arg(long)]
    dataset: String,
    /// Name of the table
    #[arg(long, default_value = DEFAULT_TABLE)]
    table: String,
    /// What the table is [default: what was imported]
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// What to do if there is such a table
    #[arg(long, value_enum, default_value_t = Existing::Reuse)]
    if_exists: Existing,
    /// Makes a column of texts or whole numbers one of labels
    #[arg(long, value_name = "COLUMN")]
    label: Vec<String>,
    /// What a column is: bool, int8 to uint64, float32, float64, string, datetime, bytes, image,
    /// image-url, embedding:DIM, label:cat|dog|…
    #[arg(long, value_name = "NAME=TYPE", value_parser = column)]
    column: Vec<Column>,
    /// Adds a column of sample weights, of this value
    #[arg(long, value_name = "VALUE", num_args = 0..=1, default_missing_value = "1")]
    weight: Option<f32>,
    /// Adds a column with this text in each row
    #[arg(long, value_name = "NAME=TEXT", value_parser = pair)]
    extra: Vec<(String, String)>,
    /// Leaves bad rows out, and says so in the table's description
    #[arg(long)]
    skip_bad_rows: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Existing {
    /// Opens it if its rows are these
    Reuse,
    /// Fails
    Raise,
    /// Takes the next free name
    Rename,
    /// Puts this in its place
    Overwrite,
}

impl Into {
    pub(super) fn project(&self) -> &str {
        &self.project
    }

    /// Makes the table, with a bar on the terminal.
    pub(super) fn import(&self, format: &dyn Format, place: &Place) -> Result<Imported, Failure> {
        let bar = progress::bar()?;
        let shown = bar.clone();
        let options = self.options(place)?;
        let options = options.progress(move |progress| show(&shown, progress));
        let imported = import(format, options);
        bar.finish_and_clear();
        imported.map_err(|error| match error {
            tlc_formats::Error::NoFiles { .. } => End::wrong_use(error.to_string()),
            error => error.into(),
        })
    }

    fn options(&self, place: &Place) -> Result<ImportOptions, Failure> {
        let mut options = ImportOptions::new(&self.project, &self.dataset)
            .table(&self.table)
            .root(place.root()?)
            .if_exists(self.if_exists.settled())
            .columns(self.column.iter().cloned());
        for label in &self.label {
            options = options.label(label);
        }
        if let Some(weight) = self.weight {
            options = options.weight(weight);
        }
        for (name, text) in &self.extra {
            options = options.extra(Column::new(name, ValueType::String), text.as_str());
        }
        if let Some(description) = &self.description {
            options = options.description(description);
        }
        Ok(match self.skip_bad_rows {
            true => options.skip_bad_rows(),
            false => options,
        })
    }
}

impl Existing {
    fn settled(self) -> IfExists {
        match self {
            Self::Reuse => IfExists::Reuse,
            Self::Raise => IfExists::Raise,
            Self::Rename => IfExists::Rename,
            Self::Overwrite => IfExists::Overwrite,
        }
    }
}

fn show(bar: &ProgressBar, progress: Progress) {
    let skipped = match progress.skipped {
        0 => String::new(),
        skipped => format!(", {skipped} skipped"),
    };
    bar.set_message(format!("{} rows{skipped}", progress.rows));
    let steps = u64::from(STEPS);
    let done = progress.done.saturating_mul(steps);
    let done = done.checked_div(progress.total).unwrap_or_default();
    bar.set_position(done.min(steps));
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a name, `=` and a value belong here".to_owned()),
    }
}

/// `NAME=TYPE`.
fn column(text: &str) -> Result<Column, String> {
    let (name, value) = pair(text)?;
    value_type(&value).map(|value| Column::new(name, value))
}

fn value_type(text: &str) -> Result<ValueType, String> {
    use ValueType as V;
    let (kind, of) = text.split_once(':').unwrap_or((text, ""));
    Ok(match (kind, of) {
        ("bool", "") => V::Bool,
        ("int8", "") => V::Int8,
        ("int16", "") => V::Int16,
        ("int32", "") => V::Int32,
        ("int64", "") => V::Int64,
        ("uint8", "") => V::UInt8,
        ("uint16", "") => V::UInt16,
        ("uint32", "") => V::UInt32,
        ("uint64", "") => V::UInt64,
        ("float32", "") => V::Float32,
        ("float64", "") => V::Float64,
        ("string", "") => V::String,
        ("datetime", "") => V::Datetime,
        ("bytes", "") => V::Bytes,
        ("image", "") => V::image_bytes(),
        ("image-url", "") => V::image_url(),
        ("embedding", dim) => V::Embedding {
            dim: dim
                .parse()
                .map_err(|_| "an embedding has a length: embedding:128")?,
        },
        ("label", "") => {
            return Err("classes belong after it: label:cat|dog, or use --label".into());
        }
        ("label", classes) => V::labels(classes.split('|').collect::<Vec<_>>()),
        _ => return Err(format!("no type `{text}`")),
    })
}
