//! Tables that are made of others, each beside what it should hold.

use super::plain::{Identity, Plain, Value, array, assert_holds, read};
use super::{Step, choices, edits};
use std::collections::HashMap;
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::Int64Type;
use tlc_core::{
    Column, Columns, Error, MetricsOptions, MetricsTableWriter, Run, RunOptions, TABLE_ROW, Table,
    TableOptions, Url, ValueType, concatenate,
};

/// Tables and what they should hold.
pub(super) struct World {
    pub(super) root: Url,
    pub(super) tables: Vec<(Table, Plain)>,
    pub(super) next_row: Identity,
    pub(super) next_name: usize,
}

impl World {
    pub(super) fn new(name: &str, rows: usize) -> Self {
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

    pub(super) fn pick(&self, table: usize) -> (Table, Plain) {
        self.tables[table % self.tables.len()].clone()
    }

    pub(super) fn name(&mut self, what: &str) -> String {
        self.next_name += 1;
        format!("{what}{}", self.next_name)
    }

    pub(super) fn take(&mut self, step: &Step) {
        let made = match step {
            Step::Edit(table, edits) => edits::make(self, *table, edits),
            Step::Derive(table, choices) => choices::make(self, *table, choices),
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

    pub(super) fn revert(&self, table: usize, to: usize) -> Option<(Table, Plain)> {
        let ((table, _), (to, plain)) = (self.pick(table), self.pick(to));
        match table.revert(&to, "as it was") {
            Ok(made) => Some((made, plain)),
            Err(Error::NothingChanged { .. } | Error::OtherBase { .. }) => None,
            Err(error) => panic!("{error}"),
        }
    }

    pub(super) fn concatenate(&mut self, one: usize, other: usize) -> (Table, Plain) {
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
    pub(super) fn assert_joins(&mut self, one: usize, other: usize) {
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
    pub(super) fn assert_diff(&self, one: usize, other: usize) {
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
