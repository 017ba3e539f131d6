//! What to look at: findings with their first samples.

use super::face::{Face, Faces};
use crate::Failure;
use std::sync::Arc;
use tlc_view::{Card, CardState, View};

/// The findings about a view.
pub(crate) struct Findings {
    pub(crate) shown: Vec<Shown>,
    /// What nobody has looked for yet.
    pub(crate) missing: Vec<String>,
    /// What the data do not allow, and why.
    pub(crate) impossible: Vec<(String, String)>,
}

/// A finding, and what the first of its samples look like.
pub(crate) struct Shown {
    pub(crate) title: String,
    pub(crate) count: usize,
    pub(crate) explanation: String,
    /// Rows of the view.
    pub(crate) faces: Vec<(u32, Face)>,
}

impl Findings {
    pub(super) fn of(view: &Arc<View>, faces: &Faces) -> Result<Self, Failure> {
        let mut findings = Self {
            shown: Vec::new(),
            missing: Vec::new(),
            impossible: Vec::new(),
        };
        for card in Card::all(view)? {
            match &card.state {
                CardState::Ready => findings.shown.push(Shown::of(card, faces)?),
                CardState::Missing => findings.missing.push(card.title),
                CardState::Impossible(why) => findings.impossible.push((card.title, why.clone())),
            }
        }
        Ok(findings)
    }
}

impl Shown {
    fn of(card: Card, faces: &Faces) -> Result<Self, Failure> {
        let faces = card
            .rows
            .iter()
            .map(|row| Ok((*row, faces.get(*row as usize)?)));
        let faces = faces.collect::<Result<_, Failure>>()?;
        Ok(Self {
            title: card.title,
            count: card.count,
            explanation: card.explanation,
            faces,
        })
    }
}
