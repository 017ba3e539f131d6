//! Data sets that the package `datasets` of Hugging Face has written.

mod convert;
mod feature;
mod shards;
mod values;

use self::convert::{Converted, Converter};
use self::shards::Shard;
use super::allowed::Allowed;
use crate::parallel::in_order;
use crate::tabular::ColumnFile;
use crate::{BadRow, Error, Format, Places, Result, RowSink, Source, SourceFile};
use std::sync::Arc;
use tlc_core::Url;
use tlc_core::arrow::array::{RecordBatch, StringArray};
use tlc_core::arrow::datatypes::{DataType, Field, Schema as ArrowSchema, SchemaRef};

/// Where the features stand in the metadata of a file.
const FEATURES: &str = "huggingface";

/// A data set of Hugging Face: Parquet files as the hub has them, what
/// [`to_parquet`](https://huggingface.co/docs/datasets/process#export) or `save_to_disk` wrote,
/// or a folder of a cache.
///
/// | feature | column |
/// |---|---|
/// | `Image` | `image`, embedded; a file that is named is read, if it is in the folder |
/// | `ClassLabel` | `categorical_label` with its names; -1 is a missing label |
/// | `Value` | its type, as of any Parquet file |
/// | `Sequence`, `List` | `list` of what it holds; of a struct a struct of lists, as `datasets` has it |
/// | `Array2D` to `Array5D` | `tensor` of the shape |
/// | a dictionary | `struct` |
/// | any other, such as `Audio` | what Parquet says |
///
/// The split of a file is told by its name or its folder's, `train-00000-of-00002.parquet`, and
/// stands in the column `split`; one split can be taken alone. All files have the same columns
/// and features. A file without features is one whose structs of `bytes` and `path` are images.
///
/// ```no_run
/// use tlc_formats::{HuggingFace, ImportOptions, import};
///
/// let pets = HuggingFace::new("downloads/oxford-pets");
/// for split in pets.splits()? {
///     import(&pets.clone().split(&split), ImportOptions::new("pets", &split))?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct HuggingFace {
    source: Source,
    split: Option<String>,
    allowed: Vec<Url>,
}

impl HuggingFace {
    /// A folder, or files.
    pub fn new(source: impl Into<Source>) -> Self {
        Self {
            source: source.into(),
            split: None,
            allowed: Vec::new(),
        }
    }

    /// Takes the files of this split alone; there is no column of splits then.
    #[must_use]
    pub fn split(self, split: impl Into<String>) -> Self {
        Self {
            split: Some(super::splits::canonical(&split.into())),
            ..self
        }
    }

    /// Reads images that are named in the data from this folder, too. Whoever wrote the data
    /// chose the names.
    #[must_use]
    pub fn allow(mut self, folder: impl Into<Url>) -> Self {
        self.allowed.push(folder.into());
        self
    }

    /// The splits that there are; none if no name tells any.
    ///
    /// # Errors
    /// Those of [`Source::files`].
    pub fn splits(&self) -> Result<Vec<String>> {
        Ok(shards::splits(&shards::of(&self.source)?))
    }

    fn shards(&self) -> Result<Vec<Shard>> {
        let shards = shards::of(&self.source)?;
        let Some(wanted) = &self.split else {
            return Ok(shards);
        };
        let of_split = |shard: &Shard| shard.split.as_ref() == Some(wanted);
        match shards.iter().any(of_split) {
            true => Ok(shards.into_iter().filter(of_split).collect()),
            false => Err(Error::NoFiles {
                source_text: self.source.to_string(),
                reason: format!(
                    "there is no split `{wanted}`, there are: {}",
                    shards::splits(&shards).join(", ")
                ),
            }),
        }
    }
}

impl Format for HuggingFace {
    fn describe(&self) -> String {
        match &self.split {
            Some(split) => format!("Hugging Face data set of {}, {split}", self.source),
            None => format!("Hugging Face data set of {}", self.source),
        }
    }

    fn read(&self, rows: &mut RowSink<'_>) -> Result<()> {
        let shards = self.shards()?;
        let opened = shards.iter().map(|shard| ColumnFile::open(&shard.file));
        let opened = opened.collect::<Result<Vec<_>>>()?;
        let Some((schema, first)) = opened.first().map(ColumnFile::schema).zip(shards.first())
        else {
            return Ok(());
        };
        for (shard, opened) in shards.iter().zip(&opened).skip(1) {
            check_same(&schema, &first.file, &opened.schema(), &shard.file)?;
        }
        let with_splits = self.split.is_none() && shards.iter().any(|shard| shard.split.is_some());
        let features = schema.metadata().get(FEATURES).map(String::as_str);
        let by_hand = |name: &str| rows.declared(name).is_some();
        let converter = Converter::new(&schema, features, &by_hand);
        let converter = converter.map_err(|reason| first.file.refused(reason))?;
        rows.columns(converter.columns().cloned())?;
        let total = shards
            .iter()
            .map(|shard| shard.file.len_bytes())
            .sum::<Result<u64>>()?;
        for (shard, opened) in shards.iter().zip(&opened) {
            let allowed = Allowed::beside(&shard.file, &self.source, &self.allowed);
            let split =
                with_splits.then(|| shard.split.clone().unwrap_or_else(|| "train".to_owned()));
            let empty = converter.empty();
            rows.add(
                with_split(empty, split.as_deref())?,
                &Places::rows(&shard.file, 0),
            )?;
            let mut first = 0;
            in_order(
                opened.batches()?,
                |batch| Ok((batch.num_rows(), converter.convert(&batch, &allowed)?)),
                |(len, converted)| {
                    let places = Places::rows(&shard.file, first);
                    first += len as u64;
                    add(rows, &places, converted, split.as_deref())?;
                    rows.progress(
                        shards.iter().map(|shard| shard.file.read_bytes()).sum(),
                        total,
                    );
                    Ok(())
                },
            )?;
        }
        Ok(())
    }
}

/// Gives a batch to the sink, without its bad rows, which are told.
fn add(
    rows: &mut RowSink<'_>,
    places: &Places,
    converted: Converted,
    split: Option<&str>,
) -> Result<()> {
    for fault in converted.faults {
        rows.bad(Error::from(BadRow {
            place: places.at(fault.row),
            column: Some(fault.column),
            value: None,
            reason: fault.reason,
        }))?;
    }
    let batch = with_split(converted.batch, split)?;
    rows.add(batch, &places.kept(converted.rows))
}

fn with_split(batch: RecordBatch, split: Option<&str>) -> Result<RecordBatch> {
    let Some(split) = split else {
        return Ok(batch);
    };
    let rows = batch.num_rows();
    let (schema, mut arrays, _) = batch.into_parts();
    let mut fields: Vec<_> = schema.fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new("split", DataType::Utf8, false)));
    arrays.push(Arc::new(StringArray::from_iter_values(
        std::iter::repeat_n(split, rows),
    )));
    RecordBatch::try_new(Arc::new(ArrowSchema::new(fields)), arrays)
        .map_err(|source| Error::arrow("add the split", source))
}

/// Refuses a file with other columns or features than the first.
fn check_same(
    first: &SchemaRef,
    first_file: &SourceFile,
    schema: &SchemaRef,
    file: &SourceFile,
) -> Result<()> {
    let columns = |schema: &SchemaRef| -> Vec<(String, DataType)> {
        let fields = schema.fields().iter();
        fields
            .map(|field| (field.name().clone(), field.data_type().clone()))
            .collect()
    };
    let features = |schema: &SchemaRef| {
        let text = schema.metadata().get(FEATURES)?;
        serde_json::from_str::<serde_json::Value>(text).ok()
    };
    let what = if columns(first) != columns(schema) {
        "columns"
    } else if features(first) != features(schema) {
        "features"
    } else {
        return Ok(());
    };
    Err(file.refused(format!(
        "other {what} than {}: import each split, or each configuration, by itself",
        first_file.url().name()
    )))
}
