//! Looking for what nobody has looked for yet, and keeping it in the run.

use crate::{Error, Result, View};
use tlc_findings::{Findings, Progress};

/// Finds what the metrics of a view's runs allow about the tables beside them, and writes it
/// into the runs; [`View::refresh`] then has it. Says what was left out, and why.
///
/// # Errors
/// [`Error::Empty`] for a view without runs or tables; as [`Findings::of_with`] and
/// [`Findings::write`]. What was found about one table stays found if the next fails.
pub fn compute_findings(view: &View, progress: &Progress) -> Result<Vec<String>> {
    let (runs, tables) = (view.runs(), view.tables());
    if runs.is_empty() || tables.is_empty() {
        let reason = "findings are about the samples of a run: open a run".to_owned();
        return Err(Error::Empty { reason });
    }
    let mut left_out = Vec::new();
    for run in &runs {
        for table in &tables {
            if run.metrics()?.about(table).is_empty() {
                continue;
            }
            let findings = Findings::of_with(run, table, progress)?;
            let reasons = findings.left_out.iter();
            left_out.extend(reasons.map(|left| format!("no {}: {}", left.finding, left.reason)));
            findings.write(run)?;
        }
    }
    Ok(left_out)
}
