//! Sealed JSON documents: manifests and commits.
//!
//! Two lines: the document with its `format` and `version`, then
//! `{"crc32c":"xxxxxxxx"}`, the checksum of the first line with its newline.

use super::Store;
use crate::limits;
use crate::{Error, Result, Url};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The checksum that seals a document: CRC32C of its first line with the newline. In
/// JSON eight hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seal(u32);

/// A document that was sound: its body, its version and its seal.
#[derive(Clone, Debug)]
pub struct Unsealed<T> {
    /// What it says.
    pub body: T,
    /// Version of its format.
    pub version: u64,
    /// Its checksum, which the next of its kind may name.
    pub seal: Seal,
}

#[derive(Serialize)]
struct Document<'a, T> {
    format: &'a str,
    version: u64,
    #[serde(flatten)]
    body: &'a T,
}

#[derive(Deserialize)]
struct Head {
    format: String,
    version: u64,
}

/// The bytes of a document, and its checksum.
///
/// # Errors
/// [`Error::TooLarge`] past the limit on documents, [`Error::Json`] for a body that is
/// no JSON object.
pub fn seal<T: Serialize>(format: &str, version: u64, body: &T) -> Result<(Bytes, Seal)> {
    seal_within(limits::DOCUMENT_BYTES, format, version, body)
}

/// As [`seal`], with a limit of its own.
pub(crate) fn seal_within<T: Serialize>(
    limit_bytes: u64,
    format: &str,
    version: u64,
    body: &T,
) -> Result<(Bytes, Seal)> {
    let document = Document {
        format,
        version,
        body,
    };
    let mut bytes = serde_json::to_vec(&document).map_err(|source| Error::Json {
        what: format!("a `{format}` document"),
        source,
    })?;
    bytes.push(b'\n');
    let seal = Seal(crc32c::crc32c(&bytes));
    bytes.extend_from_slice(seal.line().as_bytes());
    limits::check("bytes of a document", bytes.len() as u64, limit_bytes)?;
    check_values(&bytes)?;
    Ok((Bytes::from(bytes), seal))
}

/// Reads a document, once its checksum, format and version are right.
///
/// # Errors
/// [`Error::NotFound`], [`Error::TooLarge`], [`Error::Corrupt`],
/// [`Error::UnsupportedVersion`], each naming the file; storage errors.
pub fn read<T: DeserializeOwned>(
    store: &dyn Store,
    url: &Url,
    format: &str,
    version: u64,
) -> Result<Unsealed<T>> {
    let bytes = store.get(url, limits::DOCUMENT_BYTES)?;
    unseal(url, format, version, &bytes)
}

/// The document that some bytes are, once its checksum, format and version are right.
///
/// # Errors
/// [`Error::Corrupt`], [`Error::UnsupportedVersion`], each naming the file.
pub fn unseal<T: DeserializeOwned>(
    url: &Url,
    format: &str,
    version: u64,
    bytes: &[u8],
) -> Result<Unsealed<T>> {
    let corrupt = |reason: String| Error::Corrupt {
        url: url.clone(),
        reason,
    };
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let end = end.ok_or_else(|| corrupt("the document is cut off".to_owned()))?;
    let (line, rest) = bytes.split_at(end + 1);
    let seal = Seal(crc32c::crc32c(line));
    if rest != seal.line().as_bytes() {
        return Err(corrupt("the checksum of the document differs".to_owned()));
    }
    check_values(line).map_err(|error| corrupt(error.to_string()))?;
    let head = match head_as_written(format, line) {
        Some(head) => head,
        None => serde_json::from_slice(line).map_err(|error| corrupt(error.to_string()))?,
    };
    if head.format != format {
        let found = head.format;
        return Err(corrupt(format!(
            "a `{found}` document, expected `{format}`"
        )));
    }
    if head.version > version {
        return Err(Error::UnsupportedVersion {
            url: url.clone(),
            found: head.version,
            supported: version,
        });
    }
    let body = serde_json::from_slice(line).map_err(|error| corrupt(error.to_string()))?;
    Ok(Unsealed {
        body,
        version: head.version,
        seal,
    })
}

/// Refuses more values than are worth their memory, before any is made.
fn check_values(json: &[u8]) -> Result<()> {
    let what = "values in a document";
    limits::check(what, values(json), limits::DOCUMENT_VALUES)
}

/// Number of values in some JSON, or a few more.
pub(crate) fn values(json: &[u8]) -> u64 {
    let (mut values, mut in_text, mut is_escaped) = (1_u64, false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = in_text,
            b'"' => in_text = !in_text,
            b',' | b'[' | b'{' if !in_text => values += 1,
            _ => {}
        }
    }
    values
}

/// The head of a document of this format as [`seal`] writes it, without reading on.
fn head_as_written(format: &str, line: &[u8]) -> Option<Head> {
    let start = format!("{{\"format\":\"{format}\",\"version\":");
    let rest = line.strip_prefix(start.as_bytes())?;
    let end = rest.iter().position(|byte| *byte == b',')?;
    let version = std::str::from_utf8(rest.get(..end)?).ok()?;
    Some(Head {
        format: format.to_owned(),
        version: version.parse().ok()?,
    })
}

impl Seal {
    fn line(self) -> String {
        format!("{{\"crc32c\":\"{self}\"}}\n")
    }
}

impl std::fmt::Display for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl Serialize for Seal {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Seal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let hex = String::deserialize(deserializer)?;
        let seal = u32::from_str_radix(&hex, 16).ok().map(Self);
        let exact = seal.filter(|seal| seal.to_string() == hex);
        exact.ok_or_else(|| serde::de::Error::custom("a seal is eight hexadecimal digits"))
    }
}
