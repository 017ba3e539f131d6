//! Requests as bytes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned())
    }
}

/// Sends what is given, and reads until the end.
pub(crate) fn ask(to: SocketAddr, first: &str, headers: &[&str], body: &str) -> Answer {
    let to = SocketAddr::from(([127, 0, 0, 1], to.port()));
    let mut stream = TcpStream::connect(to).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let mut request = format!("{first}\r\nConnection: close\r\n");
    for header in headers {
        request.push_str(header);
        request.push_str("\r\n");
    }
    if !body.is_empty() {
        request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    // A body that is refused is not read to its end.
    drop(stream.write_all(body.as_bytes()));
    let mut bytes = Vec::new();
    let mut chunk = [0; 65_536];
    while let Ok(len) = stream.read(&mut chunk) {
        bytes.extend_from_slice(&chunk[..len]);
        // Events of `live` have no end.
        if len == 0 || String::from_utf8_lossy(&bytes).contains("text/event-stream") {
            break;
        }
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Answer {
        status: status.unwrap_or_else(|| panic!("no answer to {first}: {text}")),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}
