//! Tables as plain vectors, and whether a table holds what they do.

use tlc_core::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use tlc_core::arrow::datatypes::{DataType, Int32Type, Int64Type};
use tlc_core::{ClassMap, Table};

/// A value of a cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Missing,
    Number(i64),
    Text(String),
    /// By the name of its class.
    Class(String),
}

/// Which row it is, whatever table shows it: where it came into being.
pub(super) type Identity = u64;

/// A table as plain vectors.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plain {
    /// Names and values `[rows]`.
    pub(super) columns: Vec<(String, Vec<Value>)>,
    /// Class names of the column `label`, if it is there.
    pub(super) classes: Vec<String>,
    pub(super) rows: Vec<Identity>,
}

impl Value {
    pub(super) fn number(&self) -> i64 {
        match self {
            Self::Number(number) => *number,
            _ => 0,
        }
    }
}

impl Plain {
    pub(super) fn column(&self, name: &str) -> Option<&Vec<Value>> {
        let column = self.columns.iter().find(|(known, _)| known == name);
        column.map(|(_, values)| values)
    }

    pub(super) fn has_label(&self) -> bool {
        self.column("label").is_some()
    }

    pub(super) fn only(&self, rows: &[usize]) -> Self {
        let pick = |values: &Vec<Value>| rows.iter().map(|row| values[*row].clone()).collect();
        Self {
            columns: self
                .columns
                .iter()
                .map(|(name, values)| (name.clone(), pick(values)))
                .collect(),
            classes: self.classes.clone(),
            rows: rows.iter().map(|row| self.rows[*row]).collect(),
        }
    }

    /// What `value` makes a cell of a column.
    pub(super) fn value(&self, name: &str, sample: Option<&Value>, value: i64) -> Value {
        match sample {
            _ if name == "label" => {
                let place = usize::try_from(value).unwrap() % self.classes.len();
                Value::Class(self.classes[place].clone())
            }
            Some(Value::Text(_)) => Value::Text(format!("text {value}")),
            _ => Value::Number(value),
        }
    }
}

/// The values of a column of one type as an array.
pub(super) fn array(values: &[Value]) -> ArrayRef {
    use tlc_core::IntoArray;
    let is_text = values
        .iter()
        .any(|value| matches!(value, Value::Text(_) | Value::Class(_)));
    if is_text {
        let texts = values.iter().map(|value| match value {
            Value::Text(text) | Value::Class(text) => Some(text.clone()),
            _ => None,
        });
        return texts.collect::<Vec<_>>().into_array();
    }
    let numbers = values.iter().map(|value| match value {
        Value::Number(number) => Some(*number),
        _ => None,
    });
    numbers.collect::<Vec<_>>().into_array()
}

pub(super) fn read(values: &ArrayRef, classes: Option<&ClassMap>) -> Vec<Value> {
    (0..values.len())
        .map(|row| {
            if values.is_null(row) {
                return Value::Missing;
            }
            match values.data_type() {
                DataType::Int64 => Value::Number(values.as_primitive::<Int64Type>().value(row)),
                DataType::Int32 => {
                    let label = values.as_primitive::<Int32Type>().value(row);
                    Value::Class(classes.unwrap().name(label).unwrap().to_owned())
                }
                DataType::Utf8 => Value::Text(values.as_string::<i32>().value(row).to_owned()),
                other => panic!("{other}"),
            }
        })
        .collect()
}

pub(super) fn assert_batch(table: &Table, batch: &RecordBatch, plain: &Plain, how: &str) {
    assert_eq!(batch.num_rows(), plain.rows.len(), "{how}: {}", table.url());
    for (name, expected) in &plain.columns {
        let column = table.schema().column(name).unwrap();
        let found = read(&batch[name.as_str()], column.value.classes());
        assert_eq!(found, *expected, "{how}: {name} of {}", table.url());
    }
}

/// The table holds what it should by every way in.
pub(super) fn assert_holds(table: &Table, plain: &Plain) {
    let names: Vec<&str> = table.schema().names().collect();
    let expected: Vec<&str> = plain
        .columns
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, expected);
    assert_eq!(table.len(), plain.rows.len());
    let batches: Vec<RecordBatch> = table
        .scan()
        .batch_size(3)
        .batches()
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let whole = tlc_core::arrow::compute::concat_batches(table.arrow_schema(), &batches).unwrap();
    assert_batch(table, &whole, plain, "scan");
    let rows: Vec<usize> = (0..plain.rows.len()).rev().step_by(2).collect();
    assert_batch(
        table,
        &table.take(&rows).unwrap(),
        &plain.only(&rows),
        "take",
    );
    if plain.rows.len() > 2 {
        let range = 1..plain.rows.len() - 1;
        let batches = table.scan().rows(range.clone()).batches().unwrap();
        let batches: Vec<RecordBatch> = batches.collect::<Result<_, _>>().unwrap();
        let part =
            tlc_core::arrow::compute::concat_batches(table.arrow_schema(), &batches).unwrap();
        assert_batch(
            table,
            &part,
            &plain.only(&range.collect::<Vec<_>>()),
            "range",
        );
    }
    let name = &plain.columns.last().unwrap().0;
    let classes = table.schema().column(name).unwrap().value.classes();
    assert_eq!(
        read(&table.column(name).unwrap(), classes),
        *plain.column(name).unwrap()
    );
}
