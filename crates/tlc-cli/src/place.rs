//! Where projects are, and how to print.

use crate::Failure;
use clap::Args;
use tlc_core::{Scheme, Url, project_root};

/// So many wait for an object store at once.
const WAITING: usize = 16;
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

    /// Makes as many threads as may wait at once, where the projects are far away.
    pub(crate) fn settle_threads(&self) {
        let is_far = |root: Url| !matches!(root.scheme(), Scheme::File | Scheme::Memory);
        if self.root().is_ok_and(is_far) {
            let threads = rayon::ThreadPoolBuilder::new().num_threads(WAITING);
            // With fewer it is slower.
            let _ = threads.build_global();
        }
    }

    /// The same, if it was named.
    pub(crate) fn given(&self) -> Result<Option<Url>, Failure> {
        Ok(self.project_root.as_deref().map(Url::parse).transpose()?)
    }
}
