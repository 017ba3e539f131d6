//! The progress bar.

use super::options::CollectOptions;
use indicatif::{ProgressBar, ProgressStyle};

/// A bar over the rows of the table, gone when dropped. It hides itself where
/// standard error is no terminal.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new(rows: usize, options: &CollectOptions) -> Self {
        if !options.progress {
            return Self {
                bar: ProgressBar::hidden(),
            };
        }
        let bar = ProgressBar::new(rows as u64);
        let template = "{msg} {bar:30} {pos}/{len} {per_sec} {eta}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(
            format!("collecting {}", options.split)
                .trim_end()
                .to_owned(),
        );
        Self { bar }
    }

    /// So many more rows are done.
    pub(super) fn advance(&self, rows: usize) {
        self.bar.inc(rows as u64);
    }

    /// Rows that are done.
    pub(super) fn rows(&self) -> usize {
        usize::try_from(self.bar.position()).unwrap_or(usize::MAX)
    }

    /// So many rows are done.
    pub(super) fn set(&self, rows: usize) {
        self.bar.set_position(rows as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
