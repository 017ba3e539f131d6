//! One finding as a person meets it: how many samples, which, and why.

use crate::{Filter, Filtered, Group, Kind, OrderBy, Result, View};
use serde::Serialize;
use std::sync::Arc;
use tlc_core::{ClassMap, Role, ValueType};

/// Rows of which the images stand on a card.
const SHOWN: usize = 5;
/// The share of samples that count as outliers.
const OUTLIERS: f64 = 0.01;
const IS_ISSUE: &str = "is_label_issue";
const ISSUE_RANK: &str = "label_rank";
const NEVER_LEARNED: &str = "never_learned";
const FORGOTTEN: &str = "forgetting_events";
const DUPLICATES: &str = "duplicate_set";
const OUTLIER: &str = "outlier_score";
const LOSS: &str = "loss";
const EPOCH: &str = "epoch";
const ACCURACY: &str = "accuracy";
const PROBABILITIES: &str = "probabilities";

/// What is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CardKind {
    /// Labels that are most likely wrong.
    LabelIssues,
    /// The two classes that are most often taken for one another.
    Confused,
    /// Samples that the model was right about in no epoch.
    NeverLearned,
    /// Samples that it was right about, and then wrong.
    Forgotten,
    /// Samples that are nearly the same to it.
    NearDuplicates,
    /// Samples that are far from all others.
    Outliers,
    /// The class that it is worst at.
    WeakestClass,
}

/// Whether there is something to see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "reason")]
pub enum CardState {
    /// It was found, or can be told at once.
    Ready,
    /// Nobody has looked yet.
    Missing,
    /// The data do not allow it: why, and what to collect.
    Impossible(String),
}

/// A finding: the filters and the order that show it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Card {
    /// What is found.
    pub kind: CardKind,
    /// In two or three words.
    pub title: String,
    /// How many rows there are.
    pub count: usize,
    /// What it means, in a sentence.
    pub explanation: String,
    /// Whether there is something to see.
    #[serde(flatten)]
    pub state: CardState,
    /// What shows these rows, and no others.
    pub filters: Vec<Filter>,
    /// Those first that are worth most.
    pub order: Vec<OrderBy>,
    /// The first of them.
    pub rows: Vec<u32>,
}

impl Card {
    /// All findings about a view of runs, in the order of their worth.
    ///
    /// # Errors
    /// As [`View::column`].
    pub fn all(view: &Arc<View>) -> Result<Vec<Self>> {
        let looked = Looked::new(view)?;
        let cards = [
            looked.label_issues(),
            looked.confused(),
            looked.never_learned(),
            looked.forgotten(),
            looked.near_duplicates(),
            looked.outliers(),
            looked.weakest_class(),
        ];
        cards.into_iter().flatten().collect()
    }
}

/// A view, and the columns that say what a model thinks of its samples.
struct Looked {
    all: Filtered,
    given: Option<String>,
    predicted: Option<String>,
}

impl Looked {
    fn new(view: &Arc<View>) -> Result<Self> {
        let class = |role: Role, is_of_table: bool| {
            let mut classes = view.columns().filter(|meaning| meaning.kind == Kind::Class);
            let found = classes.find(|meaning| {
                meaning.column.role == Some(role) && (!is_of_table || meaning.is_of_table)
            });
            found.map(|meaning| meaning.name.clone())
        };
        Ok(Self {
            all: Filtered::new(view, &[])?,
            given: class(Role::Label, true).or_else(|| class(Role::Label, false)),
            predicted: class(Role::Prediction, false),
        })
    }

    fn label_issues(&self) -> Option<Result<Card>> {
        self.given.as_ref()?;
        let explanation = "Labels that the model disagrees with over its epochs, the most likely \
                           wrong first."
            .to_owned();
        let found = Found {
            kind: CardKind::LabelIssues,
            title: "Label issues".to_owned(),
            explanation,
            filters: vec![flag(IS_ISSUE)],
            order: vec![OrderBy::ascending(ISSUE_RANK)],
        };
        Some(self.card(found, IS_ISSUE))
    }

    fn confused(&self) -> Option<Result<Card>> {
        let (given, predicted) = self.given.as_ref().zip(self.predicted.as_ref())?;
        let confusion = match self.all.confusion(given, predicted) {
            Ok(confusion) => confusion,
            Err(error) => return Some(Err(error)),
        };
        let worst = confusion.pairs.iter().find(|pair| !pair.is_right)?;
        let name = |classes: &ClassMap, id| {
            classes
                .get(id)
                .map_or_else(String::new, |class| class.name.clone())
        };
        let names = (
            name(&confusion.classes, worst.given),
            name(&confusion.predicted, worst.predicted),
        );
        let found = Found {
            kind: CardKind::Confused,
            title: format!("{} → {}", names.0, names.1),
            explanation: "The two classes that are most often taken for one another: the label, \
                          and what the model says."
                .to_owned(),
            filters: vec![
                class(given, worst.given.into()),
                class(predicted, worst.predicted.into()),
            ],
            order: self.by_loss(),
        };
        Some(self.card(found, predicted))
    }

    fn never_learned(&self) -> Option<Result<Card>> {
        self.given.as_ref()?;
        let found = Found {
            kind: CardKind::NeverLearned,
            title: "Never learned".to_owned(),
            explanation: "Samples that the model was right about in no epoch.".to_owned(),
            filters: vec![flag(NEVER_LEARNED)],
            order: self.by_loss(),
        };
        Some(self.card(found, NEVER_LEARNED))
    }

    fn forgotten(&self) -> Option<Result<Card>> {
        self.given.as_ref()?;
        let found = Found {
            kind: CardKind::Forgotten,
            title: "Forgotten".to_owned(),
            explanation: "Samples that the model was right about in one epoch and wrong in the \
                          next, those first with which it happened most often."
                .to_owned(),
            filters: vec![range(FORGOTTEN, Some(1.0), None)],
            order: vec![OrderBy::descending(FORGOTTEN)],
        };
        Some(self.card(found, FORGOTTEN))
    }

    fn near_duplicates(&self) -> Option<Result<Card>> {
        let found = Found {
            kind: CardKind::NearDuplicates,
            title: "Near-duplicates".to_owned(),
            explanation: "Groups of samples that are nearly the same to the model.".to_owned(),
            filters: vec![range(DUPLICATES, Some(0.0), None)],
            order: vec![OrderBy::ascending(DUPLICATES)],
        };
        Some(self.card(found, DUPLICATES))
    }

    fn outliers(&self) -> Option<Result<Card>> {
        let mut found = Found {
            kind: CardKind::Outliers,
            title: "Outliers".to_owned(),
            explanation: "The hundredth of the samples that are farthest from their neighbours."
                .to_owned(),
            filters: Vec::new(),
            order: vec![OrderBy::ascending(OUTLIER)],
        };
        if self.all.view().meaning(OUTLIER).is_ok() {
            match self.least(OUTLIER) {
                Ok(most) => found.filters = vec![range(OUTLIER, None, Some(most))],
                Err(error) => return Some(Err(error)),
            }
        }
        Some(self.card(found, OUTLIER))
    }

    fn weakest_class(&self) -> Option<Result<Card>> {
        let (given, predicted) = self.given.as_ref().zip(self.predicted.as_ref())?;
        let weakest = match self.weakest(given, predicted) {
            Ok(weakest) => weakest?,
            Err(error) => return Some(Err(error)),
        };
        let (group, right) = weakest;
        let found = Found {
            kind: CardKind::WeakestClass,
            title: format!("Weakest: {}", group.name),
            explanation: format!(
                "The class of which the smallest share is right: {:.0} %.",
                100.0 * right
            ),
            filters: vec![class(given, group.key?)],
            order: self.by_loss(),
        };
        Some(self.card(found, predicted))
    }

    /// The class of which the smallest share is right, and the share.
    fn weakest(&self, given: &str, predicted: &str) -> Result<Option<(Group, f64)>> {
        let confusion = self.all.confusion(given, predicted)?;
        let right = |id: i64| {
            let pairs = confusion
                .pairs
                .iter()
                .filter(|pair| i64::from(pair.given) == id);
            let right = pairs.filter(|pair| pair.is_right);
            right.map(|pair| pair.rows).sum::<u64>() as f64
        };
        let groups = self.all.groups(given, None)?.into_iter();
        let shares = groups.filter_map(|group| {
            let share = right(group.key?) / group.rows as f64;
            Some((group, share))
        });
        Ok(shares.min_by(|(_, one), (_, other)| one.total_cmp(other)))
    }

    /// The value below which the hundredth is that counts as outliers.
    fn least(&self, column: &str) -> Result<f64> {
        let count = (self.all.count() as f64 * OUTLIERS).ceil();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a share of the rows
        let rows = self.all.top(&OrderBy::ascending(column), count as usize)?;
        let last = rows.last().map(|row| *row as usize);
        let values = self.all.view().column(column)?;
        let last = last.and_then(|row| values.number(row));
        Ok(last.unwrap_or(f64::NEG_INFINITY))
    }

    fn by_loss(&self) -> Vec<OrderBy> {
        let loss = self.all.view().meaning(LOSS);
        loss.map_or_else(|_| Vec::new(), |_| vec![OrderBy::descending(LOSS)])
    }

    /// What would have to be collected first.
    fn lacks(&self, kind: CardKind) -> Option<&'static str> {
        let said = || {
            self.all
                .view()
                .columns()
                .filter(|meaning| !meaning.is_of_table)
        };
        let has = |name: &str| said().any(|meaning| meaning.name == name);
        let is_vector = |value: &ValueType| matches!(value, ValueType::Embedding { .. });
        let (is_there, what) = match kind {
            CardKind::LabelIssues => (
                has(PROBABILITIES),
                "Collect `Classification::new(classes).probabilities(true)` for it.",
            ),
            CardKind::NeverLearned | CardKind::Forgotten => (
                has(ACCURACY) && has(EPOCH),
                "Collect `Classification::new(classes)` in several epochs for it.",
            ),
            CardKind::NearDuplicates | CardKind::Outliers => (
                said().any(|meaning| is_vector(&meaning.column.value)),
                "Collect `Embeddings::of([\"name\"])` of a tapped activation for it.",
            ),
            CardKind::Confused | CardKind::WeakestClass => (true, ""),
        };
        (!is_there).then_some(what)
    }

    /// With the rows that its filters show, if the column is there that it stands on.
    fn card(&self, found: Found, column: &str) -> Result<Card> {
        let view = self.all.view();
        if view.meaning(column).is_err() {
            let state = self.lacks(found.kind);
            let state = state.map_or(CardState::Missing, |what| {
                CardState::Impossible(what.to_owned())
            });
            return Ok(found.into_card(0, Vec::new(), state));
        }
        let under = self.all.refine(&found.filters)?;
        let rows = match found.order.as_slice() {
            [by] => under.top(by, SHOWN)?,
            _ => under
                .mask()
                .iter()
                .take(SHOWN)
                .filter_map(|row| u32::try_from(row).ok())
                .collect(),
        };
        Ok(found.into_card(under.count(), rows, CardState::Ready))
    }
}

struct Found {
    kind: CardKind,
    title: String,
    explanation: String,
    filters: Vec<Filter>,
    order: Vec<OrderBy>,
}

impl Found {
    fn into_card(self, count: usize, rows: Vec<u32>, state: CardState) -> Card {
        Card {
            kind: self.kind,
            title: self.title,
            count,
            explanation: self.explanation,
            state,
            filters: self.filters,
            order: self.order,
            rows,
        }
    }
}

fn flag(column: &str) -> Filter {
    let column = column.to_owned();
    Filter::Flag { column, is: true }
}

fn class(column: &str, id: i64) -> Filter {
    Filter::Classes {
        column: column.to_owned(),
        ids: vec![id],
        missing: false,
    }
}

fn range(column: &str, min: Option<f64>, max: Option<f64>) -> Filter {
    let column = column.to_owned();
    Filter::Range { column, min, max }
}
