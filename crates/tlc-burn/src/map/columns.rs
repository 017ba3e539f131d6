//! Which columns a row type needs, so that only those are read.

use serde::de::{self, DeserializeOwned, Visitor};
use tlc_core::Table;

/// The columns of `table` that a `T` has fields for; `None` if `T` does not tell,
/// or has none of them.
pub(super) fn needed_by<T: DeserializeOwned>(table: &Table) -> Option<Vec<String>> {
    let fields = match T::deserialize(FieldsInquiry) {
        Err(FieldsFound(fields)) => fields?,
        Ok(_) => return None,
    };
    let known = |name: &&&str| table.schema().column(name).is_some();
    let columns: Vec<String> = fields
        .iter()
        .filter(known)
        .map(|name| (*name).to_owned())
        .collect();
    (!columns.is_empty()).then_some(columns)
}

/// A deserializer that holds no data: it asks for the struct's fields and stops.
struct FieldsInquiry;

/// The end of the inquiry, which serde carries back as an error.
#[derive(Debug)]
struct FieldsFound(Option<&'static [&'static str]>);

impl std::fmt::Display for FieldsFound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the fields were asked for, not a value")
    }
}

impl std::error::Error for FieldsFound {}

impl de::Error for FieldsFound {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self(None)
    }
}

impl<'de> de::Deserializer<'de> for FieldsInquiry {
    type Error = FieldsFound;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, FieldsFound> {
        Err(FieldsFound(None))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, FieldsFound> {
        Err(FieldsFound(Some(fields)))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FieldsFound> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
