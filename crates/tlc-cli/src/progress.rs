//! Long work: how far it is, and Ctrl-C.

use crate::{End, Failure};
use indicatif::{ProgressBar, ProgressStyle};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use tlc_view::Progress;

const PAUSE: Duration = Duration::from_millis(50);
const TEMPLATE: &str = "{msg:20} {bar:30} {percent:>3} %";
/// Steps of a bar.
pub(crate) const STEPS: u16 = 1000;

/// Does a long work, shows on the terminal how far it is, and ends it at Ctrl-C; at the next
/// one the program ends at once.
pub(crate) fn followed<T: Send>(
    work: impl FnOnce(&Progress) -> tlc_view::Result<T> + Send,
) -> Result<T, Failure> {
    let is_ended = ended_by_signals()?;
    let progress = Progress::new();
    let bar = bar()?;
    let done = thread::scope(|scope| {
        let worker = scope.spawn(|| work(&progress));
        while !worker.is_finished() {
            if is_ended.load(Ordering::Relaxed) {
                progress.cancel();
            }
            bar.set_message(progress.stage());
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to all steps
            bar.set_position((progress.part() * f64::from(STEPS)) as u64);
            thread::sleep(PAUSE);
        }
        worker.join()
    });
    bar.finish_and_clear();
    match done {
        // The work went on as far as its error, of which a panic says no more.
        Err(_) => Err("the work ended in a panic, which is a fault of this program".into()),
        Ok(Err(tlc_view::Error::Findings(tlc_findings::Error::Cancelled))) => {
            let reason = "ended by Ctrl-C: nothing was written".to_owned();
            Err(End::Interrupted(reason).into())
        }
        Ok(done) => Ok(done?),
    }
}

/// A bar on the terminal, and nothing elsewhere.
pub(crate) fn bar() -> Result<ProgressBar, Failure> {
    let style = ProgressStyle::with_template(TEMPLATE)?;
    Ok(ProgressBar::new(STEPS.into()).with_style(style))
}

/// Does a work of which nobody knows how long it is, and shows on the terminal that it goes on.
pub(crate) fn awaited<T>(what: &'static str, work: impl FnOnce() -> T) -> T {
    let spinner = ProgressBar::new_spinner().with_message(what);
    spinner.enable_steady_tick(PAUSE * 2);
    let done = work();
    spinner.finish_and_clear();
    done
}

/// A flag that Ctrl-C and `SIGTERM` raise.
fn ended_by_signals() -> Result<Arc<AtomicBool>, Failure> {
    let is_ended = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal finds the flag down.
        flag::register_conditional_default(signal, Arc::clone(&is_ended))?;
        flag::register(signal, Arc::clone(&is_ended))?;
    }
    Ok(is_ended)
}
