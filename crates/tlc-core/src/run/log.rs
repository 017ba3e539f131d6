//! Aggregate values of a whole run over time: buffered rows, sealed as Parquet.

use super::Run;
use crate::arrow::array::{
    Array, AsArray, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use crate::arrow::datatypes::{Float64Type, TimestampMicrosecondType};
use crate::part::{EncodedPart, Part, PartEncoder, PartReader};
use crate::storage::Store;
use crate::{Column, Error, Result, Role, Schema, Url, ValueType};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Buffered values are sealed when the oldest of them has this age.
const INTERVAL: Duration = Duration::from_secs(5);
/// A buffer of this many values is sealed whatever its age.
const BUFFER_ROWS: usize = 500_000;

/// What the points of a [`Series`] are plotted over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Axis {
    /// The logged `epoch`.
    Epoch,
    /// The logged `iteration`.
    Iteration,
    /// The logged `step`.
    Step,
    /// Seconds since the run was created, for values logged without an axis.
    Time,
}

impl Axis {
    const KEYS: [(&'static str, Self); 3] = [
        ("epoch", Self::Epoch),
        ("iteration", Self::Iteration),
        ("step", Self::Step),
    ];

    fn of_key(key: &str) -> Option<Self> {
        Self::KEYS
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, axis)| *axis)
    }
}

/// The values of one key over one axis, in the order they were logged.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What was logged, such as `train_loss`.
    pub key: String,
    /// What `points` are over.
    pub axis: Axis,
    /// Position on the axis, and value.
    pub points: Vec<(f64, f64)>,
}

impl Run {
    /// The logged values as series by axis, those still buffered included.
    ///
    /// # Errors
    /// Storage errors and [`Error::Corrupt`].
    pub fn aggregates(&self) -> Result<Vec<Series>> {
        self.seal()?;
        let (created_micros, parts) = {
            let state = self.state();
            (state.created_micros, state.aggregates.clone())
        };
        read(self.store(), self.url(), &parts, created_micros)
    }

    /// The logged values of one key: over the epoch if it was logged with one, else over
    /// the iteration, the step or the time.
    ///
    /// ```
    /// use tlc_core::{Run, RunOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-series/")?;
    /// let run = Run::create(RunOptions::new("demo").root(root))?;
    /// run.log([("epoch", 1.0), ("valid_loss", 0.7)])?;
    /// assert_eq!(run.series("valid_loss")?.points, [(1.0, 0.7)]);
    /// assert!(run.series("loss").unwrap_err().to_string().contains("valid_loss"));
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoSuchSeries`] names the keys that exist; as
    /// [`aggregates`](Self::aggregates).
    pub fn series(&self, key: &str) -> Result<Series> {
        let (found, others): (Vec<_>, Vec<_>) = self
            .aggregates()?
            .into_iter()
            .partition(|series| series.key == key);
        let first = found.into_iter().min_by_key(|series| series.axis);
        first.ok_or_else(|| {
            let mut available: Vec<_> = others.into_iter().map(|series| series.key).collect();
            available.sort();
            available.dedup();
            Error::NoSuchSeries {
                run: self.url().clone(),
                key: key.to_owned(),
                available,
            }
        })
    }
}

#[derive(Clone, Debug)]
struct Entry {
    axes: [Option<f64>; 3],
    time_micros: i64,
    key: Arc<str>,
    value: f64,
}

/// Values that are logged but not sealed yet.
#[derive(Debug)]
pub(super) struct LogBuffer {
    entries: Vec<Entry>,
    keys: HashSet<Arc<str>>,
    oldest: Option<Instant>,
    interval: Duration,
    /// Whether the sealer knows of the values.
    pub(super) is_watched: bool,
}

/// Sealed values that are not yet known to be durable.
#[derive(Debug)]
pub(crate) struct PendingValues {
    pub(crate) relative: String,
    pub(crate) part: EncodedPart,
    /// Number of values, the first of the buffer.
    pub(super) count: usize,
}

impl LogBuffer {
    pub(super) fn new() -> Self {
        Self {
            entries: Vec::new(),
            keys: HashSet::new(),
            oldest: None,
            interval: INTERVAL,
            is_watched: false,
        }
    }

    /// Sets the age at which values are sealed.
    #[cfg(feature = "testing")]
    pub(super) fn set_interval(&mut self, interval: Duration) {
        self.interval = interval;
    }

    pub(super) fn push<K: AsRef<str>>(
        &mut self,
        values: impl IntoIterator<Item = (K, f64)>,
        time_micros: i64,
    ) {
        let start = self.entries.len();
        let mut axes = [None; 3];
        for (key, value) in values {
            match Axis::of_key(key.as_ref()) {
                Some(axis) => axes[axis as usize] = Some(value),
                None => {
                    let key = self.intern(key.as_ref());
                    self.entries.push(Entry {
                        axes,
                        time_micros,
                        key,
                        value,
                    });
                }
            }
        }
        for entry in self.entries.iter_mut().skip(start) {
            entry.axes = axes;
        }
        if self.entries.len() > start {
            self.oldest.get_or_insert_with(Instant::now);
        }
    }

    /// When the values are to be sealed, if there are any.
    pub(super) fn due(&self) -> Option<Instant> {
        self.oldest.map(|oldest| oldest + self.interval)
    }

    /// When a seal that has failed is to be tried again.
    pub(super) fn retry(&self) -> Instant {
        Instant::now() + self.interval
    }

    /// Whether the caller has to seal: too many values, or nobody else who would.
    pub(super) fn is_due(&self) -> bool {
        self.entries.len() >= BUFFER_ROWS
            || (!self.is_watched && self.due().is_some_and(|due| due <= Instant::now()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Number of buffered values.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Forgets the first `count` values, which are sealed.
    pub(super) fn discard(&mut self, count: usize) {
        self.entries.drain(..count.min(self.entries.len()));
        self.oldest = (!self.entries.is_empty()).then(Instant::now);
    }

    /// The values as a file that is not published yet.
    pub(super) fn seal(&self) -> Result<PendingValues> {
        Ok(PendingValues {
            relative: format!("aggregates/{}.parquet", uuid::Uuid::now_v7()),
            part: self.encode()?,
            count: self.len(),
        })
    }

    fn encode(&self) -> Result<EncodedPart> {
        let schema = schema()?;
        let mut encoder = PartEncoder::new(&schema);
        let axis =
            |index: usize| -> Float64Array { self.entries.iter().map(|e| e.axes[index]).collect() };
        let times = self.entries.iter().map(|e| e.time_micros);
        let columns: Vec<crate::arrow::array::ArrayRef> = vec![
            Arc::new(axis(0)),
            Arc::new(axis(1)),
            Arc::new(axis(2)),
            Arc::new(TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC")),
            Arc::new(StringArray::from_iter_values(
                self.entries.iter().map(|e| &*e.key),
            )),
            Arc::new(Float64Array::from_iter_values(
                self.entries.iter().map(|e| e.value),
            )),
        ];
        let batch = RecordBatch::try_new(schema.to_arrow(), columns)
            .map_err(|source| Error::arrow("aggregate values", source))?;
        encoder.push(&batch)?;
        encoder.finish()
    }

    fn intern(&mut self, key: &str) -> Arc<str> {
        if let Some(known) = self.keys.get(key) {
            return Arc::clone(known);
        }
        let new: Arc<str> = Arc::from(key);
        self.keys.insert(Arc::clone(&new));
        new
    }
}

/// The values of sealed parts as series, in the order in which their keys came.
pub(super) fn read(
    store: &Arc<dyn Store>,
    run: &Url,
    parts: &[Part],
    created_micros: i64,
) -> Result<Vec<Series>> {
    let schema = schema()?.to_arrow();
    let mut found = Found::default();
    for part in parts {
        let reader = PartReader::new(Arc::clone(store), run, part, &schema)?;
        for (group, rows) in part.row_groups.iter().copied().enumerate() {
            for batch in reader.read(group, 0..rows, None, rows)? {
                found.add(&batch?, created_micros);
            }
        }
    }
    Ok(found.series)
}

/// Series, and the place of each.
#[derive(Default)]
struct Found {
    series: Vec<Series>,
    places: HashMap<(Axis, String), usize>,
}

impl Found {
    fn add(&mut self, batch: &RecordBatch, created_micros: i64) {
        let floats = |name: &str| {
            batch
                .column_by_name(name)?
                .as_primitive_opt::<Float64Type>()
        };
        let keys = batch
            .column_by_name("key")
            .and_then(|keys| keys.as_string_opt::<i32>());
        let times = batch
            .column_by_name("time")
            .and_then(|times| times.as_primitive_opt::<TimestampMicrosecondType>());
        let (Some(keys), Some(times), Some(values)) = (keys, times, floats("value")) else {
            return;
        };
        for row in 0..batch.num_rows() {
            let (key, value) = (keys.value(row), values.value(row));
            let mut on_axis = false;
            for (name, axis) in Axis::KEYS {
                if let Some(axes) = floats(name).filter(|axes| axes.is_valid(row)) {
                    self.add_point(key, axis, (axes.value(row), value));
                    on_axis = true;
                }
            }
            if !on_axis {
                let micros = times.value(row).saturating_sub(created_micros);
                self.add_point(key, Axis::Time, (micros as f64 / 1e6, value));
            }
        }
    }

    fn add_point(&mut self, key: &str, axis: Axis, point: (f64, f64)) {
        let new = self.series.len();
        let place = *self.places.entry((axis, key.to_owned())).or_insert(new);
        if place == new {
            self.series.push(Series {
                key: key.to_owned(),
                axis,
                points: Vec::new(),
            });
        }
        if let Some(series) = self.series.get_mut(place) {
            series.points.push(point);
        }
    }
}

pub(crate) fn schema() -> Result<Schema> {
    let axis = |name: &str| {
        Column::new(name, ValueType::Float64)
            .nullable(true)
            .role(Role::Axis)
    };
    Schema::new([
        axis("epoch"),
        axis("iteration"),
        axis("step"),
        Column::new("time", ValueType::Datetime),
        Column::new("key", ValueType::String),
        Column::new("value", ValueType::Float64).role(Role::Metric),
    ])
}
