//! Listening, and the life of a connection.

use crate::app::App;
use crate::guard::{Guard, Hosts, SecurityHeaders, Token, guard};
use crate::{Error, Result, api, assets};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::{IpAddr, SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::Duration;
use tlc_core::Url;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;

/// A person's filter is a few hundred bytes; a selection of rows a few hundred thousand.
const BODY_BYTES: usize = 8 << 20;
const MOST_CONNECTIONS: usize = 512;
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// Where to listen, and to whom.
#[derive(Clone, Debug)]
pub(crate) struct Listen {
    pub(crate) host: IpAddr,
    pub(crate) port: u16,
    /// Names that are answered beside this machine's own.
    pub(crate) names: Vec<String>,
    pub(crate) needs_token: bool,
    /// Folders whose images are shown, beside those of the projects.
    pub(crate) images: Vec<Url>,
    pub(crate) is_read_only: bool,
}

/// A dashboard that serves until this is dropped.
#[derive(Debug)]
pub struct Serving {
    address: SocketAddr,
    token: Option<String>,
    /// Stops its threads when it goes.
    runtime: Option<Runtime>,
}

impl Serving {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to open in a browser: it has the token, so show it to nobody else.
    #[must_use]
    pub fn link(&self) -> String {
        let at = format!("http://127.0.0.1:{}/", self.address.port());
        let is_loopback = self.address.ip().is_loopback() || self.address.ip().is_unspecified();
        let at = match is_loopback {
            true => at,
            false => format!("http://{}/", self.address),
        };
        match &self.token {
            Some(token) => format!("{at}?token={token}"),
            None => at,
        }
    }

    /// Serves until the process ends.
    pub fn wait(&self) {
        loop {
            std::thread::park();
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

pub(crate) fn start(how: &Listen, root: Url) -> Result<Serving> {
    let wanted = SocketAddr::new(how.host, how.port);
    let listen = |source| Error::Listen {
        address: wanted.to_string(),
        source,
    };
    let listener = StdListener::bind(wanted).map_err(listen)?;
    listener.set_nonblocking(true).map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let token = how.needs_token.then(|| Token::new(address.port()));
    let secret = token.as_ref().map(|token| token.as_str().to_owned());
    let mut names = how.names.clone();
    if !address.ip().is_loopback() && !address.ip().is_unspecified() {
        names.push(match address {
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) => format!("[{}]", address.ip()),
        });
    }
    let guarding = Guard {
        hosts: Hosts::new(address.port(), &names),
        token,
        headers: SecurityHeaders::new(),
    };
    let app = App::new(root.clone(), how.images.clone(), how.is_read_only);
    let router = router(Arc::new(app), Arc::new(guarding));
    let start = |source| Error::Start {
        root: Box::new(root),
        source,
    };
    let runtime = Runtime::new().map_err(start)?;
    let listener = {
        let _inside = runtime.enter();
        TcpListener::from_std(listener).map_err(listen)?
    };
    runtime.spawn(serve(listener, router));
    runtime.spawn_blocking(assets::prepare);
    Ok(Serving {
        address,
        token: secret,
        runtime: Some(runtime),
    })
}

fn router(app: Arc<App>, guarding: Arc<Guard>) -> Router {
    let api = api::routes().fallback(async || StatusCode::NOT_FOUND);
    Router::new()
        .nest("/api", api)
        .fallback(assets::serve)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn_with_state(guarding, guard))
        .with_state(app)
}

/// Takes connections, as many as there may be at a time.
async fn serve(listener: TcpListener, router: Router) {
    let free = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&free).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            // Too many open files, say: others will be closed.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let mut server = hyper::server::conn::http1::Builder::new();
            server
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_TIMEOUT);
            // What goes wrong with one connection is between the two ends of it.
            drop(server.serve_connection(TokioIo::new(stream), service).await);
            drop(place);
        });
    }
}
