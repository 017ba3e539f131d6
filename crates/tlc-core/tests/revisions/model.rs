//! Any sequence of edits, choices, copies and concatenations gives what the same gives on
//! plain vectors.

mod choices;
mod edits;
mod plain;
mod world;

use self::plain::assert_holds;
use self::world::World;
use proptest::prelude::*;
use tlc_core::{Table, set_row_group_rows};

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
