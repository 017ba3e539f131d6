//! What a file tells of a run, as plain values: gathered here, drawn by `draw`.

mod charts;
mod confusion;
mod face;
mod facts;
mod findings;
mod layers;
mod summary;
mod values;
mod worst;

pub(super) use self::charts::{Chart, Charts, Line};
pub(super) use self::confusion::{Cell, Matrix, Pair};
pub(super) use self::face::{Face, MOST_IMAGE_BYTES, SHRUNK_SIDE};
pub(super) use self::facts::{Facts, TableFacts};
pub(super) use self::findings::{Findings, Shown};
pub(super) use self::layers::{Layer, Object, Over, Place};
pub(super) use self::summary::Summary;
pub(super) use self::worst::{Sample, Title, Worst};

use self::face::Faces;
use crate::Failure;
use std::sync::Arc;
use tlc_core::{Run, Url};
use tlc_view::{Curve, Error, Filtered, View, ViewOptions};

/// All that is told of a run.
pub(super) struct Report {
    pub(super) run: Facts,
    pub(super) tables: Vec<TableFacts>,
    pub(super) charts: Charts,
    /// Nothing where no metrics of samples were collected.
    pub(super) samples: Option<Samples>,
    /// What is not as one would expect.
    pub(super) notes: Vec<String>,
    /// When this was told, to the minute.
    pub(super) written: String,
}

/// What is told of the samples of a run.
pub(super) struct Samples {
    pub(super) rows: usize,
    /// Which rows of the run these are.
    pub(super) which: String,
    pub(super) findings: Findings,
    pub(super) confusion: Option<Matrix>,
    pub(super) worst: Worst,
}

impl Report {
    /// Of a run below the root, with so many of the worst samples; images are read from the
    /// folder of its project and from some others.
    pub(super) fn of(
        run: &Run,
        root: &Url,
        worst: usize,
        folders: Vec<Url>,
    ) -> Result<Self, Failure> {
        let view = match ViewOptions::new().run(run).open() {
            Ok(view) => Some(Arc::new(view)),
            Err(Error::Empty { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let samples = view.as_ref().map(|view| Samples::of(view, worst, folders));
        let tables = facts::tables(run, view.as_deref())?;
        // Where the files are on this machine is nobody's business.
        let notes = view.iter().flat_map(|view| view.notes());
        let notes = notes.map(|note| note.replace(&format!("{root}/"), ""));
        let splits = facts::splits(run)?;
        Ok(Self {
            run: Facts::of(run)?,
            charts: Charts::of(Curve::all(run)?, &splits),
            samples: samples.transpose()?,
            notes: notes.chain(tables.notes).collect(),
            tables: tables.facts,
            written: chrono::Utc::now().format("%Y-%m-%d %H:%M").to_string(),
        })
    }

    pub(super) fn summary(&self) -> Summary {
        Summary::of(self)
    }
}

impl Samples {
    fn of(view: &Arc<View>, worst: usize, folders: Vec<Url>) -> Result<Self, Failure> {
        let all = Filtered::new(view, &[])?;
        let defaults = view.defaults();
        let faces = Faces::of(view, &defaults, folders)?;
        Ok(Self {
            rows: view.len(),
            which: facts::which_rows(&all)?,
            findings: Findings::of(view, &faces)?,
            confusion: Matrix::of(&all, &defaults)?,
            worst: Worst::of(&all, &defaults, &faces, worst)?,
        })
    }
}
