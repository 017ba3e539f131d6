//! `tlc export NAME --to FILE`: rows of a table or run in a format that other programs read.

use crate::name::Found;
use crate::print::{self, Told};
use crate::rows::{self, Which};
use crate::{End, Failure, Place, media, progress};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tlc_core::arrow::array::RecordBatch;
use tlc_core::{EXAMPLE_ID, Media, Schema, Table, Url};
use tlc_formats::{
    ExportFormat, RowSource, Rows, ToArrow, ToCoco, ToCsv, ToImageFolder, ToJsonLines, ToParquet,
    ToYolo, export,
};
use tlc_view::{Kind, View};

/// What is written into the file, or the folder.
#[derive(Args)]
pub(super) struct Written {
    /// The format [default: what the name of the file says]
    #[arg(
        long = "as",
        value_name = "FORMAT",
        value_enum,
        conflicts_with = "html"
    )]
    format: Option<As>,
    #[command(flatten)]
    which: Which,
    /// Columns to order by, each with asc or desc after it
    #[arg(long, value_name = "COLUMNS", conflicts_with = "html")]
    sort: Vec<String>,
    /// Columns to write [default: all of a table; of a run those that a viewer shows]
    #[arg(long, value_name = "COLUMNS", conflicts_with = "html")]
    columns: Vec<String>,
    /// Rows at most [default: all]
    #[arg(long, value_name = "ROWS", conflicts_with = "html")]
    limit: Option<usize>,
}

/// Writes rows of something into a file or folder, in a format or that which its name says.
pub(crate) fn write_rows(
    rows: &Rows,
    of: Option<&Url>,
    to: &Path,
    format: Option<As>,
    is_forced: bool,
    images: Vec<Url>,
) -> Result<Exported, Failure> {
    let format = format.map_or_else(|| As::of(to), Ok)?;
    let written = format.to(to, is_forced, images)?;
    let columns = rows.schema()?.names().map(str::to_owned).collect();
    let exported = progress::awaited("writes", || export(&*written, rows))?;
    Ok(Exported {
        url: of.map(Url::to_string),
        to: to.to_owned(),
        rows: exported.rows,
        files: exported.files.len(),
        columns,
        not_finite: exported.not_finite,
    })
}

/// A format, as people type it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum As {
    Csv,
    Tsv,
    JsonLines,
    Arrow,
    Parquet,
    /// A folder a class
    ImageFolder,
    Coco,
    Yolo,
}

/// What was written, as `--json` says it.
#[derive(Serialize)]
pub(crate) struct Exported {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    to: PathBuf,
    rows: u64,
    files: usize,
    columns: Vec<String>,
    /// Numbers that are not finite and became null.
    not_finite: u64,
}

impl Written {
    /// Whether only some rows are meant.
    pub(super) fn is_narrowed(&self) -> bool {
        self.which.is_narrowed()
    }

    pub(super) fn write(
        &self,
        found: &Found,
        to: &Path,
        is_forced: bool,
        images: &media::Folders,
        place: &Place,
    ) -> Result<(), Failure> {
        let format = self.format.map_or_else(|| As::of(to), Ok)?;
        let rows = self.rows(found, format)?;
        let of = Some(found.url());
        let exported = write_rows(&rows, of, to, Some(format), is_forced, images.urls()?)?;
        print::tell(&exported, place)
    }

    fn rows(&self, found: &Found, format: As) -> Result<Rows, Failure> {
        let is_whole = !self.is_narrowed() && self.sort.is_empty() && self.limit.is_none();
        match found {
            Found::Table(table) => {
                let mut rows = Rows::of(table);
                if !is_whole {
                    let (_, only) = self.chosen(found)?;
                    rows = rows.only(only.into_iter().map(|row| row as usize).collect());
                }
                Ok(match self.columns.is_empty() {
                    true => rows,
                    false => rows.columns(rows::chosen_of_table(&self.columns, table)?),
                })
            }
            Found::Run(_) => {
                let (view, rows) = self.chosen(found)?;
                let columns = self.columns_of_run(&view, format)?;
                Ok(Rows::of_source(OfView::new(view, rows, &columns)?))
            }
        }
    }

    /// The rows that are meant, in the order that is.
    fn chosen(&self, found: &Found) -> Result<(Arc<View>, Vec<u32>), Failure> {
        let filtered = self.which.of(found)?;
        let view = filtered.view();
        let order = rows::order(&self.sort, view, false)?;
        let ordered = view.order(&order)?.under(&filtered);
        let limit = self.limit.unwrap_or(usize::MAX);
        Ok((Arc::clone(view), ordered.page(0, limit).to_vec()))
    }

    /// What people read has no images and vectors, unless they are asked for.
    fn columns_of_run(&self, view: &View, format: As) -> Result<Vec<String>, Failure> {
        let mut columns = rows::chosen(&self.columns, view)?;
        if self.columns.is_empty() {
            let is_read = |name: &String| {
                view.meaning(name)
                    .is_ok_and(|meaning| meaning.kind != Kind::Other)
            };
            columns.retain(|name| !format.is_text() || is_read(name));
            if view.meaning(EXAMPLE_ID).is_ok() {
                columns.insert(0, EXAMPLE_ID.to_owned());
            }
        }
        Ok(rows::once(columns))
    }
}

impl As {
    /// The format of a file of this name.
    fn of(file: &Path) -> Result<Self, Failure> {
        let name = file.to_string_lossy().to_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        Ok(match ending {
            "csv" => Self::Csv,
            "tsv" => Self::Tsv,
            "jsonl" | "ndjson" => Self::JsonLines,
            "arrow" | "feather" | "ipc" => Self::Arrow,
            "parquet" => Self::Parquet,
            _ => {
                let file = print::plain(&file.display().to_string());
                let reason = format!(
                    "which format {file} is to have is not told by its name: say it with --as"
                );
                return Err(End::wrong_use(reason));
            }
        })
    }

    fn is_text(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv | Self::JsonLines)
    }

    fn to(
        self,
        to: &Path,
        is_forced: bool,
        images: Vec<Url>,
    ) -> Result<Box<dyn ExportFormat>, Failure> {
        if is_forced && matches!(self, Self::ImageFolder | Self::Yolo) {
            let reason = "a folder is never overwritten: name one that is not there";
            return Err(End::wrong_use(reason));
        }
        // What these have in common is no trait.
        macro_rules! file {
            ($format:expr) => {
                match is_forced {
                    true => Box::new($format.overwrite()),
                    false => Box::new($format),
                }
            };
        }
        let images = images.into_iter();
        Ok(match self {
            Self::Csv => file!(ToCsv::new(to)),
            Self::Tsv => file!(ToCsv::new(to).delimiter(b'\t')),
            Self::JsonLines => file!(ToJsonLines::new(to)),
            Self::Arrow => file!(ToArrow::new(to)),
            Self::Parquet => file!(ToParquet::new(to)),
            Self::Coco => file!(images.fold(ToCoco::new(to), ToCoco::allow)),
            Self::ImageFolder => {
                Box::new(images.fold(ToImageFolder::new(to), ToImageFolder::allow))
            }
            Self::Yolo => Box::new(images.fold(ToYolo::new(to), ToYolo::allow)),
        })
    }
}

impl Told for Exported {
    fn print(&self) -> Result<(), Failure> {
        let to = print::plain(&self.to.display().to_string());
        let rows = usize::try_from(self.rows).unwrap_or(usize::MAX);
        let files = match self.files {
            0 | 1 => String::new(),
            files => format!(" in {}", print::many(files, "file")),
        };
        print::line(&format!("{to}: {}{files}", print::many(rows, "row")))?;
        if self.not_finite > 0 {
            let numbers = self.not_finite;
            print::note(&format!(
                "{numbers} numbers are not finite, which JSON has not: null"
            ))?;
        }
        Ok(())
    }
}

/// Rows of a view, in an order.
#[derive(Debug)]
struct OfView {
    view: Arc<View>,
    rows: Vec<u32>,
    schema: Schema,
}

impl OfView {
    fn new(view: Arc<View>, rows: Vec<u32>, columns: &[String]) -> Result<Self, Failure> {
        let schema = view.schema_of(columns.iter().map(String::as_str))?;
        Ok(Self { view, rows, schema })
    }
}

impl RowSource for OfView {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn take(
        &self,
        rows: &[usize],
        columns: &[&str],
    ) -> Result<RecordBatch, Box<dyn Error + Send + Sync>> {
        let rows = rows.iter().map(|row| {
            let found = self.rows.get(*row).copied();
            let rows = self.rows.len();
            found.ok_or(tlc_view::Error::NoSuchRow { row: *row, rows })
        });
        let rows = rows.collect::<Result<Vec<u32>, _>>()?;
        Ok(self.view.take(&rows, columns.iter().copied())?)
    }

    /// Of several tables each has names of its own.
    fn media(&self) -> Option<Media> {
        let tables = self.view.tables();
        <[Table; 1]>::try_from(tables)
            .ok()
            .map(|[table]| Media::of(&table))
    }
}
