//! Profiles of the AWS command: `~/.aws/credentials` and `~/.aws/config`.
//!
//! Keys, a region and an endpoint are taken from there. A profile that says how to get keys
//! from somewhere else is refused with what to do.

use object_store::aws::AmazonS3ConfigKey as Key;
use std::collections::BTreeMap;
use std::env::var;
use std::path::PathBuf;

/// What a profile may say, and what it is here.
const SETTINGS: [(&str, Key); 6] = [
    ("aws_access_key_id", Key::AccessKeyId),
    ("aws_secret_access_key", Key::SecretAccessKey),
    ("aws_session_token", Key::Token),
    ("region", Key::Region),
    ("endpoint_url", Key::Endpoint),
    ("services.s3.endpoint_url", Key::S3Endpoint),
];
/// Settings that say where keys are to be had.
const ELSEWHERE: [&str; 5] = [
    "credential_process",
    "role_arn",
    "source_profile",
    "sso_session",
    "sso_start_url",
];

type Profile = BTreeMap<String, String>;

/// The settings of the profile that `AWS_PROFILE` names, else of `default` if there is one;
/// none if the environment has the keys.
pub(super) fn of_environment() -> Result<Vec<(Key, String)>, String> {
    if var("AWS_ACCESS_KEY_ID").is_ok() {
        return Ok(Vec::new());
    }
    let named = var("AWS_PROFILE").ok().filter(|name| !name.is_empty());
    let name = named.as_deref().unwrap_or("default");
    let profile = read(name)?;
    match (profile, &named) {
        (Some(profile), _) => settings(name, &profile),
        (None, None) => Ok(Vec::new()),
        (None, Some(name)) => Err(format!(
            "there is no profile `{name}` in {} or {}, as AWS_PROFILE says",
            file("AWS_SHARED_CREDENTIALS_FILE", "credentials").display(),
            file("AWS_CONFIG_FILE", "config").display()
        )),
    }
}

fn settings(name: &str, profile: &Profile) -> Result<Vec<(Key, String)>, String> {
    let has_keys = profile.contains_key("aws_access_key_id");
    let elsewhere = ELSEWHERE.iter().find(|key| profile.contains_key(**key));
    if let (false, Some(elsewhere)) = (has_keys, elsewhere) {
        return Err(format!(
            "the profile `{name}` has no keys but `{elsewhere}`, which the AWS command follows: \
             eval \"$(aws configure export-credentials --profile {name} --format env)\""
        ));
    }
    let said = SETTINGS.into_iter();
    Ok(said
        .filter_map(|(setting, key)| Some((key, profile.get(setting)?.clone())))
        .collect())
}

/// What both files say of a profile; of a setting in both, the credentials' counts.
fn read(name: &str) -> Result<Option<Profile>, String> {
    let config = text(&file("AWS_CONFIG_FILE", "config"))?;
    let credentials = text(&file("AWS_SHARED_CREDENTIALS_FILE", "credentials"))?;
    let in_config = match name {
        "default" => section(&config, "default").or_else(|| section(&config, "profile default")),
        name => section(&config, &format!("profile {name}")),
    };
    let in_credentials = section(&credentials, name);
    if in_config.is_none() && in_credentials.is_none() {
        return Ok(None);
    }
    let mut profile = in_config.unwrap_or_default();
    profile.extend(in_credentials.unwrap_or_default());
    if let Some(services) = profile.get("services")
        && let Some(services) = section(&config, &format!("services {services}"))
    {
        let inner = services
            .into_iter()
            .map(|(key, value)| (format!("services.{key}"), value));
        profile.extend(inner);
    }
    Ok(Some(profile))
}

fn file(variable: &str, name: &str) -> PathBuf {
    match var(variable) {
        Ok(path) => path.into(),
        Err(_) => directories::BaseDirs::new()
            .map(|folders| folders.home_dir().to_owned())
            .unwrap_or_default()
            .join(".aws")
            .join(name),
    }
}

fn text(file: &PathBuf) -> Result<String, String> {
    match std::fs::read_to_string(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        other => other.map_err(|error| format!("{}: {error}", file.display())),
    }
}

/// The settings of a section; those that are indented below another are `other.setting`.
fn section(text: &str, name: &str) -> Option<Profile> {
    let mut found: Option<Profile> = None;
    let mut is_inside = false;
    let mut above = String::new();
    for line in text.lines() {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with(['#', ';']) {
            continue;
        }
        if let Some(title) = bare
            .strip_prefix('[')
            .and_then(|rest| rest.split(']').next())
        {
            is_inside = title.split_whitespace().eq(name.split_whitespace());
            if is_inside {
                found.get_or_insert_default();
            }
            continue;
        }
        let (Some((key, value)), true) = (bare.split_once('='), is_inside) else {
            continue;
        };
        let (key, value) = (key.trim().to_ascii_lowercase(), value.trim().to_owned());
        let is_below = line.starts_with([' ', '\t']);
        let key = match is_below {
            true => format!("{above}.{key}"),
            false => {
                above.clone_from(&key);
                key
            }
        };
        found.get_or_insert_default().insert(key, value);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "\
# of a person
[default]
region = eu-north-1
output = json

[profile lab]
region=us-east-1
endpoint_url = http://localhost:9000
s3 =
  max_concurrent_requests = 20
services = lab-services

[services lab-services]
s3 =
  endpoint_url = http://localhost:9001

[ profile  sso ]
sso_session = us
";

    #[test]
    fn a_section_has_what_stands_in_it_and_nothing_of_others() {
        let default = section(CONFIG, "default").unwrap();
        assert_eq!(default["region"], "eu-north-1");
        assert_eq!(default.len(), 2);
        let lab = section(CONFIG, "profile lab").unwrap();
        assert_eq!(lab["endpoint_url"], "http://localhost:9000");
        assert_eq!(lab["s3.max_concurrent_requests"], "20");
        assert!(section(CONFIG, "lab").is_none());
        let services = section(CONFIG, "services lab-services").unwrap();
        assert_eq!(services["s3.endpoint_url"], "http://localhost:9001");
    }

    #[test]
    fn a_profile_without_keys_of_its_own_says_how_to_get_them() {
        let sso = section(CONFIG, "profile sso").unwrap();
        let refused = settings("sso", &sso).unwrap_err();
        assert!(refused.contains("`sso_session`") && refused.contains("export-credentials"));
        let lab = section(CONFIG, "profile lab").unwrap();
        let keys: Vec<Key> = settings("lab", &lab)
            .unwrap()
            .into_iter()
            .map(|(key, _)| key)
            .collect();
        assert_eq!(keys, [Key::Region, Key::Endpoint]);
    }
}
