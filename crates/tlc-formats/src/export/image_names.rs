//! Names of folders and files of images.

use crate::images::ENDINGS;
use imagesize::ImageType;
use std::collections::{BTreeMap, HashSet};
use tlc_core::{ClassMap, check_name};

/// Bytes of a name: some systems take 255, and a number may be added.
const NAME_BYTES: usize = 200;
/// How files end that are no known image.
pub(super) const OTHER: &str = "bin";

/// The folder of each class, by its id.
#[derive(Debug, Default)]
pub(super) struct Folders(BTreeMap<i32, String>);

impl Folders {
    pub(super) fn of(classes: Option<&ClassMap>) -> Self {
        let mut taken = HashSet::new();
        let mut folders = BTreeMap::new();
        for class in classes.into_iter().flat_map(ClassMap::iter) {
            let mut name = folder_name(&class.name);
            while !taken.insert(name.clone()) {
                name = format!("{name}_{}", class.id);
            }
            folders.insert(class.id, name);
        }
        Self(folders)
    }

    pub(super) fn get(&self, id: i32) -> Option<&str> {
        self.0.get(&id).map(String::as_str)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }
}

/// Names that are taken in a folder, case aside.
#[derive(Debug, Default)]
pub(super) struct Names(HashSet<String>);

impl Names {
    /// The name of a file without its folders, with an ending that says what is in it.
    pub(super) fn of_file(file: &str, image: &[u8]) -> String {
        let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        let is_known = ENDINGS.contains(&ending.to_ascii_lowercase().as_str());
        match is_known && !stem.is_empty() {
            true => format!("{}.{ending}", folder_name(stem)),
            false => format!(
                "{}.{}",
                folder_name(name),
                extension(image).unwrap_or(OTHER)
            ),
        }
    }

    /// The name, or one with a number if it is taken.
    pub(super) fn free(&mut self, name: &str, number: u64) -> String {
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, OTHER));
        let mut free = name.to_owned();
        let mut more = String::new();
        while !self.0.insert(free.to_lowercase()) {
            free = format!("{stem}_{number}{more}.{ending}");
            more.push('_');
        }
        free
    }
}

/// A name that every system takes, as near to this one as can be.
pub(super) fn folder_name(name: &str) -> String {
    if check_name("folder", name).is_ok() && name.len() <= NAME_BYTES && !name.starts_with('.') {
        return name.to_owned();
    }
    let plain = name
        .chars()
        .map(|c| match check_name("folder", &format!("a{c}a")) {
            Ok(()) => c,
            Err(_) => '_',
        });
    let mut plain: String = plain.collect();
    while plain.len() > NAME_BYTES {
        plain.pop();
    }
    // Spaces around it, a dot at its end, what Windows reserves, what is hidden.
    let plain = plain.trim().trim_end_matches('.');
    let is_good = check_name("folder", plain).is_ok() && !plain.starts_with('.');
    match is_good {
        true => plain.to_owned(),
        false => format!("_{}", plain.trim_start_matches('.').replace(".tmp", "_tmp")),
    }
}

/// How files of such an image end.
pub(super) fn extension(image: &[u8]) -> Option<&'static str> {
    Some(match imagesize::image_type(image).ok()? {
        ImageType::Png => "png",
        ImageType::Jpeg => "jpg",
        ImageType::Gif => "gif",
        ImageType::Webp => "webp",
        ImageType::Bmp => "bmp",
        ImageType::Tiff => "tif",
        _ => return None,
    })
}
