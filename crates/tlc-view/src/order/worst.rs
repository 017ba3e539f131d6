//! What says how bad a model is at a sample.

use super::OrderBy;
use crate::{Kind, View};

const LABEL_RANK: &str = "label_rank";
const ERROR: &str = "absolute_error";

impl View {
    /// The order in which the samples that a model is worst at come first: by the loss, else
    /// by how likely the label is wrong, the error, or how little sure the model is. `None` if
    /// nothing tells.
    ///
    /// ```
    /// use tlc_core::{AddMetrics, Columns, Run, RunOptions, Url};
    /// use tlc_view::{OrderBy, ViewOptions};
    ///
    /// let run = Run::create(RunOptions::new("demo").root(Url::parse("memory://docs-worst-first/")?))?;
    /// run.add_metrics(Columns::new().column("loss", vec![0.1_f32, 2.3]), AddMetrics::new())?;
    /// let view = ViewOptions::new().run(&run).open()?;
    /// assert_eq!(view.worst_first(), Some(OrderBy::descending("loss")));
    /// # Ok::<(), tlc_view::Error>(())
    /// ```
    #[must_use]
    pub fn worst_first(&self) -> Option<OrderBy> {
        let defaults = self.defaults();
        let is_number = |name: &&str| {
            let meaning = self.meaning(name);
            meaning.is_ok_and(|found| found.kind == Kind::Number)
        };
        let there = |name: &'static str| Some(name).filter(is_number);
        let loss = defaults.loss.map(OrderBy::descending);
        loss.or_else(|| there(LABEL_RANK).map(OrderBy::ascending))
            .or_else(|| there(ERROR).map(OrderBy::descending))
            .or_else(|| defaults.confidence.map(OrderBy::ascending))
    }
}
