//! Names of runs and tables, as people type them.
//!
//! | name | means |
//! |---|---|
//! | `project/run` | a run |
//! | `project/dataset/table` | a table |
//! | `project/dataset` | its table `initial`, or its only one |
//! | `project` | a project, where one is asked for |
//! | `…@latest` | the latest revision of that table |
//! | the start of such a name, or of its last parts | the one that starts so |
//! | a path or URL | what is there |

mod known;
mod near;

use self::known::{Kind, Known, all_under, exact};
use crate::{Failure, Place, print};
use tlc_core::{DEFAULT_PROJECT, Error, Run, Table, Url};

const LATEST: &str = "@latest";
/// Names that are told where several are meant.
const NAMED: usize = 6;

/// A run or a table.
pub(crate) enum Found {
    Run(Run),
    Table(Table),
}

impl Found {
    pub(crate) fn url(&self) -> &Url {
        match self {
            Self::Run(run) => run.url(),
            Self::Table(table) => table.url(),
        }
    }
}

/// The run or table of a name.
pub(crate) fn any(name: &str, place: &Place) -> Result<Found, Failure> {
    Target::of(name, Wanted::Any, place)?.open(name)
}

/// The run of a name.
pub(crate) fn run(name: &str, place: &Place) -> Result<Run, Failure> {
    match Target::of(name, Wanted::Run, place)?.open(name)? {
        Found::Run(run) => Ok(run),
        Found::Table(_) => Err(another_kind(name, Kind::Table)),
    }
}

/// The table of a name.
pub(crate) fn table(name: &str, place: &Place) -> Result<Table, Failure> {
    match Target::of(name, Wanted::Table, place)?.open(name)? {
        Found::Table(table) => Ok(table),
        Found::Run(_) => Err(another_kind(name, Kind::Run)),
    }
}

/// The project of a name, or of the start of one.
pub(crate) fn project(name: &str, root: &Url) -> Result<String, Failure> {
    let all = tlc_core::projects(root)?;
    let named = |known: &&String| known.as_str() == name;
    let starts = |known: &&String| !name.is_empty() && known.starts_with(name);
    let mut started = all.iter().filter(starts);
    let only = started.next().filter(|_| started.next().is_none());
    match all.iter().find(named).or(only) {
        Some(known) => Ok(known.clone()),
        None => {
            let known = match all.as_slice() {
                [] => format!("none yet; a run without a project is in `{DEFAULT_PROJECT}`"),
                all => all.join(", "),
            };
            Err(format!("no project `{name}` under {root}: there is {known}").into())
        }
    }
}

/// Where the run or table of a name is, whether it can be read or not.
pub(crate) fn url(name: &str, place: &Place) -> Result<Url, Failure> {
    let target = Target::of(name, Wanted::Any, place)?;
    match target.is_latest {
        true => Ok(Table::from_url(&latest_of(&target.url)?)?.url().clone()),
        false => Ok(target.url),
    }
}

/// What is looked after: all under the root without a name; else a project, run or table.
pub(crate) fn below(name: Option<&str>, place: &Place) -> Result<Url, Failure> {
    let root = place.root()?;
    match name {
        None => Ok(root),
        Some(project)
            if tlc_core::projects(&root)?
                .iter()
                .any(|known| known == project) =>
        {
            Ok(root.join(project)?)
        }
        Some(name) => url(name, place),
    }
}

/// The name of what is at a URL, where its folders say it.
pub(crate) fn of_url(url: &Url) -> String {
    let above = |url: &Url, steps: usize| {
        let above = std::iter::successors(Some(url.clone()), Url::parent).nth(steps);
        above.map(|url| url.name().to_owned())
    };
    let folders = [1, 2, 3, 4].map(|steps| above(url, steps).unwrap_or_default());
    let name = url.name();
    match folders.each_ref().map(String::as_str) {
        ["runs", project, ..] => format!("{project}/{name}"),
        ["tables", dataset, "datasets", project] => format!("{project}/{dataset}/{name}"),
        _ => url.to_string(),
    }
}

/// What is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Any,
    Run,
    Table,
}

impl Wanted {
    fn is(self, kind: Kind) -> bool {
        match self {
            Self::Any => true,
            Self::Run => kind == Kind::Run,
            Self::Table => kind == Kind::Table,
        }
    }

    fn told(self) -> &'static str {
        match self {
            Self::Any => "run or table",
            Self::Run => "run",
            Self::Table => "table",
        }
    }
}

/// What a name means.
struct Target {
    url: Url,
    /// `None` for what only its URL tells of.
    kind: Option<Kind>,
    is_latest: bool,
}

impl Target {
    fn of(name: &str, wanted: Wanted, place: &Place) -> Result<Self, Failure> {
        let (plain, is_latest) = match name.strip_suffix(LATEST) {
            Some(plain) if !plain.is_empty() => (plain, true),
            _ => (name, false),
        };
        let of_known = |known: Known| Self {
            url: known.url,
            kind: Some(known.kind),
            is_latest,
        };
        if is_explicit(plain) {
            return Self::at(Url::parse(plain)?, is_latest);
        }
        let root = place.root()?;
        let parts: Vec<&str> = plain.split('/').collect();
        let mut others = Vec::new();
        for known in exact(&root, &parts)? {
            match wanted.is(known.kind) && (!is_latest || known.kind == Kind::Table) {
                true => return Ok(of_known(known)),
                false => others.push(known.kind),
            }
        }
        if let Some(kind) = others.first().filter(|_| !is_latest) {
            return Err(another_kind(name, *kind));
        }
        // A path below the working directory.
        if let Some(url) = Url::parse(plain).ok().filter(is_there) {
            return Self::at(url, is_latest);
        }
        let mut all = all_under(&root)?;
        all.retain(|known| wanted.is(known.kind) && (!is_latest || known.kind == Kind::Table));
        match started(&parts, &all).as_slice() {
            [one] => Ok(of_known((*one).clone())),
            [] => Err(missing(name, wanted, &root, &all)),
            several => Err(ambiguous(name, wanted, several)),
        }
    }

    fn at(url: Url, is_latest: bool) -> Result<Self, Failure> {
        let parent = url.parent();
        let kind = match parent.as_ref().map(Url::name) {
            Some("runs") => Some(Kind::Run),
            Some("tables") => Some(Kind::Table),
            _ => None,
        };
        Ok(Self {
            url,
            kind,
            is_latest,
        })
    }

    fn open(&self, name: &str) -> Result<Found, Failure> {
        if self.is_latest {
            return Ok(Found::Table(Table::from_url(&latest_of(&self.url)?)?));
        }
        match self.kind {
            Some(Kind::Run) => Ok(Found::Run(Run::from_url(&self.url)?)),
            Some(Kind::Table) => Ok(Found::Table(Table::from_url(&self.url)?)),
            None => match (Run::from_url(&self.url), Table::from_url(&self.url)) {
                (Ok(run), _) => Ok(Found::Run(run)),
                (_, Ok(table)) => Ok(Found::Table(table)),
                (Err(Error::NotFound { .. }), Err(Error::NotFound { .. })) => {
                    let name = print::plain(name);
                    Err(format!("neither a run nor a table is at `{name}`").into())
                }
                (Err(Error::NotFound { .. }), Err(error)) | (Err(error), _) => Err(error.into()),
            },
        }
    }
}

fn latest_of(url: &Url) -> Result<Url, Error> {
    let folder = url
        .parent()
        .ok_or_else(|| Error::NotFound { url: url.clone() })?;
    folder.join(&format!("{}{LATEST}", url.name()))
}

/// What can be no name.
fn is_explicit(name: &str) -> bool {
    let starts = ["/", "./", "../", "~"];
    let is_of_a_drive = cfg!(windows) && name.as_bytes().get(1) == Some(&b':');
    name.contains("://")
        || is_of_a_drive
        || name == "."
        || name == ".."
        || starts.iter().any(|start| name.starts_with(start))
}

fn is_there(url: &Url) -> bool {
    url.to_path().is_some_and(|path| path.exists())
}

/// Those whose first or last parts start as these do; of those that are so exactly, these alone.
fn started<'k>(parts: &[&str], all: &'k [Known]) -> Vec<&'k Known> {
    let at_ends = |known: &Known, fits: fn(&str, &str) -> bool| {
        let own = &known.parts;
        let Some(rest) = own.len().checked_sub(parts.len()) else {
            return false;
        };
        [0, rest].into_iter().any(|start| {
            let own = own.iter().skip(start);
            own.zip(parts).all(|(own, part)| fits(own, part))
        })
    };
    let those = |fits: fn(&str, &str) -> bool| {
        let found = all.iter().filter(|known| at_ends(known, fits));
        let mut found: Vec<&Known> = found.collect();
        // A data set stands for one of its tables.
        found.sort_by_key(|known| known.url.to_string());
        found.dedup_by(|one, other| one.url == other.url);
        found
    };
    if parts.iter().all(|part| part.is_empty()) {
        return Vec::new();
    }
    match those(|own, part| own == part) {
        exact if exact.is_empty() => those(|own, part| own.starts_with(part)),
        exact => exact,
    }
}

fn another_kind(name: &str, kind: Kind) -> Failure {
    let name = print::plain(name);
    match kind {
        Kind::Table => format!("`{name}` is a table: name a run that was collected on it").into(),
        Kind::Run => {
            format!("`{name}` is a run: name a table, `tlc show {name}` tells its own").into()
        }
    }
}

fn missing(name: &str, wanted: Wanted, root: &Url, all: &[Known]) -> Failure {
    let (shown, wanted) = (print::plain(name), wanted.told());
    let names: Vec<String> = all.iter().map(Known::name).collect();
    let instead = match near::near(name, &names).as_slice() {
        _ if names.is_empty() => "there is none yet, a training makes one".to_owned(),
        [] => "`tlc runs` and `tlc tables` list them".to_owned(),
        near => format!("did you mean {}?", quoted(near)),
    };
    format!("no {wanted} `{shown}` under {root}: {instead}").into()
}

fn ambiguous(name: &str, wanted: Wanted, several: &[&Known]) -> Failure {
    let names: Vec<String> = several
        .iter()
        .take(NAMED)
        .map(|known| known.full_name())
        .collect();
    let names: Vec<&String> = names.iter().collect();
    let more = match several.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let (name, wanted, names) = (print::plain(name), wanted.told(), quoted(&names));
    format!("`{name}` can mean more than one {wanted}: {names}{more}").into()
}

fn quoted(names: &[&String]) -> String {
    let names = names.iter().map(|name| format!("`{}`", print::plain(name)));
    names.collect::<Vec<_>>().join(" or ")
}
