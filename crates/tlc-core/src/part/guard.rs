//! The decoders panic on some damaged files; that must not reach the caller.

use crate::{Error, Result, Url};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What `decode` gives, a panic being [`Error::Corrupt`] of the file at `url`.
pub(crate) fn guarded<T>(url: &Url, decode: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| {
        Err(Error::Corrupt {
            url: url.clone(),
            reason: "the Parquet decoder gave up on it".to_owned(),
        })
    })
}
