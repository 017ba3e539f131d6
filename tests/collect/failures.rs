//! An error, a panic or a cancellation at any stage ends the collection as one
//! clear error, keeps what was collected, and leaves no thread.

use crate::{BATCH, Echo, echo, into_run, predictor};
use burn::data::dataloader::batcher::Batcher;
use burn::prelude::*;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tlc_burn::prelude::*;
use tlc_burn::{
    Activations, CancellationToken, Error, ExampleId, HostBatch, Readback, Summarized, Summary,
    collect_metrics,
};
use tlc_core::{Columns, Run, Status};
use tlc_tests::{CLASSES, Image, Images, Pixels, Stack, cpu, decode, ints, samples};

const ROWS: usize = 10 * BATCH;
/// A row in the middle of its batch, after five full batches.
const BAD_ROW: usize = 5 * BATCH + 3;
/// Batches one after another, and side by side.
const IN_FLIGHT: [usize; 2] = [1, 3];

/// The first value of [`BAD_ROW`], which no other row has.
fn bad_value() -> f32 {
    f32::from(tlc_tests::rows(ROWS)[BAD_ROW].pixels[0]) / 255.0
}

/// Samples whose map does as told when it meets [`BAD_ROW`].
fn samples_with(
    bad: impl Fn(Image) -> Result<Image, String> + Send + Sync + 'static,
) -> (Samples<Pixels, Image>, Run) {
    let (samples, run) = samples(ROWS);
    let pixels = tlc_tests::rows(ROWS)[BAD_ROW].pixels.clone();
    let samples = samples.try_map_collect_metrics(move |row| {
        let is_bad = row.pixels == pixels;
        decode(row).and_then(|image| if is_bad { bad(image) } else { Ok(image) })
    });
    (samples, run)
}

/// The rows before the failing batch are kept as an unfinished table, none is
/// registered, and the run goes on.
fn assert_first_batches_are_kept(run: &Run) {
    assert!(run.metrics().unwrap().is_empty());
    let unfinished = run.unfinished_metrics().unwrap();
    assert_eq!(unfinished.len(), 1);
    let kept = ints(&unfinished[0], "example_id");
    assert_eq!(kept, (0..5 * BATCH as i64).collect::<Vec<_>>());
    assert_eq!(run.status().unwrap(), Status::Running);
    assert!(run.aggregates().unwrap().is_empty());
}

#[test]
fn an_error_of_the_map_names_its_row() {
    for in_flight in IN_FLIGHT {
        let (samples, run) = samples_with(|_| Err("torn image".to_owned()));
        let predictor = predictor().in_flight(in_flight);
        let error = collect_metrics(&samples, Loss::cross_entropy(), &predictor, into_run(&run));
        assert_eq!(
            error.unwrap_err().to_string(),
            format!("map of row {BAD_ROW}: torn image")
        );
        assert_first_batches_are_kept(&run);
    }
}

#[test]
fn a_panic_of_the_map_names_its_row() {
    for in_flight in IN_FLIGHT {
        let (samples, run) = samples_with(|image| panic!("cannot see {}", image.label));
        let predictor = predictor().in_flight(in_flight);
        let error = collect_metrics(&samples, Loss::cross_entropy(), &predictor, into_run(&run));
        let text = error.unwrap_err().to_string();
        assert!(
            text.starts_with(&format!("panic in the map of row {BAD_ROW}: cannot see ")),
            "{text}"
        );
        assert_first_batches_are_kept(&run);
    }
}

/// Panics on the batch of [`BAD_ROW`].
struct PanickingStack;

impl Batcher<Image, Images> for PanickingStack {
    fn batch(&self, items: Vec<Image>, device: &Device) -> Images {
        let is_bad = items.iter().any(|item| item.values[0] == bad_value());
        assert!(!is_bad, "batch of {}", items.len());
        Stack.batch(items, device)
    }
}

#[test]
fn a_panic_of_the_batcher_is_named() {
    for in_flight in IN_FLIGHT {
        let (samples, run) = samples(ROWS);
        let predictor = Predictor::new(&Echo {}, PanickingStack)
            .device(&cpu())
            .batch_size(BATCH)
            .in_flight(in_flight);
        let error = collect_metrics(&samples, Loss::cross_entropy(), &predictor, into_run(&run));
        let first = BAD_ROW / BATCH * BATCH;
        assert_eq!(
            error.unwrap_err().to_string(),
            format!("panic in the batcher, for the batch at row {first}: batch of 8")
        );
        assert_first_batches_are_kept(&run);
    }
}

#[derive(Module, Debug)]
struct PanickingModel {}

impl Predict for PanickingModel {
    type Batch = Images;
    type Output = ClassificationInput;

    fn predict(&self, batch: Images, tap: &mut impl Tap) -> ClassificationInput {
        // Wider by one than its input: Burn itself panics.
        let logits = Echo {}.predict(batch, tap).logits;
        ClassificationInput {
            logits: logits.narrow(1, 0, 5),
            targets: None,
        }
    }
}

#[test]
fn a_panic_of_the_model_is_named() {
    let (samples, run) = samples(ROWS);
    let predictor = Predictor::new(&PanickingModel {}, Stack).device(&cpu());
    let error = collect_metrics(&samples, Loss::cross_entropy(), &predictor, into_run(&run));
    let text = error.unwrap_err().to_string();
    assert!(
        text.starts_with("panic in the model's forward pass, for the batch at row 0: "),
        "{text}"
    );
    assert!(run.unfinished_metrics().unwrap().is_empty());
}

/// Panics or fails on the batch of [`BAD_ROW`], in the device or in the host phase.
struct Failing {
    on_device: bool,
    panics: bool,
}

impl Failing {
    fn fail(&self) -> tlc_burn::Result<()> {
        assert!(!self.panics, "enough");
        Err(Error::collector("failing", "enough"))
    }
}

impl MetricsCollector for Failing {
    type Input = ClassificationInput;

    fn name(&self) -> &str {
        "failing"
    }

    fn compute(
        &self,
        input: ClassificationInput,
        _: &Activations,
        readback: &mut Readback,
    ) -> tlc_burn::Result<()> {
        let logits = input.logits.clone().try_into_vec_as::<f32>().unwrap();
        if self.on_device && logits.iter().step_by(4).any(|value| *value == bad_value()) {
            self.fail()?;
        }
        readback.register("logits", input.logits)
    }

    fn collect(&self, batch: &HostBatch) -> tlc_burn::Result<Columns> {
        if !self.on_device && batch.example_ids().contains(&ExampleId(BAD_ROW)) {
            self.fail()?;
        }
        batch.to_columns()
    }
}

#[test]
fn a_failing_collector_is_named_with_its_phase() {
    let cases = [
        (
            true,
            true,
            "panic in the device phase of collector `failing`: enough",
        ),
        (
            false,
            true,
            "panic in the host phase of collector `failing`: enough",
        ),
        (true, false, "collector `failing`: enough"),
        (false, false, "collector `failing`: enough"),
    ];
    for (in_flight, (on_device, panics, expected)) in
        IN_FLIGHT.iter().flat_map(|n| cases.map(|case| (*n, case)))
    {
        let (samples, run) = samples(ROWS);
        let (collector, predictor) = (Failing { on_device, panics }, echo().in_flight(in_flight));
        let error = collect_metrics(&samples, collector, &predictor, into_run(&run));
        assert_eq!(error.unwrap_err().to_string(), expected);
        assert_first_batches_are_kept(&run);
    }
}

/// Fails once all rows are there, after another collector's summary has not.
struct Unsummed {
    panics: bool,
}

impl MetricsCollector for Unsummed {
    type Input = ClassificationInput;

    fn name(&self) -> &str {
        "unsummed"
    }

    fn compute(
        &self,
        input: ClassificationInput,
        _: &Activations,
        readback: &mut Readback,
    ) -> tlc_burn::Result<()> {
        readback.register("logits", input.logits)
    }

    fn collect(&self, batch: &HostBatch) -> tlc_burn::Result<Columns> {
        batch.to_columns()
    }

    fn summary(&self) -> Option<Box<dyn Summary>> {
        Some(Box::new(Self { ..*self }))
    }
}

impl Summary for Unsummed {
    fn add(&mut self, _: &HostBatch, _: &Columns) -> tlc_burn::Result<()> {
        Ok(())
    }

    fn finish(self: Box<Self>) -> tlc_burn::Result<Summarized> {
        assert!(!self.panics, "enough");
        Err(Error::collector("unsummed", "enough"))
    }
}

#[test]
fn rows_whose_summary_fails_are_kept_unfinished() {
    let cases = [
        (true, "panic in the summary of collector `unsummed`: enough"),
        (false, "collector `unsummed`: enough"),
    ];
    for (panics, expected) in cases {
        let (samples, run) = samples(ROWS);
        let summed = Classification::new(CLASSES).per_class(true);
        let collectors = (summed, Unsummed { panics });
        let error = collect_metrics(&samples, collectors, &echo(), into_run(&run)).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(run.metrics().unwrap().is_empty());
        let kept = run.unfinished_metrics().unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!(ints(&kept[0], "example_id").len(), ROWS);
        assert!(run.aggregates().unwrap().is_empty());
        assert_eq!(run.status().unwrap(), Status::Running);
    }
}

/// Cancelled by its fifth batch: the rows it says it has are those that are kept.
fn cancelled(in_flight: usize) -> usize {
    let (samples, run) = samples(ROWS);
    let token = CancellationToken::new();
    let batches = AtomicUsize::new(0);
    let collector = |output: &ClassificationInput| {
        if batches.fetch_add(1, Ordering::Relaxed) == 4 {
            token.cancel();
        }
        let first = output.logits.clone().narrow(1, 0, 1);
        ("first", first.squeeze_dim::<1>(1))
    };
    let options = into_run(&run).cancellation(&token).check_order(false);
    let predictor = echo().in_flight(in_flight);
    let error = collect_metrics(&samples, collector, &predictor, options).unwrap_err();
    let Error::Cancelled { rows } = error else {
        panic!("{error}");
    };
    assert!(batches.into_inner() <= 4 + in_flight);
    assert!(run.metrics().unwrap().is_empty());
    let kept = run.unfinished_metrics().unwrap();
    let kept: Vec<i64> = kept
        .iter()
        .flat_map(|kept| ints(kept, "example_id"))
        .collect();
    assert_eq!(kept, (0..rows as i64).collect::<Vec<_>>());
    rows
}

#[test]
fn a_cancelled_collection_ends_and_keeps_its_rows() {
    assert_eq!(cancelled(1), 5 * BATCH);
    let side_by_side = cancelled(3);
    assert!(
        side_by_side <= 7 * BATCH && side_by_side.is_multiple_of(BATCH),
        "{side_by_side}"
    );
}

#[test]
fn what_was_kept_of_an_aborted_collection_can_be_registered() {
    let (samples, run) = samples_with(|_| Err("torn image".to_owned()));
    collect_metrics(
        &samples,
        Loss::cross_entropy(),
        &predictor(),
        into_run(&run),
    )
    .unwrap_err();
    let kept = run.unfinished_metrics().unwrap();
    run.update_metrics(&[kept[0].info()]).unwrap();
    assert_eq!(run.metrics().unwrap()[0].len(), 5 * BATCH);
}

/// Threads of this process; where the system does not tell, none.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

/// Ends each way a collection can end.
fn collect_in_every_way() {
    let (good, run) = samples(ROWS);
    collect_metrics(&good, Loss::cross_entropy(), &predictor(), into_run(&run)).unwrap();
    for bad in [|_| Err("torn image".to_owned()), |_| panic!("torn image")] as [fn(Image) -> _; 2] {
        let (samples, run) = samples_with(bad);
        let error = collect_metrics(
            &samples,
            Loss::cross_entropy(),
            &predictor(),
            into_run(&run),
        );
        assert!(error.is_err());
    }
    for (on_device, panics) in [(true, true), (true, false), (false, true), (false, false)] {
        let collector = Failing { on_device, panics };
        assert!(collect_metrics(&good, collector, &echo(), into_run(&run)).is_err());
    }
    let token = CancellationToken::new();
    token.cancel();
    let options = into_run(&run).cancellation(&token);
    assert!(collect_metrics(&good, Loss::cross_entropy(), &predictor(), options).is_err());
    crate::background::end_in_every_way();
}

/// Counted in a process of its own, where no other test starts threads.
#[test]
fn no_thread_is_left_behind() {
    const CHILD: &str = "TLC_TESTS_COUNT_THREADS";
    if std::env::var_os(CHILD).is_none() {
        let name = "failures::no_thread_is_left_behind";
        let mut child = Command::new(std::env::current_exe().unwrap());
        let output = child
            .args([name, "--exact", "--nocapture"])
            .env(CHILD, "1")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        return;
    }
    // The pools of rayon start once and stay.
    collect_in_every_way();
    let before = threads();
    for _ in 0..3 {
        collect_in_every_way();
    }
    let deadline = Instant::now() + Duration::from_secs(10);
    while threads() > before && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    let left = threads();
    assert!(left <= before, "{left} threads, {before} before");
}
