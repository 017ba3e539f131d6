//! The columns of a view: what its parts have, under one name each.

use crate::column::unite;
use crate::source::Part;
use crate::{Error, Expression, Meaning, Result};
use serde_json::Value;
use std::collections::HashSet;
use tlc_core::{ClassMap, Column, EXAMPLE_ID, Role, TABLE_ROW, ValueType};

const RUN: &str = "run";
const TABLE: &str = "table";
/// Stands before the names of selections.
const SELECTION: &str = "selection.";
/// What the coordinates of a point are called.
const AXES: [&str; 3] = ["x", "y", "z"];

/// A column, and where its values are in each part.
#[derive(Clone, Debug)]
pub(super) struct Described {
    pub(super) meaning: Meaning,
    pub(super) places: Vec<Option<Place>>,
    /// What it is computed by, if it is not read.
    pub(super) derived: Option<Derived>,
    /// Why its values do not go together.
    mixed: Option<Mixed>,
}

/// Where the values of a column are in a part.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    /// In the metrics table, under this name.
    Metrics(String),
    /// In the table, under this name.
    Table(String),
    /// In one of the findings about its samples, under this name.
    Finding {
        finding: usize,
        name: String,
        /// Which number of a point.
        component: Option<usize>,
    },
    /// The same value in each row.
    Constant(Value),
    /// Whether it is among the rows of the table that are kept under this name.
    Selection(String),
    /// It is the row of the table.
    TableRow,
}

/// How a column is computed of others.
#[derive(Clone, Debug)]
pub(super) struct Derived {
    pub(super) expression: Expression,
    /// How many columns stand between it and those that are read.
    pub(super) depth: usize,
}

#[derive(Clone, Debug)]
struct Mixed {
    first: String,
    first_in: String,
    found: String,
    found_in: String,
}

impl Described {
    /// Whether it says which row of its table a sample is.
    pub(super) fn is_table_row(&self) -> bool {
        self.places.contains(&Some(Place::TableRow))
    }

    /// Of a column that is computed.
    pub(super) fn derived(meaning: Meaning, derived: Derived) -> Self {
        Self {
            meaning,
            places: Vec::new(),
            derived: Some(derived),
            mixed: None,
        }
    }

    /// Fails if its values do not go together.
    pub(super) fn check(&self) -> Result<()> {
        match &self.mixed {
            None => Ok(()),
            Some(mixed) => Err(Error::Mixed {
                column: self.meaning.name.clone(),
                first: mixed.first.clone(),
                first_in: mixed.first_in.clone(),
                found: mixed.found.clone(),
                found_in: mixed.found_in.clone(),
            }),
        }
    }
}

/// All columns of these parts: those of the metrics, then those of the tables, then what is
/// known of each part.
pub(super) fn describe(parts: &[Part]) -> Result<Vec<Described>> {
    let mut columns = Columns::new(parts);
    for (place, part) in parts.iter().enumerate() {
        columns.add_metrics(place, part)?;
    }
    let taken = columns.names();
    for (place, part) in parts.iter().enumerate() {
        columns.add_table(place, part, &taken);
    }
    let taken = columns.names();
    for (place, part) in parts.iter().enumerate() {
        columns.add_findings(place, part, &taken);
    }
    let taken = columns.names();
    for (place, part) in parts.iter().enumerate() {
        columns.add_selections(place, part, &taken);
    }
    columns.add_origins(parts);
    Ok(columns.described)
}

/// Of a point of two or three coordinates their number, of anything else 0.
fn dimensions(value: &ValueType) -> usize {
    let dimensions = match value {
        ValueType::Embedding { dim } => *dim,
        _ => 0,
    };
    if dimensions <= AXES.len() {
        dimensions
    } else {
        0
    }
}

struct Columns<'p> {
    parts: &'p [Part],
    described: Vec<Described>,
}

impl<'p> Columns<'p> {
    fn new(parts: &'p [Part]) -> Self {
        let described = Vec::new();
        Self { parts, described }
    }

    fn names(&self) -> HashSet<String> {
        let names = self.described.iter();
        names.map(|column| column.meaning.name.clone()).collect()
    }

    fn add_metrics(&mut self, place: usize, part: &Part) -> Result<()> {
        let Some(metrics) = &part.metrics else {
            return Ok(());
        };
        for column in metrics.table.schema().columns() {
            let meaning = Meaning::of(column.name.clone(), column, false);
            let constant = metrics.table.constant(&column.name)?;
            match constant {
                Some(Value::String(text)) if column.value == ValueType::String => {
                    let named =
                        Meaning::of_names(&column.name, ClassMap::new([text.as_str()]), false);
                    self.add(place, named, Place::Constant(Value::String(text)));
                }
                Some(value) => self.add(place, meaning, Place::Constant(value)),
                None => self.add(place, meaning, Place::Metrics(column.name.clone())),
            }
        }
        Ok(())
    }

    fn add_table(&mut self, place: usize, part: &Part, taken: &HashSet<String>) {
        let Some(samples) = &part.samples else {
            return;
        };
        for column in samples.table.schema().columns() {
            let name = match taken.contains(&column.name) {
                true => format!("table.{}", column.name),
                false => column.name.clone(),
            };
            let meaning = Meaning::of(name, column, true);
            self.add(place, meaning, Place::Table(column.name.clone()));
        }
    }

    /// What was found about the samples. Of points each coordinate is a column.
    fn add_findings(&mut self, place: usize, part: &Part, taken: &HashSet<String>) {
        for (finding, found) in part.findings.iter().enumerate() {
            let constants: HashSet<&str> = found.constants().collect();
            let columns = found.schema().columns().iter();
            let own = columns.filter(|column| {
                column.name != EXAMPLE_ID && !constants.contains(column.name.as_str())
            });
            for column in own {
                let name = match taken.contains(&column.name) {
                    true => format!("{}.{}", found.stream(), column.name),
                    false => column.name.clone(),
                };
                let at = |component| Place::Finding {
                    finding,
                    name: column.name.clone(),
                    component,
                };
                let dimensions = dimensions(&column.value);
                for (component, axis) in AXES.iter().enumerate().take(dimensions) {
                    let name = format!("{name}.{axis}");
                    let number = Column::new(name.as_str(), ValueType::Float32).role(Role::Metric);
                    self.add(
                        place,
                        Meaning::of(name, &number, false).found(),
                        at(Some(component)),
                    );
                }
                if dimensions == 0 {
                    self.add(place, Meaning::of(name, column, false).found(), at(None));
                }
            }
        }
    }

    /// Whether rows are kept under a name.
    fn add_selections(&mut self, place: usize, part: &Part, taken: &HashSet<String>) {
        let selections = part.samples.iter().flat_map(|samples| &samples.selections);
        for kept in selections {
            let name = format!("{SELECTION}{}", kept.name());
            if !taken.contains(&name) {
                let meaning = Meaning::of_selection(name, kept.name(), kept.description());
                self.add(place, meaning, Place::Selection(kept.name().to_owned()));
            }
        }
    }

    /// Which run and table a row is of, and which row.
    fn add_origins(&mut self, parts: &[Part]) {
        let taken = self.names();
        let free = |name: &str| match taken.contains(name) {
            true => format!("view.{name}"),
            false => name.to_owned(),
        };
        let (run, table) = (free(RUN), free(TABLE));
        let row = Column::new(TABLE_ROW, ValueType::Int64).role(Role::Id);
        let row = Meaning::of(free(TABLE_ROW), &row, false);
        for (place, part) in parts.iter().enumerate() {
            if let Some(metrics) = &part.metrics {
                self.add_name(place, &run, metrics.run.name());
            }
            if let Some(samples) = &part.samples {
                let name = format!("{}/{}", samples.table.dataset(), samples.table.name());
                self.add_name(place, &table, &name);
                self.add(place, row.clone(), Place::TableRow);
            }
        }
    }

    fn add_name(&mut self, place: usize, column: &str, name: &str) {
        let meaning = Meaning::of_names(column, ClassMap::new([name]), false);
        self.add(place, meaning, Place::Constant(name.into()));
    }

    fn add(&mut self, place: usize, meaning: Meaning, found: Place) {
        let known = self.described.iter_mut();
        let known = known
            .into_iter()
            .find(|known| known.meaning.name == meaning.name);
        let Some(known) = known else {
            let mut places = vec![None; self.parts.len()];
            if let Some(there) = places.get_mut(place) {
                *there = Some(found);
            }
            return self.described.push(Described {
                meaning,
                places,
                derived: None,
                mixed: None,
            });
        };
        match unite(&known.meaning, &meaning) {
            Some(both) => known.meaning = both,
            None => {
                let first = known.places.iter().position(Option::is_some).unwrap_or(0);
                let name =
                    |place: usize| self.parts.get(place).map_or_else(String::new, Part::name);
                known.mixed.get_or_insert_with(|| Mixed {
                    first: known.meaning.kind.to_string(),
                    first_in: name(first),
                    found: meaning.kind.to_string(),
                    found_in: name(place),
                });
            }
        }
        if let Some(there) = known.places.get_mut(place) {
            *there = Some(found);
        }
    }
}
