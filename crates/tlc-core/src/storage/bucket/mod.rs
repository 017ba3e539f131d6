//! Opening object stores by URL. Credentials and endpoints come from where the clouds' own
//! tools look for them: environment variables, and for S3 profiles, too.

#[cfg(any(feature = "s3", feature = "gs", feature = "az", feature = "http"))]
mod clouds;
#[cfg(feature = "s3")]
mod profile;

use super::Store;
use crate::{Error, Result, Scheme, Url};
use std::sync::Arc;

/// Environment variable that says how many bytes of what is read from object stores are kept in
/// the folder of [`CACHE_VARIABLE`](super::CACHE_VARIABLE): 8 GiB if it is not set, none for 0.
pub const CACHE_BYTES_VARIABLE: &str = "TLC_CACHE_BYTES";

/// Opens the bucket that a URL is in, retries included.
pub(super) fn open(url: &Url) -> Result<Arc<dyn Store>> {
    match url.scheme() {
        #[cfg(feature = "s3")]
        Scheme::S3 => clouds::open(url, clouds::s3),
        #[cfg(feature = "gs")]
        Scheme::Gs => clouds::open(url, clouds::gs),
        #[cfg(feature = "az")]
        Scheme::Az => clouds::open(url, clouds::az),
        #[cfg(feature = "http")]
        Scheme::Http | Scheme::Https => clouds::open(url, clouds::http),
        scheme => Err(Error::UnsupportedScheme {
            url: url.to_string(),
            hint: hint(scheme),
        }),
    }
}

fn hint(scheme: Scheme) -> String {
    let feature = match scheme {
        Scheme::Https => "http",
        other => other.name(),
    };
    format!("build `tlc`, `tlc-cli` or `tlc-core` with the feature `{feature}`, or mount a store")
}
