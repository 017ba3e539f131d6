//! `tlc recover`: what is left of runs whose process died.

use crate::consent::{Consent, Said};
use crate::print::{self, Told};
use crate::vacuum::{Age, File, left_over, print_in_use};
use crate::verify::Problem;
use crate::{Failure, Place, name};
use clap::Args;
use serde::Serialize;
use serde_json::Value;
use tlc_core::{Error, Leftovers, MetricsTable, Unfinished, Url, unfinished};

const EXAMPLES: &str = "\
Examples:
  tlc recover                                   says what there is, and asks
  tlc recover fashion-mnist/train-classifier --yes

Metrics that were collected before the process died become part of the run's results, so that
the dashboard, `tlc rows` and findings have them; files that it left behind are deleted. Findings
that were never finished stay out: `tlc issues` finds them anew. Runs that a process writes to
are left alone.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A project or run [default: all under the project root]
    name: Option<String>,
    #[command(flatten)]
    age: Age,
    #[command(flatten)]
    consent: Consent,
}

#[derive(Serialize)]
struct Recovered {
    url: String,
    /// Metrics that were never finished.
    metrics: Vec<Metrics>,
    /// Files that nothing needs.
    files: Vec<File>,
    bytes: u64,
    /// What was not looked at, since a process writes to it.
    in_use: Vec<String>,
    problems: Vec<Problem>,
    /// Whether it was done, or found alone.
    recovered: bool,
}

#[derive(Serialize)]
struct Metrics {
    run: String,
    name: String,
    stream: String,
    split: Option<Value>,
    epoch: Option<Value>,
    rows: usize,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let url = name::below(arguments.name.as_deref(), place)?;
    let metrics = match unfinished(&url) {
        Ok(found) => found,
        Err(Error::NotFound { .. }) => Unfinished::default(),
        Err(error) => return Err(error.into()),
    };
    let strays = left_over(&url, arguments.age.options())?;
    let mut recovered = Recovered::of(&url, &metrics, strays.as_ref())?;
    if !place.json {
        recovered.print_found()?;
    }
    if !recovered.is_nothing() {
        let metrics_told = print::many(recovered.metrics.len(), "metrics table");
        let files_told = print::many(recovered.files.len(), "stray file");
        let question = format!("Keep {metrics_told}, and delete {files_told}?");
        if arguments.consent.asked(&question, place)? == Said::Yes {
            metrics.register()?;
            strays.as_ref().map(|found| found.delete()).transpose()?;
            recovered.recovered = true;
        }
    }
    print::tell(&recovered, place)
}

impl Recovered {
    fn of(url: &Url, found: &Unfinished, strays: Option<&Leftovers>) -> Result<Self, Failure> {
        let files = strays.map(Leftovers::files).unwrap_or_default();
        let metrics = found
            .metrics()
            .map(|(run, table)| Metrics::of(run.url(), table));
        Ok(Self {
            url: url.to_string(),
            metrics: metrics.collect::<Result<_, _>>()?,
            files: files.iter().map(File::of).collect(),
            bytes: strays.map_or(0, Leftovers::len_bytes),
            in_use: found.in_use().iter().map(Url::to_string).collect(),
            problems: found.problems().iter().map(Problem::of).collect(),
            recovered: false,
        })
    }

    fn is_nothing(&self) -> bool {
        self.metrics.is_empty() && self.files.is_empty()
    }

    /// What was found, before anybody is asked.
    fn print_found(&self) -> Result<(), Failure> {
        let rows = self.metrics.iter().map(|metrics| {
            vec![
                metrics.run.as_str().into(),
                metrics.stream.as_str().into(),
                print::value(metrics.split.as_ref()).into(),
                print::value(metrics.epoch.as_ref()).into(),
                metrics.rows.to_string().into(),
            ]
        });
        if !self.metrics.is_empty() {
            print::Table::new(["RUN", "METRICS", "SPLIT", "EPOCH", "ROWS"])
                .rows(rows)
                .print()?;
        }
        if !self.files.is_empty() {
            File::table(&self.files).print()?;
        }
        print_in_use(&self.in_use)?;
        self.problems.iter().try_for_each(Problem::print)
    }
}

impl Metrics {
    fn of(run: &Url, table: &MetricsTable) -> Result<Self, Failure> {
        Ok(Self {
            run: run.to_string(),
            name: table.name().to_owned(),
            stream: table.stream().to_owned(),
            split: table.constant("split")?,
            epoch: table.constant("epoch")?,
            rows: table.len(),
        })
    }
}

impl Told for Recovered {
    fn print(&self) -> Result<(), Failure> {
        match (self.is_nothing(), self.recovered) {
            (true, _) => print::line("Nothing is to be recovered."),
            (false, true) => print::line("Recovered."),
            (false, false) => print::line("Nothing was changed: --yes does."),
        }
    }
}
