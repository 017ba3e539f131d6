//! `tlc compare`: two runs, sample by sample.

use crate::name::Found;
use crate::print::{self, Cell, Told, Tone, number};
use crate::rows::{self, Listed, Which};
use crate::{End, Failure, Place, name};
use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tlc_core::Run;
use tlc_view::{CompareBy, Comparison, Curve, Filtered, Moved, Right, Uncompared, Verdict, View};

const EXAMPLES: &str = "\
Examples:
  tlc compare fashion-mnist/baseline fashion-mnist/train-classifier
  tlc compare fashion-mnist/baseline fashion-mnist/mended --where \"split = 'test'\"
  tlc compare baseline mended --list newly-right -n 50";

/// Pairs of predictions that are told.
const MOST_MOVED: usize = 10;

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The run before
    before: String,
    /// The run after
    after: String,
    /// Column of numbers whose change is told [default: the loss]
    #[arg(long, value_name = "COLUMN")]
    by: Option<String>,
    /// Which samples to list [default: newly-wrong, or grew where numbers are predicted]
    #[arg(long, value_enum)]
    list: Option<Listing>,
    /// Samples to list
    #[arg(short = 'n', long, value_name = "SAMPLES", default_value_t = 10)]
    limit: usize,
    #[command(flatten)]
    which: Which,
}

/// What became of the samples that are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Listing {
    NewlyRight,
    NewlyWrong,
    StaysRight,
    StaysWrong,
    Grew,
    Fell,
    Unchanged,
    Unknown,
}

#[derive(Serialize)]
struct Compared {
    before: Side,
    after: Side,
    by: String,
    /// Parameters that differ, before and after.
    parameters: BTreeMap<String, [Option<Value>; 2]>,
    /// The last value of each series, before and after.
    series: BTreeMap<String, [Option<f64>; 2]>,
    samples: usize,
    counts: BTreeMap<Verdict, usize>,
    mean_change: Option<f64>,
    apart: Uncompared,
    moved: Vec<Moved>,
    listed: Verdict,
    /// As the run after has them.
    rows: Listed,
}

#[derive(Serialize)]
struct Side {
    run: String,
    url: String,
    /// The share of the samples that is right, of those that can be told.
    right: Option<f64>,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let runs = [&arguments.before, &arguments.after];
    let [before, after] = runs.map(|run| name::run(run, place));
    let (before, after) = (before?, after?);
    let rows = |run: &Run| arguments.which.of(&Found::Run(run.clone()));
    let (rows_before, rows_after) = (rows(&before)?, rows(&after)?);
    let by = compared_by(rows_after.view(), arguments.by.as_ref())?;
    let comparison = Comparison::new(&rows_before, &rows_after, &by)?;
    let listed = match (arguments.list, &by.right) {
        (Some(listing), _) => listing.verdict(),
        (None, Right::Change) => Verdict::Grew,
        (None, _) => Verdict::NewlyWrong,
    };
    let compared = Compared {
        parameters: parameters(&before, &after),
        series: series(&before, &after)?,
        samples: comparison.samples.len(),
        counts: counts(&comparison),
        mean_change: mean_change(&comparison),
        apart: comparison.apart,
        moved: comparison.moved.clone(),
        listed,
        rows: listing(&comparison, &rows_after, listed, arguments.limit)?,
        before: Side::of(&before, &comparison, Verdict::NewlyWrong),
        after: Side::of(&after, &comparison, Verdict::NewlyRight),
        by: by.value,
    };
    print::tell(&compared, place)
}

fn compared_by(view: &View, value: Option<&String>) -> Result<CompareBy, Failure> {
    let by = CompareBy::of(view);
    let told = value.cloned().or_else(|| Some(by.as_ref()?.value.clone()));
    let value = told.ok_or_else(|| {
        End::wrong_use("nothing says how good a sample is: name a column with --by")
    })?;
    let right = by.map_or(Right::Change, |by| by.right);
    Ok(CompareBy { value, right })
}

fn counts(comparison: &Comparison) -> BTreeMap<Verdict, usize> {
    let all = [
        Verdict::NewlyRight,
        Verdict::NewlyWrong,
        Verdict::StaysRight,
        Verdict::StaysWrong,
        Verdict::Grew,
        Verdict::Fell,
        Verdict::Unchanged,
        Verdict::Unknown,
    ];
    all.map(|verdict| (verdict, comparison.count(verdict)))
        .into()
}

fn mean_change(comparison: &Comparison) -> Option<f64> {
    let changes = comparison.samples.iter();
    let changes = changes.filter_map(|sample| sample.change.filter(|change| change.is_finite()));
    let (sum, count) = changes.fold((0.0, 0_u64), |(sum, count), change| {
        (sum + change, count + 1)
    });
    (count > 0).then(|| sum / count as f64)
}

fn parameters(before: &Run, after: &Run) -> BTreeMap<String, [Option<Value>; 2]> {
    let (before, after) = (before.parameters(), after.parameters());
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let both = names.into_iter().map(|name| {
        let values = [&before, &after].map(|parameters| parameters.get(name).cloned());
        (name.clone(), values)
    });
    both.filter(|(_, [before, after])| before != after)
        .collect()
}

fn series(before: &Run, after: &Run) -> Result<BTreeMap<String, [Option<f64>; 2]>, Failure> {
    let mut all: BTreeMap<String, [Option<f64>; 2]> = BTreeMap::new();
    for (run, side) in [before, after].into_iter().zip(0..) {
        for curve in Curve::all(run)? {
            let last = curve.points.last().map(|(_, value)| *value);
            if let Some(known) = all.entry(curve.key).or_default().get_mut(side) {
                *known = last.filter(|value| value.is_finite());
            }
        }
    }
    Ok(all)
}

/// The samples of a verdict, those first whose value grew most, or fell most where that is what
/// they are listed for.
fn listing(
    comparison: &Comparison,
    after: &Filtered,
    verdict: Verdict,
    limit: usize,
) -> Result<Listed, Failure> {
    let samples = comparison.samples.iter();
    let mut rows: Vec<u32> = samples
        .filter(|sample| sample.verdict == verdict)
        .map(|sample| sample.after)
        .collect();
    if matches!(verdict, Verdict::NewlyRight | Verdict::Fell) {
        rows.reverse();
    }
    rows.truncate(limit);
    let columns = rows::chosen(&[], after.view())?;
    Listed::of_view(after.view(), &rows, &columns)
}

impl Side {
    /// A side, and the verdict of the samples that only this side is right about.
    fn of(run: &Run, comparison: &Comparison, own: Verdict) -> Self {
        let count = |verdicts: &[Verdict]| -> usize {
            let counts = verdicts.iter().map(|verdict| comparison.count(*verdict));
            counts.sum()
        };
        let right = count(&[own, Verdict::StaysRight]);
        let known = count(&[
            Verdict::NewlyRight,
            Verdict::NewlyWrong,
            Verdict::StaysRight,
            Verdict::StaysWrong,
        ]);
        Self {
            run: run.name().to_owned(),
            url: run.url().to_string(),
            right: (known > 0).then(|| right as f64 / known as f64),
        }
    }
}

impl Listing {
    fn verdict(self) -> Verdict {
        match self {
            Self::NewlyRight => Verdict::NewlyRight,
            Self::NewlyWrong => Verdict::NewlyWrong,
            Self::StaysRight => Verdict::StaysRight,
            Self::StaysWrong => Verdict::StaysWrong,
            Self::Grew => Verdict::Grew,
            Self::Fell => Verdict::Fell,
            Self::Unchanged => Verdict::Unchanged,
            Self::Unknown => Verdict::Unknown,
        }
    }
}

impl Told for Compared {
    fn print(&self) -> Result<(), Failure> {
        let names = [&self.before.run, &self.after.run].map(|name| print::plain(name));
        let [before, after] = &names;
        let samples = print::many(self.samples, "sample");
        print::line(&format!("{before} → {after}: {samples} in both"))?;
        self.print_sides(&names)?;
        self.print_verdicts()?;
        let moved = self.moved.iter().take(MOST_MOVED).map(|moved| {
            let counts = [moved.samples, moved.newly_right, moved.newly_wrong];
            let counts = counts.map(|count| count.to_string().into());
            [
                vec![moved.before.as_str().into(), moved.after.as_str().into()],
                counts.into(),
            ]
            .concat()
        });
        print::Table::new([
            "SAID BEFORE",
            "SAYS NOW",
            "SAMPLES",
            "NEWLY RIGHT",
            "NEWLY WRONG",
        ])
        .rows(moved)
        .print_section()?;
        if self.rows.len() > 0 {
            print::line("")?;
            print::line(&print::tinted(told(self.listed), Tone::Strong))?;
            self.rows.print()?;
        }
        Ok(())
    }
}

impl Compared {
    /// What the runs were given and what came of it, side by side.
    fn print_sides(&self, names: &[String; 2]) -> Result<(), Failure> {
        let text = |value: &Option<Value>| match value {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        };
        let line = |name: &str, [before, after]: [String; 2]| {
            vec![name.into(), Cell::from(before), Cell::from(after)]
        };
        let real = |value: Option<f64>| value.map_or_else(String::new, number);
        let right = [self.before.right, self.after.right];
        let mut rows = Vec::new();
        if right.iter().any(Option::is_some) {
            rows.push(line("right", right.map(real)));
        }
        let series = self.series.iter();
        rows.extend(series.map(|(name, values)| line(name, values.map(real))));
        let parameters = self.parameters.iter();
        rows.extend(parameters.map(|(name, values)| line(name, values.each_ref().map(text))));
        let [before, after] = names;
        print::Table::new(["", before, after])
            .rows(rows)
            .print_section()
    }

    fn print_verdicts(&self) -> Result<(), Failure> {
        let counts = self.counts.iter().filter(|(_, count)| **count > 0);
        let mut rows: Vec<Vec<Cell>> = counts
            .map(|(verdict, count)| {
                let tone = match verdict {
                    Verdict::NewlyRight => Tone::Good,
                    Verdict::NewlyWrong => Tone::Bad,
                    _ => Tone::Plain,
                };
                vec![Cell::toned(told(*verdict), tone), count.to_string().into()]
            })
            .collect();
        let apart = [
            ("only before", self.apart.only_before),
            ("only after", self.apart.only_after),
            ("repeated", self.apart.repeated),
        ];
        let apart = apart.into_iter().filter(|(_, count)| *count > 0);
        rows.extend(apart.map(|(what, count)| vec![what.into(), count.to_string().into()]));
        if let Some(change) = self.mean_change {
            rows.push(vec![
                format!("mean change of {}", self.by).into(),
                number(change).into(),
            ]);
        }
        print::Table::new(["SAMPLES", ""])
            .rows(rows)
            .print_section()
    }
}

fn told(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NewlyRight => "newly right",
        Verdict::NewlyWrong => "newly wrong",
        Verdict::StaysRight => "stays right",
        Verdict::StaysWrong => "stays wrong",
        Verdict::Grew => "grew",
        Verdict::Fell => "fell",
        Verdict::Unchanged => "unchanged",
        Verdict::Unknown => "unknown",
    }
}
