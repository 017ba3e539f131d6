//! What a sample looks like: its image, else its text.

use super::layers::{Layers, Over};
use super::values::{self, data_url};
use crate::Failure;
use crate::export::texts::WORDS;
use std::sync::Arc;
use tlc_core::{Error as Core, Url};
use tlc_view::{Column, Defaults, Error, View, image_type, thumbnail};

/// Images of more bytes are made smaller.
pub(crate) const MOST_IMAGE_BYTES: usize = 256_000;
/// Pixels a side of those that are.
pub(crate) const SHRUNK_SIDE: u32 = 256;
/// PNGs of at most so many pixels a side show their pixels.
const FEW_PIXELS: usize = 96;

pub(crate) enum Face {
    Image {
        /// What stands in the page: `data:image/…`.
        url: String,
        is_shrunk: bool,
        /// Whether its pixels are to be told apart.
        is_small: bool,
        over: Over,
    },
    /// An image that is not shown, and why.
    LeftOut(String),
    Text(String),
    /// Nothing but its values.
    Bare,
}

/// How the samples of a view look.
pub(super) struct Faces {
    view: Arc<View>,
    image: Option<String>,
    layers: Layers,
    text: Option<Arc<Column>>,
    /// Where images may be, beside the folder of the project.
    folders: Vec<Url>,
}

impl Faces {
    pub(super) fn of(
        view: &Arc<View>,
        defaults: &Defaults,
        folders: Vec<Url>,
    ) -> Result<Self, Failure> {
        let text = defaults.text.as_ref().filter(|_| defaults.image.is_none());
        Ok(Self {
            view: Arc::clone(view),
            image: defaults.image.clone(),
            layers: Layers::of(view),
            text: text.map(|name| view.column(name)).transpose()?,
            folders,
        })
    }

    /// Whether samples have no image, so that they are known by what is told of them.
    pub(super) fn are_bare(&self) -> bool {
        self.image.is_none()
    }

    /// What the text is called that samples are known by.
    pub(super) fn text(&self) -> Option<String> {
        let column = self.text.as_ref()?;
        Some(values::title(column.meaning()))
    }

    pub(super) fn get(&self, row: usize) -> Result<Face, Failure> {
        if let Some(name) = &self.image {
            return match self.view.image(row, name, &self.folders) {
                Ok(Some(bytes)) => Ok(image(&bytes, self.layers.get(row, &bytes)?)),
                Ok(None) => Ok(Face::LeftOut("no image".to_owned())),
                Err(error) => left_out(error),
            };
        }
        Ok(match &self.text {
            Some(column) => Face::Text(values::told(column, row, WORDS)),
            None => Face::Bare,
        })
    }
}

/// What to say of an image that is not where it is said to be, which keeps nobody from the rest.
fn left_out(error: Error) -> Result<Face, Failure> {
    let why = match error {
        Error::Core(Core::NotAllowed { .. }) => "outside of the project's folder",
        Error::Core(Core::NotFound { .. } | Core::NotAFile { .. }) => "the file is gone",
        Error::Core(Core::InvalidUrl { .. }) => "no place of a file",
        Error::Core(Core::TooLarge { .. }) => "too large",
        error => return Err(error.into()),
    };
    Ok(Face::LeftOut(why.to_owned()))
}

fn image(bytes: &[u8], over: Over) -> Face {
    let Some(kind) = image_type(bytes) else {
        return Face::LeftOut("neither PNG, JPEG, GIF, WebP nor BMP".to_owned());
    };
    if bytes.len() <= MOST_IMAGE_BYTES {
        return Face::Image {
            url: data_url(kind, bytes),
            is_shrunk: false,
            is_small: kind == "image/png" && is_small(bytes),
            over,
        };
    }
    match thumbnail(bytes, SHRUNK_SIDE) {
        Ok(small) => Face::Image {
            url: data_url("image/png", &small),
            is_shrunk: true,
            is_small: false,
            over,
        },
        Err(_) => {
            let kind = kind.trim_start_matches("image/").to_uppercase();
            Face::LeftOut(format!("{kind} of {} kB", bytes.len() / 1000))
        }
    }
}

fn is_small(image: &[u8]) -> bool {
    let size = imagesize::blob_size(image);
    size.is_ok_and(|size| size.width.max(size.height) <= FEW_PIXELS)
}
