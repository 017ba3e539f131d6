//! A dashboard that is to be started.

use crate::server::{self, Listen, Serving};
use crate::{Error, Result};
use std::net::{IpAddr, Ipv4Addr};
use tlc_core::{Url, project_root};

const PORT: u16 = 5015;

/// A dashboard that is to be started, built by chaining.
#[derive(Clone, Debug)]
#[must_use]
pub struct Dashboard {
    root: Option<Url>,
    listen: Listen,
}

impl Default for Dashboard {
    fn default() -> Self {
        Self::new()
    }
}

impl Dashboard {
    /// Of the default project root, on this machine alone, at port 5015.
    pub fn new() -> Self {
        Self {
            root: None,
            listen: Listen {
                host: Ipv4Addr::LOCALHOST.into(),
                port: PORT,
                names: Vec::new(),
                needs_token: true,
                images: Vec::new(),
                is_read_only: false,
            },
        }
    }

    /// What is shown is under this project root.
    pub fn root(mut self, root: impl Into<Url>) -> Self {
        self.root = Some(root.into());
        self
    }

    /// Listens at this address. Any but one of this machine alone needs the token.
    pub fn host(mut self, host: IpAddr) -> Self {
        self.listen.host = host;
        self
    }

    /// Listens at this port; 0 for any that is free.
    pub fn port(mut self, port: u16) -> Self {
        self.listen.port = port;
        self
    }

    /// Answers under this name, too, by which other machines call this one.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.listen.names.push(name.into());
        self
    }

    /// Asks for no token: whoever can open a connection to this machine's loopback can read
    /// everything, and edit it unless it is [read only](Self::read_only).
    pub fn without_token(mut self) -> Self {
        self.listen.needs_token = false;
        self
    }

    /// Shows images in this folder that tables name, too: those in the folders of their
    /// projects are shown anyway.
    pub fn images(mut self, folder: impl Into<Url>) -> Self {
        self.listen.images.push(folder.into());
        self
    }

    /// Refuses edits.
    pub fn read_only(mut self, is_read_only: bool) -> Self {
        self.listen.is_read_only = is_read_only;
        self
    }

    /// Starts to serve, on threads of its own, until what is returned is dropped.
    ///
    /// # Errors
    /// [`Error::Open`] for an address that others can reach without a token;
    /// [`Error::Listen`] if it is taken.
    pub fn start(self) -> Result<Serving> {
        if !self.listen.needs_token && !self.listen.host.is_loopback() {
            let host = self.listen.host.to_string();
            return Err(Error::Open { host });
        }
        let root = match &self.root {
            Some(root) => root.clone(),
            None => project_root(None)?,
        };
        server::start(&self.listen, root)
    }
}
