//! Names, place and parameters of a new run.

use super::Parameter;
use crate::{IfExists, Result, Url, layout};

/// Names, place and parameters of a new run, built by chaining.
///
/// ```
/// use tlc_core::{RunOptions, Url};
///
/// let run = tlc_core::init(
///     RunOptions::new("fashion-mnist")
///         .name("baseline")
///         .description("small CNN, no augmentation")
///         .parameter("learning_rate", 1e-3)
///         .root(Url::parse("memory://docs-run-options/")?),
/// )?;
/// assert_eq!(run.name(), "baseline");
/// # tlc_core::close()?;
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RunOptions {
    project: String,
    name: Option<String>,
    root: Option<Url>,
    pub(super) description: String,
    pub(super) parameters: Vec<(String, Parameter)>,
    pub(super) if_exists: IfExists,
}

impl RunOptions {
    /// A run of this project, named `run` until [`name`](Self::name) says otherwise.
    pub fn new(project: impl Into<String>) -> Self {
        Self {
            project: project.into(),
            name: None,
            root: None,
            description: String::new(),
            parameters: Vec::new(),
            if_exists: IfExists::default(),
        }
    }

    /// Sets the name of the run.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the project root; see [`project_root`](crate::project_root) for the default.
    #[must_use]
    pub fn root(mut self, root: impl Into<Url>) -> Self {
        self.root = Some(root.into());
        self
    }

    /// Sets what the run is for.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// Adds a parameter.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<Parameter>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Sets what to do when the name is taken; the default is to rename.
    #[must_use]
    pub fn if_exists(mut self, if_exists: IfExists) -> Self {
        self.if_exists = if_exists;
        self
    }

    pub(super) fn runs_url(&self) -> Result<Url> {
        layout::runs_url(&layout::project_root(self.root.as_ref())?, &self.project)
    }

    pub(super) fn run_name(&self) -> &str {
        self.name.as_deref().unwrap_or("run")
    }
}

/// A run of the default project; see [`DEFAULT_PROJECT`](crate::DEFAULT_PROJECT).
impl Default for RunOptions {
    fn default() -> Self {
        Self::new(layout::DEFAULT_PROJECT)
    }
}

impl From<&str> for RunOptions {
    fn from(project: &str) -> Self {
        Self::new(project)
    }
}

impl From<(&str, &str)> for RunOptions {
    fn from((project, run): (&str, &str)) -> Self {
        Self::new(project).name(run)
    }
}
