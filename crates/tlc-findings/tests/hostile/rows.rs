//! Files of rows that are damaged, or of other columns.

use crate::random::Random;
use std::sync::Arc;
use tlc_core::arrow::array::{ArrayRef, RecordBatch};
use tlc_core::arrow::datatypes::{Field, Schema};
use tlc_core::arrow::ipc::writer::FileWriter;

/// Changes bytes, and says how.
pub(crate) fn damage(bytes: &mut Vec<u8>, random: &mut Random) -> String {
    let at = random.below(bytes.len());
    match random.below(4) {
        0 => {
            bytes.truncate(at);
            format!("rows end at {at}")
        }
        1 => {
            // The footer and the heads of batches are near the ends.
            let at = [at % 600, bytes.len() - 1 - at % 600][random.below(2)];
            bytes[at] = random.next() as u8;
            format!("byte {at} of rows differs")
        }
        2 => {
            let at = at / 4 * 4 % (bytes.len() - 8);
            let number = *random.one_of(&[0, 1, u64::MAX, 1 << 31, 1 << 40, 1 << 62]);
            bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
            format!("at {at} of rows stands {number}")
        }
        _ => {
            let (start, end) = (at, random.below(bytes.len()));
            let (start, end) = (start.min(end), start.max(end));
            let piece: Vec<u8> = bytes.drain(start..end).collect();
            bytes.extend(piece);
            format!("bytes {start}..{end} of rows are at the end")
        }
    }
}

/// A file of batches of these columns, or of none.
pub(crate) fn file(columns: &[(&str, ArrayRef)], batches: usize) -> Vec<u8> {
    let fields = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let arrays = columns.iter().map(|(_, array)| Arc::clone(array)).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).unwrap();
    let mut writer = FileWriter::try_new(Vec::new(), &schema).unwrap();
    for _ in 0..batches {
        writer.write(&batch).unwrap();
    }
    writer.into_inner().unwrap()
}
