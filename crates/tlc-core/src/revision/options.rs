//! What is said of a revision.

/// Name, description and author of a new revision. A text is its description.
///
/// ```
/// use tlc_core::RevisionOptions;
///
/// let options = RevisionOptions::new("twelve shirts were dresses").name("fixed").author("Kim");
/// let short: RevisionOptions = "twelve shirts were dresses".into();
/// # let _ = (options, short);
/// ```
#[derive(Clone, Debug, Default)]
pub struct RevisionOptions {
    pub(super) name: Option<String>,
    pub(super) description: String,
    pub(super) author: Option<String>,
    pub(super) id: Option<String>,
}

impl RevisionOptions {
    /// A revision with this description, as a commit message would say it.
    pub fn new(description: impl Into<String>) -> Self {
        Self {
            description: description.into(),
            ..Self::default()
        }
    }

    /// Sets the name; without one a revision of `train` is `train_0001`, `train_0002` and so on.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Says now which [`id`](crate::Table::id) the revision will have. Whoever keeps it before
    /// the commit can tell afterwards, even in another process, whether the revision was made:
    /// by [`Lineage::get`](crate::Lineage::get), which then has it and not as deleted. An id is good for one commit.
    ///
    /// ```
    /// use tlc_core::{Columns, RevisionOptions, Table, TableOptions, Url};
    ///
    /// let root = Url::parse("memory://docs-reserve-id/")?;
    /// let table = Table::create(TableOptions::new("demo", "train", "initial").root(root), |writer| {
    ///     writer.add_batch(Columns::new().column("label", vec![0, 1]))
    /// })?;
    /// let mut options = RevisionOptions::new("row 1 is a 0");
    /// let id = options.reserve_id();
    /// assert!(table.lineage()?.get(&id).is_none());
    /// table.edit()?.ignore_writable().set("label", 1, 0)?.commit(options)?;
    /// assert!(table.lineage()?.get(&id).is_some());
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    pub fn reserve_id(&mut self) -> String {
        let id = uuid::Uuid::now_v7().to_string();
        self.id = Some(id.clone());
        id
    }

    /// The id that was reserved, or a new one.
    pub(super) fn content_id(&self) -> String {
        let new = || uuid::Uuid::now_v7().to_string();
        self.id.clone().unwrap_or_else(new)
    }

    /// Sets who made it.
    #[must_use]
    pub fn author(mut self, author: impl Into<String>) -> Self {
        self.author = Some(author.into());
        self
    }
}

impl From<&str> for RevisionOptions {
    fn from(description: &str) -> Self {
        Self::new(description)
    }
}

impl From<String> for RevisionOptions {
    fn from(description: String) -> Self {
        Self::new(description)
    }
}
