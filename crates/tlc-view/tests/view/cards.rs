//! What there is to look at, before and after somebody has looked for it.

use std::sync::Arc;
use tlc_core::{
    AddMetrics, Column, Columns, Role, Run, RunOptions, Table, TableOptions, Url, ValueType,
};
use tlc_view::{
    Card, CardKind, CardState, Error, Filtered, Progress, View, ViewOptions, compute_findings,
    compute_layout,
};

const NAMES: [&str; 3] = ["cat", "dog", "owl"];
const ROWS: usize = 60;
/// Their labels are wrong.
const WRONG: [usize; 4] = [3, 17, 30, 44];

fn truth(row: usize) -> usize {
    row % 3
}

fn label(row: usize) -> usize {
    if WRONG.contains(&row) {
        (truth(row) + 1) % 3
    } else {
        truth(row)
    }
}

fn project(name: &str) -> (Table, Run) {
    let root = Url::parse(&format!("memory://cards-{name}/")).unwrap();
    let labels = Column::new("label", ValueType::labels(NAMES));
    let options = TableOptions::new("demo", "animals", "train")
        .root(&root)
        .column(labels);
    let rows = (0..ROWS).map(|row| label(row) as i32);
    let rows = Columns::new().column("label", rows.collect::<Vec<_>>());
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    (
        table,
        Run::create(RunOptions::new("demo").root(root)).unwrap(),
    )
}

/// A model that says what is true of all but the last sample, which it forgets.
fn collect(run: &Run, table: &Table, epoch: i64, with: impl FnOnce(Columns) -> Columns) {
    let said = |row: usize| match row == ROWS - 1 && epoch == 3 {
        true => (truth(row) + 1) % 3,
        false => truth(row),
    };
    let all = || 0..ROWS;
    let loss = |row: usize| {
        if said(row) == label(row) {
            0.1_f32
        } else {
            2.0
        }
    };
    let columns = Columns::new()
        .column(
            "example_id",
            all().map(|row| row as i64).collect::<Vec<_>>(),
        )
        .column(
            "predicted",
            all().map(|row| said(row) as i32).collect::<Vec<_>>(),
        )
        .column(
            "accuracy",
            all()
                .map(|row| f32::from(u8::from(said(row) == label(row))))
                .collect::<Vec<_>>(),
        )
        .column("confidence", vec![0.9_f32; ROWS])
        .column("loss", all().map(loss).collect::<Vec<_>>());
    let predicted = Column::new("predicted", ValueType::labels(NAMES)).role(Role::Prediction);
    let options = AddMetrics::new()
        .foreign_table(table)
        .constant("epoch", epoch);
    run.add_metrics(with(columns), options.column(predicted))
        .unwrap();
}

fn probabilities(columns: Columns) -> Columns {
    let of = |row: usize| {
        let mut of = [0.05_f32; 3];
        of[truth(row)] = 0.9;
        of
    };
    columns.column("probabilities", (0..ROWS).map(of).collect::<Vec<_>>())
}

fn view(run: &Run) -> Arc<View> {
    Arc::new(ViewOptions::new().run(run).open().unwrap())
}

fn card(view: &Arc<View>, kind: CardKind) -> Card {
    let cards = Card::all(view).unwrap();
    cards.into_iter().find(|card| card.kind == kind).unwrap()
}

#[test]
fn what_is_told_at_once_and_what_nobody_has_looked_for() {
    let (table, run) = project("before");
    collect(&run, &table, 1, probabilities);
    let view = view(&run);
    let confused = card(&view, CardKind::Confused);
    assert_eq!((confused.count, &confused.state), (2, &CardState::Ready));
    let shown = Filtered::new(&view, &confused.filters).unwrap();
    assert_eq!(shown.count(), confused.count);
    assert!(shown.mask().iter().all(|row| WRONG.contains(&row)));
    let weakest = card(&view, CardKind::WeakestClass);
    assert!(
        weakest.count > 0 && weakest.explanation.ends_with(" %."),
        "{weakest:?}"
    );
    for kind in [
        CardKind::LabelIssues,
        CardKind::NeverLearned,
        CardKind::Forgotten,
    ] {
        assert_eq!(card(&view, kind).state, CardState::Missing, "{kind:?}");
    }
    for kind in [CardKind::NearDuplicates, CardKind::Outliers] {
        let CardState::Impossible(reason) = card(&view, kind).state else {
            panic!("{kind:?}")
        };
        assert!(reason.contains("Embeddings::of"), "{reason}");
    }
}

#[test]
fn what_was_not_collected_is_told() {
    let (table, run) = project("lacking");
    collect(&run, &table, 1, |columns| columns);
    let CardState::Impossible(reason) = card(&view(&run), CardKind::LabelIssues).state else {
        panic!();
    };
    assert!(reason.contains("probabilities(true)"), "{reason}");
}

#[test]
fn what_is_found_stands_in_the_run_and_on_the_cards() {
    let (table, run) = project("after");
    for epoch in 1..=3 {
        collect(&run, &table, epoch, probabilities);
    }
    let before = view(&run);
    let left_out = compute_findings(&before, &Progress::new()).unwrap();
    assert!(
        left_out.len() == 1 && left_out[0].contains("near-duplicates"),
        "{left_out:?}"
    );
    let after = Arc::new(before.refresh().unwrap().unwrap());
    let issues = card(&after, CardKind::LabelIssues);
    assert_eq!(issues.state, CardState::Ready);
    let mut found: Vec<usize> = issues.rows.iter().map(|row| *row as usize).collect();
    found.sort_unstable();
    assert_eq!((issues.count, found), (WRONG.len(), WRONG.to_vec()));
    let never = card(&after, CardKind::NeverLearned);
    assert_eq!(never.count, WRONG.len());
    let forgotten = card(&after, CardKind::Forgotten);
    assert_eq!(
        (forgotten.count, forgotten.rows),
        (1, vec![ROWS as u32 - 1])
    );
    let suggested = after.column("suggested_label").unwrap();
    assert!(
        WRONG
            .iter()
            .all(|row| suggested.text(*row) == Some(NAMES[truth(*row)]))
    );
}

#[test]
fn a_table_alone_has_nothing_to_be_found() {
    let (table, _) = project("alone");
    let view = ViewOptions::new().table(&table).open().unwrap();
    assert!(matches!(
        compute_findings(&view, &Progress::new()),
        Err(Error::Empty { .. })
    ));
}

#[test]
fn what_was_cancelled_writes_nothing() {
    let (table, run) = project("cancelled");
    for epoch in 1..=2 {
        collect(&run, &table, epoch, probabilities);
    }
    let before = view(&run);
    let progress = Progress::new();
    progress.cancel();
    let ended = compute_findings(&before, &progress).unwrap_err();
    assert!(matches!(ended, Error::Findings(error) if error.is_cancelled()));
    assert!(before.refresh().unwrap().is_none());
}

/// Vectors in two clusters, by the row of the table.
fn vectors(columns: Columns) -> Columns {
    let vector = |row: usize| {
        let side = if row.is_multiple_of(2) { 5.0 } else { -5.0 };
        [side, (row as f32).sin(), (row as f32).cos(), side]
    };
    columns.column("hidden", (0..ROWS).map(vector).collect::<Vec<_>>())
}

#[test]
fn embeddings_are_laid_out_in_two_and_in_three_dimensions_when_asked() {
    let (table, run) = project("layout");
    let hidden = Column::new("hidden", ValueType::Embedding { dim: 4 });
    for split in ["train", "valid"] {
        let ids: Vec<i64> = (0..ROWS as i64).collect();
        let values = vectors(Columns::new().column("example_id", ids));
        let options = AddMetrics::new()
            .foreign_table(&table)
            .column(hidden.clone());
        run.add_metrics(
            values,
            options.constant("epoch", 1).constant("split", split),
        )
        .unwrap();
    }
    let before = view(&run);
    assert!(before.defaults().points.is_empty());
    for dimensions in [2, 3] {
        let progress = Progress::new();
        compute_layout(&before, "hidden", dimensions, &progress).unwrap();
        assert_eq!((progress.stage(), progress.part()), ("places", 1.0));
    }
    let after = before.refresh().unwrap().unwrap();
    let at = |column: &str, row: usize| after.column(column).unwrap().number(row).unwrap();
    for axis in ["hidden_umap.x", "hidden_umap.y", "hidden_umap_3d.z"] {
        assert!((0..2 * ROWS).all(|row| at(axis, row).is_finite()), "{axis}");
    }
    // Neighbours stay together, and both splits share one layout.
    let apart = |one: usize, other: usize| {
        let axes = ["hidden_umap.x", "hidden_umap.y"];
        let squares = axes.map(|axis| (at(axis, one) - at(axis, other)).powi(2));
        squares.iter().sum::<f64>()
    };
    let near = (2..ROWS)
        .step_by(2)
        .map(|row| apart(0, row))
        .fold(0.0, f64::max);
    let far = (1..ROWS)
        .step_by(2)
        .map(|row| apart(0, row))
        .fold(f64::MAX, f64::min);
    assert!(near < far, "{near} {far}");
    assert!((0..ROWS).all(|row| apart(row, ROWS + row) < 1e-9));
    assert_eq!(
        after.defaults().points,
        [
            ["hidden_umap.x".to_owned(), "hidden_umap.y".to_owned()],
            ["hidden_umap_3d.x".to_owned(), "hidden_umap_3d.y".to_owned()]
        ]
    );
    for column in ["example_id", "label"] {
        let refused = compute_layout(&before, column, 2, &Progress::new());
        assert!(matches!(refused, Err(Error::Empty { .. })), "{column}");
    }
}

#[test]
fn each_split_has_the_layout_of_its_own_rows() {
    let (table, run) = project("splits");
    let hidden = Column::new("hidden", ValueType::Embedding { dim: 4 });
    for (split, ids) in [("train", 0..40_i64), ("valid", 40..60)] {
        let vectors = ids
            .clone()
            .map(|id| [(id as f32).sin(), (id as f32).cos(), id as f32, 1.0]);
        let values = Columns::new()
            .column("example_id", ids.clone().collect::<Vec<_>>())
            .column("hidden", vectors.collect::<Vec<_>>());
        let options = AddMetrics::new()
            .foreign_table(&table)
            .column(hidden.clone());
        run.add_metrics(values, options.constant("split", split))
            .unwrap();
    }
    let before = view(&run);
    compute_layout(&before, "hidden", 2, &Progress::new()).unwrap();
    let after = before.refresh().unwrap().unwrap();
    let x = after.column("hidden_umap.x").unwrap();
    let missing = (0..after.len()).filter(|row| x.number(*row).is_none());
    assert_eq!((after.len(), missing.count()), (60, 0));
}
