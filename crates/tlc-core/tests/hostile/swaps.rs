//! Sealed documents in another's place: each is what was once written, but not there.
//!
//! Nothing depends on the bytes: the documents are those that the code writes today. The name
//! of a commit is its number in 20 digits; a file of another name is no commit.

use super::files::Files;
use std::collections::BTreeSet;
use tlc_core::{AddMetrics, Columns, Error, IfExists, Run, RunOptions, Table, TableOptions, Url};

const RUN: &str = "p/runs/a";
const TABLE: &str = "p/datasets/d/tables/a";

/// Two runs, and two tables of three contents, that went the same way. The metrics of the
/// runs are about each content.
fn project() -> Files {
    Files::written(|root| {
        let runs: Vec<Run> = ["a", "b"].map(|name| run(root, name)).into();
        for rows in [3, 2, 4] {
            for (name, run) in ["a", "b"].iter().zip(&runs) {
                let table = content(root, name, rows);
                let ids = (0..rows).collect::<Vec<_>>();
                let columns = Columns::new().column("example_id", ids);
                run.add_metrics(columns, AddMetrics::new().foreign_table(&table))
                    .unwrap();
            }
        }
        runs.iter().for_each(|run| run.close().unwrap());
    })
}

fn run(root: &Url, name: &str) -> Run {
    let run = Run::create(RunOptions::new("p").name(name).root(root)).unwrap();
    run.set_parameters([("lr", 0.1)]).unwrap();
    run.log([("step", 1.0), ("loss", 0.5)]).unwrap();
    run.flush().unwrap();
    run
}

fn content(root: &Url, name: &str, rows: i64) -> Table {
    let options = TableOptions::new("p", "d", name).root(root);
    let options = options.if_exists(IfExists::Overwrite);
    let batch = tlc_core::arrow::array::Int64Array::from_iter_values(0..rows);
    let batch = tlc_core::arrow::array::RecordBatch::try_from_iter([(
        "n",
        std::sync::Arc::new(batch) as _,
    )]);
    Table::create(options, |writer| writer.add_batch(batch.unwrap())).unwrap()
}

fn name(owner: &str, number: usize) -> String {
    format!("{owner}/commits/{number:020}.json")
}

/// The commits of a table or run.
fn commits(files: &Files, owner: &str) -> usize {
    files
        .named(|name| name.starts_with(&format!("{owner}/commits/")))
        .len()
}

fn put(files: &mut Files, from: &str, to: &str) {
    let bytes = files.0[from].clone();
    files.0.insert(to.to_owned(), bytes);
}

/// What was done, to the project, and the numbers of which an error may name one.
type Swap = (String, Files, BTreeSet<usize>);

/// The documents of one run or table, and what can be done to them.
struct Documents<'a> {
    owner: &'a str,
    files: &'a Files,
    last: usize,
}

impl Documents<'_> {
    fn changed(&self, what: &str, numbers: &[usize], change: impl FnOnce(&mut Files)) -> Swap {
        let mut files = self.files.clone();
        change(&mut files);
        let numbers = numbers.iter().copied().collect();
        (format!("{}: {what}", self.owner), files, numbers)
    }

    fn at(&self, number: usize) -> String {
        name(self.owner, number)
    }

    /// One stands under the number of another, too.
    fn copied(&self, what: &str, from: usize, to: usize, numbers: &[usize]) -> Swap {
        self.changed(what, numbers, |files| {
            put(files, &self.at(from), &self.at(to))
        })
    }

    fn exchanged(&self, what: &str, one: usize, numbers: &[usize]) -> Swap {
        self.changed(what, numbers, |files| {
            let bytes = files.0[&self.at(one)].clone();
            put(files, &self.at(self.last), &self.at(one));
            files.0.insert(self.at(self.last), bytes);
        })
    }

    fn gone(&self, what: &str, number: usize) -> Swap {
        self.changed(what, &[number, number + 1], |files| {
            files.0.remove(&self.at(number));
        })
    }
}

/// Documents of one run or table in each other's place.
fn within(owner: &str, files: &Files) -> Vec<Swap> {
    let count = commits(files, owner);
    let (last, middle) = (count - 1, count / 2);
    let documents = Documents { owner, files, last };
    let far: Vec<usize> = (count..count + 8).collect();
    vec![
        documents.copied(
            "an older over a newer one",
            middle - 1,
            middle,
            &[middle, middle + 1],
        ),
        documents.copied("an older over the newest one", last - 1, last, &[last]),
        documents.copied("a newer over an older one", last, 0, &[0, 1]),
        documents.copied("the newest under the next number", last, count, &[count]),
        documents.copied("the first under the next number", 0, count, &[count]),
        documents.copied("one under a number far off", last, count + 7, &far),
        documents.exchanged(
            "one and the newest exchanged",
            middle,
            &[middle, middle + 1, last],
        ),
        documents.exchanged("the first and the newest exchanged", 0, &[0, 1, last]),
        documents.gone("the middle one missing", middle),
        documents.gone("the first one missing", 0),
        documents.changed("the middle one empty", &[middle, middle + 1], |files| {
            files.0.insert(name(owner, middle), bytes::Bytes::new());
        }),
    ]
}

/// Documents of another run or table in place of the own ones.
fn between(owner: &str, other: &str, files: &Files) -> Vec<Swap> {
    let count = commits(files, owner);
    let from_other = |what: &str, from: usize, to: usize| {
        let mut files = files.clone();
        put(&mut files, &name(other, from), &name(owner, to));
        (format!("{owner}: {what}"), files, [to, to + 1].into())
    };
    vec![
        from_other("the first of another", 0, 0),
        from_other("one of another in the middle", count / 2, count / 2),
        from_other("the newest of another", count - 1, count - 1),
        from_other("one of another under the next number", count - 1, count),
    ]
}

/// A document of the other format in place of the own one.
fn of_other_format(owner: &str, other: &str, files: &Files) -> Swap {
    let (mut files, number) = (files.clone(), commits(files, owner) - 1);
    put(&mut files, &name(other, 0), &name(owner, number));
    (
        format!("{owner}: a document of {other}"),
        files,
        [number].into(),
    )
}

/// All that complains about a table or run: opening and reading it, for a table what runs
/// have collected on each of its contents, and looking at every file. A checkpoint stands
/// in for the commits before it, so a run is opened without, too.
fn complaints(files: &Files, owner: &str) -> Vec<Option<Error>> {
    if owner == TABLE {
        let opened = files.read(owner).and_then(|()| files.read(RUN));
        return vec![opened.err()];
    }
    let mut bare = files.clone();
    bare.remove_checkpoints();
    vec![
        bare.read(owner).err(),
        files.verify(owner).into_iter().next(),
    ]
}

/// Whether an error names one of the documents.
fn names(error: &Error, owner: &str, numbers: &BTreeSet<usize>) -> bool {
    let text = error.to_string();
    numbers
        .iter()
        .any(|number| text.contains(&name(owner, *number)))
}

#[track_caller]
fn assert_noticed(owner: &str, swaps: Vec<Swap>) {
    let count = swaps.len();
    let mut silent = Vec::new();
    for (what, files, numbers) in swaps {
        for complaint in complaints(&files, owner) {
            match complaint {
                None => silent.push(format!("{what}: nobody notices")),
                Some(error) if names(&error, owner, &numbers) => {}
                Some(error) => silent.push(format!("{what}: another file is named: {error}")),
            }
        }
    }
    let found = silent.join("\n  ");
    assert!(silent.is_empty(), "{} of {count}:\n  {found}", silent.len());
}

#[test]
fn documents_of_a_run_in_each_others_place_are_noticed() {
    assert_noticed(RUN, within(RUN, &project()));
}

#[test]
fn documents_of_a_table_in_each_others_place_are_noticed() {
    assert_noticed(TABLE, within(TABLE, &project()));
}

#[test]
fn documents_of_another_run_are_noticed() {
    let files = project();
    let mut swaps = between(RUN, "p/runs/b", &files);
    swaps.push(of_other_format(RUN, TABLE, &files));
    assert_noticed(RUN, swaps);
}

#[test]
fn documents_of_another_table_are_noticed() {
    let files = project();
    let mut swaps = between(TABLE, "p/datasets/d/tables/b", &files);
    swaps.push(of_other_format(TABLE, RUN, &files));
    assert_noticed(TABLE, swaps);
}

/// The last commits gone are a run as it was before them: nothing tells the two apart, but
/// for a run that refers to what is gone.
#[test]
fn a_table_without_the_content_that_a_run_refers_to_is_noticed() {
    let mut files = project();
    let last = name(TABLE, commits(&files, TABLE) - 1);
    files.0.remove(&last);
    assert!(files.read(TABLE).is_ok());
    let error = files.read(RUN).unwrap_err();
    assert!(error.to_string().contains(TABLE), "{error}");
}

#[test]
fn names_that_are_not_20_digits_are_no_commits() {
    for owner in [RUN, TABLE] {
        let files = project();
        let next = commits(&files, owner);
        let strays = [
            format!("{next:019}.json"),
            format!("{next:021}.json"),
            format!("+{next:019}.json"),
            format!("-{next:019}.json"),
            format!("{next:020}.JSON"),
            format!("{next:020}"),
            format!("{next:020}.json.bak"),
            format!(" {next:019}.json"),
            "٠".repeat(10) + ".json",
            "99999999999999999999.json".to_owned(), // more than 64 bits
        ];
        for stray in strays {
            let mut files = files.clone();
            put(
                &mut files,
                &name(owner, 0),
                &format!("{owner}/commits/{stray}"),
            );
            let complaints = complaints(&files, owner);
            assert!(
                complaints.iter().all(Option::is_none),
                "{owner} with {stray}: {complaints:?}"
            );
        }
    }
}
