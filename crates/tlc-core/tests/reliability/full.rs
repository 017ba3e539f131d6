//! A real disk is full.

use super::{child_under, numbers, ran, sealed_numbers, writer};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use tlc_core::{
    Error, IfExists, MetricsTableWriter, Result, Run, RunOptions, Table, TableOptions, TableWriter,
    Url,
};

const ROLE: &str = "TLC_TEST_FULL";
const PAGE: usize = 4096;
const ROWS: i64 = 200;
/// The disk is full with so many pages to spare, so that all kinds of writes meet it.
const PLACES: usize = 12;

/// How often a call failed, by what it was writing.
#[derive(Debug, Default)]
struct Figures {
    parts: usize,
    commits: usize,
    rows: usize,
}

impl Figures {
    fn count(&mut self, error: &Error) {
        let Error::StorageFull { url, .. } = error else {
            panic!("{error:?}")
        };
        assert!(error.to_string().contains(&url.to_string()), "{error}");
        if url.name().ends_with(".json") {
            self.commits += 1;
        } else {
            self.parts += 1;
        }
    }
}

/// Takes all space but this many pages.
fn take_space(ballast: &Path, but: usize) {
    let mut file = std::fs::File::create(ballast).unwrap();
    while file.write_all(&[1; PAGE]).is_ok() {}
    let len = file.metadata().unwrap().len();
    let pages = usize::try_from(len).unwrap() / PAGE;
    file.set_len((pages.saturating_sub(but) * PAGE) as u64)
        .unwrap();
}

/// A call that may find the disk full; if so twice, the second time after space is freed.
fn insist(figures: &mut Figures, ballast: &Path, mut call: impl FnMut() -> Result<()>) -> bool {
    let Err(error) = call() else {
        return false;
    };
    figures.count(&error);
    figures.count(&call().unwrap_err());
    std::fs::remove_file(ballast).unwrap();
    call().unwrap();
    true
}

fn add(writer: &mut MetricsTableWriter, next: &mut i64) {
    writer.add_batch(numbers(*next, ROWS)).unwrap();
    *next += ROWS;
}

/// Fills the disk until it is full with `spare` pages, and goes on when it is not.
fn fill(folder: &Path, spare: usize, figures: &mut Figures) {
    let root = Url::from_path(&folder.join(format!("root-{spare}"))).unwrap();
    let run = Run::create(RunOptions::new("p").name("r").root(root.clone())).unwrap();
    let (mut writer, mut next) = (writer(&run), 0);
    let ballast = folder.join("ballast");
    add(&mut writer, &mut next);
    writer.flush().unwrap();
    take_space(&ballast, spare);
    loop {
        add(&mut writer, &mut next);
        if insist(figures, &ballast, || writer.flush()) {
            break;
        }
    }
    run.log([("epoch", 0.0), ("loss", 0.5)]).unwrap();
    take_space(&ballast, spare % 3);
    if !insist(figures, &ballast, || run.flush()) {
        std::fs::remove_file(&ballast).unwrap();
    }
    for _ in 0..3 {
        add(&mut writer, &mut next);
        writer.flush().unwrap();
    }
    writer.finalize().unwrap();
    run.update_metrics(&writer.get_written_metrics_infos())
        .unwrap();
    run.close().unwrap();
    assert_eq!(sealed_numbers(run.url()), (0..next).collect::<Vec<_>>());
    assert_eq!(run.aggregates().unwrap()[0].points, [(0.0, 0.5)]);
    figures.rows += usize::try_from(next).unwrap();
    assert_eq!(
        files(&folder.join(format!("root-{spare}"))),
        run_files(&run)
    );
    std::fs::remove_dir_all(root.to_path().unwrap()).unwrap();
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Row {
    number: i64,
}

/// Writes a table and a run on a disk that is full but for `spare` pages, and goes on when
/// it is not.
fn fill_with_table(folder: &Path, spare: usize, figures: &mut Figures) {
    let root = Url::from_path(&folder.join(format!("root-{spare}"))).unwrap();
    let ballast = folder.join("ballast");
    let options = TableOptions::new("p", "d", "t").root(&root);
    let mut writer = TableWriter::new(options).unwrap();
    // More than a few pages that do not compress.
    let number = |row: i64| row.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.cast_signed());
    let rows = |first: i64| {
        (first..first + 2000).map(|row| Row {
            number: number(row),
        })
    };
    writer.add_rows(&rows(0).collect::<Vec<_>>()).unwrap();
    take_space(&ballast, spare);
    writer.add_rows(&rows(2000).collect::<Vec<_>>()).unwrap();
    if !insist(figures, &ballast, || writer.finalize().map(drop)) {
        std::fs::remove_file(&ballast).unwrap();
    }
    let table = writer.finalize().unwrap();
    drop(writer);
    let read = Table::from_url(table.url()).unwrap();
    let read = read.rows::<Row>().unwrap().map(|row| row.unwrap().number);
    assert!(read.eq((0..4000).map(number)), "{spare}");
    let options = RunOptions::new("p").name("r").root(root.clone());
    let options = options.if_exists(IfExists::Reuse);
    take_space(&ballast, spare % 4);
    if !insist(figures, &ballast, || Run::create(options.clone()).map(drop)) {
        std::fs::remove_file(&ballast).unwrap();
    }
    let run = Run::create(options).unwrap();
    take_space(&ballast, spare % 4);
    if !insist(figures, &ballast, || run.add_input_table(&table)) {
        std::fs::remove_file(&ballast).unwrap();
    }
    assert_eq!(
        Run::from_url(run.url())
            .unwrap()
            .input_tables()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(files(&folder.join(format!("root-{spare}"))), 1);
    std::fs::remove_dir_all(root.to_path().unwrap()).unwrap();
}

/// Number of data files of a run: a segment for each flush, and one of values.
fn run_files(run: &Run) -> usize {
    let rows: usize = run.metrics().unwrap().iter().map(|one| one.len()).sum();
    rows / usize::try_from(ROWS).unwrap() + 1
}

/// Number of data files and unfinished files below a folder.
fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(Result::<_, _>::unwrap);
    let counts = entries.map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            files(&entry.path())
        } else {
            usize::from(name.ends_with(".parquet") || name.ends_with(".tmp"))
        }
    });
    counts.sum()
}

/// Fills the disk in all places.
fn fill_all(folder: &Path) -> Figures {
    let mut figures = Figures::default();
    for spare in 0..PLACES {
        fill(folder, spare, &mut figures);
        fill_with_table(folder, spare, &mut figures);
    }
    // Nearly all of the disk is filled by the writer.
    fill(folder, 150, &mut figures);
    figures
}

#[test]
fn a_writer_on_a_full_disk_of_one_mebibyte_reports_it_and_goes_on_when_space_is_freed() {
    if let Ok(folder) = std::env::var(ROLE) {
        let figures = fill_all(Path::new(&folder));
        assert!(figures.parts >= 20 && figures.commits >= 10, "{figures:?}");
        return println!("on a full disk: {figures:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().to_str().unwrap();
    let mount = "mount -t tmpfs -o size=1m tlc \"$0\" && exec \"$@\"";
    let unshare = || {
        let mut unshare = Command::new("unshare");
        unshare.args(["-rm", "sh", "-c", mount, disk]);
        unshare
    };
    if !ran(
        unshare().arg("true"),
        "a tmpfs cannot be mounted by unshare",
    ) {
        return;
    }
    let name =
        "full::a_writer_on_a_full_disk_of_one_mebibyte_reports_it_and_goes_on_when_space_is_freed";
    let output = child_under(unshare(), name, ROLE, disk).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    let figures = text.lines().find(|line| line.contains("on a full disk"));
    println!("{}", figures.unwrap());
}
