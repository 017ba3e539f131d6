//! A fingerprint of rows: what is in the columns, however it is cut into batches.
//!
//! What a null hides, the offset of a slice and the room in a buffer are no content.
//! What the columns mean is none either: a table whose columns are described anew has the
//! same rows.

use crate::Schema;
use crate::arrow::array::{Array, AsArray, RecordBatch};
use crate::arrow::datatypes::DataType;
use std::ops::Range;
use twox_hash::XxHash3_128;

/// Shorter pieces are copied before they are hashed.
const PIECE_BYTES: usize = 1024;

/// The fingerprint of all rows that were pushed.
#[derive(Debug, Default)]
pub(super) struct Fingerprint {
    columns: Vec<Node>,
    rows: u64,
}

impl Fingerprint {
    /// Adds rows; all batches have the same columns.
    pub(super) fn push(&mut self, batch: &RecordBatch) {
        if self.columns.is_empty() {
            let fields = batch.schema_ref().fields().iter();
            self.columns = fields.map(|field| Node::new(field.data_type())).collect();
        }
        for (node, array) in self.columns.iter_mut().zip(batch.columns()) {
            node.push(array);
        }
        self.rows += batch.num_rows() as u64;
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// 32 hexadecimal digits, given what the columns are called.
    pub(super) fn finish(&self, schema: &Schema) -> String {
        let mut all = Hasher::default();
        all.write(&(schema.columns().len() as u64).to_le_bytes());
        for (number, column) in schema.columns().iter().enumerate() {
            let data_type = column.value.to_arrow();
            all.text(&column.name);
            all.text(&type_name(&data_type));
            match self.columns.get(number) {
                Some(node) => node.finish(&mut all),
                None => Node::new(&data_type).finish(&mut all),
            }
        }
        all.write(&self.rows.to_le_bytes());
        format!("{:032x}", all.digest())
    }
}

/// The name of an Arrow type, without what may be null in it.
pub(super) fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Boolean => "bool".to_owned(),
        DataType::Int8 => "int8".to_owned(),
        DataType::Int16 => "int16".to_owned(),
        DataType::Int32 => "int32".to_owned(),
        DataType::Int64 => "int64".to_owned(),
        DataType::UInt8 => "uint8".to_owned(),
        DataType::UInt16 => "uint16".to_owned(),
        DataType::UInt32 => "uint32".to_owned(),
        DataType::UInt64 => "uint64".to_owned(),
        DataType::Float32 => "float32".to_owned(),
        DataType::Float64 => "float64".to_owned(),
        DataType::Utf8 => "utf8".to_owned(),
        DataType::Binary => "binary".to_owned(),
        DataType::Timestamp(..) => "timestamp".to_owned(),
        DataType::List(item) => format!("list({})", type_name(item.data_type())),
        DataType::FixedSizeList(item, len) => {
            format!("list({},{len})", type_name(item.data_type()))
        }
        DataType::Struct(fields) => {
            let fields = fields.iter().map(|field| {
                let (name, data_type) = (field.name(), type_name(field.data_type()));
                format!("{}:{name}:{data_type}", name.len())
            });
            format!("struct({})", fields.collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

/// One array: a column, the items of a list, a field of a struct.
#[derive(Debug, Default)]
struct Node {
    items: u64,
    /// Places of the items that are null.
    nulls: Hasher,
    /// Of lists, texts and bytes.
    lengths: Hasher,
    values: Hasher,
    children: Vec<Self>,
}

impl Node {
    fn new(data_type: &DataType) -> Self {
        let children = match data_type {
            DataType::List(item) | DataType::FixedSizeList(item, _) => {
                vec![Self::new(item.data_type())]
            }
            DataType::Struct(fields) => {
                let fields = fields.iter();
                fields.map(|field| Self::new(field.data_type())).collect()
            }
            _ => Vec::new(),
        };
        Self {
            children,
            ..Self::default()
        }
    }

    fn push(&mut self, array: &dyn Array) {
        let valid = self.take_nulls(array);
        self.items += array.len() as u64;
        match array.data_type() {
            DataType::Boolean => {
                if let Some(array) = array.as_boolean_opt() {
                    let bits = valid.into_iter().flatten();
                    let bytes = bits.map(|row| u8::from(array.value(row)));
                    self.values.write(&bytes.collect::<Vec<_>>());
                }
            }
            DataType::Utf8 => {
                if let Some(array) = array.as_string_opt::<i32>() {
                    self.push_bytes(array.value_offsets(), array.value_data(), &valid);
                }
            }
            DataType::Binary => {
                if let Some(array) = array.as_binary_opt::<i32>() {
                    self.push_bytes(array.value_offsets(), array.value_data(), &valid);
                }
            }
            DataType::List(_) => {
                if let Some(array) = array.as_list_opt::<i32>() {
                    for rows in &valid {
                        let items = self.push_lengths(array.value_offsets(), rows);
                        let items = array.values().slice(items.start, items.len());
                        self.push_items(&items);
                    }
                }
            }
            DataType::FixedSizeList(_, len) => {
                if let Some(array) = array.as_fixed_size_list_opt() {
                    let len = usize::try_from(*len).unwrap_or_default();
                    for rows in &valid {
                        let items = array.values().slice(rows.start * len, rows.len() * len);
                        self.push_items(&items);
                    }
                }
            }
            DataType::Struct(_) => {
                if let Some(array) = array.as_struct_opt() {
                    for (child, field) in self.children.iter_mut().zip(array.columns()) {
                        for rows in &valid {
                            child.push(&field.slice(rows.start, rows.len()));
                        }
                    }
                }
            }
            fixed => self.push_fixed(array, fixed.primitive_width().unwrap_or(0), &valid),
        }
    }

    /// Notes where the nulls are, and gives the ranges between them.
    fn take_nulls(&mut self, array: &dyn Array) -> Vec<Range<usize>> {
        let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) else {
            return std::iter::once(0..array.len()).collect();
        };
        let mut places = Vec::with_capacity(nulls.null_count() * size_of::<u64>());
        for (row, is_valid) in nulls.iter().enumerate() {
            if !is_valid {
                places.extend_from_slice(&(self.items + row as u64).to_le_bytes());
            }
        }
        self.nulls.write(&places);
        nulls
            .valid_slices()
            .map(|(start, end)| start..end)
            .collect()
    }

    fn push_fixed(&mut self, array: &dyn Array, width: usize, valid: &[Range<usize>]) {
        let data = array.to_data();
        let Some(buffer) = data.buffers().first() else {
            return;
        };
        let pieces = valid.iter().map(|rows| {
            let start = (data.offset() + rows.start) * width;
            let bytes = buffer.get(start..start + rows.len() * width);
            bytes.unwrap_or_default()
        });
        self.values.write_all(pieces);
    }

    fn push_bytes(&mut self, offsets: &[i32], values: &[u8], valid: &[Range<usize>]) {
        let ranges: Vec<_> = valid
            .iter()
            .map(|rows| self.push_lengths(offsets, rows))
            .collect();
        let pieces = ranges.into_iter().map(|range| values.get(range));
        self.values.write_all(pieces.map(Option::unwrap_or_default));
    }

    /// Notes how long each of these rows is, and gives where their items are.
    fn push_lengths(&mut self, offsets: &[i32], rows: &Range<usize>) -> Range<usize> {
        let offsets = offsets.get(rows.start..=rows.end).unwrap_or_default();
        let lengths = offsets.windows(2).flat_map(|pair| match pair {
            [start, end] => end.wrapping_sub(*start).to_le_bytes(),
            _ => [0; 4],
        });
        self.lengths.write(&lengths.collect::<Vec<_>>());
        let at = |offset: Option<&i32>| offset.map_or(0, |at| usize::try_from(*at).unwrap_or(0));
        at(offsets.first())..at(offsets.last())
    }

    fn push_items(&mut self, items: &dyn Array) {
        if let Some(child) = self.children.first_mut() {
            child.push(items);
        }
    }

    fn finish(&self, all: &mut Hasher) {
        all.write(&self.items.to_le_bytes());
        for own in [&self.nulls, &self.lengths, &self.values] {
            all.write(&own.digest().to_le_bytes());
        }
        self.children.iter().for_each(|child| child.finish(all));
    }
}

/// XXH3 of 128 bits, made when the first byte comes.
#[derive(Default)]
struct Hasher(Option<XxHash3_128>);

impl Hasher {
    fn write(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.0.get_or_insert_default().write(bytes);
        }
    }

    /// Short pieces are put together first, which is quicker than to hash each.
    fn write_all<'a>(&mut self, pieces: impl Iterator<Item = &'a [u8]>) {
        let mut together = Vec::new();
        for piece in pieces {
            if piece.len() >= PIECE_BYTES {
                self.write(&together);
                self.write(piece);
                together.clear();
            } else {
                together.extend_from_slice(piece);
            }
        }
        self.write(&together);
    }

    /// A text that ends where it ends, whatever follows.
    fn text(&mut self, text: &str) {
        self.write(&(text.len() as u64).to_le_bytes());
        self.write(text.as_bytes());
    }

    fn digest(&self) -> u128 {
        self.0
            .as_ref()
            .map_or_else(|| XxHash3_128::oneshot(&[]), XxHash3_128::finish_128)
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.digest())
    }
}
