//! A run that is asked for: at hand, by its URL or by its name.

use super::Run;
use super::active::active_run;
use crate::url::check_name;
use crate::{Result, Url, layout};

/// A run, or where it is: a `&Run`; a [`Url`]; a text with the URL, the path or the name of
/// the run, which is then in the project of the active run, or else in the default one.
/// What is not at hand is opened when it is needed.
#[derive(Clone, Debug)]
pub struct RunRef {
    given: Given,
}

#[derive(Clone, Debug)]
enum Given {
    Run(Run),
    Url(Url),
    Text(String),
}

impl RunRef {
    /// Opens the run; of the active one it gives that handle.
    ///
    /// ```
    /// use tlc_core::{Run, RunOptions, RunRef, Url};
    ///
    /// let root = Url::parse("memory://docs-run-ref/")?;
    /// let run = Run::create(RunOptions::new("demo").root(root))?;
    /// assert_eq!(RunRef::from(run.url()).open()?.id(), run.id());
    /// # Ok::<(), tlc_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Run::from_url`].
    pub fn open(&self) -> Result<Run> {
        let url = match &self.given {
            Given::Run(run) => return Ok(run.clone()),
            Given::Url(url) => url.clone(),
            Given::Text(text) if check_name("run", text).is_ok() => {
                layout::run_in(&layout::unnamed_project(None)?, text)?
            }
            Given::Text(text) => Url::parse(text)?,
        };
        match active_run() {
            Some(active) if *active.url() == url => Ok(active),
            _ => Run::from_url(url),
        }
    }
}

impl From<Given> for RunRef {
    fn from(given: Given) -> Self {
        Self { given }
    }
}

impl From<&Run> for RunRef {
    fn from(run: &Run) -> Self {
        Given::Run(run.clone()).into()
    }
}

impl From<&&Run> for RunRef {
    fn from(run: &&Run) -> Self {
        Self::from(*run)
    }
}

impl From<Url> for RunRef {
    fn from(url: Url) -> Self {
        Given::Url(url).into()
    }
}

impl From<&Url> for RunRef {
    fn from(url: &Url) -> Self {
        Self::from(url.clone())
    }
}

impl From<String> for RunRef {
    fn from(text: String) -> Self {
        Given::Text(text).into()
    }
}

impl From<&str> for RunRef {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}
