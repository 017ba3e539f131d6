//! The run that a collection is written into.

use super::CollectOptions;
use crate::{Error, Result};
use tlc_core::{Run, RunOptions, Table, Url, active_run, active_run_or_init, set_active_run};

/// The run of the options, else the active one, else a new one in the project of the table,
/// which becomes the active one.
pub(super) fn of(options: &CollectOptions, table: &Table) -> Result<Run> {
    let run = match (&options.run, active_run()) {
        (Some(run), _) => run.open()?,
        (None, Some(active)) => active,
        (None, None) => begin_beside(table)?,
    };
    check_split(&run, options, table)?;
    Ok(run)
}

fn begin_beside(table: &Table) -> Result<Run> {
    // <root>/<project>/datasets/<dataset>/tables/<table>
    let above: Vec<Url> = std::iter::successors(table.url().parent(), Url::parent)
        .take(5)
        .collect();
    let [tables, _, datasets, project, root] = above.as_slice() else {
        return Ok(active_run_or_init()?);
    };
    if tables.name() != "tables" || datasets.name() != "datasets" {
        return Ok(active_run_or_init()?);
    }
    let run = Run::create(RunOptions::new(project.name()).root(root.clone()))?;
    set_active_run(Some(run.clone()));
    Ok(run)
}

/// Refuses rows of two tables that nothing would tell apart in a query, or in a series.
fn check_split(run: &Run, options: &CollectOptions, table: &Table) -> Result<()> {
    if !options.split.is_empty() {
        return Ok(());
    }
    let metrics = run.metrics()?;
    let mut others = metrics.iter().filter(|metrics| {
        !metrics.is_finding() && !metrics.is_about(table) && !metrics.constants().any(is_split)
    });
    let other = others.find_map(|metrics| metrics.foreign_table().transpose());
    match other.transpose()? {
        Some(other) if other.url() != table.url() => Err(Error::Split {
            table: table.url().clone(),
            other: other.url().clone(),
        }),
        _ => Ok(()),
    }
}

fn is_split(constant: &str) -> bool {
    constant == super::writing::SPLIT
}
