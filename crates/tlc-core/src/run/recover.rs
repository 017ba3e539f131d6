//! Clearing away what killed writers left behind.

use super::commits::catch_up;
use super::state::State;
use crate::storage::Store;
use crate::{Result, Url};
use std::collections::HashSet;

/// Deletes unfinished files, and finished ones that no commit names. Only for a caller
/// who holds the run alone: any other writer may be about to name its file.
pub(super) fn recover(store: &dyn Store, run: &Url, state: &mut State) -> Result<()> {
    catch_up(store, run, state)?;
    let named: HashSet<&str> = state.files().collect();
    store.sweep(&run.join("commits")?)?;
    sweep_parts(store, run, "aggregates", &named)?;
    for table in store.list(&run.join("metrics")?)? {
        sweep_parts(store, run, &format!("metrics/{}", table.name), &named)?;
    }
    Ok(())
}

fn sweep_parts(store: &dyn Store, run: &Url, folder: &str, named: &HashSet<&str>) -> Result<()> {
    let url = run.join(folder)?;
    store.sweep(&url)?;
    for entry in store.list(&url)? {
        let relative = format!("{folder}/{}", entry.name);
        if entry.name.ends_with(".parquet") && !named.contains(relative.as_str()) {
            tracing::info!(%run, file = relative, "deletes a file that no commit names");
            store.delete(&run.join(&relative)?)?;
        }
    }
    Ok(())
}
