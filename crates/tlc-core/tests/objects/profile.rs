//! A bucket that is opened by its URL, with keys and an endpoint of a profile.

use super::server::{BUCKET, Server};
use std::process::Command;
use tlc_core::{Columns, Table, TableOptions, Url};

const ROOT: &str = "TLC_TEST_PROFILE_ROOT";

#[test]
fn a_profile_of_the_aws_command_opens_a_bucket() {
    if let Ok(root) = std::env::var(ROOT) {
        let options = TableOptions::new("p", "d", "t").root(Url::parse(&root).unwrap());
        let columns = Columns::new().column("x", vec![1, 2, 3]);
        let table = Table::create(options, |writer| writer.add_batch(columns.clone()));
        assert_eq!(table.unwrap().len(), 3);
        return;
    }
    let Some(server) = Server::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (config, credentials) = (
        folder.path().join("config"),
        folder.path().join("credentials"),
    );
    let endpoint = server.endpoint();
    std::fs::write(
        &config,
        format!("[profile lab]\nregion = eu-north-1\nendpoint_url = {endpoint}\n"),
    )
    .unwrap();
    std::fs::write(
        &credentials,
        "[lab]\naws_access_key_id = a\naws_secret_access_key = b\n",
    )
    .unwrap();
    let child = |profile: &str| {
        let name = "profile::a_profile_of_the_aws_command_opens_a_bucket";
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", name, "--nocapture"]);
        for variable in std::env::vars()
            .map(|(name, _)| name)
            .filter(|name| name.starts_with("AWS_"))
        {
            command.env_remove(variable);
        }
        command.env(ROOT, format!("s3://{BUCKET}/profile"));
        command.env("AWS_PROFILE", profile);
        command.env("AWS_CONFIG_FILE", &config);
        command.env("AWS_SHARED_CREDENTIALS_FILE", &credentials);
        command.output().unwrap()
    };
    let opened = child("lab");
    let said = String::from_utf8_lossy(&opened.stderr);
    assert!(opened.status.success(), "{said}");
    assert!(
        server
            .requests()
            .iter()
            .any(|line| line.starts_with("PUT /tests/profile/p/"))
    );
    let missing = child("lap");
    let said = String::from_utf8_lossy(&missing.stderr);
    assert!(
        !missing.status.success() && said.contains("no profile `lap`"),
        "{said}"
    );
}
