//! A schema that is accepted is written as it is read, as JSON and as an Arrow schema.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlc_core::Schema;

fuzz_target!(|json: &[u8]| {
    let Ok(schema) = serde_json::from_slice::<Schema>(json) else {
        return;
    };
    let written = serde_json::to_vec(&schema).unwrap();
    assert_eq!(serde_json::from_slice::<Schema>(&written).unwrap(), schema);
    let _ = Schema::from_arrow(&schema.to_arrow());
});
