//! All that a run says, behind one call: what its data allow, and what they do not.

use crate::given::{given, probabilities};
use std::sync::Arc;
use tlc_core::storage::testing::{Fault, FaultStore, When};
use tlc_core::storage::{MemoryStore, Store, mount};
use tlc_core::{AddMetrics, Column, Columns, Error as Core, Run, Table, Url, ValueType};
use tlc_findings::{Error, Finding, Findings};

const SAMPLES: i64 = 30;

fn labels() -> Vec<i32> {
    (0..30).map(|id| id % 2).collect()
}

/// The ids, the last first.
fn ids() -> impl Iterator<Item = i64> {
    (0..SAMPLES).rev()
}

/// Metrics of an epoch with all there can be; samples 4 and 20 are nearly the same, 7 is far
/// from all others.
fn everything() -> Columns {
    let seen: Vec<_> = ids()
        .map(|id| {
            let p = if id % 2 == 0 { 0.8 } else { 0.3 };
            (id, [p, 1.0 - p])
        })
        .collect();
    let vector = |id: i64| match id {
        7 => [-50.0, 80.0],
        20 => [5.0, 4.001],
        id => [
            1.0 + id as f32,
            4.0 - (id % 7) as f32 * (id % 5) as f32 * 0.1,
        ],
    };
    let vectors: Vec<[f32; 2]> = ids()
        .map(|id| if id == 4 { vector(20) } else { vector(id) })
        .collect();
    probabilities(&seen)
        .column("loss", ids().map(|id| id as f32 * 0.01).collect::<Vec<_>>())
        .column(
            "accuracy",
            ids()
                .map(|id| f32::from(u8::from(id > 3)))
                .collect::<Vec<_>>(),
        )
        .column("embeddings_hidden", vectors)
}

fn add(run: &Run, table: &Table, columns: Columns, about: AddMetrics) {
    let vector = Column::new("embeddings_hidden", ValueType::Embedding { dim: 2 });
    let about = match columns.names().any(|name| name == "embeddings_hidden") {
        true => about.column(vector),
        false => about,
    };
    run.add_metrics(columns, about.foreign_table(table))
        .unwrap();
}

fn left_out(findings: &Findings) -> Vec<Finding> {
    findings.left_out.iter().map(|left| left.finding).collect()
}

#[test]
fn a_run_with_all_data_gives_all_findings_by_example_id_in_one_commit() {
    let (run, table) = given("everything", &labels());
    for epoch in 1..4 {
        add(
            &run,
            &table,
            everything(),
            AddMetrics::new().constant("epoch", epoch),
        );
    }
    let findings = Findings::of(&run, &table).unwrap();
    assert!(findings.left_out.is_empty(), "{findings}");
    let issues = findings.label_issues.as_ref().unwrap();
    assert_eq!(issues.samples.len(), 30);
    let duplicates = findings.near_duplicates.as_ref().unwrap();
    assert!(
        duplicates.sets.contains(&vec![20, 4]),
        "{:?}",
        duplicates.sets
    );
    assert_eq!(findings.outliers.as_ref().unwrap().ranked()[0], 7);
    let never = findings
        .dynamics
        .as_ref()
        .unwrap()
        .first_epoch_learned
        .iter();
    assert_eq!(never.filter(|epoch| epoch.is_none()).count(), 4);

    let before = run.metrics().unwrap().len();
    let written = findings.write(&run).unwrap();
    let streams: Vec<&str> = written.iter().map(|metrics| metrics.stream()).collect();
    let expected = [
        "label_issues",
        "near_duplicates",
        "outliers",
        "training_dynamics",
    ];
    assert_eq!(streams, expected);
    assert_eq!(run.metrics().unwrap().len(), before + 4);
    for metrics in &written {
        assert!(metrics.is_finding() && metrics.is_about(&table));
        assert_eq!(metrics.len(), 30);
    }
    // What was found is not taken for what a model said.
    let again = Findings::of(&run, &table).unwrap();
    assert_eq!(again.label_issues, findings.label_issues);
    assert_eq!(again.dynamics, findings.dynamics);
}

#[test]
fn what_the_data_do_not_allow_is_left_out_with_the_reason() {
    let (run, table) = given("left-out", &labels());
    let loss = Columns::new().column("loss", vec![0.5_f32; 30]);
    add(
        &run,
        &table,
        loss.column("accuracy", vec![1.0_f32; 30]),
        AddMetrics::new().constant("epoch", 1),
    );
    let findings = Findings::of(&run, &table).unwrap();
    assert_eq!(
        left_out(&findings),
        [Finding::LabelIssues, Finding::Neighbors, Finding::Dynamics]
    );
    let reasons: Vec<&Error> = findings.left_out.iter().map(|left| &left.reason).collect();
    let [
        Error::NotCollected {
            column: probabilities,
            ..
        },
        Error::NotCollected {
            column: embeddings, ..
        },
        Error::TooFew {
            needed: 2,
            found: 1,
            ..
        },
    ] = reasons[..]
    else {
        panic!("{reasons:?}");
    };
    assert_eq!(
        (probabilities.as_str(), embeddings.as_str()),
        ("probabilities", "embeddings")
    );
    let told = findings.to_string();
    assert!(
        told.contains("No label issues:") && told.contains("probabilities(true)"),
        "{told}"
    );
    assert!(findings.write(&run).unwrap().is_empty());
    assert!(findings.label_issues.is_none() && findings.dynamics.is_none());
}

#[test]
fn embeddings_of_several_folds_have_no_neighbours() {
    let (run, table) = given("two-folds", &labels());
    let half = |fold: i64| -> Columns {
        let own: Vec<i64> = ids().filter(|id| id % 2 == fold).collect();
        let vectors: Vec<[f32; 2]> = own.iter().map(|id| [*id as f32, 1.0]).collect();
        Columns::new()
            .column("example_id", own)
            .column("embeddings_hidden", vectors)
    };
    for fold in [0, 1] {
        add(
            &run,
            &table,
            half(fold),
            AddMetrics::new().constant("fold", fold),
        );
    }
    let refused = |run: &Run, table: &Table| {
        let findings = Findings::of(run, table).unwrap();
        let mut left = findings.left_out.into_iter();
        left.find(|left| left.finding == Finding::Neighbors)
            .unwrap()
            .reason
    };
    let reason = refused(&run, &table);
    assert!(
        matches!(
            reason,
            Error::Spaces {
                column: "fold",
                first: 1,
                found: 0,
                ..
            }
        ),
        "{reason}"
    );
    // Both folds in one metrics table, as `out_of_fold` writes them.
    let (run, table) = given("one-table-of-folds", &labels());
    let folds = ids().map(|id| id % 3).collect::<Vec<_>>();
    add(
        &run,
        &table,
        everything().column("fold", folds),
        AddMetrics::new(),
    );
    let reason = refused(&run, &table);
    assert!(
        matches!(reason, Error::Spaces { column: "fold", .. }),
        "{reason}"
    );
    assert!(reason.to_string().contains("different spaces"));
}

#[test]
fn bad_probabilities_leave_label_issues_out_and_the_rest_is_found() {
    let (run, table) = given("bad-probabilities", &labels());
    for epoch in [1, 2] {
        let mut columns = Columns::new();
        let all = everything();
        for name in all.names().map(str::to_owned).collect::<Vec<_>>() {
            if name != "probabilities" {
                columns.push(&name, Arc::clone(all.get(&name).unwrap()));
            }
        }
        columns.push("probabilities", vec![[2.5_f32, -1.5]; 30]);
        add(
            &run,
            &table,
            columns,
            AddMetrics::new().constant("epoch", epoch),
        );
    }
    let findings = Findings::of(&run, &table).unwrap();
    assert_eq!(left_out(&findings), [Finding::LabelIssues]);
    assert!(findings.to_string().contains("softmax"));
    assert_eq!(findings.write(&run).unwrap().len(), 3);
}

#[test]
fn a_run_that_says_nothing_of_the_table_is_an_error() {
    let (run, table) = given("says-nothing", &labels());
    let error = Findings::of(&run, &table).unwrap_err();
    assert!(
        matches!(error, Error::Core(Core::NoMetricsFound { .. })),
        "{error}"
    );
}

#[test]
fn a_disk_that_is_full_while_findings_are_written_is_an_error_and_nothing_is_visible() {
    let root = Url::parse("memory://findings-faults/").unwrap();
    let memory = Arc::new(MemoryStore::default());
    let (run_url, table_url) = {
        let _mount = mount(&root, memory.clone());
        let table = crate::given::table(&root, "train", &labels());
        let run = Run::create(tlc_core::RunOptions::new("project").root(&root)).unwrap();
        for epoch in 1..4 {
            add(
                &run,
                &table,
                everything(),
                AddMetrics::new().constant("epoch", epoch),
            );
        }
        (run.url().clone(), table.url().clone())
    };
    for write in 1.. {
        let store = Arc::new(FaultStore::new(
            memory.clone(),
            Fault::Full,
            &When::From(write),
        ));
        let _mount = mount(&root, Arc::clone(&store) as Arc<dyn Store>);
        let (run, table) = (
            Run::from_url(&run_url).unwrap(),
            Table::from_url(&table_url).unwrap(),
        );
        let findings = Findings::of(&run, &table).unwrap();
        assert!(findings.left_out.is_empty());
        let before = run.metrics().unwrap().len();
        if findings.write(&run).is_ok() {
            assert!(write > 4, "a file for each finding, and the commit");
            break;
        }
        run.refresh().unwrap();
        assert_eq!(run.metrics().unwrap().len(), before, "write {write}");
    }
}

#[test]
fn metrics_that_are_gone_or_damaged_are_an_error_and_not_left_out() {
    let root = Url::parse("memory://findings-damaged/").unwrap();
    let memory = Arc::new(MemoryStore::default());
    let _mount = mount(&root, memory.clone());
    let table = crate::given::table(&root, "train", &labels());
    let run = Run::create(tlc_core::RunOptions::new("project").root(&root)).unwrap();
    for epoch in 1..4 {
        let about = AddMetrics::new().constant("epoch", epoch);
        add(&run, &table, everything(), about);
    }
    for metrics in run.metrics().unwrap() {
        let part = &memory.list(metrics.url()).unwrap()[0].name;
        let part = metrics.url().join(part).unwrap();
        let bytes = memory.get(&part, u64::MAX).unwrap();
        let mut damaged = bytes.to_vec();
        let middle = damaged.len() / 2;
        damaged[middle..].fill(0);
        for broken in [None, Some(damaged)] {
            memory.delete(&part).unwrap();
            if let Some(broken) = broken {
                memory.put_if_absent(&part, broken.into()).unwrap();
            }
            // Nothing that was read before is at hand.
            let run = Run::from_url(run.url()).unwrap();
            let error = Findings::of(&run, &table).unwrap_err();
            assert!(matches!(error, Error::Core(_)), "{error}");
        }
        memory.delete(&part).unwrap();
        memory.put_if_absent(&part, bytes).unwrap();
    }
    assert!(Findings::of(&run, &table).is_ok());
}
