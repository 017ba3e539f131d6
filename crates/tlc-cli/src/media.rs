//! Which folders images may be read from: `--images`.

use crate::Failure;
use clap::Args;
use tlc_core::Url;

/// Folders beside those of the projects.
#[derive(Args, Debug)]
pub(crate) struct Folders {
    /// A folder whose images tables may name, beside the folders of their projects
    #[arg(long = "images", value_name = "URL")]
    images: Vec<String>,
}

impl Folders {
    pub(crate) fn urls(&self) -> Result<Vec<Url>, Failure> {
        let urls = self.images.iter().map(|folder| Url::parse(folder));
        Ok(urls.collect::<tlc_core::Result<_>>()?)
    }
}
