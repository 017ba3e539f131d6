//! What has changed, told as it happens: server-sent events.

use super::Shared;
use crate::app::App;
use crate::catalog::id_of;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::StreamExt;
use serde_json::json;
use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// A commit is on the screen within two seconds.
const INTERVAL: Duration = Duration::from_secs(1);
const STILL_THERE: Duration = Duration::from_secs(15);

/// How many commits each run has, and how many runs and tables each project.
#[derive(Clone, Default)]
struct Seen {
    runs: HashMap<String, u64>,
    projects: HashMap<String, [usize; 2]>,
}

struct Watching {
    app: Arc<App>,
    seen: Option<Seen>,
    told: VecDeque<String>,
}

pub(super) async fn live(
    State(app): Shared,
) -> Sse<impl futures_util::Stream<Item = Result<Event, Infallible>>> {
    let watching = Watching {
        app,
        seen: None,
        told: VecDeque::new(),
    };
    // What comes after the browser is answered is told.
    let watching = look(watching).await;
    // So that the browser knows at once that it is heard.
    let first = futures_util::stream::once(async { Ok(Event::default().comment("live")) });
    let events = futures_util::stream::unfold(watching, |watching| async {
        let mut watching = watching?;
        loop {
            if let Some(event) = watching.told.pop_front() {
                return Some((Ok(Event::default().data(event)), Some(watching)));
            }
            tokio::time::sleep(INTERVAL).await;
            watching = look(watching).await?;
        }
    });
    Sse::new(first.chain(events)).keep_alive(KeepAlive::new().interval(STILL_THERE))
}

/// Looks once, on a thread that may wait.
async fn look(mut watching: Watching) -> Option<Watching> {
    let looked = tokio::task::spawn_blocking(move || {
        let seen = see(&watching.app);
        if let Some(before) = &watching.seen {
            watching.told.extend(differences(before, &seen));
        }
        watching.seen = Some(seen);
        watching
    });
    looked.await.ok()
}

/// What cannot be read now may be the next time.
fn see(app: &App) -> Seen {
    let mut seen = Seen::default();
    for (id, name) in app.catalog.projects().unwrap_or_default() {
        let runs = app.catalog.runs(&name).unwrap_or_default();
        let tables = app.catalog.tables(&name).unwrap_or_default();
        seen.projects.insert(id, [runs.len(), tables.len()]);
        for url in runs {
            let id = id_of(&url);
            if let Ok(run) = app.catalog.run(&id) {
                seen.runs.insert(id, run.commits());
            }
        }
    }
    seen
}

fn differences(before: &Seen, now: &Seen) -> Vec<String> {
    let projects = now
        .projects
        .iter()
        .filter(|(id, many)| before.projects.get(*id) != Some(many));
    let projects = projects.map(|(id, _)| json!({ "type": "project", "id": id }));
    let runs = now
        .runs
        .iter()
        .filter(|(id, commits)| before.runs.get(*id) != Some(commits));
    let runs = runs.map(|(id, _)| json!({ "type": "run", "id": id }));
    projects
        .chain(runs)
        .map(|event| event.to_string())
        .collect()
}
