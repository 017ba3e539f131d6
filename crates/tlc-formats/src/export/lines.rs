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
    let (url, rows) = target.write(|file, url| {
        let failed = |source| Error::Io {
            file: url.clone(),
            source,
        };
        file.write_all(&header).map_err(failed)?;
        let mut lines = header;
        let mut count = 0;
        for batch in rows.batches()? {
            let batch = batch?;
            for row in 0..batch.num_rows() {
                lines.clear();
                line(&batch, row, &mut lines)?;
                file.write_all(&lines).map_err(failed)?;
            }
            count += batch.num_rows() as u64;
        }
        Ok(count)
    })?;
    Ok(Exported {
        files: vec![url],
        rows,
        not_finite: 0,
    })
}
