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
