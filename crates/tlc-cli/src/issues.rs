//! `tlc issues`: what the metrics of a run say about its data.

use crate::print::{self, Cell, Told, Tone};
use crate::rows::{self, Listed};
use crate::{Failure, Place, name, progress, sheet};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::sync::Arc;
use tlc_view::{Card, CardKind, CardState, Filtered, View, ViewOptions, compute_findings};

const EXAMPLES: &str = "\
Examples:
  tlc issues fashion-mnist/train-classifier
  tlc issues fashion-mnist/train-classifier --of label-issues -n 100 --sheet issues.png
  tlc issues fashion-mnist/train-classifier --of near-duplicates --json

What is found is written into the run, where the dashboard and `tlc rows` have it as columns.
Ctrl-C ends the search; nothing is written then.";

/// What label issues say beside the rank.
const SUGGESTED: [&str; 2] = ["suggested_label", "suggested_probability"];

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A run
    run: String,
    /// Whose samples to list [default: the first that has some]
    #[arg(long, value_name = "FINDING")]
    of: Option<Of>,
    /// Samples to list
    #[arg(short = 'n', long, value_name = "SAMPLES", default_value_t = 20)]
    limit: usize,
    /// Looks again, though it was found before
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    sheet: sheet::Asked,
}

/// A finding, as people type it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Of {
    LabelIssues,
    Confused,
    NeverLearned,
    Forgotten,
    NearDuplicates,
    Outliers,
    WeakestClass,
}

#[derive(Serialize)]
struct Issues {
    url: String,
    /// Samples of the run.
    of: usize,
    /// Whether it was looked for now.
    computed: bool,
    /// What was left out, and why.
    left_out: Vec<String>,
    findings: Vec<Finding>,
    /// Which of them the rows are of.
    listed: Option<CardKind>,
    #[serde(flatten)]
    sheet: sheet::Drawn,
    rows: Listed,
}

#[derive(Serialize)]
struct Finding {
    kind: CardKind,
    title: String,
    count: usize,
    explanation: String,
    #[serde(flatten)]
    state: CardState,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let to = arguments.sheet.to()?;
    let run = name::run(&arguments.run, place)?;
    let mut view = rows::opened(ViewOptions::new().run(&run))?;
    let mut cards = Card::all(&view)?;
    let is_missing = |card: &Card| card.state == CardState::Missing;
    let mut left_out = Vec::new();
    let computed = arguments.again || cards.iter().any(is_missing);
    if computed {
        left_out = progress::followed(|progress| compute_findings(&view, progress))?;
        if let Some(fresh) = view.refresh()? {
            view = Arc::new(fresh);
        }
        cards = Card::all(&view)?;
    }
    let card = chosen(arguments.of, &cards);
    let samples = samples(card, &view, arguments.limit)?;
    let by = card.and_then(|card| Some(card.order.first()?.column.as_str()));
    let issues = Issues {
        url: run.url().to_string(),
        of: view.len(),
        computed,
        left_out,
        listed: card.map(|card| card.kind),
        sheet: sheet::Drawn::of(&view, &samples, by, to)?,
        rows: Listed::of_view(&view, &samples, &columns(&view, card)?)?,
        findings: cards.into_iter().map(Finding::of).collect(),
    };
    print::tell(&issues, place)
}

/// The finding whose samples are listed.
fn chosen(of: Option<Of>, cards: &[Card]) -> Option<&Card> {
    let is_listed = |card: &&Card| match of {
        Some(of) => of.kind() == card.kind,
        None => card.state == CardState::Ready && card.count > 0,
    };
    cards.iter().find(is_listed)
}

fn samples(card: Option<&Card>, view: &Arc<View>, limit: usize) -> Result<Vec<u32>, Failure> {
    let Some(card) = card.filter(|card| card.state == CardState::Ready) else {
        return Ok(Vec::new());
    };
    let filtered = Filtered::new(view, &card.filters)?;
    let ordered = view.order(&card.order)?.under(&filtered);
    Ok(ordered.page(0, limit).to_vec())
}

/// What a viewer shows, after what the samples are ordered by and what was found of them.
fn columns(view: &View, card: Option<&Card>) -> Result<Vec<String>, Failure> {
    let Some(card) = card else {
        return rows::chosen(&[], view);
    };
    let by = card.order.iter().map(|by| by.column.as_str());
    let found = match card.kind {
        CardKind::LabelIssues => &SUGGESTED[..],
        _ => &[],
    };
    let found = found.iter().copied();
    let found = found.filter(|name| view.meaning(name).is_ok());
    let first: Vec<String> = by.chain(found).map(str::to_owned).collect();
    let mut columns = rows::chosen(&[], view)?;
    columns.retain(|column| !first.contains(column));
    Ok([first, columns].concat())
}

impl Of {
    fn kind(self) -> CardKind {
        match self {
            Self::LabelIssues => CardKind::LabelIssues,
            Self::Confused => CardKind::Confused,
            Self::NeverLearned => CardKind::NeverLearned,
            Self::Forgotten => CardKind::Forgotten,
            Self::NearDuplicates => CardKind::NearDuplicates,
            Self::Outliers => CardKind::Outliers,
            Self::WeakestClass => CardKind::WeakestClass,
        }
    }
}

impl Finding {
    fn of(card: Card) -> Self {
        Self {
            kind: card.kind,
            title: card.title,
            count: card.count,
            explanation: card.explanation,
            state: card.state,
        }
    }

    fn cells(&self) -> Vec<Cell> {
        let (count, said) = match &self.state {
            CardState::Ready => (self.count.to_string(), self.explanation.as_str()),
            CardState::Missing => (String::new(), "not found"),
            CardState::Impossible(what) => (String::new(), what.as_str()),
        };
        let tone = match self.state {
            CardState::Ready => Tone::Plain,
            _ => Tone::Faint,
        };
        vec![
            Cell::toned(self.title.as_str(), tone),
            count.into(),
            Cell::toned(said, tone),
        ]
    }
}

impl Told for Issues {
    fn print(&self) -> Result<(), Failure> {
        print::Table::new(["FINDING", "SAMPLES", "WHAT IT MEANS"])
            .rows(self.findings.iter().map(Finding::cells))
            .print()?;
        let is_open = |finding: &Finding| finding.state == CardState::Missing;
        let is_open = self.findings.iter().any(is_open);
        for left_out in self.left_out.iter().filter(|_| is_open) {
            print::note(&print::plain(left_out))?;
        }
        let listed = self.findings.iter();
        let mut listed = listed.filter(|finding| Some(finding.kind) == self.listed);
        if let Some(finding) = listed.next().filter(|_| self.rows.len() > 0) {
            print::line("")?;
            print::line(&print::tinted(&print::plain(&finding.title), Tone::Strong))?;
            self.rows.print()?;
        }
        self.sheet.print()
    }
}
