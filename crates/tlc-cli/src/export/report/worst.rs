//! The samples that the model is worst at.

use super::face::{Face, Faces};
use super::values::{self, title};
use crate::Failure;
use crate::export::texts::NAME;
use crate::rows::{once, place_in_table};
use std::sync::Arc;
use tlc_core::Role;
use tlc_view::{Column, Defaults, Filtered, Kind, Meaning, OrderBy, View};

const LABEL_RANK: &str = "label_rank";
const SPLIT: &str = "split";
/// Values that stand beside a sample without an image.
const MOST_VALUES: usize = 9;

pub(crate) struct Worst {
    /// What they are ordered by, and which of it comes first; nothing if they are the first
    /// that there are.
    pub(crate) by: Option<(String, &'static str)>,
    /// Of how many.
    pub(crate) of: usize,
    /// What its text is called, where samples are known by one.
    pub(crate) text: Option<String>,
    /// What is told of each that has no image.
    pub(crate) columns: Vec<Title>,
    pub(crate) samples: Vec<Sample>,
}

/// What a value is.
pub(crate) struct Title {
    pub(crate) text: String,
    pub(crate) is_number: bool,
    /// Whether it is what the model says.
    pub(crate) is_said: bool,
}

pub(crate) struct Sample {
    /// The row of the view, by which it is found from elsewhere on the page.
    pub(crate) row: u32,
    /// Its split, where there are several.
    pub(crate) split: Option<String>,
    /// Its row in its table.
    pub(crate) place: usize,
    pub(crate) face: Face,
    pub(crate) label: Option<String>,
    pub(crate) predicted: Option<String>,
    pub(crate) confidence: Option<f64>,
    /// What it is ordered by, where that is not its confidence, or its loss.
    pub(crate) score: Option<(String, f64)>,
    pub(crate) values: Vec<String>,
}

impl Sample {
    /// Whether the model says another class than the label.
    pub(crate) fn is_wrong(&self) -> bool {
        let both = self.label.as_ref().zip(self.predicted.as_ref());
        both.is_some_and(|(label, predicted)| label != predicted)
    }
}

impl Worst {
    pub(super) fn of(
        all: &Filtered,
        defaults: &Defaults,
        faces: &Faces,
        count: usize,
    ) -> Result<Self, Failure> {
        let view = all.view();
        let by = view.worst_first();
        let rows: Vec<u32> = match &by {
            Some(by) => all.top(by, count)?,
            None => (0..u32::MAX).take(view.len().min(count)).collect(),
        };
        let told = Told::of(view, defaults, by.as_ref(), faces)?;
        let samples = rows.into_iter().map(|row| told.sample(row, faces));
        Ok(Self {
            by: by.map(told_order),
            of: view.len(),
            samples: samples.collect::<Result<_, _>>()?,
            text: faces.text(),
            columns: told.columns(),
        })
    }
}

/// A column, and which of it comes first, in words.
fn told_order(by: OrderBy) -> (String, &'static str) {
    let first = match (by.descending, by.column.as_str()) {
        (true, _) => "the highest first",
        (false, LABEL_RANK) => "the most likely wrong first",
        (false, _) => "the lowest first",
    };
    (by.column, first)
}

/// The columns that say what is told of a sample.
struct Told {
    label: Option<Arc<Column>>,
    predicted: Option<Arc<Column>>,
    confidence: Option<Arc<Column>>,
    score: Option<Arc<Column>>,
    split: Option<Arc<Column>>,
    values: Vec<Arc<Column>>,
    view: Arc<View>,
}

impl Told {
    fn of(
        view: &Arc<View>,
        defaults: &Defaults,
        by: Option<&OrderBy>,
        faces: &Faces,
    ) -> Result<Self, Failure> {
        let column = |name: Option<&String>| name.map(|name| view.column(name)).transpose();
        let by = by
            .map(|by| &by.column)
            .filter(|name| defaults.confidence.as_ref() != Some(*name));
        let split = view.meaning(SPLIT).ok();
        let splits = split.and_then(|split| Some(split.classes.as_ref()?.len()));
        let split = split.filter(|_| splits.is_some_and(|splits| splits > 1));
        let values = match faces.are_bare() {
            true => values_of(view, defaults, by),
            false => Vec::new(),
        };
        Ok(Self {
            label: column(defaults.label.as_ref())?,
            predicted: column(defaults.predicted.as_ref())?,
            confidence: column(defaults.confidence.as_ref())?,
            score: column(by.or(defaults.loss.as_ref()))?,
            split: column(split.map(|split| &split.name))?,
            values: values
                .into_iter()
                .map(|name| view.column(name))
                .collect::<Result<_, _>>()?,
            view: Arc::clone(view),
        })
    }

    fn columns(&self) -> Vec<Title> {
        let said = self.predicted.as_ref().map(|column| column.name());
        let titles = self.values.iter().map(|column| Title {
            text: title(column.meaning()),
            is_number: column.kind() == Kind::Number,
            is_said: said == Some(column.name()),
        });
        titles.collect()
    }

    fn sample(&self, row: u32, faces: &Faces) -> Result<Sample, Failure> {
        let place = row as usize;
        let class = |column: &Option<Arc<Column>>| values::class(column.as_deref()?, place);
        let number = |column: &Option<Arc<Column>>| column.as_ref()?.number(place);
        let score = self.score.as_ref().map(|column| title(column.meaning()));
        Ok(Sample {
            row,
            split: self
                .split
                .as_ref()
                .and_then(|column| Some(column.text(place)?.to_owned())),
            place: place_in_table(&self.view, place)?,
            face: faces.get(place)?,
            label: class(&self.label),
            predicted: class(&self.predicted),
            confidence: number(&self.confidence),
            score: score.zip(number(&self.score)),
            values: self
                .values
                .iter()
                .map(|column| values::told(column, place, NAME))
                .collect(),
        })
    }
}

/// What is told of a sample that has no image: what it is known by, what the model said, then
/// what else its table has.
fn values_of<'v>(
    view: &'v View,
    defaults: &'v Defaults,
    by: Option<&'v String>,
) -> Vec<&'v String> {
    let known = [
        &defaults.label,
        &defaults.predicted,
        &defaults.confidence,
        &defaults.loss,
    ];
    let first: Vec<&String> = known.into_iter().flatten().chain(by).collect();
    let is_told = |meaning: &&Meaning| {
        let is_place = matches!(meaning.column.role, Some(Role::Axis | Role::Id));
        let is_text = defaults.text.as_ref() == Some(&meaning.name);
        meaning.kind != Kind::Other && !is_place && !is_text
    };
    let told: Vec<&Meaning> = view.columns().filter(is_told).collect();
    let (of_table, said): (Vec<&Meaning>, Vec<&Meaning>) =
        told.into_iter().partition(|meaning| meaning.is_of_table);
    let others = said
        .into_iter()
        .chain(of_table)
        .map(|meaning| &meaning.name);
    let all = first.into_iter().chain(others);
    once(all).into_iter().take(MOST_VALUES).collect()
}
