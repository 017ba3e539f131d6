//! What all requests share.

use crate::catalog::Catalog;
use crate::edits::Edits;
use crate::jobs::Jobs;
use crate::refusal::{Answer, Refusal};
use crate::summary::Summaries;
use crate::views::Views;
use tlc_core::Url;

/// The state of a server.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) catalog: Catalog,
    pub(crate) views: Views,
    pub(crate) edits: Edits,
    pub(crate) jobs: Jobs,
    pub(crate) summaries: Summaries,
    /// Folders whose images are shown, beside those of the projects.
    pub(crate) images: Vec<Url>,
    pub(crate) is_read_only: bool,
}

impl App {
    pub(crate) fn new(root: Url, images: Vec<Url>, is_read_only: bool) -> Self {
        Self {
            catalog: Catalog::new(root),
            views: Views::default(),
            edits: Edits::default(),
            jobs: Jobs::default(),
            summaries: Summaries::default(),
            images,
            is_read_only,
        }
    }

    /// Fails where edits are refused.
    pub(crate) fn check_writable(&self) -> Answer<()> {
        match self.is_read_only {
            true => Err(Refusal::read_only()),
            false => Ok(()),
        }
    }
}
