//! Rows kept under a name.

use super::views::refreshed;
use super::{Shared, answer, parsed};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use tlc_view::Filter;

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum Act {
    Keep {
        name: String,
        #[serde(default)]
        description: String,
        #[serde(default)]
        filters: Vec<Filter>,
    },
    Delete {
        name: String,
    },
}

/// Keeps the samples of the rows that match, or forgets a name; answers with the view as it is
/// then.
pub(super) async fn act(State(app): Shared, Path(view): Path<String>, body: Bytes) -> Response {
    answer(move || {
        app.check_writable()?;
        let opened = app.views.require(&view)?;
        match parsed(&body)? {
            Act::Keep {
                name,
                description,
                filters,
            } => {
                let rows = opened.filtered(&filters)?;
                opened
                    .view
                    .keep_selection(&name, rows.mask(), &description)?;
            }
            Act::Delete { name } => opened.view.delete_selection(&name)?,
        }
        refreshed(&app, &view)
    })
    .await
}
