//! Where images are, and the labels of each.

use super::data::Data;
use crate::images::{Allowed, ENDINGS, own_fault};
use crate::{Error, Result, Source, SourceFile};
use std::io::BufRead;
use tlc_core::Url;

/// Bytes of a line of a list of images.
const LINE_BYTES: usize = 1 << 16;
/// Bytes of the labels of an image.
const LABELS_BYTES: u64 = 16 << 20;

/// The images of a split.
#[derive(Debug)]
pub(super) struct Split {
    pub(super) name: String,
    pub(super) images: Vec<Url>,
}

/// The folder of a data set, and what else may be read.
#[derive(Debug)]
pub(super) struct Home<'a> {
    pub(super) file: &'a SourceFile,
    /// What paths are relative to.
    pub(super) root: Url,
    pub(super) allowed: Allowed,
}

impl<'a> Home<'a> {
    /// Where a file says that its data set is, or its user.
    pub(super) fn of(
        file: &'a SourceFile,
        data: &Data,
        root: Option<&Url>,
        allowed: &[Url],
    ) -> Result<Self> {
        let beside = file.url().parent();
        let beside = beside.ok_or_else(|| file.refused("is in no folder: say `.root(folder)`"))?;
        let root = match (root, &data.path) {
            (Some(root), _) => root.clone(),
            (None, None) => beside,
            (None, Some(path)) => {
                let found = Allowed::within(&beside, allowed).find(path);
                found.map_err(|_| {
                    file.refused(format!(
                        "`path: {path}` is not in the folder of this file: say where the data \
                         set is, `.root(folder)`"
                    ))
                })?
            }
        };
        Ok(Self {
            file,
            allowed: Allowed::within(&root, allowed),
            root,
        })
    }

    /// The images of all splits, or of one.
    pub(super) fn splits(&self, data: &Data, only: Option<&str>) -> Result<Vec<Split>> {
        let mut splits = Vec::new();
        let chosen = data
            .splits
            .iter()
            .filter(|(name, _)| only.is_none_or(|only| only == name));
        for (name, places) in chosen {
            let mut images = Vec::new();
            for place in places {
                images.extend(self.images(place)?);
            }
            splits.push(Split {
                name: name.clone(),
                images,
            });
        }
        match (splits.is_empty(), only) {
            (true, Some(only)) => {
                let names: Vec<&str> = data.splits.iter().map(|(name, _)| name.as_str()).collect();
                let reason = format!("has no split `{only}`, but {}", names.join(", "));
                Err(self.file.refused(reason))
            }
            _ => Ok(splits),
        }
    }

    /// The images of a folder, or of a list, or the one image.
    fn images(&self, place: &str) -> Result<Vec<Url>> {
        // As some tools write it, beside a folder that is called like the file's.
        let inner = place.strip_prefix("../");
        let found = self.allowed.find(place).or_else(|error| match inner {
            Some(inner) => self.allowed.find(inner).map_err(|_| error),
            None => Err(error),
        });
        let found = found.map_err(|reason| self.file.refused(reason))?;
        if found.name().ends_with(".txt") {
            return self.listed(&SourceFile::at(found)?);
        }
        let files = Source::from(found).files(&ENDINGS)?;
        Ok(files.into_iter().map(|file| file.url().clone()).collect())
    }

    /// The images that a file names, a line each, relative to it.
    fn listed(&self, list: &SourceFile) -> Result<Vec<Url>> {
        let folder = list.url().parent().unwrap_or_else(|| self.root.clone());
        let beside = Allowed::within(&folder, std::slice::from_ref(&self.root));
        let mut images = Vec::new();
        let mut lines = list.unpacked()?;
        let mut line = Vec::new();
        for number in 1_u64.. {
            line.clear();
            let mut most = std::io::Read::take(&mut lines, LINE_BYTES as u64);
            let read = most
                .read_until(b'\n', &mut line)
                .map_err(|error| list.failed(error))?;
            if read == 0 {
                break;
            }
            let refused = |reason: &str| list.refused(format!("line {number}: {reason}"));
            if read >= LINE_BYTES {
                return Err(refused("no name of an image, it is too long"));
            }
            let text = std::str::from_utf8(&line).map_err(|_| refused("not UTF-8"))?;
            let name = text.trim_start_matches('\u{feff}').trim();
            if name.is_empty() {
                continue;
            }
            let found = beside.find(name).or_else(|_| self.allowed.find(name));
            images.push(found.map_err(|reason| refused(&reason))?);
        }
        Ok(images)
    }
}

/// The file of labels of an image: in `labels` where the image is in `images`, with the
/// ending `.txt`.
pub(super) fn labels(image: &Url) -> Result<Url> {
    let url = image.to_string();
    let (folder, name) = url.rsplit_once('/').unwrap_or(("", &url));
    let folder = match format!("{folder}/").rsplit_once("/images/") {
        Some((before, after)) => format!("{before}/labels/{after}"),
        None => format!("{folder}/"),
    };
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    Ok(Url::parse(&format!("{folder}{stem}.txt"))?)
}

/// The labels of an image, if it has some.
///
/// # Errors
/// Those of the store; a file that is no text is a bad row of the image.
pub(super) fn text(home: &Home<'_>, labels: &Url) -> Result<std::result::Result<String, String>> {
    let file = SourceFile::at(labels)?;
    if let Err(Error::Core(tlc_core::Error::NotFound { .. })) = file.len_bytes() {
        return Ok(Ok(String::new()));
    }
    if let Err(reason) = home.allowed.find(&labels.to_string()) {
        return Ok(Err(reason));
    }
    let bytes = own_fault(file.bytes(LABELS_BYTES))?;
    Ok(bytes.and_then(|bytes| {
        let text = String::from_utf8(bytes.to_vec());
        text.map_err(|_| format!("its labels are not UTF-8: {}", crate::error::shown(labels)))
    }))
}
