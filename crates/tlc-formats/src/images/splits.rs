//! What folders and files of splits are called.

/// The splits that are known, in their order, and other names for them, as the package
/// `datasets` has them.
const SPLITS: [(&str, &[&str]); 3] = [
    ("train", &["train", "training"]),
    ("validation", &["validation", "valid", "val", "dev"]),
    ("test", &["test", "testing", "eval", "evaluation"]),
];

/// Whether this is a name of a split.
pub(super) fn is_split(name: &str) -> bool {
    place(&canonical(name)) < SPLITS.len()
}

/// The name that a split has here, whatever others call it: `train`, `validation` or `test`;
/// any other name as it is.
pub(crate) fn canonical(name: &str) -> String {
    let lower = name.to_lowercase();
    let known = SPLITS
        .iter()
        .find(|(_, names)| names.contains(&lower.as_str()));
    known.map_or_else(|| name.to_owned(), |(split, _)| (*split).to_owned())
}

/// Where a split stands among others.
pub(crate) fn place(canonical: &str) -> usize {
    let known = SPLITS.iter().position(|(split, _)| *split == canonical);
    known.unwrap_or(SPLITS.len())
}
