//! Sealed JSON documents: manifests and commits.
//!
//! Two lines: the document with its `format` and `version`, then
//! `{"crc32c":"xxxxxxxx"}`, the checksum of the first line with its newline.

use crate::limits;
use crate::{Error, Result, Url};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

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

/// The bytes of a document.
///
/// # Errors
/// [`Error::TooLarge`] past the limit on documents, [`Error::Rows`] for a body that is
/// no JSON object.
pub fn seal<T: Serialize>(format: &str, version: u64, body: &T) -> Result<Bytes> {
    let mut bytes = serde_json::to_vec(&Document {
        format,
        version,
        body,
    })
    .map_err(|error| Error::Rows {
        reason: error.to_string(),
    })?;
    bytes.push(b'\n');
    let seal = format!("{{\"crc32c\":\"{:08x}\"}}\n", crc32c::crc32c(&bytes));
    bytes.extend_from_slice(seal.as_bytes());
    limits::check(
        "bytes of a document",
        bytes.len() as u64,
        limits::DOCUMENT_BYTES,
    )?;
    Ok(Bytes::from(bytes))
}

/// The body of a document, once its checksum, format and version are right.
///
/// # Errors
/// [`Error::TooLarge`], [`Error::Corrupt`], [`Error::UnsupportedVersion`], each naming
/// the file.
pub fn unseal<T: DeserializeOwned>(
    url: &Url,
    format: &str,
    version: u64,
    bytes: &[u8],
) -> Result<T> {
    limits::check(
        "bytes of a document",
        bytes.len() as u64,
        limits::DOCUMENT_BYTES,
    )?;
    let corrupt = |reason: String| Error::Corrupt {
        url: url.clone(),
        reason,
    };
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let end = end.ok_or_else(|| corrupt("the document is cut off".to_owned()))?;
    let (line, seal) = bytes.split_at(end + 1);
    if seal != format!("{{\"crc32c\":\"{:08x}\"}}\n", crc32c::crc32c(line)).as_bytes() {
        return Err(corrupt("the checksum of the document differs".to_owned()));
    }
    let head: Head = serde_json::from_slice(line).map_err(|error| corrupt(error.to_string()))?;
    if head.format != format {
        return Err(corrupt(format!(
            "a `{}` document, expected `{format}`",
            head.format
        )));
    }
    if head.version > version {
        let (found, supported) = (head.version, version);
        return Err(Error::UnsupportedVersion {
            url: url.clone(),
            found,
            supported,
        });
    }
    serde_json::from_slice(line).map_err(|error| corrupt(error.to_string()))
}
