//! The names under which the dashboard answers. A page of another site whose name was made to
//! point to this machine (DNS rebinding) sends that name, and gets nothing.

use axum::extract::Request;
use axum::http::header;

/// Names with their port.
#[derive(Debug)]
pub(crate) struct Hosts(Vec<String>);

impl Hosts {
    /// This machine's own names, and others that were allowed.
    pub(crate) fn new(port: u16, allowed: &[String]) -> Self {
        let own = ["127.0.0.1", "localhost", "[::1]"].map(str::to_owned);
        let all = own.iter().chain(allowed);
        Self(all.map(|name| format!("{name}:{port}")).collect())
    }

    /// The name that a request is for, if it is one of them: said once, and said the same in
    /// the target of the request if it stands there.
    pub(super) fn of(&self, request: &Request) -> Option<&str> {
        let mut said = request.headers().get_all(header::HOST).iter();
        let (host, None) = (said.next()?.to_str().ok()?, said.next()) else {
            return None;
        };
        if request
            .uri()
            .authority()
            .is_some_and(|target| target.as_str() != host)
        {
            return None;
        }
        self.0.iter().map(String::as_str).find(|name| *name == host)
    }
}
