//! `tlc dashboard`.

use crate::{Failure, Place, media, print};
use clap::Args;
use serde_json::json;
use std::net::IpAddr;
use std::process::{Command, Stdio};
use tlc_dashboard::Dashboard;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Address to listen at; any but 127.0.0.1 and ::1 can be reached from other machines
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Port to listen at; 0 for any that is free
    #[arg(long, default_value_t = 5015)]
    port: u16,
    /// A name by which other machines call this one, to be answered under, too
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    images: media::Folders,
    /// Opens the link in the browser
    #[arg(long)]
    open: bool,
    /// Refuses edits
    #[arg(long)]
    read_only: bool,
    /// Asks for no token, which is refused where other machines can connect
    #[arg(long)]
    no_token: bool,
}

pub(crate) fn run(arguments: &Arguments, place: &Place) -> Result<(), Failure> {
    let mut dashboard = Dashboard::new().host(arguments.host).port(arguments.port);
    dashboard = dashboard.read_only(arguments.read_only);
    if let Some(root) = place.given()? {
        dashboard = dashboard.root(root);
    }
    for folder in arguments.images.urls()? {
        dashboard = dashboard.images(folder);
    }
    for name in &arguments.names {
        dashboard = dashboard.name(name.as_str());
    }
    if arguments.no_token {
        dashboard = dashboard.without_token();
    }
    let serving = dashboard.start()?;
    match place.json {
        true => print::json(&json!({ "link": serving.link() }))?,
        false => print::line(&format!("The dashboard is at {}", serving.link()))?,
    }
    if !arguments.host.is_loopback() {
        eprintln!("Other machines can reach it: whoever has the link can read and edit.");
    }
    if arguments.open {
        open(&serving.link());
    }
    serving.wait();
    Ok(())
}

/// The link is printed, so that it does no harm if no browser is found.
fn open(link: &str) {
    let program = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    let mut command = Command::new(program);
    let command = command
        .arg(link)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if command.spawn().is_err() {
        eprintln!("No browser was found: open the link yourself.");
    }
}
