//! Where a new table goes, and who may write there.

use super::IfExists;
use super::manifest::{self, Place};
use crate::storage::{Hold, Store};
use crate::{Error, Result, Url, layout};

/// The place of a table that is to have this name.
pub(super) fn settle_place(store: &dyn Store, named: Url, if_exists: IfExists) -> Result<Place> {
    let Some(newest) = manifest::newest(store, &named)? else {
        return Ok(manifest::first(named));
    };
    match if_exists {
        IfExists::Raise | IfExists::Reuse => Err(Error::AlreadyExists { url: named }),
        IfExists::Overwrite => manifest::after(store, named, newest),
        IfExists::Rename => {
            let Some(folder) = named.parent() else {
                return Err(Error::AlreadyExists { url: named });
            };
            let name = layout::free_name(store, &folder, named.name())?;
            Ok(manifest::first(folder.join(&name)?))
        }
    }
}

/// Tells others that a process is at work on a table, if they are not told yet.
pub(super) fn hold(hold: &mut Option<Hold>, store: &dyn Store, place: &Place) -> Result<()> {
    if hold.is_none()
        && let Some(liveness) = store.liveness()
    {
        // No file where a table was deleted.
        manifest::check_previous(store, place)?;
        *hold = Some(liveness.hold(&place.table.join("lock")?)?);
    }
    Ok(())
}
