//! The server, and what is said to it.

use super::packages::with_packages;
use object_store::aws::AmazonS3Builder;
use object_store::{ClientOptions, RetryConfig};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use tlc_core::Url;
use tlc_core::storage::RemoteStore;

/// Where it listens: elsewhere than on loopback for processes in other networks.
fn host() -> String {
    std::env::var("TLC_S3_HOST").unwrap_or("127.0.0.1".to_owned())
}

pub(crate) const BUCKET: &str = "tests";

/// Lives as long as this.
pub(crate) struct Server {
    process: Child,
    port: u16,
}

impl Server {
    /// `None`, said aloud, where there is no moto.
    pub(crate) fn start() -> Option<Self> {
        let python = with_packages(&["moto.server"])?;
        let mut process = Command::new(python)
            .args(["-c", include_str!("server.py")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap());
        let mut port = String::new();
        said.read_line(&mut port).unwrap();
        let server = Self {
            process,
            port: port.trim().parse().unwrap(),
        };
        server.ask("PUT", &format!("/{BUCKET}"));
        Some(server)
    }

    pub(crate) fn root(&self) -> Url {
        // Mounts are of the whole process, and each test has a server.
        Url::parse(&format!("s3://{BUCKET}/{}", self.port)).unwrap()
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}:{}", host(), self.port)
    }

    pub(crate) fn store(&self) -> RemoteStore {
        store_at(&self.endpoint())
    }

    /// Lets this share of the requests go wrong from now on: see `server.py`.
    pub(crate) fn go_wrong(&self, kind: &str, share: f64) {
        self.ask("PUT", &format!("/_test/faults?kind={kind}&share={share}"));
    }

    /// What was asked for since the last call.
    pub(crate) fn requests(&self) -> Vec<String> {
        let said = self.ask("GET", "/_test/requests");
        said.lines().map(str::to_owned).collect()
    }

    pub(crate) fn ask(&self, method: &str, path: &str) -> String {
        let mut stream = TcpStream::connect((host(), self.port)).unwrap();
        let head = "Host: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0";
        write!(stream, "{method} {path} HTTP/1.1\r\n{head}\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{head}");
        body.to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The bucket, without retries of its own.
pub(crate) fn store_at(endpoint: &str) -> RemoteStore {
    store_of(endpoint, BUCKET)
}

/// A bucket, which need not be there.
pub(crate) fn store_of(endpoint: &str, bucket: &str) -> RemoteStore {
    let retries = RetryConfig {
        max_retries: 0,
        ..RetryConfig::default()
    };
    let client = ClientOptions::new()
        .with_allow_http(true)
        .with_timeout_disabled();
    let store = AmazonS3Builder::new()
        .with_client_options(client)
        .with_retry(retries)
        .with_bucket_name(bucket)
        .with_endpoint(endpoint)
        .with_access_key_id("test")
        .with_secret_access_key("test")
        .build();
    RemoteStore::new(Arc::new(store.unwrap()))
}
