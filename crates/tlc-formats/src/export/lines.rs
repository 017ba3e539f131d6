//! Rows as lines of text.

use super::target::Target;
use super::{Exported, Rows};
use crate::{Error, Result};
use tlc_core::arrow::array::RecordBatch;

/// Writes a header, and what `line` makes of each row.
pub(super) fn write(
    target: &Target,
    rows: &Rows,
    header: Vec<u8>,
    mut line: impl FnMut(&RecordBatch, usize, &mut Vec<u8>) -> Result<()>,
) -> Result<Exported> {
    let written = target.write(|file, url| {
        let failed = |source| Error::io(url, source);
        file.write_all(&header).map_err(failed)?;
        let mut lines = header;
        rows.each(|batch| {
            (0..batch.num_rows()).try_for_each(|row| {
                lines.clear();
                line(batch, row, &mut lines)?;
                file.write_all(&lines).map_err(failed)
            })
        })
    })?;
    Ok(Exported::of_file(written))
}
