//! A part whose checksums are right, in a table that takes its word for the row groups.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use parquet::file::metadata::ParquetMetaDataReader;
use serde_json::json;
use tlc_core::storage::FileInfo;
use tlc_fuzz::{Project, read_table, tell_panics};

fuzz_target!(init: tell_panics(), |bytes: &[u8]| {
    let project = Project::default();
    let mut part = serde_json::to_value(FileInfo::of(bytes)).unwrap();
    let groups = row_groups(bytes).unwrap_or_default();
    let rows = groups.iter().fold(0_i64, |sum, rows| sum.wrapping_add(*rows));
    part["url"] = "parts/x.parquet".into();
    part["row_groups"] = groups.into();
    part["decoded_bytes"] = 0.into();
    let manifest = json!({
        "format": "tlc-table", "version": 1, "id": "x", "created": "", "description": "",
        "rows": rows, "parts": [part],
        "schema": { "columns": [{ "name": "n", "value": { "type": "int32" } }] },
    });
    project.put("p/datasets/d/tables/t/parts/x.parquet", bytes.to_vec());
    let commit = "p/datasets/d/tables/t/commits/00000000000000000000.json";
    project.put_sealed(commit, manifest.to_string().as_bytes());
    let _ = read_table(&project.url("p/datasets/d/tables/t"));
});

fn row_groups(bytes: &[u8]) -> Option<Vec<i64>> {
    let bytes = Bytes::copy_from_slice(bytes);
    let read = std::panic::catch_unwind(|| ParquetMetaDataReader::new().parse_and_finish(&bytes));
    let metadata = read.ok()?.ok()?;
    Some(
        metadata
            .row_groups()
            .iter()
            .map(|group| group.num_rows())
            .collect(),
    )
}
