//! Where a request that changes something comes from: the dashboard's own page, or a program
//! that is no browser.

use axum::extract::Request;
use axum::http::{Method, StatusCode, header};

const JSON: &str = "application/json";
const FETCH_SITE: &str = "sec-fetch-site";

type Refusal = (StatusCode, &'static str);

/// # Errors
/// The status and the reason of a refusal.
pub(super) fn check(request: &Request, host: &str) -> Result<(), Refusal> {
    match *request.method() {
        Method::GET | Method::HEAD => return Ok(()),
        Method::POST => {}
        _ => {
            return Err((
                StatusCode::METHOD_NOT_ALLOWED,
                "only GET and POST are served",
            ));
        }
    }
    let header = |name: &str| {
        let mut values = request.headers().get_all(name).iter();
        let first = values.next().map(|value| value.to_str().unwrap_or("?"));
        // Said twice, it is neither.
        if values.next().is_some() {
            Some("?")
        } else {
            first
        }
    };
    let own = format!("http://{host}");
    if header(header::ORIGIN.as_str()).is_some_and(|origin| origin != own) {
        return Err((StatusCode::FORBIDDEN, "the request comes from another page"));
    }
    if header(FETCH_SITE).is_some_and(|site| site != "same-origin") {
        return Err((StatusCode::FORBIDDEN, "the request comes from another site"));
    }
    let content = header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let content = content.split(';').next().unwrap_or_default().trim();
    match content.eq_ignore_ascii_case(JSON) {
        true => Ok(()),
        false => Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/json")),
    }
}
