//! A file that is there whole or not at all.

use crate::{Error, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use tempfile::NamedTempFile;
use tlc_core::{Url, storage};

/// Where a file goes: a path, or a URL of any store that `tlc-core` opens.
#[derive(Clone, Debug)]
pub(super) struct Target {
    given: PathBuf,
    overwrites: bool,
}

impl Target {
    pub(super) fn of(given: PathBuf) -> Self {
        Self {
            given,
            overwrites: false,
        }
    }

    pub(super) fn overwriting(self) -> Self {
        Self {
            overwrites: true,
            ..self
        }
    }

    /// Lets `write` write a file, packed if its name ends in `.gz`, and gives it its name.
    pub(super) fn write<T>(
        &self,
        write: impl FnOnce(&mut (dyn Write + Send), &Url) -> Result<T>,
    ) -> Result<(Url, T)> {
        let url = self.url()?;
        if !self.overwrites && is_there(&url)? {
            return Err(tlc_core::Error::AlreadyExists { url }.into());
        }
        let failed = |source| Error::io(&url, source);
        let mut file = staged(&url).map_err(failed)?;
        let written = {
            let buffered = BufWriter::with_capacity(1 << 18, file.as_file_mut());
            let mut output = Output::of(buffered, url.name().to_lowercase().ends_with(".gz"));
            let written = write(&mut output, &url)?;
            output.finish().map_err(failed)?;
            written
        };
        file.as_file().sync_all().map_err(failed)?;
        self.publish(file, &url)?;
        Ok((url, written))
    }

    fn url(&self) -> Result<Url> {
        Ok(match self.given.to_str() {
            Some(url) if url.contains("://") => Url::parse(url)?,
            _ => Url::from_path(&self.given)?,
        })
    }

    fn publish(&self, file: NamedTempFile, url: &Url) -> Result<()> {
        let failed = |source| Error::io(url, source);
        let Some(path) = url.to_path() else {
            let bytes = std::fs::read(file.path()).map_err(failed)?;
            let store = storage::open(url)?;
            if self.overwrites {
                store.delete(url)?;
            }
            return Ok(store.put_if_absent(url, bytes.into())?);
        };
        let named = match self.overwrites {
            true => file.persist(&path),
            false => file.persist_noclobber(&path),
        };
        match named {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                Err(tlc_core::Error::AlreadyExists { url: url.clone() }.into())
            }
            Err(error) => Err(failed(error.error)),
        }
    }
}

/// A file without its name yet, in the folder where it will be.
fn staged(url: &Url) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tlc-export-").suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    match url.parent().and_then(|folder| folder.to_path()) {
        Some(folder) => builder.tempfile_in(folder),
        None => builder.tempfile(),
    }
}

fn is_there(url: &Url) -> Result<bool> {
    if let Some(path) = url.to_path() {
        return Ok(path.symlink_metadata().is_ok());
    }
    match storage::open(url)?.stat(url) {
        Ok(_) => Ok(true),
        Err(tlc_core::Error::NotFound { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Bytes as they are, or packed.
enum Output<'a> {
    Plain(BufWriter<&'a mut File>),
    Packed(Box<GzEncoder<BufWriter<&'a mut File>>>),
}

impl<'a> Output<'a> {
    fn of(file: BufWriter<&'a mut File>, is_packed: bool) -> Self {
        match is_packed {
            true => Self::Packed(Box::new(GzEncoder::new(file, Compression::default()))),
            false => Self::Plain(file),
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(mut file) => file.flush(),
            Self::Packed(packed) => packed.finish()?.flush(),
        }
    }
}

impl Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Packed(packed) => packed.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            Self::Packed(packed) => packed.flush(),
        }
    }
}
