//! One value of a table or of metrics, for people and for programs.

use crate::print;
use serde::{Serialize, Serializer};
use serde_json::{Map, Number, Value as Json};
use tlc_core::arrow::array::{Array, ArrayRef, AsArray};
use tlc_core::arrow::compute::cast;
use tlc_core::arrow::datatypes::{DataType, Float32Type, Float64Type, Int64Type};
use tlc_core::arrow::util::display::array_value_to_string;
use tlc_core::{ClassMap, ValueType};

/// Items of a list that people read one by one.
const FEW: usize = 6;

/// A value as text, and as JSON: classes by their names, of images their size, vectors whole.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    json: Json,
    text: String,
    /// A number with as many digits as people read.
    short: Option<String>,
}

impl Value {
    /// No value.
    pub(crate) fn missing() -> Self {
        Self::new(Json::Null, String::new())
    }

    /// A count, or the number of a row.
    pub(crate) fn count(count: usize) -> Self {
        Self::new(Json::from(count), count.to_string())
    }

    /// The value of an array in a row.
    pub(crate) fn of(
        values: &ArrayRef,
        row: usize,
        value: &ValueType,
        classes: Option<&ClassMap>,
    ) -> Self {
        if row >= values.len() || values.is_null(row) {
            return Self::missing();
        }
        if let Some(classes) = classes
            .or(label_classes(value))
            .filter(|all| !all.is_empty())
        {
            return Self::of_class(values, row, classes);
        }
        if *value == ValueType::Datetime {
            return Self::of_moment(values, row);
        }
        Self::of_array(values, row)
    }

    /// All of it, as `tlc edit` reads it back.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// As much of it as people read where they read it.
    pub(crate) fn shown(&self) -> &str {
        let short = self.short.as_ref().filter(|_| print::is_terminal());
        short.unwrap_or(&self.text)
    }

    fn new(json: impl Into<Json>, text: impl Into<String>) -> Self {
        Self {
            json: json.into(),
            text: text.into(),
            short: None,
        }
    }

    fn of_class(values: &ArrayRef, row: usize, classes: &ClassMap) -> Self {
        let Some(id) = whole(values, row) else {
            return Self::of_array(values, row);
        };
        let class = i32::try_from(id).ok();
        let void = || {
            class
                .filter(|id| classes.void() == Some(*id))
                .map(|_| "void")
        };
        match class.and_then(|id| classes.name(id)).or_else(void) {
            Some(name) => Self::new(name, name),
            None => Self::new(id, id.to_string()),
        }
    }

    fn of_moment(values: &ArrayRef, row: usize) -> Self {
        let moment = whole(values, row).and_then(chrono::DateTime::from_timestamp_micros);
        match moment {
            Some(moment) => {
                let text = moment.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
                Self::new(text.as_str(), text.as_str())
            }
            None => Self::of_array(values, row),
        }
    }

    fn of_array(values: &ArrayRef, row: usize) -> Self {
        if values.is_null(row) {
            return Self::missing();
        }
        if let Some(items) = items(values, row) {
            return Self::of_list(&items);
        }
        if let Some(fields) = values.as_struct_opt() {
            let fields = fields.column_names().into_iter().zip(fields.columns());
            let fields = fields.map(|(name, field)| (name.to_owned(), Self::of_array(field, row)));
            return Self::of_fields(fields.collect());
        }
        if let Some(bytes) = values.as_binary_opt::<i32>() {
            return Self::of_bytes(bytes.value(row));
        }
        if let Some(numbers) = values.as_primitive_opt::<Float32Type>() {
            let number = numbers.value(row);
            // As few digits as tell it from other numbers of 32 bits.
            let shortest = number
                .to_string()
                .parse()
                .unwrap_or_else(|_| f64::from(number));
            return Self::of_float(shortest);
        }
        if let Some(numbers) = values.as_primitive_opt::<Float64Type>() {
            return Self::of_float(numbers.value(row));
        }
        if let Some(flags) = values.as_boolean_opt() {
            let flag = flags.value(row);
            return Self::new(flag, flag.to_string());
        }
        let text = array_value_to_string(values, row).unwrap_or_default();
        match text.parse::<Number>() {
            Ok(number) if values.data_type().is_numeric() => Self::new(Json::Number(number), text),
            _ => Self::new(text.as_str(), text.as_str()),
        }
    }

    fn of_list(items: &ArrayRef) -> Self {
        let values: Vec<Self> = (0..items.len())
            .map(|item| Self::of_array(items, item))
            .collect();
        let what = match items.data_type() {
            number if number.is_numeric() => "number",
            DataType::Utf8 => "text",
            _ => "item",
        };
        let is_short = values.len() <= FEW && !items.data_type().is_nested();
        let text = match is_short {
            true => values.iter().map(Self::text).collect::<Vec<_>>().join(", "),
            false => print::many(values.len(), what),
        };
        let json = values.into_iter().map(|value| value.json);
        Self::new(Json::Array(json.collect()), format!("[{text}]"))
    }

    fn of_fields(fields: Vec<(String, Self)>) -> Self {
        let texts = fields
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.text));
        let text = texts.collect::<Vec<_>>().join(", ");
        let json: Map<String, Json> = fields
            .into_iter()
            .map(|(name, value)| (name, value.json))
            .collect();
        Self::new(Json::Object(json), format!("{{{text}}}"))
    }

    /// What the first bytes of an image say of it; of others how many there are.
    fn of_bytes(bytes: &[u8]) -> Self {
        let kind = tlc_view::image_type(bytes).and_then(|kind| kind.strip_prefix("image/"));
        let size = imagesize::blob_size(bytes).ok();
        let text = match kind.zip(size) {
            Some((kind, size)) => format!("{}x{} {kind}", size.width, size.height),
            None => print::many(bytes.len(), "byte"),
        };
        Self::new(text.as_str(), text.as_str())
    }

    fn of_float(value: f64) -> Self {
        // JSON has neither NaN nor infinities: their names stand for them.
        let named = || Json::from(value.to_string());
        let json = Number::from_f64(value).map_or_else(named, Json::Number);
        Self {
            short: Some(print::number(value)),
            ..Self::new(json, value.to_string())
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

fn label_classes(value: &ValueType) -> Option<&ClassMap> {
    match value {
        ValueType::CategoricalLabel { classes } => Some(classes),
        _ => None,
    }
}

fn whole(values: &ArrayRef, row: usize) -> Option<i64> {
    let wide = cast(&values.slice(row, 1), &DataType::Int64).ok()?;
    let wide = wide.as_primitive_opt::<Int64Type>()?;
    wide.is_valid(0).then(|| wide.value(0))
}

/// The items of a list.
fn items(lists: &ArrayRef, row: usize) -> Option<ArrayRef> {
    let fixed = lists.as_fixed_size_list_opt();
    let open = lists.as_list_opt::<i32>();
    fixed
        .map(|lists| lists.value(row))
        .or_else(|| open.map(|lists| lists.value(row)))
}
