//! Opening object stores by URL. Credentials and endpoints come from the environment
//! variables that the clouds' own tools read.

use super::Store;
#[cfg(any(feature = "s3", feature = "gs", feature = "az", feature = "http"))]
use super::{RemoteStore, RetryStore};
use crate::{Error, Result, Scheme, Url};
#[cfg(any(feature = "s3", feature = "gs", feature = "az", feature = "http"))]
use object_store::ObjectStore;
#[cfg(any(feature = "s3", feature = "gs", feature = "az", feature = "http"))]
use std::collections::BTreeMap;
use std::sync::Arc;
#[cfg(any(feature = "s3", feature = "gs", feature = "az", feature = "http"))]
use std::sync::{Mutex, PoisonError};

/// Opens the bucket that a URL is in, retries included.
pub(super) fn open(url: &Url) -> Result<Arc<dyn Store>> {
    match url.scheme() {
        #[cfg(feature = "s3")]
        Scheme::S3 => opened(url, |root| {
            let builder = object_store::aws::AmazonS3Builder::from_env().with_url(root);
            builder
                .with_retry(no_retries())
                .build()
                .map(|store| Arc::new(store) as _)
        }),
        #[cfg(feature = "gs")]
        Scheme::Gs => opened(url, |root| {
            let builder = object_store::gcp::GoogleCloudStorageBuilder::from_env().with_url(root);
            builder
                .with_retry(no_retries())
                .build()
                .map(|store| Arc::new(store) as _)
        }),
        #[cfg(feature = "az")]
        Scheme::Az => opened(url, |root| {
            let builder = object_store::azure::MicrosoftAzureBuilder::from_env().with_url(root);
            builder
                .with_retry(no_retries())
                .build()
                .map(|store| Arc::new(store) as _)
        }),
        #[cfg(feature = "http")]
        Scheme::Http | Scheme::Https => opened(url, |root| {
            let builder = object_store::http::HttpBuilder::new().with_url(root);
            builder
                .with_retry(no_retries())
                .build()
                .map(|store| Arc::new(store) as _)
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
    format!("build tlc-core with the feature `{feature}`, or mount a store")
}

#[cfg(any(feature = "s3", feature = "gs", feature = "az", feature = "http"))]
fn opened(
    url: &Url,
    build: impl FnOnce(String) -> object_store::Result<Arc<dyn ObjectStore>>,
) -> Result<Arc<dyn Store>> {
    static OPENED: Mutex<BTreeMap<String, Arc<dyn Store>>> = Mutex::new(BTreeMap::new());
    let root = format!("{}://{}", url.scheme().name(), url.authority());
    let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(store) = opened.get(&root) {
        return Ok(Arc::clone(store));
    }
    let inner = build(root.clone()).map_err(|error| Error::Io {
        url: url.clone(),
        source: std::io::Error::new(std::io::ErrorKind::InvalidInput, error),
    })?;
    let store: Arc<dyn Store> = Arc::new(RetryStore::new(Arc::new(RemoteStore::new(inner))));
    opened.insert(root, Arc::clone(&store));
    Ok(store)
}

/// [`RetryStore`] retries, with its own deadline.
#[cfg(any(feature = "s3", feature = "gs", feature = "az", feature = "http"))]
fn no_retries() -> object_store::RetryConfig {
    object_store::RetryConfig {
        max_retries: 0,
        ..Default::default()
    }
}
