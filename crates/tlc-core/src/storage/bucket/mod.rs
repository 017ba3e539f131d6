//! Opening object stores by URL. Credentials and endpoints come from where the clouds' own
//! tools look for them: environment variables, and for S3 profiles, too.

#[cfg(feature = "s3")]
mod profile;

use super::Store;
#[cfg(any(feature = "s3", feature = "gs", feature = "az", feature = "http"))]
use super::{CacheStore, RemoteStore, RetryStore, cache};
use crate::{Error, Result, Scheme, Url};
#[cfg(any(feature = "s3", feature = "gs", feature = "az", feature = "http"))]
use object_store::{ClientConfigKey, RetryConfig};
#[cfg(any(feature = "s3", feature = "gs", feature = "az", feature = "http"))]
use std::collections::BTreeMap;
use std::sync::Arc;
#[cfg(any(feature = "s3", feature = "gs", feature = "az", feature = "http"))]
use std::sync::{Mutex, PoisonError};

/// [`RemoteStore`] has its own limits, which depend on what is sent.
#[cfg(any(feature = "s3", feature = "gs", feature = "az", feature = "http"))]
const TIMEOUT: &str = "1 day";

/// How many bytes are kept if [`CACHE_BYTES_VARIABLE`] does not say it.
#[cfg(any(feature = "s3", feature = "gs", feature = "az", feature = "http"))]
const CACHE_BYTES: u64 = 8 << 30;
/// Environment variable that says how many bytes of what is read from object stores are kept in
/// the folder of [`CACHE_VARIABLE`](super::CACHE_VARIABLE): 8 GiB if it is not set, none for 0.
pub const CACHE_BYTES_VARIABLE: &str = "TLC_CACHE_BYTES";

/// Opens the bucket that a URL is in, retries included.
pub(super) fn open(url: &Url) -> Result<Arc<dyn Store>> {
    match url.scheme() {
        #[cfg(feature = "s3")]
        Scheme::S3 => opened(url, |root| {
            let builder = s3()?.with_url(root).with_retry(no_retries());
            let store = builder.build().map_err(|error| error.to_string())?;
            Ok(Arc::new(RemoteStore::new(Arc::new(store))))
        }),
        #[cfg(feature = "gs")]
        Scheme::Gs => opened(url, |root| {
            use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey as Key};
            let builder = GoogleCloudStorageBuilder::from_env()
                .with_config(Key::Client(ClientConfigKey::Timeout), TIMEOUT);
            let store = builder.with_url(root).with_retry(no_retries()).build();
            let store = store.map_err(|error| error.to_string())?;
            Ok(Arc::new(RemoteStore::new(Arc::new(store))))
        }),
        #[cfg(feature = "az")]
        Scheme::Az => opened(url, |root| {
            use object_store::azure::{AzureConfigKey as Key, MicrosoftAzureBuilder};
            let builder = MicrosoftAzureBuilder::from_env()
                .with_config(Key::Client(ClientConfigKey::Timeout), TIMEOUT);
            let store = builder.with_url(root).with_retry(no_retries()).build();
            let store = store.map_err(|error| error.to_string())?;
            Ok(Arc::new(RemoteStore::new(Arc::new(store))))
        }),
        #[cfg(feature = "http")]
        Scheme::Http | Scheme::Https => opened(url, |root| {
            let builder = object_store::http::HttpBuilder::new()
                .with_config(ClientConfigKey::Timeout, TIMEOUT);
            let store = builder.with_url(root).with_retry(no_retries()).build();
            let store = store.map_err(|error| error.to_string())?;
            // Files are not created there by condition.
            Ok(Arc::new(RemoteStore::for_reading(Arc::new(store))))
        }),
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

/// As the environment says; where that has no credentials, as the profile says.
#[cfg(feature = "s3")]
fn s3() -> Result<object_store::aws::AmazonS3Builder, String> {
    use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey as Key};

    let environment =
        AmazonS3Builder::from_env().with_config(Key::Client(ClientConfigKey::Timeout), TIMEOUT);
    let profile = profile::of_environment()?;
    let builder = profile
        .into_iter()
        .fold(environment, |builder, (key, value)| {
            match builder.get_config_value(&key) {
                None => builder.with_config(key, value),
                Some(_) => builder,
            }
        });
    let endpoint = [Key::S3Endpoint, Key::Endpoint]
        .iter()
        .find_map(|key| builder.get_config_value(key));
    // Who names an endpoint without encryption wants none.
    Ok(
        match endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) {
            true => builder.with_allow_http(true),
            false => builder,
        },
    )
}

#[cfg(any(feature = "s3", feature = "gs", feature = "az", feature = "http"))]
fn opened(
    url: &Url,
    open: impl FnOnce(String) -> Result<Arc<dyn Store>, String>,
) -> Result<Arc<dyn Store>> {
    static OPENED: Mutex<BTreeMap<String, Arc<dyn Store>>> = Mutex::new(BTreeMap::new());
    let root = format!("{}://{}", url.scheme().name(), url.authority());
    let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(store) = opened.get(&root) {
        return Ok(Arc::clone(store));
    }
    let refused = |reason: String| Error::Io {
        url: url.clone(),
        source: std::io::Error::new(std::io::ErrorKind::InvalidInput, reason),
    };
    let remote = open(root.clone()).map_err(refused)?;
    let store: Arc<dyn Store> = match cached_bytes().map_err(refused)? {
        0 => Arc::new(RetryStore::new(remote)),
        limit => {
            let folder = cache::folder().join("parts");
            Arc::new(CacheStore::new(
                Arc::new(RetryStore::new(remote)),
                folder,
                limit,
            ))
        }
    };
    opened.insert(root, Arc::clone(&store));
    Ok(store)
}

/// How much of what is read may be kept on the local disk.
#[cfg(any(feature = "s3", feature = "gs", feature = "az", feature = "http"))]
fn cached_bytes() -> Result<u64, String> {
    match std::env::var(CACHE_BYTES_VARIABLE) {
        Err(_) => Ok(CACHE_BYTES),
        Ok(said) => said
            .trim()
            .parse()
            .map_err(|_| format!("{CACHE_BYTES_VARIABLE} is no number of bytes: `{said}`")),
    }
}

/// [`RetryStore`] retries, with its own deadline.
#[cfg(any(feature = "s3", feature = "gs", feature = "az", feature = "http"))]
fn no_retries() -> RetryConfig {
    RetryConfig {
        max_retries: 0,
        ..Default::default()
    }
}
