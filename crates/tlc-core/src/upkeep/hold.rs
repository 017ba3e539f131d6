//! Who is at work at a place. A process that is just being started has for a moment all that
//! the one which starts it had, so whoever is in the way is asked for more than once.

use crate::storage::{Hold, Liveness, Store};
use crate::{Result, Url};
use std::time::Duration;

const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(5);

/// The mark for this holder alone, if nobody holds it.
pub(super) fn alone(liveness: &dyn Liveness, mark: &Url) -> Result<Option<Hold>> {
    for _ in 1..TRIES {
        if let Some(hold) = liveness.hold_alone(mark)? {
            return Ok(Some(hold));
        }
        std::thread::sleep(PAUSE);
    }
    liveness.hold_alone(mark)
}

/// Whether a process writes to a table or run, where the store can tell.
pub(super) fn is_in_use(store: &dyn Store, place: &Url) -> Result<bool> {
    match store.liveness() {
        Some(liveness) => is_held(liveness, &place.join("lock")?),
        None => Ok(false),
    }
}

/// Whether a living process holds the mark.
fn is_held(liveness: &dyn Liveness, mark: &Url) -> Result<bool> {
    for _ in 1..TRIES {
        if !liveness.is_held(mark)? {
            return Ok(false);
        }
        std::thread::sleep(PAUSE);
    }
    liveness.is_held(mark)
}
