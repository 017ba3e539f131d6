//! Embeddings in two or three dimensions: fitted on one table, applied to others.
//!
//! A fitted reducer is kept in the run it was saved to, and its results are a metrics table
//! of their own: the source is never rewritten.

mod apply;
mod pca;
mod reducer;
mod rows;
mod save;
mod umap;

pub use self::apply::{apply, apply_as};
pub use self::pca::Pca;
pub use self::reducer::Reducer;
pub use self::save::{load, save};
pub use self::umap::{Umap, UmapOptions};
