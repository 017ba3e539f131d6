//! Arrow, as far as tables need it, under the paths of the crate `arrow`: arrays and their
//! types, gathering and casting, files. Its types are those of the crate of the same version,
//! whose kernels for arithmetic, texts and rows take as long to build as the rest.

pub use arrow_buffer as buffer;
pub use arrow_ipc as ipc;

/// Arrays and their builders.
pub mod array {
    pub use arrow_array::builder::*;
    pub use arrow_array::cast::*;
    pub use arrow_array::iterator::*;
    pub use arrow_array::*;
    pub use arrow_data::transform::MutableArrayData;
    pub use arrow_data::{ArrayData, ArrayDataBuilder, ArrayDataRef};
}

/// What is computed of whole arrays.
pub mod compute {
    pub use arrow_cast::cast::*;
    pub use arrow_ord::sort::*;
    pub use arrow_select::concat::*;
    pub use arrow_select::filter::*;
    pub use arrow_select::interleave::*;
    pub use arrow_select::nullif::*;
    pub use arrow_select::take::*;

    /// Comparisons.
    pub mod kernels {
        pub use arrow_ord::cmp;
    }
}

/// The types of arrays and of schemas.
pub mod datatypes {
    pub use arrow_array::types::*;
    pub use arrow_array::{ArrowNativeTypeOp, ArrowNumericType, ArrowPrimitiveType};
    pub use arrow_buffer::{ArrowNativeType, ToByteSlice, i256};
    pub use arrow_schema::{
        DataType, Field, FieldRef, Fields, IntervalUnit, Schema, SchemaBuilder, SchemaRef,
        TimeUnit, UnionFields, UnionMode,
    };
}

/// What goes wrong in Arrow.
pub mod error {
    pub use arrow_schema::ArrowError;

    /// `Result` with an [`ArrowError`].
    pub type Result<T> = std::result::Result<T, ArrowError>;
}

/// Batches.
pub mod record_batch {
    pub use arrow_array::{
        RecordBatch, RecordBatchIterator, RecordBatchOptions, RecordBatchReader, RecordBatchWriter,
    };
}

/// Values as texts.
pub mod util {
    pub use arrow_cast::display;
}
