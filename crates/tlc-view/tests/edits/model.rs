//! Random actions, undone, redone, discarded and reopened, against a plain model of them.

use crate::{CLASSES, root, table};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::{Float32Type, Int32Type, Int64Type};
use tlc_core::{Column, Table, ValueType};
use tlc_view::{ActionKind, Change, Outcome, PendingEdits};

const ROWS: usize = 24;

/// What is done in one step.
#[derive(Clone, Debug)]
enum Do {
    Label(Vec<usize>, i32),
    Accept(Vec<usize>, Vec<i32>),
    Weight(Vec<usize>, i8),
    Add(i64),
    Added(Vec<usize>, i64),
    Review(Vec<usize>, bool),
    DiscardColumn(&'static str),
    DiscardKind(ActionKind),
    DiscardAll,
    Undo,
    Redo,
    Reopen,
    /// The next steps are done by the other of two handles.
    Other,
}

fn rows() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..ROWS, 1..6)
}

fn step() -> impl Strategy<Value = Do> {
    let kinds = [
        ActionKind::Set,
        ActionKind::Accept,
        ActionKind::AddColumn,
        ActionKind::Review,
    ];
    prop_oneof![
        4 => (rows(), 0..4).prop_map(|(rows, label)| Do::Label(rows, label)),
        3 => prop::collection::vec((0..ROWS, 0..4), 1..9).prop_map(|pairs| {
            let (rows, labels) = pairs.into_iter().unzip();
            Do::Accept(rows, labels)
        }),
        2 => (rows(), 0..3_i8).prop_map(|(rows, weight)| Do::Weight(rows, weight)),
        1 => (0..3_i64).prop_map(Do::Add),
        2 => (rows(), 0..3_i64).prop_map(|(rows, value)| Do::Added(rows, value)),
        2 => (rows(), any::<bool>()).prop_map(|(rows, is_reviewed)| Do::Review(rows, is_reviewed)),
        1 => prop::sample::select(vec!["label", "weight", "x"]).prop_map(Do::DiscardColumn),
        1 => prop::sample::select(kinds.to_vec()).prop_map(Do::DiscardKind),
        1 => Just(Do::DiscardAll),
        5 => Just(Do::Undo),
        4 => Just(Do::Redo),
        2 => Just(Do::Reopen),
        2 => Just(Do::Other),
    ]
}

/// All that was done, and how much of it is not undone.
#[derive(Default)]
struct Model {
    actions: Vec<Do>,
    done: usize,
}

#[derive(Debug, Default, PartialEq)]
struct Seen {
    cells: BTreeMap<(&'static str, usize), i64>,
    is_added: bool,
    reviewed: BTreeSet<usize>,
}

impl Model {
    fn act(&mut self, action: Do) {
        self.actions.truncate(self.done);
        self.actions.push(action);
        self.done += 1;
    }

    /// The actions that no later one discards.
    fn alive(&self) -> Vec<&Do> {
        let active = &self.actions[..self.done];
        let is_discarded = |place: usize, action: &Do| {
            let mut later = active[place + 1..].iter();
            later.any(|later| match later {
                Do::DiscardColumn(column) => column_of(action) == Some(*column),
                Do::DiscardKind(kind) => kind_of(action) == Some(*kind),
                Do::DiscardAll => true,
                _ => false,
            })
        };
        let alive = active.iter().enumerate();
        let alive = alive.filter(|(place, action)| !is_discarded(*place, action));
        alive.map(|(_, action)| action).collect()
    }

    fn has_added(&self) -> bool {
        self.alive()
            .iter()
            .any(|action| matches!(action, Do::Add(_)))
    }

    fn seen(&self) -> Seen {
        let mut seen = Seen::default();
        for action in self.alive() {
            match action {
                Do::Label(rows, label) => {
                    for row in rows {
                        seen.cells.insert(("label", *row), i64::from(*label));
                    }
                    seen.reviewed.extend(rows);
                }
                Do::Accept(rows, labels) => {
                    for (row, label) in rows.iter().zip(labels) {
                        seen.cells.insert(("label", *row), i64::from(*label));
                    }
                }
                Do::Weight(rows, weight) => {
                    for row in rows {
                        seen.cells.insert(("weight", *row), i64::from(*weight));
                    }
                }
                Do::Add(value) => {
                    seen.is_added = true;
                    for row in 0..ROWS {
                        seen.cells.insert(("x", row), *value);
                    }
                }
                Do::Added(rows, value) if seen.is_added => {
                    for row in rows {
                        seen.cells.insert(("x", *row), *value);
                    }
                }
                Do::Review(rows, true) => seen.reviewed.extend(rows),
                Do::Review(rows, false) => {
                    seen.reviewed.retain(|row| !rows.contains(row));
                }
                _ => {}
            }
        }
        seen
    }
}

fn kind_of(action: &Do) -> Option<ActionKind> {
    Some(match action {
        Do::Label(..) | Do::Weight(..) | Do::Added(..) => ActionKind::Set,
        Do::Accept(..) => ActionKind::Accept,
        Do::Add(_) => ActionKind::AddColumn,
        Do::Review(..) => ActionKind::Review,
        _ => return None,
    })
}

fn column_of(action: &Do) -> Option<&'static str> {
    match action {
        Do::Label(..) | Do::Accept(..) => Some("label"),
        Do::Weight(..) => Some("weight"),
        Do::Add(_) | Do::Added(..) => Some("x"),
        _ => None,
    }
}

fn change_of(action: &Do) -> Option<Change> {
    Some(match action.clone() {
        Do::Label(rows, label) => Change::set("label", rows, CLASSES[label as usize]).reviewed(),
        Do::Accept(rows, labels) => Change::accept("label", rows, labels),
        Do::Weight(rows, weight) => Change::set("weight", rows, f32::from(weight)),
        Do::Add(value) => Change::add_column(Column::new("x", ValueType::Int64), value),
        Do::Added(rows, value) => Change::set("x", rows, value),
        Do::Review(rows, true) => Change::review(rows),
        Do::Review(rows, false) => Change::unreview(rows),
        Do::DiscardColumn(column) => Change::discard_column(column),
        Do::DiscardKind(kind) => Change::discard_kind(kind),
        Do::DiscardAll => Change::discard_all(),
        Do::Undo | Do::Redo | Do::Reopen | Do::Other => return None,
    })
}

fn seen(edits: &PendingEdits) -> Seen {
    let mut seen = Seen {
        is_added: edits.columns().any(|column| column.name == "x"),
        reviewed: edits.reviewed().iter().collect(),
        ..Seen::default()
    };
    for row in 0..ROWS {
        for column in ["label", "weight", "x"] {
            let Ok(Some(value)) = edits.value(row, column) else {
                continue;
            };
            let value = match column {
                "label" => i64::from(value.as_primitive::<Int32Type>().value(0)),
                "weight" => value.as_primitive::<Float32Type>().value(0) as i64,
                _ => value.as_primitive::<Int64Type>().value(0),
            };
            seen.cells.insert((column, row), value);
        }
    }
    seen
}

/// What a table shows of the cells that the model knows.
fn shown(table: &Table, seen: &Seen) -> BTreeMap<(&'static str, usize), i64> {
    let mut shown = BTreeMap::new();
    for (column, row) in seen.cells.keys() {
        let values = table.column(column).unwrap();
        let value = match *column {
            "label" => i64::from(values.as_primitive::<Int32Type>().value(*row)),
            "weight" => values.as_primitive::<Float32Type>().value(*row) as i64,
            _ => values.as_primitive::<Int64Type>().value(*row),
        };
        shown.insert((*column, *row), value);
    }
    shown
}

/// Cells of which the table has another value.
fn differing(table: &Table, seen: &Seen) -> usize {
    let own = Seen {
        cells: seen
            .cells
            .iter()
            .filter(|((column, _), _)| *column != "x")
            .map(|(key, value)| (*key, *value))
            .collect(),
        ..Seen::default()
    };
    let before = shown(table, &own);
    let changed = own
        .cells
        .iter()
        .filter(|(key, value)| before[key] != **value);
    changed.count() + if seen.is_added { ROWS } else { 0 }
}

fn fresh() -> Table {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    table(&root(&format!("model-{number}")), ROWS as i32)
}

fn check(before: usize, steps: &[Do]) {
    let table = fresh();
    let mut handles = [
        PendingEdits::open(&table).unwrap(),
        PendingEdits::open(&table).unwrap(),
    ];
    let (mut model, mut at) = (Model::default(), 0);
    let filled = (0..before).map(|row| Do::Review(vec![row % ROWS], row % 3 != 0));
    for step in filled.chain(steps.iter().cloned()) {
        match &step {
            Do::Undo => {
                let undone = handles[at].undo().unwrap();
                assert_eq!(undone.is_some(), model.done > 0);
                model.done = model.done.saturating_sub(1);
            }
            Do::Redo => {
                let redone = handles[at].redo().unwrap();
                assert_eq!(redone.is_some(), model.done < model.actions.len());
                model.done = model.actions.len().min(model.done + 1);
            }
            Do::Reopen => handles[at] = PendingEdits::open(&table).unwrap(),
            Do::Other => {
                at = 1 - at;
                handles[at].refresh().unwrap();
            }
            other => {
                let can_be = match other {
                    Do::Add(_) => !model.has_added(),
                    Do::Added(..) | Do::DiscardColumn("x") => model.has_added(),
                    _ => true,
                };
                // The other handle may not have seen what was done: it reads it first.
                let made = handles[at].act(change_of(other).unwrap());
                assert_eq!(made.is_ok(), can_be, "{other:?}");
                if can_be {
                    model.act(step.clone());
                }
            }
        }
        if !matches!(step, Do::Review(..)) {
            assert_eq!(seen(&handles[at]), model.seen(), "after {step:?}");
        }
    }
    check_kept(&table, &model);
}

/// What a new process finds, and commits.
fn check_kept(table: &Table, model: &Model) {
    let expected = model.seen();
    let mut edits = PendingEdits::open(table).unwrap();
    assert_eq!(seen(&edits), expected);
    assert_eq!(
        (edits.actions().len(), edits.undone().len()),
        (model.done, model.actions.len() - model.done)
    );
    let cells: usize = edits
        .counts()
        .unwrap()
        .iter()
        .map(|count| count.cells)
        .sum();
    assert_eq!(cells, differing(table, &expected));
    match edits.commit("random") {
        Ok(Outcome::Committed(made)) => assert_eq!(shown(&made, &expected), expected.cells),
        other => assert!(cells == 0 && other.is_err(), "{other:?}"),
    }
    let edits = PendingEdits::open(table).unwrap();
    assert_eq!(
        edits.reviewed().iter().collect::<BTreeSet<_>>(),
        expected.reviewed
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn edits_are_what_a_plain_model_of_them_is(steps in prop::collection::vec(step(), 0..40)) {
        check(0, &steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn edits_are_the_same_from_checkpoints(
        before in 230_usize..260,
        steps in prop::collection::vec(step(), 20..60),
    ) {
        check(before, &steps);
    }
}
