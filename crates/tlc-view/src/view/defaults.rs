//! Which columns say what a sample is and what a model thinks of it.

use super::View;
use crate::{Kind, Meaning};
use serde::Serialize;
use tlc_core::{Role, ValueType};

const ERROR: &str = "absolute_error";

/// What is shown of a sample before anything is chosen: names of columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Defaults {
    /// Its image.
    pub image: Option<String>,
    /// The class that it was given.
    pub label: Option<String>,
    /// The class that the model says.
    pub predicted: Option<String>,
    /// How sure the model is.
    pub confidence: Option<String>,
    /// Its loss.
    pub loss: Option<String>,
    /// How far off a predicted number is.
    pub error: Option<String>,
    /// Its text.
    pub text: Option<String>,
    /// How much it counts in training.
    pub weight: Option<String>,
    /// The coordinates of points in the plane.
    pub points: Vec<[String; 2]>,
}

impl View {
    /// What is shown before anything is chosen, by the roles and types of the columns.
    #[must_use]
    pub fn defaults(&self) -> Defaults {
        let all: Vec<&Meaning> = self.columns().collect();
        let find = |is_it: &dyn Fn(&Meaning) -> bool| {
            let found = all.iter().find(|meaning| is_it(meaning));
            found.map(|meaning| meaning.name.clone())
        };
        let role = |role: Role| move |meaning: &Meaning| meaning.column.role == Some(role);
        let is_class = |meaning: &Meaning| meaning.kind == Kind::Class;
        let is_number = |meaning: &Meaning| meaning.kind == Kind::Number;
        let label =
            find(&|meaning| meaning.is_of_table && is_class(meaning) && role(Role::Label)(meaning));
        let text = find(&|meaning| {
            meaning.is_of_table && meaning.kind == Kind::Text && role(Role::Input)(meaning)
        });
        Defaults {
            image: find(&|meaning| matches!(meaning.column.value, ValueType::Image { .. })),
            label: label
                .or_else(|| find(&|meaning| is_class(meaning) && role(Role::Label)(meaning))),
            predicted: find(&|meaning| is_class(meaning) && role(Role::Prediction)(meaning)),
            confidence: find(&|meaning| meaning.column.value == ValueType::Confidence),
            loss: find(&|meaning| is_number(meaning) && meaning.name.contains("loss")),
            error: find(&|meaning| is_number(meaning) && meaning.name == ERROR),
            text: text
                .or_else(|| find(&|meaning| meaning.is_of_table && meaning.kind == Kind::Text)),
            weight: find(&|meaning| meaning.column.value == ValueType::SampleWeight),
            points: points(&all),
        }
    }
}

fn points(all: &[&Meaning]) -> Vec<[String; 2]> {
    let names = all.iter().map(|meaning| meaning.name.as_str());
    let points = names.filter_map(|x| {
        let y = format!("{}.y", x.strip_suffix(".x")?);
        let is_there = all.iter().any(|meaning| meaning.name == y);
        is_there.then(|| [x.to_owned(), y])
    });
    points.collect()
}
