//! One function a cloud, and what they have in common.

use super::CACHE_BYTES_VARIABLE;
use crate::storage::{CacheStore, RemoteStore, RetryStore, Store, cache};
use crate::{Error, Result, Url};
use object_store::{ClientConfigKey, ObjectStore, RetryConfig};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// [`RemoteStore`] has its own limits, which depend on what is sent.
const TIMEOUT: &str = "1 day";
/// How many bytes are kept if [`CACHE_BYTES_VARIABLE`] does not say it.
const CACHE_BYTES: u64 = 8 << 30;

/// Opens the bucket, once in a process.
pub(super) fn open(
    url: &Url,
    open: impl FnOnce(&str) -> Result<RemoteStore, String>,
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
    let remote = Arc::new(open(&root).map_err(refused)?);
    let retried = Arc::new(RetryStore::new(remote));
    let store: Arc<dyn Store> = match cached_bytes().map_err(refused)? {
        0 => retried,
        limit => {
            let folder = cache::folder().join("parts");
            Arc::new(CacheStore::new(retried, folder, limit))
        }
    };
    opened.insert(root, Arc::clone(&store));
    Ok(store)
}

/// As the environment says; where that has no credentials, as the profile says.
#[cfg(feature = "s3")]
pub(super) fn s3(root: &str) -> Result<RemoteStore, String> {
    use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey as Key};

    let environment =
        AmazonS3Builder::from_env().with_config(Key::Client(ClientConfigKey::Timeout), TIMEOUT);
    let profile = super::profile::of_environment()?;
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
    let builder = match endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) {
        true => builder.with_allow_http(true),
        false => builder,
    };
    writable(builder.with_url(root).with_retry(no_retries()).build())
}

#[cfg(feature = "gs")]
pub(super) fn gs(root: &str) -> Result<RemoteStore, String> {
    use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey as Key};

    let builder = GoogleCloudStorageBuilder::from_env()
        .with_config(Key::Client(ClientConfigKey::Timeout), TIMEOUT);
    writable(builder.with_url(root).with_retry(no_retries()).build())
}

#[cfg(feature = "az")]
pub(super) fn az(root: &str) -> Result<RemoteStore, String> {
    use object_store::azure::{AzureConfigKey as Key, MicrosoftAzureBuilder};

    let builder = MicrosoftAzureBuilder::from_env()
        .with_config(Key::Client(ClientConfigKey::Timeout), TIMEOUT);
    writable(builder.with_url(root).with_retry(no_retries()).build())
}

/// For reading alone: files are not created there by condition.
#[cfg(feature = "http")]
pub(super) fn http(root: &str) -> Result<RemoteStore, String> {
    let builder =
        object_store::http::HttpBuilder::new().with_config(ClientConfigKey::Timeout, TIMEOUT);
    let built = builder.with_url(root).with_retry(no_retries()).build();
    Ok(RemoteStore::for_reading(shared(built)?))
}

#[cfg(any(feature = "s3", feature = "gs", feature = "az"))]
fn writable(built: object_store::Result<impl ObjectStore>) -> Result<RemoteStore, String> {
    shared(built).map(RemoteStore::new)
}

fn shared(built: object_store::Result<impl ObjectStore>) -> Result<Arc<dyn ObjectStore>, String> {
    built
        .map(|store| Arc::new(store) as _)
        .map_err(|error| error.to_string())
}

/// How much of what is read may be kept on the local disk.
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
fn no_retries() -> RetryConfig {
    RetryConfig {
        max_retries: 0,
        ..Default::default()
    }
}
