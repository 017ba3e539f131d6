//! Metrics tables: what is refused, what is read back, and what it is joined to.

use super::{ACTIVE_RUN, roots, samples, table};
use std::sync::PoisonError;
use tlc_core::arrow::array::AsArray;
use tlc_core::arrow::datatypes::{Float32Type, Int32Type, Int64Type};
use tlc_core::{
    AddMetrics, Column, Columns, Error, IfExists, MetricsOptions, MetricsTableWriter, Run,
    RunOptions, Table, TableOptions, Url, ValueType,
};

fn run(root: &Url) -> Run {
    Run::create(RunOptions::new("project").name("run").root(root)).unwrap()
}

fn loss(ids: impl Into<Vec<i64>>, loss: impl Into<Vec<f32>>) -> Columns {
    Columns::new()
        .column("example_id", ids.into())
        .column("loss", loss.into())
}

#[test]
fn two_batches_about_a_table_of_eight_rows_read_back_exactly() {
    let _alone = ACTIVE_RUN.lock().unwrap_or_else(PoisonError::into_inner);
    let (_folder, roots) = roots("metrics-eight-rows");
    for root in &roots {
        let (run, table) = (run(root), table(root, 8));
        tlc_core::set_active_run(Some(run.clone()));
        let options = MetricsOptions::new()
            .foreign_table(&table)
            .foreign_table_display_name("Input Table");
        let mut writer = MetricsTableWriter::new(options).unwrap();
        writer
            .add_batch(loss([0, 1, 2, 3], [0.1, 0.2, 0.3, 0.4]))
            .unwrap();
        writer
            .add_batch(loss([4, 5, 6, 7], [0.2, 0.4, 0.1, 0.5]))
            .unwrap();
        writer.finalize().unwrap();
        run.update_metrics(&writer.get_written_metrics_infos())
            .unwrap();
        tlc_core::set_active_run(None);

        let [metrics] = <[_; 1]>::try_from(Vec::from(
            Run::from_url(run.url()).unwrap().metrics().unwrap(),
        ))
        .unwrap();
        assert_eq!(metrics.foreign_table_display_name(), Some("Input Table"));
        assert_eq!(metrics.foreign_table().unwrap().unwrap().id(), table.id());
        assert_eq!(metrics.info().row_count, 8);
        assert_eq!(metrics.info().stream_name, "default_stream");
        assert_eq!(
            metrics.schema().column("example_id").unwrap().value,
            ValueType::ExampleId
        );
        let rows = metrics.read().unwrap();
        assert_eq!(
            rows["example_id"].as_primitive::<Int64Type>().values(),
            &[0, 1, 2, 3, 4, 5, 6, 7]
        );
        let expected = [0.1, 0.2, 0.3, 0.4, 0.2, 0.4, 0.1, 0.5];
        assert_eq!(
            rows["loss"].as_primitive::<Float32Type>().values(),
            &expected
        );
    }
}

#[test]
fn shuffled_and_repeated_ids_join_to_their_own_samples() {
    let (_folder, roots) = roots("metrics-join");
    for root in &roots {
        let (run, table) = (run(root), table(root, 50));
        let ids = [49_i64, 3, 3, 17, 0, 49];
        let columns = loss(ids, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]).column("label", vec![-1_i32; 6]);
        let options = AddMetrics::new().foreign_table(&table).constant("epoch", 3);
        let metrics = run.add_metrics(columns, options).unwrap();
        let joined: Vec<_> = metrics
            .join(&["label", "name"])
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let [joined] = &joined[..] else {
            panic!("{} batches", joined.len())
        };
        for (row, id) in ids.iter().enumerate() {
            let sample = &samples(50)[usize::try_from(*id).unwrap()];
            assert_eq!(joined["name"].as_string::<i32>().value(row), sample.name);
            assert_eq!(
                joined["table.label"].as_primitive::<Int32Type>().value(row),
                sample.label
            );
            assert_eq!(joined["label"].as_primitive::<Int32Type>().value(row), -1);
            assert_eq!(joined["epoch"].as_primitive::<Int64Type>().value(row), 3);
        }
        assert!(matches!(
            metrics.join(&["nothing"]),
            Err(Error::NoSuchColumn { .. })
        ));
    }
}

#[test]
fn ids_resolve_to_the_content_they_were_collected_on_after_an_overwrite() {
    let (_folder, roots) = roots("metrics-overwritten");
    for root in &roots {
        let (run, table) = (run(root), table(root, 4));
        let metrics = run
            .add_metrics(loss([3], [1.0]), AddMetrics::new().foreign_table(&table))
            .unwrap();
        let options = TableOptions::new("project", "data", "initial").root(root);
        Table::create(options.if_exists(IfExists::Overwrite), |writer| {
            writer.add_rows(&samples(1))
        })
        .unwrap();
        assert_eq!(metrics.foreign_table().unwrap().unwrap().len(), 4);
        let joined = metrics.join(&["name"]).unwrap().next().unwrap().unwrap();
        assert_eq!(joined["name"].as_string::<i32>().value(0), "sample 3");
    }
}

#[test]
fn a_bad_id_is_refused_with_its_row_and_value_and_leaves_nothing_behind() {
    let (_folder, [root, _]) = roots("unused");
    let (run, table) = (run(&root), table(&root, 8));
    let mut writer =
        MetricsTableWriter::new(MetricsOptions::new().run(&run).foreign_table(&table)).unwrap();
    let mut kept = 0;
    for round in 0..10_000_usize {
        let bad = [8, 9, i64::MAX, -1, i64::MIN][round % 5];
        let at = round % 4;
        let mut ids = vec![0_i64, 1, 2, 3];
        ids[at] = bad;
        match writer.add_batch(loss(ids, [0.0; 4])) {
            Err(Error::Batch {
                column, row, value, ..
            }) => {
                assert_eq!((column.as_str(), row), ("example_id", Some(at)));
                assert_eq!(value, Some(bad.to_string()));
            }
            other => panic!("{other:?}"),
        }
        if round % 1000 == 0 {
            writer.add_batch(loss([5, 5], [0.5, 0.5])).unwrap();
            kept += 2;
        }
    }
    let huge = Columns::new()
        .column("example_id", vec![u64::MAX])
        .column("loss", vec![0.0_f32]);
    assert!(matches!(
        writer.add_batch(huge),
        Err(Error::Batch { row: Some(0), .. })
    ));
    assert_eq!(writer.finalize().unwrap().len(), kept);
}

#[test]
fn a_batch_unlike_the_first_is_refused_by_column() {
    let (_folder, [root, _]) = roots("unused");
    let mut writer = MetricsTableWriter::new(MetricsOptions::new().run(&run(&root))).unwrap();
    let refused = |writer: &mut MetricsTableWriter, batch: Columns| {
        writer.add_batch(batch).unwrap_err().to_string()
    };
    let ragged = Columns::new()
        .column("a", vec![1.0_f32, 2.0])
        .column("b", vec![1_i64]);
    assert!(refused(&mut writer, ragged).contains("`b`"));
    writer
        .add_batch(
            Columns::new()
                .column("a", vec![1.0_f32])
                .column("b", vec![1_i64]),
        )
        .unwrap();
    assert!(refused(&mut writer, Columns::new().column("a", vec![1.0_f32])).contains("`b`"));
    let retyped = Columns::new()
        .column("a", vec![1.0_f64])
        .column("b", vec![1_i64]);
    assert!(refused(&mut writer, retyped).contains("`a`"));
    let extra = Columns::new()
        .column("a", vec![1_f32])
        .column("b", vec![1_i64])
        .column("c", vec![1_i64]);
    assert!(refused(&mut writer, extra).contains("`c`"));
    writer
        .add_batch(
            Columns::new()
                .column("b", vec![2_i64])
                .column("a", vec![2.0_f32]),
        )
        .unwrap();
    assert_eq!(writer.finalize().unwrap().len(), 2);
}

#[test]
fn every_float_comes_back_bit_for_bit() {
    let (_folder, roots) = roots("metrics-bits");
    for root in &roots {
        let bits = [
            0x7fc0_0000_u32,
            0x7f80_0001,
            0xffc1_2345,
            0x7f80_0000,
            0xff80_0000,
            0x8000_0000,
            1,
            0x7f7f_ffff,
        ];
        let values: Vec<f32> = bits.iter().map(|bits| f32::from_bits(*bits)).collect();
        let embeddings: Vec<[f32; 2]> = values.iter().map(|value| [*value, -*value]).collect();
        let columns = Columns::new()
            .column("x", values.clone())
            .column("e", embeddings);
        let column = Column::new("e", ValueType::Embedding { dim: 2 });
        let metrics = run(root)
            .add_metrics(columns, AddMetrics::new().column(column))
            .unwrap();
        let read = metrics.read().unwrap();
        let read_bits: Vec<u32> = read["x"]
            .as_primitive::<Float32Type>()
            .values()
            .iter()
            .map(|x| x.to_bits())
            .collect();
        assert_eq!(read_bits, bits);
        let first = read["e"].as_fixed_size_list().value(0);
        assert_eq!(
            first.as_primitive::<Float32Type>().value(0).to_bits(),
            bits[0]
        );
    }
}

#[test]
fn tables_of_equal_columns_share_a_stream_and_others_form_their_own() {
    let (_folder, [root, _]) = roots("unused");
    let run = run(&root);
    let add = |name: &str, options: AddMetrics| {
        let columns = Columns::new().column(name, vec![1_i64]);
        let table = run.add_metrics(columns, options).unwrap();
        table.info().stream_name
    };
    for _ in 0..2 {
        assert_eq!(add("a", AddMetrics::new()), "default_stream");
        assert_eq!(add("b", AddMetrics::new()), "default_stream_2");
        assert_eq!(add("a", AddMetrics::new().stream("mine")), "mine");
        assert_eq!(add("b", AddMetrics::new().stream("mine")), "mine_2");
    }
}

#[test]
fn ids_are_implied_only_when_the_rows_cover_the_table() {
    let (_folder, [root, _]) = roots("unused");
    let (run, table) = (run(&root), table(&root, 3));
    let about = || AddMetrics::new().foreign_table(&table);
    let whole = run
        .add_metrics(Columns::new().column("loss", vec![1.0_f32; 3]), about())
        .unwrap();
    assert_eq!(
        whole.read().unwrap()["example_id"]
            .as_primitive::<Int64Type>()
            .values(),
        &[0, 1, 2]
    );
    let partial = Columns::new().column("loss", vec![1.0_f32; 2]);
    assert!(matches!(
        run.add_metrics(partial.clone(), about()),
        Err(Error::Batch { .. })
    ));
    let given = run
        .add_metrics(partial, about().example_ids([2, 0]))
        .unwrap();
    assert_eq!(
        given.read().unwrap()["example_id"]
            .as_primitive::<Int64Type>()
            .values(),
        &[2, 0]
    );
}

#[test]
fn what_was_sealed_before_a_writer_was_dropped_is_listed_as_unfinished() {
    let (_folder, roots) = roots("metrics-unfinished");
    for root in &roots {
        let run = run(root);
        let mut writer = MetricsTableWriter::new(MetricsOptions::new().run(&run)).unwrap();
        writer
            .add_batch(Columns::new().column("loss", vec![1.0_f32, 2.0]))
            .unwrap();
        writer.flush().unwrap();
        writer
            .add_batch(Columns::new().column("loss", vec![3.0_f32]))
            .unwrap();
        drop(writer);
        let reopened = Run::from_url(run.url()).unwrap();
        assert!(reopened.metrics().unwrap().is_empty());
        let [unfinished] = <[_; 1]>::try_from(reopened.unfinished_metrics().unwrap()).unwrap();
        assert_eq!(
            unfinished.read().unwrap()["loss"]
                .as_primitive::<Float32Type>()
                .values(),
            &[1.0, 2.0]
        );
        reopened.update_metrics(&[unfinished.info()]).unwrap();
        assert_eq!(reopened.metrics().unwrap().len(), 1);
        assert!(reopened.unfinished_metrics().unwrap().is_empty());
    }
}

#[test]
fn an_epoch_without_samples_leaves_an_empty_table() {
    let (_folder, [root, _]) = roots("unused");
    let (run, table) = (run(&root), table(&root, 3));
    let options = MetricsOptions::new()
        .run(&run)
        .foreign_table(&table)
        .constant("epoch", 1);
    let mut writer = MetricsTableWriter::new(options).unwrap();
    let metrics = writer.finalize().unwrap();
    assert!(metrics.is_empty());
    assert_eq!(
        metrics.schema().names().collect::<Vec<_>>(),
        ["example_id", "epoch"]
    );
    assert_eq!(metrics.read().unwrap().num_rows(), 0);
}

#[test]
fn a_table_knows_its_constants_and_what_it_is_about() {
    let (_folder, roots) = roots("metrics-constants");
    for root in &roots {
        let (run, table) = (run(root), table(root, 3));
        let options = AddMetrics::new()
            .foreign_table(&table)
            .constant("epoch", 2)
            .constant("phase", "warm-up");
        run.add_metrics(loss([0, 1, 2], [0.0; 3]), options).unwrap();
        let [metrics] = <[_; 1]>::try_from(Vec::from(
            Run::from_url(run.url()).unwrap().metrics().unwrap(),
        ))
        .unwrap();
        assert_eq!(metrics.constants().collect::<Vec<_>>(), ["epoch", "phase"]);
        assert!(metrics.is_about(&Table::from_url(table.url()).unwrap()));
        let options = TableOptions::new("project", "data", "initial").root(root);
        let other = Table::create(options.if_exists(IfExists::Overwrite), |writer| {
            writer.add_rows(&samples(3))
        });
        assert!(!metrics.is_about(&other.unwrap()));
    }
}

#[test]
fn rows_after_finalize_are_refused_and_finalize_can_be_repeated() {
    let (_folder, roots) = roots("metrics-finalized");
    for root in &roots {
        let run = run(root);
        let mut writer = MetricsTableWriter::new(MetricsOptions::new().run(&run)).unwrap();
        let loss = || Columns::new().column("loss", vec![0.5_f32]);
        writer.add_batch(loss()).unwrap();
        assert_eq!(writer.finalize().unwrap().len(), 1);
        match writer.add_batch(loss()) {
            Err(Error::Finalized { url }) => assert!(url.is_within(run.url())),
            other => panic!("{other:?}"),
        }
        assert_eq!(writer.finalize().unwrap().len(), 1);
    }
}

#[test]
fn a_schema_too_large_for_its_document_is_refused_with_the_first_batch() {
    let (_folder, [root, _]) = roots("unused");
    let names = |count: usize, name: &str| {
        (0..count)
            .map(|at| format!("{name}{at}"))
            .collect::<Vec<_>>()
    };
    // Many long names, and fewer of characters that JSON writes as six.
    let long = names(1_000_000, "the name of a class that is long enough ");
    let escaped = names(30_000, &"\u{1}".repeat(100));
    for classes in [long, escaped] {
        let column = Column::new("label", ValueType::labels(classes));
        let options = MetricsOptions::new()
            .run(&run(&root))
            .column(column.clone());
        let mut writer = MetricsTableWriter::new(options).unwrap();
        let refused = writer.add_batch(Columns::new().column("label", vec![0_i32]));
        assert!(
            matches!(refused, Err(Error::TooLarge { .. })),
            "{refused:?}"
        );
        let options = TableOptions::new("p", "d", "t").root(&root).column(column);
        let refused = Table::create(options, |writer| writer.add_rows(&samples(1)));
        assert!(
            matches!(refused, Err(Error::TooLarge { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn example_ids_that_would_be_ignored_are_refused() {
    let (_folder, [root, _]) = roots("unused");
    let (run, table) = (run(&root), table(&root, 3));
    let refused = |columns: Columns, about: AddMetrics| match run.add_metrics(columns, about) {
        Err(Error::Batch { column, .. }) => assert_eq!(column, "example_id"),
        other => panic!("{other:?}"),
    };
    let column = || Columns::new().column("loss", vec![1.0_f32; 2]);
    refused(column(), AddMetrics::new().example_ids([0, 1]));
    let about = AddMetrics::new().foreign_table(&table).example_ids([0, 1]);
    refused(loss([0, 1], [0.5; 2]), about.clone());
    refused(
        Columns::new().column("loss", vec![1.0_f32; 3]),
        about.clone(),
    );
    assert_eq!(run.add_metrics(column(), about).unwrap().len(), 2);
}

#[test]
fn a_constant_is_one_value() {
    let (_folder, [root, _]) = roots("unused");
    for values in [Vec::new(), vec![1_i64, 2]] {
        let array = std::sync::Arc::new(tlc_core::arrow::array::Int64Array::from(values))
            as tlc_core::arrow::array::ArrayRef;
        let options = MetricsOptions::new()
            .run(&run(&root))
            .constant("epoch", array);
        let mut writer = MetricsTableWriter::new(options).unwrap();
        match writer.add_batch(Columns::new().column("loss", vec![0.5_f32])) {
            Err(Error::Column { column, .. }) => assert_eq!(column, "epoch"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_whole_row_group_is_read_row_by_row() {
    let (_folder, [root, _]) = roots("unused");
    let rows = 131_072;
    let column = |at: i32| vec![at; rows];
    let columns = (0..6).fold(Columns::new(), |columns, at| {
        columns.column(format!("c{at}"), column(at))
    });
    let metrics = run(&root).add_metrics(columns, AddMetrics::new()).unwrap();
    let batches = metrics.scan().batch_size(1).batches().unwrap();
    assert_eq!(
        batches
            .map(|batch| batch.unwrap().num_rows())
            .sum::<usize>(),
        rows
    );
}

#[test]
fn rows_without_columns_are_refused() {
    let (_folder, [root, _]) = roots("unused");
    let options = tlc_core::arrow::array::RecordBatchOptions::new().with_row_count(Some(5));
    let schema = std::sync::Arc::new(tlc_core::arrow::datatypes::Schema::empty());
    let batch =
        tlc_core::arrow::array::RecordBatch::try_new_with_options(schema, Vec::new(), &options);
    let batch = batch.unwrap();
    let mut writer = MetricsTableWriter::new(MetricsOptions::new().run(&run(&root))).unwrap();
    for columns in [Columns::from(batch.clone()), Columns::new()] {
        let refused = writer.add_batch(columns);
        assert!(matches!(refused, Err(Error::Rows { .. })), "{refused:?}");
    }
    // It has settled nothing.
    writer
        .add_batch(Columns::new().column("x", vec![1_i64]))
        .unwrap();
    assert_eq!(writer.finalize().unwrap().len(), 1);
    let options = TableOptions::new("p", "d", "t").root(&root);
    let refused = Table::create(options, |writer| writer.add_batch(&batch));
    assert!(matches!(refused, Err(Error::Rows { .. })), "{refused:?}");
}

#[test]
fn rows_that_come_slowly_are_durable_before_their_segment_is_full() {
    let (_folder, roots) = roots("metrics-slow");
    for root in &roots {
        let run = Run::create(RunOptions::new("p").name("r").root(root)).unwrap();
        let age = std::time::Duration::from_millis(20);
        let options = MetricsOptions::new().run(&run).seal_after(age);
        let mut writer = MetricsTableWriter::new(options).unwrap();
        let row = || Columns::new().column("loss", vec![0.5_f32]);
        writer.add_batch(row()).unwrap();
        let read = || {
            Run::from_url(run.url())
                .unwrap()
                .unfinished_metrics()
                .unwrap()
        };
        assert!(read().is_empty());
        std::thread::sleep(age);
        writer.add_batch(row()).unwrap();
        // It is sealed while others may be added.
        let started = std::time::Instant::now();
        while read().first().is_none_or(|metrics| metrics.is_empty()) {
            assert!(started.elapsed().as_secs() < 60, "nothing is sealed");
            std::thread::sleep(age);
        }
        assert_eq!(writer.finish().unwrap().len(), 2);
    }
}
