//! Edits of one table, committed together.

use super::Edit;
use super::plain::{Identity, Plain, Value, array};
use super::world::World;
use std::collections::HashMap;
use tlc_core::{Column, Columns, Editor, Error, Table, ValueType};

/// An editor, and what its table will hold.
struct Editing<'w> {
    world: &'w mut World,
    table: Table,
    before: Plain,
    editor: Editor,
    /// With all rows of before, since the editor counts them so.
    plain: Plain,
    dropped: Vec<bool>,
    appended: Vec<(Vec<Value>, Identity)>,
}

/// Edits a table; nothing if all is as it was.
pub(super) fn make(world: &mut World, table: usize, edits: &[Edit]) -> Option<(Table, Plain)> {
    let (table, before) = world.pick(table);
    let mut editor = table.edit().unwrap();
    editor.ignore_writable();
    let mut editing = Editing {
        world,
        editor,
        plain: before.clone(),
        dropped: vec![false; before.rows.len()],
        appended: Vec::new(),
        table,
        before,
    };
    edits.iter().for_each(|edit| editing.edit(edit));
    editing.commit()
}

impl Editing<'_> {
    fn edit(&mut self, edit: &Edit) {
        let has_rows = !self.before.rows.is_empty();
        // Columns come first.
        let open = self.appended.is_empty();
        let has_label = open && self.plain.has_label();
        match edit {
            Edit::SetRows(column, rows, value) if has_rows => self.set_rows(*column, rows, *value),
            Edit::Map(column, by) => self.map(*column, *by),
            Edit::AddColumn(start) if has_rows && open => self.add_column(*start),
            Edit::AddConstant(value) if has_rows && open => self.add_constant(*value),
            Edit::AddColumnOf(other, column) if has_rows && open => {
                self.add_column_of(*other, *column);
            }
            Edit::DropColumn(column) if self.plain.columns.len() > 1 && open => {
                let at = self.place(*column);
                let (name, _) = self.plain.columns.remove(at);
                self.editor.drop_column(&name).unwrap();
            }
            Edit::RenameColumn(column) if open => self.rename_column(*column),
            Edit::DropRows(rows) if has_rows => {
                let rows = self.rows(rows);
                self.editor.drop_rows(rows.clone()).unwrap();
                rows.into_iter().for_each(|row| self.dropped[row] = true);
            }
            Edit::KeepRows(rows) if has_rows => {
                let rows = self.rows(rows);
                self.editor.keep_rows(rows.clone()).unwrap();
                let others = (0..self.dropped.len()).filter(|row| !rows.contains(row));
                others.for_each(|row| self.dropped[row] = true);
            }
            Edit::Append(rows, value) => self.append(*rows, *value),
            Edit::AddClass if has_label => {
                let class = self.world.name("class");
                self.editor.add_class("label", &class).unwrap();
                self.plain.classes.push(class);
            }
            Edit::RenameClass(class) if has_label => self.rename_class(*class),
            Edit::ReverseClasses if has_label => {
                self.plain.classes.reverse();
                let classes = self.plain.classes.clone();
                self.editor.set_classes("label", classes).unwrap();
            }
            _ => {}
        }
    }

    fn place(&self, column: usize) -> usize {
        column % self.plain.columns.len()
    }

    fn rows(&self, rows: &[usize]) -> Vec<usize> {
        rows.iter()
            .map(|row| row % self.before.rows.len())
            .collect()
    }

    fn set_rows(&mut self, column: usize, rows: &[usize], value: i64) {
        let (at, rows) = (self.place(column), self.rows(rows));
        let (name, values) = &self.plain.columns[at];
        let sample = values.iter().find(|value| **value != Value::Missing);
        if sample.is_none() && name != "label" {
            return; // nobody here knows its type
        }
        let value = self.plain.value(name, sample, value);
        match &value {
            Value::Text(text) | Value::Class(text) => {
                self.editor.set_rows(name, rows.clone(), text.as_str())
            }
            other => self.editor.set_rows(name, rows.clone(), other.number()),
        }
        .unwrap();
        for row in rows {
            self.plain.columns[at].1[row] = value.clone();
        }
    }

    fn map(&mut self, column: usize, by: i64) {
        let at = self.place(column);
        let (name, values) = &mut self.plain.columns[at];
        let is_number = |value: &Value| matches!(value, Value::Number(_));
        if values.is_empty() || !values.iter().all(is_number) {
            return;
        }
        self.editor.map(name, |_, value: i64| value + by).unwrap();
        for value in values {
            *value = Value::Number(value.number() + by);
        }
    }

    fn add_column(&mut self, start: i64) {
        let name = self.world.name("added");
        let numbers = (0..self.before.rows.len()).map(|row| start + i64::try_from(row).unwrap());
        let values: Vec<Value> = numbers.map(Value::Number).collect();
        let column = Column::new(&name, ValueType::Int64);
        self.editor.add_column(column, array(&values)).unwrap();
        self.plain.columns.push((name, values));
    }

    fn add_constant(&mut self, value: i64) {
        let name = self.world.name("constant");
        let column = Column::new(&name, ValueType::Int64);
        self.editor.add_constant(column, value).unwrap();
        let values = vec![Value::Number(value); self.before.rows.len()];
        self.plain.columns.push((name, values));
    }

    fn add_column_of(&mut self, other: usize, column: usize) {
        let (other, of_other) = self.world.pick(other);
        let (name, values) = &of_other.columns[column % of_other.columns.len()];
        if self.plain.column(name).is_some() || name == "label" {
            return;
        }
        let known: HashMap<&Identity, &Value> = of_other.rows.iter().zip(values).collect();
        let value = |row| {
            known
                .get(row)
                .map_or(Value::Missing, |value| (*value).clone())
        };
        let values: Vec<Value> = self.before.rows.iter().map(value).collect();
        match self.editor.add_column_of(&other, name) {
            Ok(_) => self.plain.columns.push((name.clone(), values)),
            Err(Error::OtherBase { .. }) => {
                assert!(values.iter().all(|value| *value == Value::Missing));
            }
            Err(other) => panic!("{other}"),
        }
    }

    fn rename_column(&mut self, column: usize) {
        let at = self.place(column);
        if self.plain.columns[at].0 == "label" {
            return;
        }
        let name = self.world.name("renamed");
        let old = std::mem::replace(&mut self.plain.columns[at].0, name.clone());
        self.editor.rename_column(&old, &name).unwrap();
    }

    fn append(&mut self, rows: usize, value: i64) {
        let (mut columns, mut row) = (Columns::new(), Vec::new());
        for (name, values) in &self.plain.columns {
            // Of a column without rows the schema knows the type.
            let column = self.table.schema().column(name);
            let is_text = column.is_some_and(|column| column.value == ValueType::String);
            let sample = values
                .iter()
                .find(|value| **value != Value::Missing)
                .cloned();
            let sample = sample.or_else(|| is_text.then(|| Value::Text(String::new())));
            let value = self.plain.value(name, sample.as_ref(), value);
            columns.push(name, array(&vec![value.clone(); rows]));
            row.push(value);
        }
        if self.editor.append(columns).is_err() {
            // A renamed column without values: nobody here knows its type.
            let is_empty = |values: &[Value]| values.iter().all(|it| *it == Value::Missing);
            let mut columns = self.plain.columns.iter();
            return assert!(columns.any(|(_, values)| is_empty(values)));
        }
        for _ in 0..rows {
            self.appended.push((row.clone(), self.world.next_row));
            self.world.next_row += 1;
        }
    }

    fn rename_class(&mut self, class: usize) {
        let name = self.world.name("class");
        let at = class % self.plain.classes.len();
        let old = std::mem::replace(&mut self.plain.classes[at], name.clone());
        self.editor.rename_class("label", &old, &name).unwrap();
        let (old, new) = (Value::Class(old), Value::Class(name));
        let mut columns = self.plain.columns.iter_mut();
        let label = columns.find(|(name, _)| name == "label");
        let values = label.into_iter().flat_map(|(_, values)| values);
        values
            .filter(|value| **value == old)
            .for_each(|value| *value = new.clone());
    }

    fn commit(mut self) -> Option<(Table, Plain)> {
        let kept: Vec<usize> = (0..self.dropped.len())
            .filter(|row| !self.dropped[*row])
            .collect();
        let mut plain = self.plain.only(&kept);
        for (row, id) in self.appended {
            for ((_, values), value) in plain.columns.iter_mut().zip(row) {
                values.push(value);
            }
            plain.rows.push(id);
        }
        match self.editor.commit("edited") {
            Ok(table) => Some((table, plain)),
            Err(Error::NothingChanged { .. }) => {
                assert_eq!(plain, self.before);
                None
            }
            Err(error) => panic!("{error}"),
        }
    }
}
