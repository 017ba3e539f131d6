//! The token that opens the dashboard: in the link that is printed, then in a cookie that no
//! script can read and no other site can send; programs may send it as `Authorization: Bearer`.

use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

const BYTES: usize = 32;
const PARAMETER: &str = "token=";

/// 256 random bits.
pub(crate) struct Token {
    text: String,
    /// Name of its cookie, one for each port: cookies do not tell ports apart.
    cookie: String,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

impl Token {
    pub(crate) fn new(port: u16) -> Self {
        let bytes: [u8; BYTES] = rand::random();
        let text = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let cookie = format!("tlc-{port}");
        Self { text, cookie }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Answers the link that has the token with a cookie, and leads to the page without it.
    pub(super) fn exchange(&self, request: &Request) -> Option<Response> {
        let query = request.uri().query()?;
        let given = query
            .split('&')
            .find_map(|part| part.strip_prefix(PARAMETER))?;
        let is_link = request.method() == Method::GET && request.uri().path() == "/";
        if !is_link || !self.is(given) {
            return None;
        }
        let cookie = format!(
            "{}={}; HttpOnly; SameSite=Strict; Path=/",
            self.cookie, self.text
        );
        let cookie = HeaderValue::from_str(&cookie).ok()?;
        let there = HeaderValue::from_static("/");
        let headers = [(header::SET_COOKIE, cookie), (header::LOCATION, there)];
        Some((StatusCode::SEE_OTHER, headers).into_response())
    }

    /// Whether a request has it.
    pub(super) fn check(&self, request: &Request) -> bool {
        let texts = |name| request.headers().get_all(name).iter();
        let mut cookies = texts(header::COOKIE).filter_map(|value| value.to_str().ok());
        let in_cookie = cookies.any(|cookies| {
            let mut pairs = cookies
                .split(';')
                .filter_map(|pair| pair.trim().split_once('='));
            pairs.any(|(name, value)| name == self.cookie && self.is(value))
        });
        let mut said = texts(header::AUTHORIZATION).filter_map(|value| value.to_str().ok());
        in_cookie
            || said.any(|value| {
                value
                    .strip_prefix("Bearer ")
                    .is_some_and(|given| self.is(given))
            })
    }

    /// Compared in a time that does not tell how much of it is right.
    fn is(&self, given: &str) -> bool {
        let same_len = given.len() == self.text.len();
        let pairs = given.bytes().zip(self.text.bytes());
        let differ = pairs.fold(0, |differ, (one, other)| differ | (one ^ other));
        same_len && std::hint::black_box(differ) == 0
    }
}
