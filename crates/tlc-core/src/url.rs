//! URLs: parsed once, normalised, never outside their root.

use crate::limits;
use crate::{Error, Result};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Characters of a name that are written as `%XX` in a URL.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'%')
    .add(b'#')
    .add(b'?')
    .add(b'"')
    .add(b'<')
    .add(b'>');

const NO_QUERY: &str = "queries and fragments are not supported: for a name that has one of \
                        these characters, write `?` as %3F and `#` as %23";

/// Names that Windows keeps for devices, whatever follows a dot.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// Which kind of store a URL names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // the variants are the schemes themselves
pub enum Scheme {
    File,
    Memory,
    S3,
    Gs,
    Az,
    Http,
    Https,
}

impl Scheme {
    const NAMES: [(&'static str, Self); 7] = [
        ("file", Self::File),
        ("memory", Self::Memory),
        ("s3", Self::S3),
        ("gs", Self::Gs),
        ("az", Self::Az),
        ("http", Self::Http),
        ("https", Self::Https),
    ];

    /// The name in front of `://`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(_, scheme)| *scheme == self)
            .map_or("", |(name, _)| name)
    }
}

/// An absolute URL whose existence proves that it is safe to use:
///
/// - its path starts with `/`, is decoded once, and has no empty, `.` or `..` segment;
/// - no segment holds a NUL, a control character or a backslash.
///
/// ```
/// use tlc_core::Url;
///
/// let root = Url::parse("memory://bucket/projects")?;
/// let run = root.join("demo/runs/baseline")?;
/// assert_eq!(run.to_string(), "memory://bucket/projects/demo/runs/baseline");
/// assert!(root.join("../secret").is_err());
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Url {
    scheme: Scheme,
    authority: String,
    /// Decoded; `/`, or starts with `/` and does not end with it.
    path: String,
}

impl Url {
    /// Parses an absolute URL, or a local path, which may be relative to the
    /// working directory. A URL has no query and no fragment; in a path, `?` and `#`
    /// are characters like others.
    ///
    /// # Errors
    /// [`Error::InvalidUrl`], and [`Error::UnsupportedScheme`] for another scheme.
    pub fn parse(text: &str) -> Result<Self> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Self::from_path(Path::new(text));
        };
        let known = Scheme::NAMES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(scheme));
        let Some((_, scheme)) = known else {
            return Err(Error::UnsupportedScheme {
                url: text.to_owned(),
                hint: format!("the scheme `{scheme}` is not known"),
            });
        };
        let bad = |reason| invalid(text, reason);
        if rest.contains(['?', '#']) {
            return Err(bad(NO_QUERY));
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        match scheme {
            Scheme::File if !authority.is_empty() && authority != "localhost" => {
                return Err(bad("a file URL has no host"));
            }
            Scheme::File => {}
            _ if authority.is_empty() => return Err(bad("the bucket or host is missing")),
            _ => check_segment(text, authority)?,
        }
        let authority = if *scheme == Scheme::File {
            ""
        } else {
            authority
        };
        let path = percent_decode_str(path)
            .decode_utf8()
            .map_err(|_| bad("not UTF-8"))?;
        Ok(Self {
            scheme: *scheme,
            authority: authority.to_owned(),
            path: normalise(text, &path)?,
        })
    }

    /// The URL of a local path, which may be relative to the working directory.
    ///
    /// # Errors
    /// [`Error::InvalidUrl`] for an empty path or one that is not UTF-8.
    pub fn from_path(path: &Path) -> Result<Self> {
        let shown = path.to_string_lossy();
        if path.as_os_str().is_empty() {
            return Err(invalid(&shown, "the path is empty"));
        }
        let absolute =
            std::path::absolute(path).map_err(|_| invalid(&shown, "no working directory"))?;
        let Some(text) = absolute.to_str() else {
            let escaped = absolute
                .as_os_str()
                .as_encoded_bytes()
                .escape_ascii()
                .to_string();
            return Err(invalid(&escaped, "the path is not UTF-8"));
        };
        let text = if cfg!(windows) {
            text.replace('\\', "/")
        } else {
            text.to_owned()
        };
        let (authority, scheme) = (String::new(), Scheme::File);
        Ok(Self {
            scheme,
            authority,
            path: normalise(&shown, &fold_parents(&text))?,
        })
    }

    /// The kind of store.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Bucket or host; empty for a file.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The decoded path; starts with `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The last segment; empty for a root.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The folder this is in; `None` for a root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (folder, name) = self.path.rsplit_once('/')?;
        if name.is_empty() {
            return None;
        }
        let path = if folder.is_empty() { "/" } else { folder };
        Some(Self {
            path: path.to_owned(),
            ..self.clone()
        })
    }

    /// A URL strictly below this one, by plain names with `/` between them. It may be
    /// of something that exists already, under a name that [`check_name`] would not let
    /// anybody give today.
    ///
    /// # Errors
    /// [`Error::InvalidUrl`] for anything but plain names: an absolute path, `..`,
    /// escapes, drive letters, a scheme.
    pub fn join(&self, relative: &str) -> Result<Self> {
        for name in relative.split('/') {
            check_plain(relative, name)?;
        }
        let separator = if self.path.ends_with('/') { "" } else { "/" };
        Ok(Self {
            path: format!("{}{separator}{relative}", self.path),
            ..self.clone()
        })
    }

    /// Whether this is `folder` or below it.
    #[must_use]
    pub fn is_within(&self, folder: &Self) -> bool {
        let rest = self.path.strip_prefix(folder.path.trim_end_matches('/'));
        self.scheme == folder.scheme
            && self.authority == folder.authority
            && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// How to get here from the folder `base`, such as `x/y` or `../../x`; `None`
    /// from another store.
    #[must_use]
    pub fn relative_to(&self, base: &Self) -> Option<String> {
        if self.scheme != base.scheme || self.authority != base.authority {
            return None;
        }
        let (here, there) = (segments(&base.path), segments(&self.path));
        let shared = here.iter().zip(&there).take_while(|(a, b)| a == b).count();
        let up = std::iter::repeat_n("..", here.len() - shared);
        let steps: Vec<&str> = up.chain(there.iter().skip(shared).copied()).collect();
        Some(if steps.is_empty() {
            ".".to_owned()
        } else {
            steps.join("/")
        })
    }

    /// What a stored reference means: an absolute URL, or a relative one as
    /// [`relative_to`](Self::relative_to) writes it, from this folder.
    ///
    /// # Errors
    /// [`Error::InvalidUrl`] for a relative reference that leaves `boundary`.
    pub fn resolve(&self, reference: &str, boundary: &Self) -> Result<Self> {
        if reference.contains("://") || reference.starts_with('/') {
            return Self::parse(reference);
        }
        let mut steps = segments(&self.path);
        for step in reference.split('/') {
            match step {
                "." => {}
                ".." => {
                    steps
                        .pop()
                        .ok_or_else(|| invalid(reference, "leads above the root"))?;
                }
                name => {
                    check_plain(reference, name)?;
                    steps.push(name);
                }
            }
        }
        let resolved = Self {
            path: format!("/{}", steps.join("/")),
            ..self.clone()
        };
        if !resolved.is_within(boundary) {
            return Err(invalid(reference, "leads out of the project"));
        }
        Ok(resolved)
    }

    /// The local path of a file URL.
    #[must_use]
    pub fn to_path(&self) -> Option<PathBuf> {
        let path = if cfg!(windows) {
            self.path.trim_start_matches('/')
        } else {
            &self.path
        };
        (self.scheme == Scheme::File).then(|| PathBuf::from(path))
    }
}

/// Checks the name of a project, data set, table or run that is to be made: it must
/// mean the same to every store and system, and look like what it is. What has
/// another name already still opens by its [`Url`].
///
/// ```
/// use tlc_core::check_name;
///
/// assert!(check_name("run", "baseline 2").is_ok());
/// assert!(check_name("run", "nul.txt").is_err());
/// assert!(check_name("run", "base\u{200B}line").is_err());
/// ```
///
/// # Errors
/// [`Error::InvalidUrl`] for an empty or overlong name, separators, `.` and `..`,
/// control characters, spaces around it, a dot at its end, a name that Windows
/// reserves, characters that nobody sees or that turn the direction of text (the
/// joiners inside some emoji are such), or the ending of unfinished files.
pub fn check_name(kind: &str, name: &str) -> Result<()> {
    let reason = |reason: &str| invalid(name, &format!("bad {kind} name: {reason}"));
    check_plain(name, name).map_err(|error| match error {
        Error::InvalidUrl { reason: why, .. } => reason(&why),
        other => other,
    })?;
    unportable(name).map_or(Ok(()), |why| Err(reason(why)))
}

/// Why a plain name should not be given to anything new.
fn unportable(name: &str) -> Option<&'static str> {
    if name.trim() != name {
        Some("spaces around it")
    } else if name.ends_with('.') {
        Some("a dot at its end, which Windows drops")
    } else if name.ends_with(".tmp") {
        Some("`.tmp` marks unfinished files")
    } else if is_device(name) {
        Some("Windows reserves it")
    } else if name.chars().any(is_unseen) {
        Some("a character that nobody sees or that turns the direction of text")
    } else {
        None
    }
}

/// Whether Windows takes a name for a device's: `nul`, `NUL.txt`, `com1`, `LPT².a`.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_uppercase();
    let port = stem
        .strip_prefix("COM")
        .or_else(|| stem.strip_prefix("LPT"));
    let numbered = port.is_some_and(|number| {
        let mut digits = number.chars();
        let is_digit = |digit| matches!(digit, '0'..='9' | '¹' | '²' | '³');
        digits.next().is_some_and(is_digit) && digits.next().is_none()
    });
    numbered || DEVICES.contains(&stem.as_str())
}

/// The line separators, and what Unicode lets a reader ignore (its property
/// `Default_Ignorable_Code_Point`): no glyph, or only a change of direction.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = utf8_percent_encode(&self.path, ESCAPED);
        write!(f, "{}://{}{path}", self.scheme.name(), self.authority)
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({self})")
    }
}

impl FromStr for Url {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl TryFrom<&str> for Url {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Url {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl TryFrom<&Path> for Url {
    type Error = Error;

    fn try_from(path: &Path) -> Result<Self> {
        Self::from_path(path)
    }
}

impl From<&Self> for Url {
    fn from(url: &Self) -> Self {
        url.clone()
    }
}

impl From<Url> for String {
    fn from(url: Url) -> Self {
        url.to_string()
    }
}

fn invalid(url: &str, reason: &str) -> Error {
    Error::InvalidUrl {
        url: url.to_owned(),
        reason: reason.to_owned(),
    }
}

fn segments(path: &str) -> Vec<&str> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .collect()
}

/// Folds `..` of a path a person typed, which means what it says there.
fn fold_parents(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            ".." => {
                kept.pop();
            }
            other => kept.push(other),
        }
    }
    kept.join("/")
}

fn normalise(text: &str, path: &str) -> Result<String> {
    let segments: Vec<&str> = path
        .split('/')
        .filter(|s| !s.is_empty() && *s != ".")
        .collect();
    segments
        .iter()
        .try_for_each(|segment| check_segment(text, segment))?;
    Ok(format!("/{}", segments.join("/")))
}

fn check_segment(text: &str, segment: &str) -> Result<()> {
    if segment == ".." {
        return Err(invalid(text, "`..` in a URL"));
    }
    if segment.chars().any(|c| c.is_control() || c == '\\') {
        return Err(invalid(text, "a control character or backslash"));
    }
    if segment.len() as u64 > limits::NAME_BYTES {
        return Err(invalid(text, "a name of more than 255 bytes"));
    }
    Ok(())
}

/// A name that means the same to every store: no trick hides in it.
fn check_plain(text: &str, name: &str) -> Result<()> {
    check_segment(text, name)?;
    if name.is_empty() || name == "." {
        return Err(invalid(text, "an empty name"));
    }
    if name.chars().any(|c| {
        matches!(
            c,
            '/' | '\\' | ':' | '%' | '#' | '?' | '*' | '"' | '<' | '>' | '|'
        )
    }) {
        return Err(invalid(text, "one of / \\ : % # ? * \" < > |"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ESCAPES: &[&str] = &[
        "",
        ".",
        "..",
        "../x",
        "a/..",
        "a/../..",
        "a/../../b",
        "/",
        "/etc/passwd",
        "//etc",
        "a//b",
        "a/",
        "./a",
        "a/.",
        "a/./b",
        "%2e%2e",
        "%2e%2e/x",
        ".%2e",
        "%2E%2E",
        "%252e%252e",
        "..%2f",
        "..%2fx",
        "a%2fb",
        "%2f",
        "%5c",
        "..\\",
        "..\\x",
        "a\\b",
        "\\",
        "\\\\server\\share",
        "C:",
        "C:\\x",
        "c:/x",
        "C:x",
        "a:b",
        "x:stream",
        "file:///etc/passwd",
        "file:x",
        "http://169.254.169.254",
        "https://h/x",
        "s3://b/x",
        "memory://b/x",
        "a\0b",
        "\0",
        "a\nb",
        "a\rb",
        "a\tb",
        "\u{7f}",
        "\u{85}",
        "x#1",
        "x?y",
        "x*",
        "a|b",
        "<a>",
        "\"a\"",
        "..;/x:",
        "a/\0/b",
        "a/%00",
        "%c0%ae%c0%ae",
        "%u002e",
        "....//..",
        "../root-secret",
        "a/b/../../../c",
    ];

    #[test]
    fn no_reference_leads_out_of_its_root() {
        assert!(ESCAPES.len() >= 60, "{}", ESCAPES.len());
        let root = Url::parse("memory://bucket/root").unwrap();
        for text in ESCAPES {
            let joined = root.join(text);
            assert!(
                matches!(joined, Err(Error::InvalidUrl { .. })),
                "{text:?} gave {joined:?}"
            );
            assert!(check_name("run", text).is_err(), "{text:?}");
            if !text.contains("://") && !text.starts_with('/') {
                let resolved = root.resolve(text, &root);
                assert!(
                    resolved.as_ref().map_or(true, |url| url.is_within(&root)),
                    "{text:?} gave {resolved:?}"
                );
            }
        }
    }

    #[test]
    fn a_sibling_with_the_same_beginning_is_not_within() {
        let root = Url::parse("/data/root").unwrap();
        assert!(!Url::parse("/data/root-secret/x").unwrap().is_within(&root));
        assert!(Url::parse("/data/root/x").unwrap().is_within(&root));
        assert!(root.is_within(&Url::parse("/").unwrap()));
    }

    #[test]
    fn a_path_of_a_person_is_made_absolute() {
        let url = Url::parse("some/../folder/./x").unwrap();
        assert!(url.path().ends_with("/folder/x"), "{url}");
        assert_eq!(Url::parse("file:///a%20b/c").unwrap().path(), "/a b/c");
        assert_eq!(Url::parse("/a b/c").unwrap().to_string(), "file:///a%20b/c");
        assert!(matches!(
            Url::parse("ftp://x/y"),
            Err(Error::UnsupportedScheme { .. })
        ));
        assert!(Url::parse("memory:///x").is_err());
        assert!(Url::parse("memory://b/a/../../c").is_err());
    }

    const UNPORTABLE: &[&str] = &[
        "CON",
        "con",
        "Prn",
        "aux",
        "NUL",
        "nul.txt",
        "nul.tar.gz",
        "NUL .txt",
        "com0",
        "COM1",
        "com9.log",
        "LPT0",
        "lpt3",
        "COM¹",
        "com²",
        "lpt³.x",
        "CONIN$",
        "conout$",
        "run.",
        "run..",
        "run ",
        " run",
        "run\u{A0}",
        "\u{3000}run",
        "a.tmp",
        "evil\u{202E}gnp",
        "a\u{202A}b",
        "a\u{2066}b",
        "a\u{2069}b",
        "a\u{200E}b",
        "a\u{200F}b",
        "a\u{61C}b",
        "a\u{200B}b",
        "a\u{200C}b",
        "👩\u{200D}🔬",
        "a\u{2060}b",
        "\u{FEFF}a",
        "a\u{AD}b",
        "a\u{2028}b",
        "❤\u{FE0F}",
        "a\u{3164}",
        "a\u{E0041}",
    ];

    #[test]
    fn no_new_name_is_a_device_or_looks_like_another() {
        for name in UNPORTABLE {
            let checked = check_name("run", name);
            assert!(
                matches!(checked, Err(Error::InvalidUrl { .. })),
                "{name:?} gave {checked:?}"
            );
        }
        for name in [
            "console",
            "nulls",
            "null",
            "com",
            "com10",
            "COM1a",
            "lpt",
            "COM⁴",
            "auxiliary.nul",
            ".hidden",
            "v1.2",
            "a b",
            "é",
            "日本語",
            "数据集",
            "עברית",
            "👍",
            "run_0000",
        ] {
            check_name("run", name).unwrap();
        }
    }

    #[test]
    fn what_has_such_a_name_already_still_opens() {
        let root = Url::parse("memory://bucket/root").unwrap();
        for name in UNPORTABLE {
            let url = root.join(name).unwrap();
            assert_eq!(url.name(), *name);
            assert_eq!(Url::parse(&url.to_string()).unwrap(), url);
            assert_eq!(root.resolve(name, &root).unwrap(), url);
            let path = format!("/data/{name}/x");
            assert_eq!(Url::parse(&path).unwrap().path(), path);
        }
    }

    #[test]
    fn a_url_with_a_query_or_a_fragment_is_refused_and_a_path_is_not() {
        for text in [
            "s3://bucket/x?versionId=1",
            "s3://bucket?x",
            "file:///a#b",
            "memory://b/a#",
            "https://host/a/b?token=c#d",
        ] {
            match Url::parse(text) {
                Err(Error::InvalidUrl { reason, .. }) => {
                    assert!(reason.contains("%3F") && reason.contains("%23"), "{reason}");
                }
                other => panic!("{text} gave {other:?}"),
            }
        }
        let url = Url::parse("/a?b/c#d").unwrap();
        assert_eq!(url.path(), "/a?b/c#d");
        assert_eq!(url.to_string(), "file:///a%3Fb/c%23d");
        assert_eq!(Url::parse(&url.to_string()).unwrap(), url);
        assert_eq!(Url::parse("s3://bucket/x%3F1").unwrap().name(), "x?1");
    }

    proptest! {
        #[test]
        fn a_name_that_may_be_given_is_seen_whole_and_read_back(name in any::<String>()) {
            if check_name("run", &name).is_ok() {
                let url = Url::parse("memory://b/root").unwrap().join(&name).unwrap();
                prop_assert_eq!(url.name(), name.as_str());
                prop_assert_eq!(Url::parse(&url.to_string()).unwrap(), url);
                prop_assert!(!name.chars().any(is_unseen) && !is_device(&name));
                prop_assert_eq!(name.trim_end_matches(['.', ' ']), name.as_str());
            }
        }

        #[test]
        fn an_unseen_character_anywhere_in_a_name_is_refused(
            (before, after) in ("[a-z]{0,8}", "[a-z]{0,8}"),
            unseen in prop::sample::select(vec!['\u{200B}', '\u{202E}', '\u{2066}', '\u{61C}', '\u{FEFF}', '\u{AD}']),
        ) {
            let name = format!("{before}{unseen}{after}");
            prop_assert!(check_name("run", &name).is_err());
        }

        #[test]
        fn a_path_of_any_characters_is_written_and_read_back(name in "[a-z?#%\u{200B}\u{202E} .]{1,12}x") {
            let url = Url::parse(&format!("/data/{name}")).unwrap();
            prop_assert_eq!(url.name(), name.as_str());
            prop_assert_eq!(Url::parse(&url.to_string()).unwrap(), url);
        }

        #[test]
        fn what_is_written_is_read_back(names in prop::collection::vec("[a-zA-Z0-9 _.é-]{1,12}x", 0..6)) {
            let url = names.iter().fold(Url::parse("memory://b").unwrap(), |url, name| url.join(name).unwrap());
            prop_assert_eq!(Url::parse(&url.to_string()).unwrap(), url);
        }

        #[test]
        fn a_relative_reference_leads_back(
            a in prop::collection::vec("[a-c]x", 0..5),
            b in prop::collection::vec("[a-c]x", 0..5),
        ) {
            let root = Url::parse("memory://b").unwrap();
            let walk = |names: &[String]| names.iter().fold(root.clone(), |url, name| url.join(name).unwrap());
            let (from, to) = (walk(&a), walk(&b));
            let reference = to.relative_to(&from).unwrap();
            prop_assert_eq!(from.resolve(&reference, &root).unwrap(), to);
        }
    }
}
