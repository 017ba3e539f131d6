//! The dashboard beside the training: the curves move as epochs end.

use crate::args::Args;
use std::error::Error;
use tlc_dashboard::{Dashboard, Serving};

/// Serves until what is returned is dropped, if it was asked for.
pub fn start(args: &Args) -> Result<Option<Serving>, Box<dyn Error>> {
    if !args.dashboard {
        return Ok(None);
    }
    let serving = Dashboard::new().root(args.root()?).port(0).start()?;
    eprintln!("While it trains, the dashboard is at {}", serving.link());
    eprintln!("Afterwards `cargo run --release -p tlc-cli -- dashboard` shows it again.");
    Ok(Some(serving))
}
