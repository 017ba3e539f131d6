//! What says how bad a model is at a sample.

use super::OrderBy;
use crate::{Kind, View};

const LABEL_RANK: &str = "label_rank";

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
        let is_ranked = self
            .meaning(LABEL_RANK)
            .is_ok_and(|found| found.kind == Kind::Number);
        let loss = defaults.loss.map(OrderBy::descending);
        loss.or_else(|| is_ranked.then(|| OrderBy::ascending(LABEL_RANK)))
            .or_else(|| defaults.error.map(OrderBy::descending))
            .or_else(|| defaults.confidence.map(OrderBy::ascending))
    }
}
