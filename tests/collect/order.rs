//! Each row gets its own values, or the collection says that it cannot tell.

use crate::{BATCH, Echo, into_run, predictor};
use burn::data::dataloader::batcher::Batcher;
use burn::prelude::*;
use tlc_burn::prelude::*;
use tlc_burn::{Error, collect_metrics};
use tlc_core::MetricsTable;
use tlc_tests::{CLASSES, Image, Images, Net, Stack, column, cpu, floats, samples};

const ROWS: usize = 3 * BATCH + 3;

/// Stacks items in an order of its own.
struct Sorted<F>(F);

impl<F: Fn(&mut Vec<Image>) + Send + Sync> Batcher<Image, Images> for Sorted<F> {
    fn batch(&self, mut items: Vec<Image>, device: &Device) -> Images {
        (self.0)(&mut items);
        Stack.batch(items, device)
    }
}

fn collect_by<B: Batcher<Image, Images>>(batcher: B, rows: usize) -> Result<MetricsTable, Error> {
    let (samples, run) = samples(rows);
    let predictor = Predictor::new(&Net::new(&cpu()), batcher).batch_size(BATCH);
    let collectors = Classification::new(CLASSES);
    let collected = collect_metrics(&samples, collectors, &predictor, into_run(&run));
    if collected.is_err() {
        assert!(run.metrics().unwrap().is_empty());
        assert!(run.unfinished_metrics().unwrap().is_empty());
    }
    collected
}

#[test]
fn a_batcher_that_sorts_its_items_is_refused_before_a_row_is_written() {
    let by_label = Sorted(|items: &mut Vec<Image>| items.sort_by_key(|item| item.label));
    let error = collect_by(by_label, ROWS).unwrap_err();
    assert!(
        matches!(error, Error::Order { checked: BATCH, .. }),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("a batcher must keep the order of its items")
    );

    let reversed =
        Sorted(|items: &mut Vec<Image>| items.sort_by(|a, b| b.values[0].total_cmp(&a.values[0])));
    // One batch, and that not a full one.
    let error = collect_by(reversed, BATCH - 3).unwrap_err();
    assert!(matches!(error, Error::Order { checked: 5, .. }), "{error}");
}

type Reorder = Box<dyn Fn(&mut Vec<Image>) + Send + Sync>;

#[test]
fn of_a_large_batch_the_first_rows_tell() {
    let (samples, run) = samples(100);
    let computed = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let by = |batcher| Predictor::new(&Net::new(&cpu()), batcher).batch_size(100);
    let counts = std::sync::Arc::clone(&computed);
    let counted: Reorder = Box::new(move |items| {
        counts.fetch_add(items.len(), std::sync::atomic::Ordering::Relaxed);
    });
    let collect = |predictor: &Predictor<Net, Sorted<_>>| {
        let collectors = Classification::new(CLASSES);
        collect_metrics(&samples, collectors, predictor, into_run(&run))
    };
    collect(&by(Sorted(counted))).unwrap();
    assert_eq!(
        computed.load(std::sync::atomic::Ordering::Relaxed),
        100 + 2 * 16
    );
    let by_label: Reorder = Box::new(|items| items.sort_by_key(|item| item.label));
    let error = collect(&by(Sorted(by_label))).unwrap_err();
    assert!(matches!(error, Error::Order { checked: 16, .. }), "{error}");
}

#[test]
fn two_rows_of_a_batch_that_change_places_are_noticed() {
    // The first of the items goes to the end of those with a smaller value, wherever it is.
    let one = Sorted(|items: &mut Vec<Image>| {
        if items[0].values[0] > items[1].values[0] {
            items.swap(0, 1);
        }
    });
    assert!(matches!(collect_by(one, ROWS), Err(Error::Order { .. })));
}

#[test]
fn a_batcher_that_keeps_the_order_passes_in_every_way_of_computing() {
    let (samples, run) = samples(ROWS);
    for (in_flight, pad) in [(1, false), (1, true), (3, false), (3, true)] {
        let predictor = predictor().in_flight(in_flight).pad_last(pad);
        for check in [true, false] {
            let options = into_run(&run).check_order(check);
            collect_metrics(&samples, Classification::new(CLASSES), &predictor, options).unwrap();
        }
    }
    let tables = run.metrics().unwrap();
    for table in tables.iter() {
        assert_eq!(floats(table, "loss"), floats(&tables[0], "loss"));
    }
}

#[test]
fn a_row_of_nan_is_as_good_as_another() {
    let nan = Sorted(|items: &mut Vec<Image>| {
        for item in items.iter_mut().filter(|item| item.values[0] > 0.5) {
            item.values[1] = f32::NAN;
        }
    });
    let (samples, run) = samples(ROWS);
    let predictor = Predictor::new(&Echo {}, nan)
        .device(&cpu())
        .batch_size(BATCH);
    let loss = Classification::new(CLASSES);
    let metrics = collect_metrics(&samples, loss, &predictor, into_run(&run)).unwrap();
    assert!(floats(&metrics, "loss").iter().any(|loss| loss.is_nan()));
}

/// Gives each batch another value.
struct Random(std::sync::atomic::AtomicU32);

impl Batcher<Image, Images> for Random {
    fn batch(&self, mut items: Vec<Image>, device: &Device) -> Images {
        let noise = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed) as f32;
        for item in &mut items {
            item.values[0] += 99.0 * noise;
        }
        Stack.batch(items, device)
    }
}

#[test]
fn a_model_that_cannot_be_checked_is_collected_from_without_the_check() {
    let error = collect_by(Random(0.into()), ROWS).unwrap_err();
    assert!(error.to_string().contains("check_order(false)"), "{error}");
    let (samples, run) = samples(ROWS);
    let predictor = Predictor::new(&Net::new(&cpu()), Random(0.into())).batch_size(BATCH);
    let options = into_run(&run).check_order(false);
    let loss = Classification::new(CLASSES);
    collect_metrics(&samples, loss, &predictor, options).unwrap();
}

#[test]
fn what_rounding_makes_of_a_row_is_no_other_order() {
    // A model that is sure: its losses are all but zero, and another in each batch.
    struct Sure(std::sync::atomic::AtomicU32);
    impl Batcher<Image, Images> for Sure {
        fn batch(&self, mut items: Vec<Image>, device: &Device) -> Images {
            let noise = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed) as f32;
            for item in &mut items {
                item.values[..4].fill(0.0);
                item.values[item.label as usize] = 15.0 + noise;
            }
            Stack.batch(items, device)
        }
    }
    let (samples, run) = samples(ROWS);
    let predictor = Predictor::new(&Echo {}, Sure(0.into()))
        .device(&cpu())
        .batch_size(BATCH);
    let loss = Loss::cross_entropy();
    let metrics = collect_metrics(&samples, loss, &predictor, into_run(&run)).unwrap();
    let losses = floats(&metrics, "loss");
    assert!(losses.iter().all(|loss| *loss < 1e-5), "{losses:?}");
}

#[test]
fn a_batcher_that_drops_rows_is_named_as_such() {
    let dropping = Sorted(|items: &mut Vec<Image>| items.retain(|item| item.label != 0));
    let error = collect_by(dropping, ROWS).unwrap_err();
    let text = error.to_string();
    assert!(
        matches!(
            error,
            Error::BatchRows {
                items: BATCH,
                found: 6,
                ..
            }
        ),
        "{text}"
    );
    assert!(
        text.contains("6 rows for a batch of 8 items: the batcher, or the model"),
        "{text}"
    );
}

#[test]
fn rows_say_which_split_they_are_of() {
    let (samples, run) = samples(BATCH);
    let options = into_run(&run).split("valid").epoch(2_u8);
    let loss = Classification::new(CLASSES);
    let metrics = collect_metrics(&samples, loss, &predictor(), options).unwrap();
    let names: Vec<_> = metrics.schema().names().collect();
    assert_eq!(names[names.len() - 2..], ["split", "epoch"]);
    let splits = column(&metrics, "split");
    let splits = tlc_core::arrow::array::AsArray::as_string::<i32>(&splits);
    assert!(splits.iter().all(|split| split == Some("valid")));
    // One that the user names stays.
    let options = into_run(&run).split("valid").constant("split", "mine");
    let loss = Classification::new(CLASSES);
    let metrics = collect_metrics(&samples, loss, &predictor(), options).unwrap();
    assert_eq!(metrics.constants().collect::<Vec<_>>(), ["split"]);
}

#[test]
fn a_predictor_that_moves_to_a_device_keeps_what_it_was_told() {
    let (samples, run) = samples(ROWS);
    let batches = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let seen = std::sync::Arc::clone(&batches);
    let counted = Sorted(move |items: &mut Vec<Image>| {
        assert_eq!(items.len(), BATCH, "the last batch is filled up");
        seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    });
    let predictor = Predictor::new(&Net::new(&cpu()), counted)
        .batch_size(BATCH)
        .pad_last(true)
        .in_flight(1)
        .device(&cpu());
    let options = into_run(&run).check_order(false);
    collect_metrics(&samples, Classification::new(CLASSES), &predictor, options).unwrap();
    assert_eq!(
        batches.load(std::sync::atomic::Ordering::Relaxed),
        ROWS.div_ceil(BATCH)
    );
}
