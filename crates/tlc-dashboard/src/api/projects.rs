//! The session, and the projects under the root.

use super::{Shared, answer};
use crate::refusal::Answer;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

#[derive(Serialize)]
struct Session {
    root: String,
    read_only: bool,
    version: &'static str,
    author: String,
}

pub(super) async fn session(State(app): Shared) -> Response {
    answer(move || {
        let author = ["TLC_AUTHOR", "USER", "USERNAME"].iter();
        let author = author.filter_map(|name| std::env::var(name).ok()).next();
        Ok(Session {
            root: app.catalog.root().name().to_owned(),
            read_only: app.is_read_only,
            version: env!("CARGO_PKG_VERSION"),
            author: author.unwrap_or_default(),
        })
    })
    .await
}

#[derive(Serialize)]
struct Project {
    id: String,
    name: String,
    runs: usize,
    tables: usize,
}

pub(super) async fn list(State(app): Shared) -> Response {
    answer(move || {
        let projects = app.catalog.projects()?.into_iter().map(|(id, name)| {
            Ok(Project {
                runs: app.catalog.runs(&name)?.len(),
                tables: app.catalog.tables(&name)?.len(),
                id,
                name,
            })
        });
        projects.collect::<Answer<Vec<_>>>()
    })
    .await
}
