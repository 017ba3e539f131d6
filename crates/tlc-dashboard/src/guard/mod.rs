//! Who gets an answer: the host is checked first, then the token, then where a request that
//! changes something comes from. Loopback is no authentication: any page in a browser can
//! send requests to it, and any program of any user of the machine.

mod headers;
mod host;
mod origin;
mod token;

pub(crate) use self::headers::SecurityHeaders;
pub(crate) use self::host::Hosts;
pub(crate) use self::token::Token;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// What stands before all routes.
#[derive(Debug)]
pub(crate) struct Guard {
    pub(crate) hosts: Hosts,
    pub(crate) token: Option<Token>,
    pub(crate) headers: SecurityHeaders,
}

/// Lets a request through, or refuses it before any route sees it.
pub(crate) async fn guard(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let response = match guard.check(&request) {
        Ok(None) => next.run(request).await,
        Ok(Some(response)) => response,
        Err((status, reason)) => refused(status, reason),
    };
    guard.headers.put_on(response)
}

fn refused(status: StatusCode, reason: &'static str) -> Response {
    let body = serde_json::json!({ "error": reason }).to_string();
    let json = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, json)], body).into_response()
}

impl Guard {
    /// An answer of its own where it has one.
    fn check(&self, request: &Request) -> Result<Option<Response>, (StatusCode, &'static str)> {
        let host = self.hosts.of(request);
        let host = host.ok_or((StatusCode::FORBIDDEN, "this host is not served here"))?;
        if let Some(token) = &self.token {
            if let Some(response) = token.exchange(request) {
                return Ok(Some(response));
            }
            let reason = "open the link that the dashboard has printed, which has the token";
            token
                .check(request)
                .then_some(())
                .ok_or((StatusCode::UNAUTHORIZED, reason))?;
        }
        origin::check(request, host)?;
        Ok(None)
    }
}
