//! All shards as one metrics table of the run.

use super::{MetricsShard, ShardedMetrics};
use crate::metrics::segment::begun;
use crate::part::Part;
use crate::run::{Action, MetricsHead, State, started};
use crate::{Error, Result};

/// More parts than one commit should name become visible in several: the table is one of the
/// results with the last.
const PARTS_OF_A_COMMIT: usize = 2_000;

/// What the shards amount to.
#[derive(Debug)]
pub(crate) struct Gathered {
    head: MetricsHead,
    parts: Vec<Part>,
}

impl ShardedMetrics {
    /// Reads what was written, and checks that each row is there once.
    pub(crate) fn gathered(&self) -> Result<Gathered> {
        let shards = self.shards()?;
        self.check(&shards)?;
        let fitting = self.fitting([])?;
        let mut head = fitting.head(self.run(), self.name())?;
        if let Some(first) = shards.first() {
            head.schema = first.schema.clone();
        }
        let parts = shards.into_iter().flat_map(|shard| shard.parts).collect();
        Ok(Gathered { head, parts })
    }

    fn check(&self, shards: &[MetricsShard]) -> Result<()> {
        let refused = |reason: String| {
            Err(Error::Shards {
                url: self.folder()?,
                reason,
            })
        };
        let mut next_row = 0;
        for shard in shards {
            let rows = shard.rows();
            if rows.start > next_row {
                return refused(format!("rows {next_row}..{} are in no shard", rows.start));
            }
            if rows.start < next_row {
                return refused(format!("rows {}..{next_row} are in two shards", rows.start));
            }
            if shards
                .first()
                .is_some_and(|first| first.schema != shard.schema)
            {
                return refused(format!(
                    "rows {rows:?} have other columns than those before"
                ));
            }
            next_row = rows.end;
        }
        match self.table().len() {
            rows if rows > next_row => refused(format!("rows {next_row}..{rows} are in no shard")),
            _ => Ok(()),
        }
    }
}

impl Gathered {
    /// Names all parts but those that one commit can name.
    pub(crate) fn prepare(&self, metrics: &ShardedMetrics) -> Result<()> {
        loop {
            let mut is_ready = false;
            metrics.run().update(|state| {
                let missing = self.missing(metrics, state)?;
                is_ready = missing.len() <= PARTS_OF_A_COMMIT;
                if is_ready {
                    return Ok(Vec::new());
                }
                let mut actions = begun(state, &self.head);
                let next = missing.iter().take(PARTS_OF_A_COMMIT);
                actions.extend(next.map(|part| self.segment(part)));
                Ok(started(state, actions))
            })?;
            if is_ready {
                return Ok(());
            }
        }
    }

    /// What makes the table one of the results, given what the run is.
    pub(crate) fn actions(&self, metrics: &ShardedMetrics, state: &State) -> Result<Vec<Action>> {
        let known = state.metrics(&self.head.name);
        if known.is_some_and(|known| known.registered) {
            return Ok(Vec::new());
        }
        let mut actions = begun(state, &self.head);
        let missing = self.missing(metrics, state)?;
        actions.extend(missing.iter().map(|part| self.segment(part)));
        actions.push(Action::RegisterMetrics {
            metrics: self.head.name.clone(),
        });
        Ok(actions)
    }

    /// The parts that the run does not name: those that it does must be the first ones.
    fn missing(&self, metrics: &ShardedMetrics, state: &State) -> Result<&[Part]> {
        let known = state.metrics(&self.head.name);
        let known = known.map_or(&[][..], |known| &known.parts);
        match self.parts.strip_prefix(known) {
            Some(missing) => Ok(missing),
            None => Err(Error::Conflict {
                url: metrics.folder()?,
                latest: "a table of other shards".to_owned(),
            }),
        }
    }

    fn segment(&self, part: &Part) -> Action {
        Action::Segment {
            metrics: self.head.name.clone(),
            part: part.clone(),
        }
    }
}
