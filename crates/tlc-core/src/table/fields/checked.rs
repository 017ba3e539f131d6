//! Rows as serde_arrow is to see them: what is no value of its column stops before
//! it gets there.
//!
//! Left alone serde_arrow makes the best of what it is given: it parses text, rounds
//! numbers, cuts digits of dates and leaves out fields that are no column.

use super::target::Target;
use crate::arrow::datatypes::DataType;
use serde::ser::{self, Serialize, Serializer};
use std::fmt::{self, Display, Formatter};

/// The rows of a batch, checked as they are serialised.
pub(super) struct Rows<'a, T> {
    pub(super) rows: &'a [T],
    pub(super) target: &'a Target<'a>,
}

impl<T: Serialize> Serialize for Rows<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.rows.len()))?;
        let of = self.target;
        for (number, value) in self.rows.iter().enumerate() {
            of.check.row.set(number);
            ser::SerializeSeq::serialize_element(&mut rows, &Checked { value, of })?;
        }
        ser::SerializeSeq::end(rows)
    }
}

/// A value, and what it is to be.
struct Checked<'a, T: ?Sized> {
    value: &'a T,
    of: &'a Target<'a>,
}

impl<T: Serialize + ?Sized> Serialize for Checked<'_, T> {
    #[inline]
    fn serialize<S: Serializer>(&self, inner: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Checker { inner, of: self.of })
    }
}

/// A serializer that looks at a value before it hands it on.
struct Checker<'a, S> {
    inner: S,
    of: &'a Target<'a>,
}

impl<'a, S> Checker<'a, S> {
    /// Items of a list, bytes one by one or, of a tuple, fields by their place.
    fn items<E: ser::Error>(&self, is_tuple: bool, kind: &str) -> Result<Parts<'a>, E> {
        match self.of.item() {
            Some(item) => Ok(Parts::Items(item)),
            None if is_tuple => Ok(Parts::Fields(self.named(kind)?)),
            None => Err(self.of.other_kind(kind)),
        }
    }

    fn named<E: ser::Error>(&self, kind: &str) -> Result<NamedParts<'a>, E> {
        if self.of.is_struct() {
            Ok(NamedParts::new(self.of))
        } else {
            Err(self.of.other_kind(kind))
        }
    }
}

macro_rules! whole_numbers {
    ($($method:ident $native:ty, $own:ident;)*) => {$(
        fn $method(self, value: $native) -> Result<S::Ok, S::Error> {
            if !matches!(self.of.data_type, DataType::$own) {
                self.of.whole(i128::from(value))?;
            }
            self.inner.$method(value)
        }
    )*};
}

impl<'a, S: Serializer> Serializer for Checker<'a, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Sequence<'a, S::SerializeSeq>;
    type SerializeTuple = Sequence<'a, S::SerializeTuple>;
    type SerializeTupleStruct = Sequence<'a, S::SerializeTupleStruct>;
    type SerializeMap = Named<'a, S::SerializeMap>;
    type SerializeStruct = Named<'a, S::SerializeStruct>;
    // No column holds an enum with data, so it is refused whatever is in it.
    type SerializeTupleVariant = S::SerializeTupleVariant;
    type SerializeStructVariant = S::SerializeStructVariant;

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }

    whole_numbers! {
        serialize_i8 i8, Int8; serialize_i16 i16, Int16; serialize_i32 i32, Int32;
        serialize_i64 i64, Int64; serialize_u8 u8, UInt8; serialize_u16 u16, UInt16;
        serialize_u32 u32, UInt32; serialize_u64 u64, UInt64;
    }

    fn serialize_bool(self, value: bool) -> Result<S::Ok, S::Error> {
        match self.of.data_type {
            DataType::Boolean => self.inner.serialize_bool(value),
            _ => Err(self.of.other_kind("a truth value")),
        }
    }

    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        if !matches!(self.of.data_type, DataType::Float32) {
            self.of.float(f64::from(value))?;
        }
        self.inner.serialize_f32(value)
    }

    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        self.of.float(value)?;
        self.inner.serialize_f64(value)
    }

    fn serialize_char(self, value: char) -> Result<S::Ok, S::Error> {
        match self.of.data_type {
            DataType::UInt32 | DataType::Utf8 => self.inner.serialize_char(value),
            _ => Err(self.of.other_kind("a character")),
        }
    }

    fn serialize_str(self, value: &str) -> Result<S::Ok, S::Error> {
        self.of.text(value)?;
        self.inner.serialize_str(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<S::Ok, S::Error> {
        match self.of.item() {
            Some(item) if item.data_type.is_integer() => {
                for byte in value {
                    if item.data_type != &DataType::UInt8 {
                        item.whole(i128::from(*byte))?;
                    }
                }
                self.inner.serialize_bytes(value)
            }
            _ => Err(self.of.other_kind("a run of bytes")),
        }
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.of.missing()?;
        self.inner.serialize_none()
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.of.missing()?;
        self.inner.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        let of = self.of;
        self.inner.serialize_some(&Checked { value, of })
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<S::Ok, S::Error> {
        self.of.missing()?;
        self.inner.serialize_unit_struct(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let of = self.of;
        let value = Checked { value, of };
        self.inner.serialize_newtype_struct(name, &value)
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.of.text(variant)?;
        self.inner.serialize_unit_variant(name, index, variant)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.inner
            .serialize_newtype_variant(name, index, variant, value)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        let parts = self.items(false, "a list")?;
        let inner = self.inner.serialize_seq(len)?;
        Ok(Sequence { inner, parts })
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, S::Error> {
        let parts = self.items(true, "a tuple")?;
        let inner = self.inner.serialize_tuple(len)?;
        Ok(Sequence { inner, parts })
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        let parts = self.items(true, "a tuple")?;
        let inner = self.inner.serialize_tuple_struct(name, len)?;
        Ok(Sequence { inner, parts })
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        self.inner
            .serialize_tuple_variant(name, index, variant, len)
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        let parts = self.named("a map")?;
        let inner = self.inner.serialize_map(len)?;
        Ok(Named {
            inner,
            parts,
            last: None,
        })
    }

    fn serialize_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStruct, S::Error> {
        let parts = self.named("a struct")?;
        let inner = self.inner.serialize_struct(name, len)?;
        Ok(Named {
            inner,
            parts,
            last: None,
        })
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        self.inner
            .serialize_struct_variant(name, index, variant, len)
    }
}

/// What the parts of a sequence are to be.
enum Parts<'a> {
    Items(&'a Target<'a>),
    Fields(NamedParts<'a>),
}

impl<'a> Parts<'a> {
    #[inline]
    fn next<E: ser::Error>(&mut self) -> Result<&'a Target<'a>, E> {
        match self {
            Self::Items(item) => Ok(item),
            Self::Fields(parts) => parts.at(parts.next),
        }
    }

    /// Says of which field of a tuple the error is.
    #[cold]
    fn locate(&self, of: &Target<'_>, error: &dyn Display) {
        if matches!(self, Self::Fields(_)) {
            of.check.locate(of.name, error);
        }
    }

    fn end<E: ser::Error>(&self) -> Result<(), E> {
        match self {
            Self::Items(_) => Ok(()),
            Self::Fields(parts) => parts.end(|_| true),
        }
    }
}

/// The fields of a struct, and which of them have come.
struct NamedParts<'a> {
    of: &'a Target<'a>,
    /// The field that comes next in most rows.
    next: usize,
    /// All before this one have come, and those of these numbers.
    in_order: usize,
    others: Vec<usize>,
}

impl<'a> NamedParts<'a> {
    #[inline]
    fn new(of: &'a Target<'a>) -> Self {
        Self {
            of,
            next: 0,
            in_order: 0,
            others: Vec::new(),
        }
    }

    #[inline]
    fn mark(&mut self, number: usize) {
        self.next = number + 1;
        if number == self.in_order {
            self.in_order += 1;
        } else {
            self.others.push(number);
        }
    }

    fn at<E: ser::Error>(&mut self, number: usize) -> Result<&'a Target<'a>, E> {
        let Some(field) = self.of.parts.get(number) else {
            let reason = format!("a tuple of more than {} values", self.of.parts.len());
            return Err(self.of.check.refuse(None, reason));
        };
        self.mark(number);
        Ok(field)
    }

    fn named<E: ser::Error>(&mut self, name: &str) -> Result<&'a Target<'a>, E> {
        let is_named = |field: &Target<'_>| field.name == name;
        if self.of.parts.get(self.next).is_some_and(is_named) {
            return self.at(self.next);
        }
        match self.of.parts.iter().position(is_named) {
            Some(number) => self.at(number),
            None => Err(self.refuse(name, "the schema has no such column")),
        }
    }

    /// As `named`, for names that stay where they are.
    #[inline]
    fn keyed<E: ser::Error>(&mut self, name: &'static str) -> Result<&'a Target<'a>, E> {
        let place = (name.as_ptr() as usize, name.len());
        match self.of.parts.get(self.next) {
            Some(field) if field.key.get() == place => {
                self.mark(self.next);
                Ok(field)
            }
            _ => {
                let field = self.named(name)?;
                field.key.set(place);
                Ok(field)
            }
        }
    }

    /// Refuses the absence of those fields that are `needed`.
    #[inline]
    fn end<E: ser::Error>(&self, needed: impl Fn(&Target<'_>) -> bool) -> Result<(), E> {
        if self.in_order + self.others.len() == self.of.parts.len() {
            return Ok(());
        }
        let came = |number| number < self.in_order || self.others.contains(&number);
        let mut fields = self.of.parts.iter().enumerate();
        match fields.find(|(number, field)| !came(*number) && needed(field)) {
            Some((_, field)) => Err(self.refuse(field.name, "the row has no such field")),
            None => Ok(()),
        }
    }

    #[cold]
    fn refuse<E: ser::Error>(&self, name: &str, reason: &str) -> E {
        let error = self.of.check.refuse(None, reason.to_owned());
        self.of.check.locate(name, &error);
        error
    }
}

/// A list, a tuple or bytes one by one.
struct Sequence<'a, C> {
    inner: C,
    parts: Parts<'a>,
}

macro_rules! sequences {
    ($($trait:ident $method:ident;)*) => {$(
        impl<C: ser::$trait> ser::$trait for Sequence<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
                let of = self.parts.next()?;
                self.inner
                    .$method(&Checked { value, of })
                    .inspect_err(|error| self.parts.locate(of, error))
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.parts.end()?;
                self.inner.end()
            }
        }
    )*};
}

sequences! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
}

/// A struct or a map.
struct Named<'a, C> {
    inner: C,
    parts: NamedParts<'a>,
    /// What the last key of a map names.
    last: Option<&'a Target<'a>>,
}

impl<C: ser::SerializeStruct> ser::SerializeStruct for Named<'_, C> {
    type Ok = C::Ok;
    type Error = C::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), C::Error> {
        let of = self.parts.keyed(key)?;
        self.inner
            .serialize_field(key, &Checked { value, of })
            .inspect_err(|error| of.check.locate(of.name, error))
    }

    /// What `skip_serializing_if` leaves out is a value that is missing.
    fn skip_field(&mut self, key: &'static str) -> Result<(), C::Error> {
        let of = self.parts.keyed(key)?;
        of.missing()
            .inspect_err(|error: &C::Error| of.check.locate(of.name, error))?;
        self.inner.skip_field(key)
    }

    fn end(self) -> Result<C::Ok, C::Error> {
        self.parts.end(|_| true)?;
        self.inner.end()
    }
}

impl<C: ser::SerializeMap> ser::SerializeMap for Named<'_, C> {
    type Ok = C::Ok;
    type Error = C::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), C::Error> {
        self.last = Some(self.parts.named(&Key(key).to_string())?);
        self.inner.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
        let Some(of) = self.last.take() else {
            return self.inner.serialize_value(value); // which refuses a value without a key
        };
        self.inner
            .serialize_value(&Checked { value, of })
            .inspect_err(|error| of.check.locate(of.name, error))
    }

    /// A key that a map lacks is a value that is missing.
    fn end(self) -> Result<C::Ok, C::Error> {
        self.parts.end(|field| !field.nullable)?;
        self.inner.end()
    }
}

/// The key of a map as text.
struct Key<'a, T: ?Sized>(&'a T);

impl<T: Serialize + ?Sized> Display for Key<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.serialize(f)
    }
}
