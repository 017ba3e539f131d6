//! Any sequence of edits, choices, copies and concatenations gives what the same gives on
//! plain vectors.

use proptest::prelude::*;
use std::collections::HashMap;
use tlc_core::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use tlc_core::arrow::datatypes::{DataType, Int32Type, Int64Type};
use tlc_core::{
    Column, Columns, Error, MetricsOptions, MetricsTableWriter, Run, RunOptions, TABLE_ROW, Table,
    TableOptions, Url, ValueType, concatenate, set_row_group_rows,
};

/// A value of a cell.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Missing,
    Number(i64),
    Text(String),
    /// By the name of its class.
    Class(String),
}

/// Which row it is, whatever table shows it: where it came into being.
type Identity = u64;

/// A table as plain vectors.
#[derive(Clone, Debug)]
struct Plain {
    /// Names and values `[rows]`.
    columns: Vec<(String, Vec<Value>)>,
    /// Class names of the column `label`, if it is there.
    classes: Vec<String>,
    rows: Vec<Identity>,
}

/// Tables and what they should hold.
struct World {
    root: Url,
    tables: Vec<(Table, Plain)>,
    next_row: Identity,
    next_name: usize,
}

#[derive(Clone, Debug)]
enum Step {
    Edit(usize, Vec<Edit>),
    Derive(usize, Vec<Choice>),
    Squash(usize),
    Revert(usize, usize),
    Concatenate(usize, usize),
}

#[derive(Clone, Debug)]
enum Edit {
    SetRows(usize, Vec<usize>, i64),
    Map(usize, i64),
    AddColumn(i64),
    AddConstant(i64),
    AddColumnOf(usize, usize),
    DropColumn(usize),
    RenameColumn(usize),
    DropRows(Vec<usize>),
    KeepRows(Vec<usize>),
    Append(usize, i64),
    AddClass,
    RenameClass(usize),
    ReverseClasses,
}

#[derive(Clone, Debug)]
enum Choice {
    Mask(u64),
    Filter(i64),
    Reverse,
    Slice(usize, usize),
    Shuffle(u64),
    Columns(u64),
}

fn edit() -> impl Strategy<Value = Edit> {
    let any = || 0..1000_usize;
    let rows = || prop::collection::vec(0..1000_usize, 1..4);
    prop_oneof![
        6 => (any(), rows(), 0..5_i64).prop_map(|(column, rows, value)| Edit::SetRows(column, rows, value)),
        2 => (any(), 0..3_i64).prop_map(|(column, by)| Edit::Map(column, by)),
        1 => (0..9_i64).prop_map(Edit::AddColumn),
        1 => (0..9_i64).prop_map(Edit::AddConstant),
        1 => (any(), any()).prop_map(|(table, column)| Edit::AddColumnOf(table, column)),
        1 => any().prop_map(Edit::DropColumn),
        1 => any().prop_map(Edit::RenameColumn),
        2 => rows().prop_map(Edit::DropRows),
        1 => prop::collection::vec(0..1000_usize, 3..9).prop_map(Edit::KeepRows),
        2 => (1..4_usize, 0..5_i64).prop_map(|(rows, value)| Edit::Append(rows, value)),
        1 => Just(Edit::AddClass),
        1 => any().prop_map(Edit::RenameClass),
        1 => Just(Edit::ReverseClasses),
    ]
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![
        any::<u64>().prop_map(Choice::Mask),
        (0..3_i64).prop_map(Choice::Filter),
        Just(Choice::Reverse),
        (0..9_usize, 0..20_usize).prop_map(|(start, len)| Choice::Slice(start, len)),
        any::<u64>().prop_map(Choice::Shuffle),
        any::<u64>().prop_map(Choice::Columns),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let any = || 0..1000_usize;
    prop_oneof![
        8 => (any(), prop::collection::vec(edit(), 1..5)).prop_map(|(table, edits)| Step::Edit(table, edits)),
        3 => (any(), prop::collection::vec(choice(), 1..4)).prop_map(|(table, choices)| Step::Derive(table, choices)),
        1 => any().prop_map(Step::Squash),
        1 => (any(), any()).prop_map(|(table, to)| Step::Revert(table, to)),
        1 => (any(), any()).prop_map(|(one, other)| Step::Concatenate(one, other)),
    ]
}

impl Value {
    fn number(&self) -> i64 {
        match self {
            Self::Number(number) => *number,
            _ => 0,
        }
    }
}

impl Plain {
    fn column(&self, name: &str) -> Option<&Vec<Value>> {
        let column = self.columns.iter().find(|(known, _)| known == name);
        column.map(|(_, values)| values)
    }

    fn has_label(&self) -> bool {
        self.column("label").is_some()
    }

    fn only(&self, rows: &[usize]) -> Self {
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
    fn value(&self, name: &str, sample: Option<&Value>, value: i64) -> Value {
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
fn array(values: &[Value]) -> ArrayRef {
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

fn read(values: &ArrayRef, classes: Option<&[String]>) -> Vec<Value> {
    (0..values.len())
        .map(|row| {
            if values.is_null(row) {
                return Value::Missing;
            }
            match values.data_type() {
                DataType::Int64 => Value::Number(values.as_primitive::<Int64Type>().value(row)),
                DataType::Int32 => {
                    let label = values.as_primitive::<Int32Type>().value(row);
                    Value::Class(classes.unwrap()[usize::try_from(label).unwrap()].clone())
                }
                DataType::Utf8 => Value::Text(values.as_string::<i32>().value(row).to_owned()),
                other => panic!("{other}"),
            }
        })
        .collect()
}

fn assert_batch(table: &Table, batch: &RecordBatch, plain: &Plain, how: &str) {
    assert_eq!(batch.num_rows(), plain.rows.len(), "{how}: {}", table.url());
    for (name, expected) in &plain.columns {
        let column = table.schema().column(name).unwrap();
        let found = read(&batch[name.as_str()], column.value.classes());
        assert_eq!(found, *expected, "{how}: {name} of {}", table.url());
    }
}

/// The table holds what it should by every way in.
fn assert_holds(table: &Table, plain: &Plain) {
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

impl World {
    fn new(name: &str, rows: usize) -> Self {
        let root = Url::parse(&format!("memory://{name}")).unwrap();
        let classes = ["cat", "dog", "cow"].map(str::to_owned);
        let number = |row: usize| i64::try_from(row).unwrap();
        let plain = Plain {
            columns: vec![
                (
                    "number".to_owned(),
                    (0..rows).map(|row| Value::Number(number(row))).collect(),
                ),
                (
                    "text".to_owned(),
                    (0..rows)
                        .map(|row| Value::Text(format!("row {row}")))
                        .collect(),
                ),
                (
                    "label".to_owned(),
                    (0..rows)
                        .map(|row| Value::Class(classes[row % 3].clone()))
                        .collect(),
                ),
            ],
            classes: classes.to_vec(),
            rows: (0..rows as u64).collect(),
        };
        let labels: Vec<i64> = (0..rows).map(|row| number(row % 3)).collect();
        let options = TableOptions::new("p", "d", "base")
            .column(Column::new("label", ValueType::labels(classes)).nullable(true))
            .root(&root);
        let columns = Columns::new()
            .column("number", array(&plain.columns[0].1))
            .column("text", array(&plain.columns[1].1))
            .column("label", labels);
        let table = Table::create(options, |writer| writer.add_batch(columns)).unwrap();
        Self {
            root,
            tables: vec![(table, plain)],
            next_row: rows as u64,
            next_name: 0,
        }
    }

    fn pick(&self, table: usize) -> (Table, Plain) {
        self.tables[table % self.tables.len()].clone()
    }

    fn name(&mut self, what: &str) -> String {
        self.next_name += 1;
        format!("{what}{}", self.next_name)
    }

    fn take(&mut self, step: &Step) {
        let made = match step {
            Step::Edit(table, edits) => self.edit(*table, edits),
            Step::Derive(table, choices) => self.derive(*table, choices),
            Step::Squash(table) => {
                let (table, plain) = self.pick(*table);
                Some((table.squash("copied").unwrap(), plain))
            }
            Step::Revert(table, to) => self.revert(*table, *to),
            Step::Concatenate(one, other) => Some(self.concatenate(*one, *other)),
        };
        if let Some((table, plain)) = made {
            assert_holds(&table, &plain);
            assert_holds(&Table::from_url(table.url()).unwrap(), &plain);
            self.tables.push((table, plain));
        }
    }

    fn edit(&mut self, table: usize, edits: &[Edit]) -> Option<(Table, Plain)> {
        let (table, before) = self.pick(table);
        let len = before.rows.len();
        let mut editor = table.edit().unwrap();
        editor.ignore_writable();
        // Rows are dropped and appended at the end, since the editor counts as before.
        let mut plain = before.clone();
        let mut dropped = vec![false; len];
        let mut appended: Vec<(Vec<Value>, Identity)> = Vec::new();
        for edit in edits {
            let place = |column: usize| column % plain.columns.len();
            match edit {
                Edit::SetRows(column, rows, value) if len > 0 => {
                    let (name, values) = &plain.columns[place(*column)];
                    let sample = values.iter().find(|value| **value != Value::Missing);
                    if sample.is_none() && name != "label" {
                        continue; // nobody here knows its type
                    }
                    let value = plain.value(name, sample, *value);
                    let rows: Vec<usize> = rows.iter().map(|row| row % len).collect();
                    let name = name.clone();
                    match &value {
                        Value::Text(text) | Value::Class(text) => {
                            editor.set_rows(&name, rows.clone(), text.as_str())
                        }
                        other => editor.set_rows(&name, rows.clone(), other.number()),
                    }
                    .unwrap();
                    let at = place(*column);
                    for row in rows {
                        plain.columns[at].1[row] = value.clone();
                    }
                }
                Edit::Map(column, by) => {
                    let at = place(*column);
                    let (name, values) = &mut plain.columns[at];
                    if !matches!(values.first(), Some(Value::Number(_)))
                        || values.contains(&Value::Missing)
                    {
                        continue;
                    }
                    editor.map(name, |_, value: i64| value + by).unwrap();
                    for value in values {
                        *value = Value::Number(value.number() + by);
                    }
                }
                Edit::AddColumn(start) if len > 0 && appended.is_empty() => {
                    let name = self.name("added");
                    let values: Vec<Value> = (0..len)
                        .map(|row| Value::Number(start + i64::try_from(row).unwrap()))
                        .collect();
                    editor
                        .add_column(Column::new(&name, ValueType::Int64), array(&values))
                        .unwrap();
                    plain.columns.push((name, values));
                }
                Edit::AddConstant(value) if len > 0 && appended.is_empty() => {
                    let name = self.name("constant");
                    editor
                        .add_constant(Column::new(&name, ValueType::Int64), *value)
                        .unwrap();
                    plain.columns.push((name, vec![Value::Number(*value); len]));
                }
                Edit::AddColumnOf(other, column) if len > 0 && appended.is_empty() => {
                    let (other, of_other) = self.pick(*other);
                    let (name, values) = &of_other.columns[column % of_other.columns.len()];
                    if plain.column(name).is_some() || name == "label" {
                        continue;
                    }
                    let known: HashMap<Identity, &Value> =
                        of_other.rows.iter().copied().zip(values).collect();
                    let values = before.rows.iter().map(|row| {
                        known
                            .get(row)
                            .map_or(Value::Missing, |value| (*value).clone())
                    });
                    let values: Vec<Value> = values.collect();
                    match editor.add_column_of(&other, name) {
                        Ok(_) => plain.columns.push((name.clone(), values)),
                        Err(Error::OtherBase { .. }) => {
                            assert!(values.iter().all(|value| *value == Value::Missing));
                        }
                        Err(other) => panic!("{other}"),
                    }
                }
                Edit::DropColumn(column) if plain.columns.len() > 1 && appended.is_empty() => {
                    let (name, _) = plain.columns.remove(place(*column));
                    editor.drop_column(&name).unwrap();
                }
                Edit::RenameColumn(column) if appended.is_empty() => {
                    let at = place(*column);
                    if plain.columns[at].0 == "label" {
                        continue;
                    }
                    let name = self.name("renamed");
                    editor.rename_column(&plain.columns[at].0, &name).unwrap();
                    plain.columns[at].0 = name;
                }
                Edit::DropRows(rows) if len > 0 => {
                    let rows: Vec<usize> = rows.iter().map(|row| row % len).collect();
                    editor.drop_rows(rows.clone()).unwrap();
                    rows.into_iter().for_each(|row| dropped[row] = true);
                }
                Edit::KeepRows(rows) if len > 0 => {
                    let rows: Vec<usize> = rows.iter().map(|row| row % len).collect();
                    editor.keep_rows(rows.clone()).unwrap();
                    (0..len)
                        .filter(|row| !rows.contains(row))
                        .for_each(|row| dropped[row] = true);
                }
                Edit::Append(rows, value) => {
                    let mut columns = Columns::new();
                    let mut new = vec![Vec::new(); *rows];
                    for (name, values) in &plain.columns {
                        // Of a column without rows the schema knows the type.
                        let is_text = table
                            .schema()
                            .column(name)
                            .is_some_and(|column| column.value == ValueType::String);
                        let sample = values
                            .iter()
                            .find(|value| **value != Value::Missing)
                            .cloned();
                        let sample = sample.or_else(|| is_text.then(|| Value::Text(String::new())));
                        let value = plain.value(name, sample.as_ref(), *value);
                        columns.push(name, array(&vec![value.clone(); *rows]));
                        new.iter_mut()
                            .for_each(|row: &mut Vec<Value>| row.push(value.clone()));
                    }
                    if editor.append(columns).is_err() {
                        // A renamed column without values: nobody here knows its type.
                        let is_empty = |values: &Vec<Value>| {
                            values.iter().all(|value| *value == Value::Missing)
                        };
                        assert!(plain.columns.iter().any(|(_, values)| is_empty(values)));
                        continue;
                    }
                    for row in new {
                        appended.push((row, self.next_row));
                        self.next_row += 1;
                    }
                }
                Edit::AddClass if plain.has_label() && appended.is_empty() => {
                    let class = self.name("class");
                    editor.add_class("label", &class).unwrap();
                    plain.classes.push(class);
                }
                Edit::RenameClass(class) if plain.has_label() && appended.is_empty() => {
                    let name = self.name("class");
                    let at = class % plain.classes.len();
                    let old = std::mem::replace(&mut plain.classes[at], name.clone());
                    editor.rename_class("label", &old, &name).unwrap();
                    for (_, values) in plain.columns.iter_mut().filter(|(name, _)| name == "label")
                    {
                        for value in values
                            .iter_mut()
                            .filter(|value| **value == Value::Class(old.clone()))
                        {
                            *value = Value::Class(name.clone());
                        }
                    }
                }
                Edit::ReverseClasses if plain.has_label() && appended.is_empty() => {
                    plain.classes.reverse();
                    editor.set_classes("label", plain.classes.clone()).unwrap();
                }
                _ => {}
            }
        }
        let kept: Vec<usize> = (0..len).filter(|row| !dropped[*row]).collect();
        let mut plain = plain.only(&kept);
        for (row, id) in appended {
            for ((_, values), value) in plain.columns.iter_mut().zip(row) {
                values.push(value);
            }
            plain.rows.push(id);
        }
        let is_same = plain.columns == before.columns
            && plain.classes == before.classes
            && plain.rows == before.rows;
        match editor.commit("edited") {
            Ok(table) => Some((table, plain)),
            Err(Error::NothingChanged { .. }) => {
                assert!(is_same);
                None
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn derive(&self, table: usize, choices: &[Choice]) -> Option<(Table, Plain)> {
        let (table, mut plain) = self.pick(table);
        let mut derivation = table.derive().unwrap();
        for choice in choices {
            let len = plain.rows.len();
            let rows: Vec<usize> = match choice {
                Choice::Mask(bits) => {
                    let mask: Vec<bool> = (0..len).map(|row| bits >> (row % 64) & 1 == 1).collect();
                    derivation.mask(&mask).unwrap();
                    (0..len).filter(|row| mask[*row]).collect()
                }
                Choice::Filter(wanted) => {
                    let Some(values) = plain.column("number") else {
                        continue;
                    };
                    let keep = |number: i64| number % 3 != *wanted;
                    if plain.columns.len() != table.schema().columns().len()
                        || values.contains(&Value::Missing)
                    {
                        continue;
                    }
                    #[derive(serde::Deserialize)]
                    struct Row {
                        number: Option<i64>,
                    }
                    derivation
                        .filter(|row: Row| row.number.is_some_and(keep))
                        .unwrap();
                    (0..len).filter(|row| keep(values[*row].number())).collect()
                }
                Choice::Reverse => {
                    derivation.rows((0..len).rev()).unwrap();
                    (0..len).rev().collect()
                }
                Choice::Slice(start, count) => {
                    let range = (*start).min(len)..(start + count).min(len);
                    derivation.slice(range.clone()).unwrap();
                    range.collect()
                }
                Choice::Shuffle(seed) => {
                    derivation.shuffle(*seed).unwrap();
                    let made = derivation.chosen().collect::<Vec<_>>();
                    // Which order is not told, but that it is of the same rows.
                    let by_row: HashMap<usize, usize> = self.places(&table, &plain);
                    made.iter().map(|row| by_row[row]).collect()
                }
                Choice::Columns(bits) => {
                    let names = plain.columns.iter().enumerate();
                    let wanted = names.filter(|(place, _)| bits >> place & 1 == 1);
                    let wanted: Vec<String> = wanted.map(|(_, (name, _))| name.clone()).collect();
                    if wanted.is_empty() {
                        continue;
                    }
                    derivation.columns(wanted.clone()).unwrap();
                    plain.columns.retain(|(name, _)| wanted.contains(name));
                    (0..len).collect()
                }
            };
            plain = plain.only(&rows);
        }
        match derivation.commit("chosen") {
            Ok(made) => Some((made, plain)),
            Err(Error::NothingChanged { .. }) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Place in a choice of each row of the table that it was made of.
    fn places(&self, table: &Table, chosen: &Plain) -> HashMap<usize, usize> {
        let (_, all) = self
            .tables
            .iter()
            .find(|(known, _)| known.id() == table.id())
            .unwrap();
        let row_of: HashMap<Identity, usize> = all.rows.iter().copied().zip(0..).collect();
        chosen
            .rows
            .iter()
            .enumerate()
            .map(|(place, id)| (row_of[id], place))
            .collect()
    }

    fn revert(&self, table: usize, to: usize) -> Option<(Table, Plain)> {
        let ((table, _), (to, plain)) = (self.pick(table), self.pick(to));
        match table.revert(&to, "as it was") {
            Ok(made) => Some((made, plain)),
            Err(Error::NothingChanged { .. } | Error::OtherBase { .. }) => None,
            Err(error) => panic!("{error}"),
        }
    }

    fn concatenate(&mut self, one: usize, other: usize) -> (Table, Plain) {
        let pair = [self.pick(one), self.pick(other)];
        let name = self.name("all");
        let tables = pair.each_ref().map(|(table, _)| table.clone());
        let made =
            concatenate(&tables, TableOptions::new("p", "d", name).root(&self.root)).unwrap();
        let mut plain = Plain {
            columns: Vec::new(),
            classes: Vec::new(),
            rows: Vec::new(),
        };
        for (_, of) in &pair {
            for (name, _) in &of.columns {
                if plain.column(name).is_none() {
                    plain.columns.push((name.clone(), Vec::new()));
                }
            }
            let new = of
                .classes
                .iter()
                .filter(|class| of.has_label() && !plain.classes.contains(class));
            let new: Vec<String> = new.cloned().collect();
            plain.classes.extend(new);
        }
        for (_, of) in &pair {
            for (name, values) in &mut plain.columns {
                match of.column(name) {
                    Some(known) => values.extend(known.iter().cloned()),
                    None => values.extend(vec![Value::Missing; of.rows.len()]),
                }
            }
            for _ in &of.rows {
                plain.rows.push(self.next_row);
                self.next_row += 1;
            }
        }
        (made.table, plain)
    }

    /// Metrics collected on one table join every other by the rows that both have.
    fn assert_joins(&mut self, one: usize, other: usize) {
        let ((of, from), (with, to)) = (self.pick(one), self.pick(other));
        let name = self.name("run");
        let run = Run::create(RunOptions::new("p").name(name).root(&self.root)).unwrap();
        let options = MetricsOptions::new().run(&run).foreign_table(&of);
        let mut writer = MetricsTableWriter::new(options).unwrap();
        let ids: Vec<i64> = (0..from.rows.len())
            .rev()
            .map(|row| i64::try_from(row).unwrap())
            .collect();
        writer
            .add_batch(Columns::new().column("example_id", ids))
            .unwrap();
        writer.finalize().unwrap();
        run.update_metrics(&writer.get_written_metrics_infos())
            .unwrap();
        let metrics = run.metrics().unwrap()[0].clone();
        let name = to.columns[0].0.clone();
        let row_of: HashMap<Identity, i64> = to.rows.iter().copied().zip(0..).collect();
        let expected: Vec<Option<i64>> = from
            .rows
            .iter()
            .rev()
            .map(|id| row_of.get(id).copied())
            .collect();
        match metrics.join_with(&with, &[&name]) {
            Err(Error::OtherBase { .. }) => assert!(expected.iter().all(Option::is_none)),
            Err(error) => panic!("{error}"),
            Ok(batches) => {
                let mut found = Vec::new();
                for batch in batches {
                    let batch = batch.unwrap();
                    found.extend(batch[TABLE_ROW].as_primitive::<Int64Type>().iter());
                    let classes = with.schema().column(&name).unwrap().value.classes();
                    let values = read(&batch[name.as_str()], classes);
                    for (row, value) in batch[TABLE_ROW]
                        .as_primitive::<Int64Type>()
                        .iter()
                        .zip(values)
                    {
                        let row = row.map(|row| usize::try_from(row).unwrap());
                        let there = row.map_or(Value::Missing, |row| to.columns[0].1[row].clone());
                        assert_eq!(value, there);
                    }
                }
                assert_eq!(found, expected);
            }
        }
    }

    /// The differences of two tables are those of their values.
    fn assert_diff(&self, one: usize, other: usize) {
        let ((before, from), (after, to)) = (self.pick(one), self.pick(other));
        let row_of: HashMap<Identity, usize> = to.rows.iter().copied().zip(0..).collect();
        let diff = match before.diff(&after) {
            Ok(diff) => diff,
            Err(Error::OtherBase { .. }) => {
                return assert!(!from.rows.iter().any(|id| row_of.contains_key(id)));
            }
            Err(error) => panic!("{error}"),
        };
        let dropped = (0..from.rows.len()).filter(|row| !row_of.contains_key(&from.rows[*row]));
        assert!(diff.rows_dropped().eq(dropped));
        let added = (0..to.rows.len()).filter(|row| !from.rows.contains(&to.rows[*row]));
        assert!(diff.rows_added().eq(added));
        let compared = |name: &str| !diff.columns_dropped().iter().any(|dropped| dropped == name);
        let mut expected = Vec::new();
        for (name, values) in from.columns.iter().filter(|(name, _)| compared(name)) {
            let others = to.column(name).unwrap();
            for (row, value) in values.iter().enumerate() {
                let Some(there) = row_of.get(&from.rows[row]) else {
                    continue;
                };
                // Of labels the numbers are compared.
                let number = |plain: &Plain, value: &Value| match value {
                    Value::Class(class) => Value::Number(
                        i64::try_from(
                            plain
                                .classes
                                .iter()
                                .position(|known| known == class)
                                .unwrap(),
                        )
                        .unwrap(),
                    ),
                    other => other.clone(),
                };
                if number(&from, value) != number(&to, &others[*there]) {
                    expected.push((name.clone(), row, *there));
                }
            }
        }
        let mut found = Vec::new();
        for batch in diff {
            let batch = batch.unwrap();
            let rows = |name: &str| batch[name].as_primitive::<Int64Type>().values().to_vec();
            let names = batch["column"].as_string::<i32>();
            for ((name, row), there) in names.iter().zip(rows("row")).zip(rows("row_after")) {
                found.push((
                    name.unwrap().to_owned(),
                    usize::try_from(row).unwrap(),
                    usize::try_from(there).unwrap(),
                ));
            }
        }
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_sequence_of_changes_gives_what_it_gives_on_plain_vectors(
        rows in 0..24_usize,
        steps in prop::collection::vec(step(), 1..7),
        pairs in prop::collection::vec((0..1000_usize, 0..1000_usize), 2),
    ) {
        set_row_group_rows(5);
        let mut world = World::new(&format!("model-{}", uuid()), rows);
        for step in &steps {
            world.take(step);
        }
        for (one, other) in pairs {
            world.assert_joins(one, other);
            world.assert_diff(one, other);
        }
        // What was made first is as it was.
        for (table, plain) in &world.tables {
            assert_holds(&Table::from_url(table.url()).unwrap(), plain);
        }
    }
}

/// A name that no other case has.
fn uuid() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::SeqCst)
}
