//! Work on pieces of files side by side, whose results come in order.

use crate::{Error, Result};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, Scope, available_parallelism};

/// More threads than this only wait for the one that writes.
const THREADS: usize = 8;
/// Pieces that wait for each thread, and results for the caller.
const WAITING: usize = 2;
/// Pieces that wait for the caller where no work is done on them.
const AHEAD: usize = 4;

type Sent<T> = (SyncSender<T>, Receiver<T>);

/// Reads pieces on a thread of its own, does `work` on them on several, and gives the results
/// to `each` on the caller's, in the order of the pieces. Memory holds a few pieces for each
/// thread. The first error stops all.
///
/// # Errors
/// The first that `pieces`, `work` or `each` returns; [`Error::Threads`].
pub(crate) fn in_order<T: Send, R: Send>(
    pieces: impl Iterator<Item = Result<T>> + Send,
    work: impl Fn(T) -> Result<R> + Sync,
    mut each: impl FnMut(R) -> Result<()>,
) -> Result<()> {
    let threads = available_parallelism().map_or(1, NonZero::get).min(THREADS);
    std::thread::scope(|scope| {
        let mut given = Vec::new();
        let mut done = Vec::new();
        for _ in 0..threads {
            let (send_piece, pieces): Sent<Result<T>> = sync_channel(WAITING);
            let (send_result, results): Sent<Result<R>> = sync_channel(WAITING);
            let work = &work;
            spawn(scope, move || {
                for piece in pieces {
                    if send_result.send(piece.and_then(work)).is_err() {
                        return; // nobody wants results any more
                    }
                }
            })?;
            given.push(send_piece);
            done.push(results);
        }
        spawn(scope, move || deal(pieces, &given))?;
        // A thread that has nothing more to say was the next to speak, so all has been said.
        for results in done.iter().cycle() {
            match results.recv() {
                Ok(result) => each(result?)?,
                Err(_) => break,
            }
        }
        Ok(())
    })
}

/// Reads pieces on a thread of its own, a few of them ahead of `each`. The first error stops all.
///
/// # Errors
/// The first that `pieces` or `each` returns; [`Error::Threads`].
pub(crate) fn ahead<T: Send>(
    pieces: impl Iterator<Item = Result<T>> + Send,
    mut each: impl FnMut(T) -> Result<()>,
) -> Result<()> {
    std::thread::scope(|scope| {
        let (send, received) = sync_channel(AHEAD);
        spawn(scope, move || deal(pieces, &[send]))?;
        received.into_iter().try_for_each(|piece| each(piece?))
    })
}

/// Sends pieces to threads in turn, until there is none, one has failed, or nobody wants more.
fn deal<T>(pieces: impl Iterator<Item = Result<T>>, threads: &[SyncSender<Result<T>>]) {
    for (piece, thread) in pieces.zip(threads.iter().cycle()) {
        let is_last = piece.is_err();
        if thread.send(piece).is_err() || is_last {
            return;
        }
    }
}

fn spawn<'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() + Send + 'scope,
) -> Result<()> {
    let builder = Builder::new().name("tlc-import".to_owned());
    let spawned = builder.spawn_scoped(scope, work);
    spawned.map_or_else(|source| Err(Error::Threads { source }), |_| Ok(()))
}
