//! Arrays that NumPy has saved, as the columns of a table.

use super::npz;
use super::rows::Rows;
use crate::{Error, Format, Places, Result, RowSink, Source, SourceFile};
use std::sync::Arc;
use tlc_core::Column;
use tlc_core::arrow::array::{ArrayRef, RecordBatch};
use tlc_core::arrow::datatypes::{Field, Schema};

/// Rows of a batch take about this much, a row that is larger by itself aside.
const BATCH_BYTES: usize = 16 << 20;
const BATCH_ROWS: usize = 8192;

/// Arrays in `.npy` and `.npz` files, each a column: the first dimension is that of the rows.
///
/// An `.npy` file is a column named as the file is, an `.npz` file one for each of its arrays;
/// several files stand beside one another. All have equally many rows.
///
/// | array | column |
/// |---|---|
/// | `[n]` of booleans, integers, floats | the same; half floats become 32-bit ones |
/// | `[n]` of texts, `U` or `S` | `string` |
/// | `[n]` of `datetime64` in days to nanoseconds | `datetime`; no digits below microseconds |
/// | `[n]` of `timedelta64` in seconds to nanoseconds | `int64` with its unit |
/// | `[n, …]` of numbers | `tensor` of the other dimensions |
///
/// Little- and big-endian, and either order of the dimensions. Python objects and structured
/// arrays are refused, as is an array without dimensions.
///
/// The format of [`.npy`](https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html),
/// versions 1 to 3.
///
/// ```
/// use tlc_core::{Url, ValueType};
/// use tlc_formats::{ImportOptions, NumPy, import};
///
/// let folder = tempfile::tempdir()?;
/// let mut x = b"\x93NUMPY\x01\0\x37\0{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}".to_vec();
/// x.extend([7, 9]);
/// std::fs::write(folder.path().join("x.npy"), x)?;
///
/// let root = Url::parse("memory://docs-numpy/")?;
/// let arrays = NumPy::new(folder.path());
/// let table = import(&arrays, ImportOptions::new("demo", "numbers").root(&root))?.table;
/// assert_eq!((table.len(), &table.schema().columns()[0].value), (2, &ValueType::UInt8));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct NumPy {
    source: Source,
    arrays: Option<Vec<String>>,
}

impl NumPy {
    /// The files.
    pub fn new(source: impl Into<Source>) -> Self {
        Self {
            source: source.into(),
            arrays: None,
        }
    }

    /// Takes these arrays alone.
    #[must_use]
    pub fn arrays<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.arrays = Some(names.into_iter().map(Into::into).collect());
        self
    }

    fn open(&self) -> Result<(SourceFile, Vec<Rows>)> {
        let files = self.source.files(&["npy", "npz"])?;
        let mut arrays = Vec::new();
        for file in &files {
            let is_archive = file.url().name().to_lowercase().ends_with(".npz");
            match is_archive {
                true => arrays.extend(npz::rows(file, self.arrays.as_deref())?),
                false => arrays.push(Rows::of_file(file)?),
            }
        }
        if let Some(wanted) = &self.arrays {
            arrays.retain(|rows| wanted.contains(&rows.column));
            let missing = wanted
                .iter()
                .find(|name| arrays.iter().all(|rows| rows.column != **name));
            if let Some(name) = missing {
                return Err(Error::column(name, "there is no such array"));
            }
        }
        match files.into_iter().next() {
            Some(first) if !arrays.is_empty() => Ok((first, arrays)),
            _ => Err(Error::NoFiles {
                source_text: self.source.to_string(),
                reason: "there is no array".to_owned(),
            }),
        }
    }
}

impl Format for NumPy {
    fn describe(&self) -> String {
        format!("NumPy arrays of {}", self.source)
    }

    fn read(&self, rows: &mut RowSink<'_>) -> Result<()> {
        let (file, mut arrays) = self.open()?;
        let len = same_len(&arrays)?;
        let columns = arrays.iter().map(column).collect::<Result<Vec<_>>>()?;
        rows.columns(columns.iter().filter_map(Clone::clone))?;
        let row_bytes = arrays
            .iter()
            .map(Rows::row_bytes)
            .fold(1, usize::saturating_add);
        let batch_rows = (BATCH_BYTES / row_bytes).clamp(1, BATCH_ROWS);
        let mut done = 0;
        loop {
            let left = usize::try_from(len - done).unwrap_or(usize::MAX);
            let taken = left.min(batch_rows);
            let mut batch = Vec::with_capacity(arrays.len());
            for (array, column) in arrays.iter_mut().zip(&columns) {
                batch.push(values(array, column.as_ref(), taken)?);
            }
            rows.add(of_columns(&arrays, batch)?, &Places::rows(&file, done))?;
            done += taken as u64;
            rows.progress(done, len);
            if done == len {
                break;
            }
        }
        arrays.into_iter().try_for_each(Rows::finish)
    }
}

/// The number of rows of all arrays.
fn same_len(arrays: &[Rows]) -> Result<u64> {
    let Some(first) = arrays.first() else {
        return Ok(0);
    };
    for rows in arrays {
        if rows.header.shape.is_empty() {
            let reason = "an array without dimensions has no rows: leave it out, by naming the \
                          arrays that are wanted, and add its value as an extra column";
            return Err(Error::column(&rows.column, reason));
        }
        if rows.header.rows() != first.header.rows() {
            let reason = format!(
                "{} rows, `{}` has {}: name the arrays that belong together",
                rows.header.rows(),
                first.column,
                first.header.rows()
            );
            return Err(Error::column(&rows.column, reason));
        }
    }
    Ok(first.header.rows())
}

/// What a column of more than one dimension is.
fn column(rows: &Rows) -> Result<Option<Column>> {
    let dims = rows.header.shape.get(1..).unwrap_or_default();
    if dims.is_empty() {
        return Ok(None);
    }
    let bad = |reason| Error::column(&rows.column, reason);
    let dims = dims
        .iter()
        .map(|dim| usize::try_from(*dim).ok().filter(|dim| *dim > 0));
    let dims: Option<Vec<usize>> = dims.collect();
    let dims = dims.ok_or_else(|| bad("a dimension is 0: its rows hold no value"))?;
    let value = rows.header.dtype.tensor(&dims);
    let reason = "texts and times have one dimension alone: save each column as an array";
    Ok(Some(Column::new(
        &rows.column,
        value.ok_or_else(|| bad(reason))?,
    )))
}

fn values(array: &mut Rows, column: Option<&Column>, rows: usize) -> Result<ArrayRef> {
    let bytes = array.take(rows)?;
    let dtype = array.header.dtype;
    let values = match column {
        None => dtype.array(&bytes),
        Some(column) => dtype.tensors(&bytes, &column.value),
    };
    values.map_err(|reason| array.refused(&format!(": {reason}")))
}

fn of_columns(arrays: &[Rows], values: Vec<ArrayRef>) -> Result<RecordBatch> {
    let fields = arrays.iter().zip(&values).map(|(array, values)| {
        let nullable = array.header.dtype.is_nullable();
        Field::new(&array.column, values.data_type().clone(), nullable)
    });
    let schema = Schema::new(fields.collect::<Vec<_>>());
    RecordBatch::try_new(Arc::new(schema), values)
        .map_err(|source| Error::arrow("put arrays side by side", source))
}
