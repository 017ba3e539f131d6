//! Object stores, through the `object_store` crate (features `s3`, `gs`, `az`, `http`).

use super::lease::Leases;
use super::{Entry, Liveness, RetryStore, Stat, Store, check_range, ranges};
use crate::{Error, Result, Url};
use bytes::Bytes;
use object_store::path::{Path, PathPart};
use object_store::{
    Error as RemoteError, GetOptions, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode,
};
use percent_encoding::percent_decode_str;
use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::runtime::{Builder, Handle};
use tokio::time::timeout;

const DEADLINE: Duration = Duration::from_secs(60);
/// What a step of a try may take, if nothing large is sent.
const PATIENCE: Duration = Duration::from_secs(10);
/// Requests that are under way at once for one caller.
const AT_ONCE: usize = 16;
/// Reads of which each may be as large as a row group.
const READS_AHEAD: usize = 8;
/// What lies between two ranges is read with them if it is no more than this.
const GAP_BYTES: u64 = 1 << 20;
/// What is slower counts as no answer.
const SLOWEST_BYTES_PER_SEC: u64 = 256 << 10;

/// A bucket of an object store, as a [`Store`].
///
/// The bucket is whatever `inner` was opened for; of a URL only the path counts.
/// Files are created by conditional put. An object store cannot tell whether a process is
/// alive, so whoever writes gives signs of life: a small file, written anew four times within
/// a [deadline](Self::deadline). A process that gives none for so long counts as dead. Whoever
/// asks, but for those who write, compares the store's clock with its own.
///
/// The calls wait for a thread of the process that speaks to all object stores; they
/// may be made from within another async runtime.
#[derive(Clone, Debug)]
pub struct RemoteStore {
    inner: Arc<dyn ObjectStore>,
    leases: Option<Leases>,
}

impl RemoteStore {
    /// A store that keeps its files in `inner`.
    pub fn new(inner: Arc<dyn ObjectStore>) -> Self {
        Self::for_reading(inner).deadline(DEADLINE)
    }

    /// The same of a store that is only read, or where nobody gives signs of life: what
    /// became of a run whose process died is not known then.
    pub fn for_reading(inner: Arc<dyn ObjectStore>) -> Self {
        Self {
            inner,
            leases: None,
        }
    }

    /// After how long without a sign of life a process counts as dead: a minute, if nothing
    /// else is said. All processes that use a bucket should say the same.
    #[must_use]
    pub fn deadline(self, deadline: Duration) -> Self {
        let marks = RetryStore::new(Arc::new(Self::for_reading(Arc::clone(&self.inner))));
        Self {
            leases: Some(Leases::new(Arc::new(marks), deadline)),
            ..self
        }
    }

    fn wait<T, F>(&self, url: &Url, work: impl FnOnce(Arc<dyn ObjectStore>, Path) -> F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = object_store::Result<T>> + Send + 'static,
    {
        self.start(url, work)?.wait()
    }

    /// Waits for all of them, of which many are under way at once.
    fn wait_for_all<T>(
        started: impl IntoIterator<Item = impl FnOnce() -> Result<Answer<T>>>,
    ) -> Vec<Result<T>> {
        let (mut under_way, mut done) = (VecDeque::new(), Vec::new());
        for start in started {
            if under_way.len() >= AT_ONCE {
                done.extend(under_way.pop_front().map(Self::answer));
            }
            under_way.push_back(start());
        }
        done.extend(under_way.into_iter().map(Self::answer));
        done
    }

    fn answer<T>(started: Result<Answer<T>>) -> Result<T> {
        started.and_then(Answer::wait)
    }

    fn start<T, F>(
        &self,
        url: &Url,
        work: impl FnOnce(Arc<dyn ObjectStore>, Path) -> F,
    ) -> Result<Answer<T>>
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
        let url = url.clone();
        Ok(Answer { url, receive })
    }

    /// The file, or its length if that is over the limit.
    fn start_get(&self, url: &Url, limit_bytes: u64) -> Result<Answer<Result<Bytes, u64>>> {
        self.start(url, move |inner, path| async move {
            let found = within(0, inner.get(&path)).await?;
            let len_bytes = found.meta.size;
            match len_bytes <= limit_bytes {
                true => within(len_bytes, found.bytes()).await.map(Ok),
                false => Ok(Err(len_bytes)),
            }
        })
    }

    /// The range, or nothing if the file has another length.
    fn start_range(
        &self,
        url: &Url,
        range: Range<u64>,
        len_bytes: u64,
    ) -> Result<Answer<Option<Bytes>>> {
        let asked_bytes = range.end.saturating_sub(range.start);
        self.start(url, move |inner, path| async move {
            let options = GetOptions {
                range: Some(range.into()),
                ..GetOptions::default()
            };
            let found = within(0, inner.get_opts(&path, options)).await?;
            match found.meta.size == len_bytes {
                true => within(asked_bytes, found.bytes()).await.map(Some),
                false => Ok(None),
            }
        })
    }

    /// Refuses a range that no file of this length has, or that is empty in one of another.
    fn check_asked(&self, url: &Url, range: &Range<u64>, len_bytes: u64) -> Result<()> {
        match range.is_empty() || range.end > len_bytes {
            true => check_range(url, range, self.meta(url)?.size, len_bytes),
            false => Ok(()),
        }
    }

    fn exact(
        &self,
        url: &Url,
        range: &Range<u64>,
        len_bytes: u64,
        found: Result<Option<Bytes>>,
    ) -> Result<Bytes> {
        match found {
            Ok(Some(bytes)) if bytes.len() as u64 == range.end - range.start => Ok(bytes),
            // Stores differ in what they say of a range past the end.
            other => {
                check_range(url, range, self.meta(url)?.size, len_bytes)?;
                Err(other.err().unwrap_or_else(|| others_given(url, range)))
            }
        }
    }

    fn meta(&self, url: &Url) -> Result<ObjectMeta> {
        self.wait(url, |inner, path| async move {
            within(0, inner.head(&path)).await
        })
    }
}

impl Store for RemoteStore {
    fn get(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
        whole(url, limit_bytes, self.start_get(url, limit_bytes)?.wait()?)
    }

    fn get_all(&self, urls: &[Url], limit_bytes: u64) -> Vec<Result<Bytes>> {
        let started = urls.iter().map(|url| || self.start_get(url, limit_bytes));
        let found = Self::wait_for_all(started).into_iter().zip(urls);
        found
            .map(|(found, url)| whole(url, limit_bytes, found?))
            .collect()
    }

    fn get_range(&self, url: &Url, range: Range<u64>, len_bytes: u64) -> Result<Bytes> {
        let read = self.get_ranges(url, std::slice::from_ref(&range), len_bytes)?;
        let read = read.into_iter().next();
        read.ok_or_else(|| others_given(url, &range))
    }

    fn get_ranges(&self, url: &Url, ranges: &[Range<u64>], len_bytes: u64) -> Result<Vec<Bytes>> {
        for range in ranges {
            self.check_asked(url, range, len_bytes)?;
        }
        let some: Vec<Range<u64>> = ranges
            .iter()
            .filter(|range| !range.is_empty())
            .cloned()
            .collect();
        let merged = ranges::merged(&some, GAP_BYTES);
        let started = merged
            .iter()
            .map(|range| || self.start_range(url, range.clone(), len_bytes));
        let found = Self::wait_for_all(started)
            .into_iter()
            .zip(merged.iter().cloned());
        let read = found.map(|(found, range)| {
            let bytes = self.exact(url, &range, len_bytes, found)?;
            Ok((range, bytes))
        });
        let read = read.collect::<Result<Vec<_>>>()?;
        let wanted = ranges.iter().map(|range| match range.is_empty() {
            true => Ok(Bytes::new()),
            false => ranges::within(range, &read).ok_or_else(|| others_given(url, range)),
        });
        wanted.collect()
    }

    fn parallel_reads(&self) -> usize {
        READS_AHEAD
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
            within(0, inner.list_with_delimiter(Some(&path))).await
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
            let len_bytes = bytes.len() as u64;
            let put = inner.put_opts(&path, bytes.into(), PutMode::Create.into());
            within(len_bytes, put).await.map(drop)
        })
    }

    fn delete(&self, url: &Url) -> Result<()> {
        match self.wait(url, |inner, path| async move {
            within(0, inner.delete(&path)).await
        }) {
            Err(Error::NotFound { .. }) => Ok(()),
            other => other,
        }
    }

    fn liveness(&self) -> Option<&dyn Liveness> {
        self.leases.as_ref().map(|leases| leases as _)
    }
}

/// What a request will be answered.
struct Answer<T> {
    url: Url,
    receive: Receiver<object_store::Result<T>>,
}

impl<T> Answer<T> {
    fn wait(self) -> Result<T> {
        match self.receive.recv() {
            Ok(answer) => answer.map_err(|error| as_error(&self.url, error)),
            Err(_) => Err(Error::Io {
                url: self.url,
                source: io::Error::other("the object store's client panicked"),
            }),
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

/// A step of a try that sends so many bytes, which has so much time.
async fn within<T>(
    len_bytes: u64,
    step: impl Future<Output = object_store::Result<T>>,
) -> object_store::Result<T> {
    let limit = PATIENCE + Duration::from_secs(len_bytes / SLOWEST_BYTES_PER_SEC);
    match timeout(limit, step).await {
        Ok(done) => done,
        Err(_) => Err(RemoteError::Generic {
            store: "object store",
            source: format!("no answer within {} s", limit.as_secs()).into(),
        }),
    }
}

fn whole(url: &Url, limit_bytes: u64, found: Result<Bytes, u64>) -> Result<Bytes> {
    found.map_err(|len_bytes| Error::TooLarge {
        what: format!("bytes of {url}"),
        limit: limit_bytes,
        found: len_bytes,
    })
}

fn others_given(url: &Url, range: &Range<u64>) -> Error {
    Error::Corrupt {
        url: url.clone(),
        reason: format!("bytes {range:?} asked for, others were given"),
    }
}

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
        other => {
            let reason = other.to_string();
            match refusal(&reason) {
                Some((kind, reason)) => Error::Io {
                    url,
                    source: io::Error::new(kind, reason),
                },
                None => Error::Unavailable { url, reason },
            }
        }
    }
}

/// Why a request was refused that will be refused again; `object_store` says so in words alone.
fn refusal(reason: &str) -> Option<(ErrorKind, String)> {
    const REGION: &str = "incorrectly configured region";
    if reason.contains(REGION) {
        let reason = "the bucket is in another region: set AWS_REGION".to_owned();
        return Some((ErrorKind::InvalidInput, reason));
    }
    let (_, answer) = reason.split_once("status code: ")?;
    let status: u16 = answer.get(..3)?.parse().ok()?;
    let kind = match status {
        401 | 403 => ErrorKind::PermissionDenied,
        404 => ErrorKind::NotFound,
        408 | 429 => return None,
        400..500 => ErrorKind::InvalidInput,
        _ => return None,
    };
    let said = ["Code", "Message"].map(|name| element(answer, name));
    let said: Vec<&str> = said.into_iter().flatten().collect();
    let said = match said.is_empty() {
        true => answer.lines().next().unwrap_or_default().to_owned(),
        false => format!("{status} {}", said.join(": ")),
    };
    Some((kind, format!("the store refuses: {said}")))
}

/// The text of an element of XML.
fn element<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0)
}
