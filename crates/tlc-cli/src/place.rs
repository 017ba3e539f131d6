//! Where projects are, and how to print.

use crate::Failure;
use clap::Args;
use tlc_core::{Url, project_root};

const EVERYWHERE: &str = "Options of every verb";

/// Where projects are, and how to print: the same for every verb.
#[derive(Args, Debug)]
pub(crate) struct Place {
    /// Folder or URL that the projects are under [default: $TLC_PROJECT_ROOT, or the platform's folder]
    #[arg(long, value_name = "URL", global = true, help_heading = EVERYWHERE)]
    project_root: Option<String>,
    /// Prints JSON for programs
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub(crate) json: bool,
}

impl Place {
    /// The folder that the projects are under.
    pub(crate) fn root(&self) -> Result<Url, Failure> {
        Ok(project_root(self.given()?.as_ref())?)
    }

    /// The same, if it was named.
    pub(crate) fn given(&self) -> Result<Option<Url>, Failure> {
        Ok(self.project_root.as_deref().map(Url::parse).transpose()?)
    }
}
