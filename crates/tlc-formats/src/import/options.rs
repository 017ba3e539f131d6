//! What is the same for each format.

use crate::{Error, Result};
use std::fmt;
use std::sync::Arc;
use tlc_core::arrow::array::ArrayRef;
use tlc_core::{
    Column, DEFAULT_TABLE, IfExists, IntoConstant, Media, TableOptions, Url, ValueType,
};

/// Name of the column of weights.
const WEIGHT: &str = "weight";

/// What happens with a row that does not fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// The import fails, naming the row.
    #[default]
    Fail,
    /// The row is left out, and counted and named in the table's description.
    Skip,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Rows of the table so far.
    pub rows: u64,
    /// Bad rows that were left out so far.
    pub skipped: u64,
    /// How much of the source has been read, in a unit of the format's.
    pub done: u64,
    /// All of the source, in that unit; 0 if it is not known.
    pub total: u64,
}

type Told = Arc<dyn Fn(Progress) + Send + Sync>;

/// Where an imported table goes, and what is made of its columns and bad rows.
///
/// ```
/// use tlc_core::{Column, ValueType};
/// use tlc_formats::ImportOptions;
///
/// let options = ImportOptions::new("zoo", "animals")
///     .description("photographs of spring")
///     .label("species") // texts become labels; the classes are the texts, sorted
///     .column(Column::new("legs", ValueType::Int32).unit("1"))
///     .weight(1.0)
///     .extra(Column::new("reviewed", ValueType::Bool).writable(true), false)
///     .skip_bad_rows();
/// # let _ = options;
/// ```
#[derive(Clone)]
pub struct ImportOptions {
    project: Option<String>,
    dataset: String,
    table: String,
    root: Option<Url>,
    if_exists: IfExists,
    description: Option<String>,
    columns: Vec<Column>,
    labels: Vec<String>,
    extra: Vec<(Column, ArrayRef)>,
    on_error: OnError,
    told: Option<Told>,
}

impl ImportOptions {
    /// The table `initial` of this data set of this project.
    pub fn new(project: impl Into<String>, dataset: impl Into<String>) -> Self {
        Self::named(Some(project.into()), dataset.into())
    }

    fn named(project: Option<String>, dataset: String) -> Self {
        Self {
            project,
            dataset,
            table: DEFAULT_TABLE.to_owned(),
            root: None,
            if_exists: IfExists::Reuse,
            description: None,
            columns: Vec::new(),
            labels: Vec::new(),
            extra: Vec::new(),
            on_error: OnError::Fail,
            told: None,
        }
    }

    /// Sets the name of the table.
    #[must_use]
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.table = name.into();
        self
    }

    /// Sets the project root; see [`tlc_core::project_root`] for the default.
    #[must_use]
    pub fn root(mut self, root: impl Into<Url>) -> Self {
        self.root = Some(root.into());
        self
    }

    /// Sets what to do when the name is taken. The default opens the table if it has these
    /// rows, and else refuses.
    #[must_use]
    pub fn if_exists(mut self, if_exists: IfExists) -> Self {
        self.if_exists = if_exists;
        self
    }

    /// Sets what the table is; by default it says what was imported.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Says what a column is, in the place of what the data say. Texts in a column of labels
    /// are names of its classes.
    #[must_use]
    pub fn column(mut self, column: Column) -> Self {
        self.columns.push(column);
        self
    }

    /// Says what several columns are.
    #[must_use]
    pub fn columns(mut self, columns: impl IntoIterator<Item = Column>) -> Self {
        self.columns.extend(columns);
        self
    }

    /// Makes a column of texts or whole numbers one of labels. The classes are its different
    /// texts, sorted, or its numbers; for that the source is read once more.
    #[must_use]
    pub fn label(mut self, column: impl Into<String>) -> Self {
        self.labels.push(column.into());
        self
    }

    /// Adds the column `weight`, of type `SampleWeight`, with this value in each row.
    #[must_use]
    pub fn weight(self, value: f32) -> Self {
        self.extra(Column::new(WEIGHT, ValueType::SampleWeight), value)
    }

    /// Adds a column with this value in each row.
    #[must_use]
    pub fn extra(mut self, column: Column, value: impl IntoConstant) -> Self {
        self.extra.push((column, value.into_constant()));
        self
    }

    /// Leaves rows out that do not fit, with a count and the first of them in the table's
    /// description.
    #[must_use]
    pub fn skip_bad_rows(self) -> Self {
        self.on_error(OnError::Skip)
    }

    /// Sets what happens with a row that does not fit.
    #[must_use]
    pub fn on_error(mut self, on_error: OnError) -> Self {
        self.on_error = on_error;
        self
    }

    /// Calls this after each batch.
    #[must_use]
    pub fn progress(mut self, told: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.told = Some(Arc::new(told));
        self
    }

    /// The columns whose classes are to be gathered.
    pub(super) fn take_labels(&mut self) -> Result<Vec<String>> {
        let labels = std::mem::take(&mut self.labels);
        match labels.iter().find(|label| self.declared(label).is_some()) {
            Some(twice) => Err(Error::column(twice, "declared by hand and as a label, too")),
            None => Ok(labels),
        }
    }

    pub(super) fn by_hand(&self) -> &[Column] {
        &self.columns
    }

    /// What a column is by hand.
    pub(super) fn declared(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    pub(super) fn extras(&self) -> &[(Column, ArrayRef)] {
        &self.extra
    }

    pub(super) fn skips(&self) -> bool {
        self.on_error == OnError::Skip
    }

    pub(super) fn tell(&self, progress: Progress) {
        if let Some(told) = &self.told {
            told(progress);
        }
    }

    /// What the table is, or else what was imported.
    pub(super) fn described(&self, source: &str) -> String {
        self.description
            .clone()
            .unwrap_or_else(|| format!("imported: {source}"))
    }

    pub(super) fn media(&self) -> Result<Media> {
        Ok(Media::of_options(&self.for_table(""))?)
    }

    pub(super) fn for_table(&self, source: &str) -> TableOptions {
        let options = match &self.project {
            Some(project) => TableOptions::new(project, &self.dataset, &self.table),
            None => TableOptions::from((self.dataset.as_str(), self.table.as_str())),
        };
        let options = match &self.root {
            Some(root) => options.root(root),
            None => options,
        };
        let extra = self.extra.iter().map(|(column, _)| column.clone());
        options
            .if_exists(self.if_exists)
            .description(self.described(source))
            .columns(self.columns.iter().cloned().chain(extra))
    }
}

/// A data set of the project of the active run, or else of the default one.
impl From<&str> for ImportOptions {
    fn from(dataset: &str) -> Self {
        Self::named(None, dataset.to_owned())
    }
}

impl From<(&str, &str)> for ImportOptions {
    fn from((project, dataset): (&str, &str)) -> Self {
        Self::new(project, dataset)
    }
}

impl fmt::Debug for ImportOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportOptions")
            .field("project", &self.project)
            .field("dataset", &self.dataset)
            .field("table", &self.table)
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}
