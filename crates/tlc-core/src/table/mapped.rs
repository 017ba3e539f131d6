//! A local Arrow copy of a table, memory-mapped, for tables that are larger than
//! their memory budget.
//!
//! The copy is an unnamed temporary file: the kernel keeps in memory what is
//! being used, and removes the file when the table is dropped or the process dies.
#![allow(unsafe_code)] // the one place: see `map`

use crate::arrow::array::RecordBatch;
use crate::arrow::datatypes::Schema as ArrowSchema;
use crate::arrow::error::ArrowError;
use crate::arrow::ipc::writer::FileWriter;
use crate::part::ArrowFile;
use crate::{Error, Result, Url};
use bytes::Bytes;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// Copies the batches into a temporary file under `folder`, which is made if it is
/// missing, and maps it.
pub(super) fn copy(
    folder: &Path,
    schema: &ArrowSchema,
    batches: impl Iterator<Item = Result<RecordBatch>>,
) -> Result<ArrowFile> {
    let url = Url::from_path(folder)?;
    let io = |source| Error::Io {
        url: url.clone(),
        source,
    };
    let failed = |error| match error {
        ArrowError::IoError(_, source) => io(source),
        other => Error::arrow("copy a table", other),
    };
    std::fs::create_dir_all(folder).map_err(io)?;
    let file = tempfile::tempfile_in(folder).map_err(io)?;
    let mut writer = FileWriter::try_new(BufWriter::new(&file), schema).map_err(failed)?;
    for batch in batches {
        writer.write(&batch?).map_err(failed)?;
    }
    writer.finish().map_err(failed)?;
    drop(writer);
    ArrowFile::open(&url, map(&file).map_err(io)?)
}

fn map(file: &File) -> std::io::Result<Bytes> {
    // SAFETY: a map is undefined behaviour if the file changes under it. This file
    // has no name, was written completely by this process, and its only handle is
    // dropped after this call, so nobody can write to it or truncate it.
    let map = unsafe { memmap2::Mmap::map(file)? };
    Ok(Bytes::from_owner(map))
}
