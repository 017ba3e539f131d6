//! A run that grows while it is looked at.

use crate::child;
use crate::page::Page;
use crate::world::World;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout};
use std::time::{SystemTime, UNIX_EPOCH};
use tlc_core::{Run, RunOptions, Table, Url};

const ROLE: &str = "TLC_BROWSER_WRITES";
/// Two seconds are promised; a machine that is busy with other things gets more.
const SOON_MS: f64 = 10_000.0;
const SEEN_FIRST: usize = 600;

/// Writes into a run what it is told to, and says when each commit was done.
#[test]
fn a_writer_in_a_process_of_its_own() {
    let Ok(what) = std::env::var(ROLE) else {
        return;
    };
    let (run, table) = what.split_once(' ').unwrap();
    let run = Run::from_url(Url::parse(run).unwrap()).unwrap();
    let table = Table::from_url(Url::parse(table).unwrap()).unwrap();
    for line in std::io::stdin().lines() {
        match line.unwrap().as_str() {
            "values" => {
                let mut change = run.change();
                change.log([("epoch", 9.0), ("loss", 7.5)]);
                change.commit().unwrap();
            }
            _ => crate::world::add_rows(&run, &table, SEEN_FIRST..table.len()),
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        println!("\ncommitted {}", now.as_secs_f64() * 1000.0);
    }
}

struct Writer {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Writer {
    fn start(run: &Run, table: &Table) -> Self {
        let what = format!("{} {}", run.url(), table.url());
        let name = "live::a_writer_in_a_process_of_its_own";
        let mut process = child(name, ROLE, &what).spawn().unwrap();
        let to = process.stdin.take().unwrap();
        let from = BufReader::new(process.stdout.take().unwrap());
        Self { process, to, from }
    }

    /// When it has committed, in milliseconds since 1970.
    fn write(&mut self, what: &str) -> f64 {
        writeln!(self.to, "{what}").unwrap();
        self.to.flush().unwrap();
        loop {
            let mut line = String::new();
            assert!(
                self.from.read_line(&mut line).unwrap() > 0,
                "the writer is gone"
            );
            if let Some(time) = line.strip_prefix("committed ") {
                return time.trim().parse().unwrap();
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits until a script is true, and says how long that was after a commit.
fn seen_after(page: &mut Page, what: &str, committed: f64, script: &str) {
    let seen = page.until(&format!("({script}) && Date.now()"));
    let after = seen.as_f64().unwrap() - committed;
    println!("{what} seen {after:.0} ms after the commit");
    assert!(after < SOON_MS, "{what} seen {after} ms after the commit");
}

#[test]
fn a_run_that_another_process_writes_moves_its_charts() {
    let world = World::new();
    let options = RunOptions::new(crate::world::PROJECT).root(&world.root);
    let run = Run::create(options.name("growing")).unwrap();
    crate::world::add_rows(&run, &world.table, 0..SEEN_FIRST);
    run.log([("epoch", 1.0), ("loss", 0.5)]).unwrap();
    run.flush().unwrap();
    let serving = world.serve();
    let Some(mut page) = Page::open(&serving.link()) else {
        return;
    };
    let mut writer = Writer::start(&run, &world.table);
    page.click(".runtable tr:has-text(\"growing\") .name");
    page.until("document.querySelectorAll('.chart canvas').length > 0 && document.querySelector('.head .status.completed') !== null");
    page.run("window.before = document.querySelector('.chart canvas').toDataURL()");
    let committed = writer.write("values");
    let moved = "document.querySelector('.chart canvas').toDataURL() !== window.before";
    seen_after(&mut page, "a value in a curve was", committed, moved);
    let value = "[...document.querySelectorAll('.runtable tr.is-on td')].some((cell) => cell.textContent.startsWith('7.5'))";
    page.until(value);

    page.click("text=Open samples");
    page.counts("600");
    let drawn = "[...document.querySelectorAll('.filters .histogram canvas, .chartpane canvas')].map((canvas) => canvas.toDataURL()).join()";
    page.until("document.querySelectorAll('.filters .histogram canvas').length > 2");
    page.run(&format!("window.before = {drawn}"));
    let committed = writer.write("rows");
    let grown = format!(
        "document.querySelector('.rowshead .count b')?.textContent === '1,000' && {drawn} !== window.before"
    );
    seen_after(&mut page, "rows in charts were", committed, &grown);
    page.is_clean();
}
