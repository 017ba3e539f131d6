//! Object stores, through the `object_store` crate (features `s3`, `gs`, `az`, `http`).

use super::{Entry, Stat, Store, check_range};
use crate::{Error, Result, Url};
use bytes::Bytes;
use object_store::path::{Path, PathPart};
use object_store::{
    Error as RemoteError, GetOptions, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode,
};
use percent_encoding::percent_decode_str;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, LazyLock};
use tokio::runtime::{Builder, Handle};

/// A bucket of an object store, as a [`Store`].
///
/// The bucket is whatever `inner` was opened for; of a URL only the path counts.
/// Files are created by conditional put. An object store cannot tell whether a
/// process is alive, so the status of a run whose process died stays what it was.
///
/// The calls wait for a thread of the process that speaks to all object stores; they
/// may be made from within another async runtime.
#[derive(Clone, Debug)]
pub struct RemoteStore {
    inner: Arc<dyn ObjectStore>,
}

impl RemoteStore {
    /// A store that keeps its files in `inner`.
    pub fn new(inner: Arc<dyn ObjectStore>) -> Self {
        Self { inner }
    }

    fn wait<T, F>(&self, url: &Url, work: impl FnOnce(Arc<dyn ObjectStore>, Path) -> F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = object_store::Result<T>> + Send + 'static,
    {
        let worker = WORKER.as_ref().map_err(|error| Error::Io {
            url: url.clone(),
            source: io::Error::new(error.kind(), error.to_string()),
        })?;
        let (send, receive) = sync_channel(1);
        let work = work(Arc::clone(&self.inner), path_of(url));
        worker.spawn(async move { send.send(work.await) });
        match receive.recv() {
            Ok(result) => result.map_err(|error| as_error(url, error)),
            Err(_) => Err(Error::Io {
                url: url.clone(),
                source: io::Error::other("the object store's client panicked"),
            }),
        }
    }

    fn meta(&self, url: &Url) -> Result<ObjectMeta> {
        self.wait(url, |inner, path| async move { inner.head(&path).await })
    }
}

impl Store for RemoteStore {
    fn get(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
        let found = self.wait(url, move |inner, path| async move {
            let found = inner.get(&path).await?;
            let len_bytes = found.meta.size;
            match len_bytes <= limit_bytes {
                true => found.bytes().await.map(Ok),
                false => Ok(Err(len_bytes)),
            }
        })?;
        let too_large = |len_bytes| Error::TooLarge {
            what: format!("bytes of {url}"),
            limit: limit_bytes,
            found: len_bytes,
        };
        found.map_err(too_large)
    }

    fn get_range(&self, url: &Url, range: Range<u64>, len_bytes: u64) -> Result<Bytes> {
        if range.start >= range.end || range.end > len_bytes {
            check_range(url, &range, self.meta(url)?.size, len_bytes)?;
            return Ok(Bytes::new());
        }
        let wanted = range.clone();
        let found = self.wait(url, move |inner, path| async move {
            let options = GetOptions {
                range: Some(wanted.into()),
                ..GetOptions::default()
            };
            let found = inner.get_opts(&path, options).await?;
            match found.meta.size == len_bytes {
                true => found.bytes().await.map(Some),
                false => Ok(None),
            }
        });
        match found {
            Ok(Some(bytes)) if bytes.len() as u64 == range.end - range.start => Ok(bytes),
            // Stores differ in what they say of a range past the end.
            other => {
                check_range(url, &range, self.meta(url)?.size, len_bytes)?;
                Err(other.err().unwrap_or_else(|| Error::Corrupt {
                    url: url.clone(),
                    reason: format!("bytes {range:?} asked for, others were given"),
                }))
            }
        }
    }

    fn stat(&self, url: &Url) -> Result<Stat> {
        let meta = self.meta(url)?;
        Ok(Stat {
            len_bytes: meta.size,
            changed: meta.last_modified.into(),
        })
    }

    fn list(&self, folder: &Url) -> Result<Vec<Entry>> {
        let found = self.wait(folder, |inner, path| async move {
            inner.list_with_delimiter(Some(&path)).await
        })?;
        let files = found.objects.iter().map(|object| (&object.location, false));
        let folders = found.common_prefixes.iter().map(|prefix| (prefix, true));
        let entry = |(path, is_folder): (&Path, bool)| {
            Some(Entry {
                name: name_of(path)?,
                is_folder,
                is_link: false,
            })
        };
        let mut entries: Vec<Entry> = files.chain(folders).filter_map(entry).collect();
        entries.sort();
        Ok(entries)
    }

    fn put_if_absent(&self, url: &Url, bytes: Bytes) -> Result<()> {
        self.wait(url, |inner, path| async move {
            inner
                .put_opts(&path, bytes.into(), PutMode::Create.into())
                .await
                .map(drop)
        })
    }

    fn delete(&self, url: &Url) -> Result<()> {
        match self.wait(url, |inner, path| async move { inner.delete(&path).await }) {
            Err(Error::NotFound { .. }) => Ok(()),
            other => other,
        }
    }
}

/// The thread that speaks to object stores, started with the first call.
static WORKER: LazyLock<io::Result<Handle>> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let speak = move || runtime.block_on(std::future::pending::<()>());
    std::thread::Builder::new()
        .name("tlc-object-store".to_owned())
        .spawn(speak)?;
    Ok(handle)
});

fn path_of(url: &Url) -> Path {
    let segments = url.path().split('/').filter(|segment| !segment.is_empty());
    segments.map(PathPart::from).collect()
}

/// The last segment of a path, decoded; `None` for a name that is not UTF-8.
fn name_of(path: &Path) -> Option<String> {
    let name = percent_decode_str(path.filename()?).decode_utf8().ok()?;
    Some(name.into_owned())
}

fn as_error(url: &Url, error: RemoteError) -> Error {
    let url = url.clone();
    let refused = |url, kind, error: RemoteError| Error::Io {
        url,
        source: io::Error::new(kind, error),
    };
    match error {
        RemoteError::NotFound { .. } => Error::NotFound { url },
        RemoteError::AlreadyExists { .. } | RemoteError::Precondition { .. } => {
            Error::AlreadyExists { url }
        }
        RemoteError::PermissionDenied { .. } | RemoteError::Unauthenticated { .. } => {
            refused(url, ErrorKind::PermissionDenied, error)
        }
        RemoteError::NotImplemented { .. } | RemoteError::NotSupported { .. } => {
            refused(url, ErrorKind::Unsupported, error)
        }
        RemoteError::InvalidPath { .. } | RemoteError::UnknownConfigurationKey { .. } => {
            refused(url, ErrorKind::InvalidInput, error)
        }
        other => Error::Unavailable {
            url,
            reason: other.to_string(),
        },
    }
}
