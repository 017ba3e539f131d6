//! Names, texts and pictures that were made to do harm.

use crate::page::Page;
use crate::world::World;
use serde_json::{Value, json};
use tlc_core::{
    AddMetrics, Column, Columns, Role, Run, RunOptions, Table, TableOptions, Url, ValueType,
};
use tlc_dashboard::Dashboard;

const ATTACKS: [&str; 12] = [
    "<script>window.harmed = 1</script>",
    "<img src=x onerror='window.harmed = 1'>",
    "\"><svg onload=window.harmed=1>",
    "javascript:window.harmed=1",
    "${window.harmed = 1}{{constructor.constructor('window.harmed = 1')()}}",
    "\u{202e}gnp.exe\u{202c}\u{2066}",
    "a\0b",
    "__proto__",
    "constructor",
    "https://tracker.example/pixel.gif",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "\n\t\r\u{7}",
];
const SVG: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg' onload='window.harmed=1'><script>window.harmed=1</script></svg>";
const HTML: &[u8] = b"<!doctype html><script>parent.harmed = 1</script>";

fn long() -> String {
    "W".repeat(10_000)
}

/// A file of this name is made if the format allows it.
fn allowed<'a>(names: &'a [&str]) -> impl Iterator<Item = &'a str> {
    names
        .iter()
        .copied()
        .filter(|name| tlc_core::check_name("run", name).is_ok())
}

struct Hostile {
    root: Url,
    run: Run,
    _folder: tempfile::TempDir,
}

impl Hostile {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Url::from_path(folder.path()).unwrap();
        let project = "<b onmouseover='window.harmed = 1'>".replace('/', "");
        let project = allowed(&[&project, "harm"]).next().unwrap().to_owned();
        let table = table(&root, &project);
        let named = |name: &str| RunOptions::new(&project).root(&root).name(name);
        let run = Run::create(
            ATTACKS
                .iter()
                .fold(named("hostile"), |options, attack| {
                    options.parameter(*attack, *attack)
                })
                .parameter("long", long())
                .description(format!("{} {}", ATTACKS.concat(), long())),
        )
        .unwrap();
        for (at, attack) in ATTACKS.iter().enumerate() {
            run.log([("epoch", 1.0), (*attack, at as f64)]).unwrap();
        }
        run.flush().unwrap();
        collect(&run, &table);
        for name in allowed(&ATTACKS) {
            Run::create(named(name)).unwrap();
        }
        Self {
            root,
            run,
            _folder: folder,
        }
    }
}

fn classes() -> Vec<String> {
    ATTACKS
        .iter()
        .map(|name| (*name).to_owned())
        .chain([long()])
        .collect()
}

fn table(root: &Url, project: &str) -> Table {
    let classes = classes();
    let count = classes.len();
    let options = TableOptions::new(project, "__proto__", "constructor")
        .root(root)
        .description(format!("{}{}", ATTACKS.concat(), long()))
        .column(Column::new("image", ValueType::image_bytes()))
        .column(Column::new("label", ValueType::labels(classes.clone())).writable(true))
        .column(
            Column::new("text", ValueType::String)
                .display_name(ATTACKS[1])
                .description(ATTACKS.concat()),
        );
    let options = ["__proto__", ATTACKS[0]]
        .into_iter()
        .fold(options, |options, name| {
            options.column(Column::new(name, ValueType::Float64).description(long()))
        });
    let images = (0..count).map(|row| {
        if row % 2 == 0 {
            SVG.to_vec()
        } else {
            HTML.to_vec()
        }
    });
    let rows = Columns::new()
        .column("image", images.collect::<Vec<_>>())
        .column("label", (0..count as i32).collect::<Vec<_>>())
        .column("text", classes)
        .column("__proto__", vec![1.0; count])
        .column(ATTACKS[0], vec![2.0; count]);
    Table::create(options, |writer| writer.add_batch(rows)).unwrap()
}

fn collect(run: &Run, table: &Table) {
    let count = table.len();
    for epoch in 1..=2 {
        let about = AddMetrics::new()
            .foreign_table(table)
            .constant("epoch", epoch)
            .constant("split", ATTACKS[0])
            .stream(ATTACKS[1])
            .column(Column::new("predicted", ValueType::labels(classes())).role(Role::Prediction));
        let values = (0..count).map(|row| (row as f32) / epoch as f32);
        let columns = Columns::new()
            .column("loss", values.collect::<Vec<_>>())
            .column("predicted", (0..count as i32).rev().collect::<Vec<_>>());
        run.add_metrics(columns, about).unwrap();
    }
}

/// No text became markup, nothing ran, and nothing is wider than the window.
fn is_unharmed(page: &mut Page, what: &str) {
    let seen = page.run(
        "({ harmed: window.harmed ?? null, scripts: document.scripts.length, handlers: document.querySelectorAll('[onload],[onerror],[onmouseover],svg script,iframe,object,embed').length, polluted: Object.keys(Object.prototype).length, isTooWide: document.documentElement.scrollWidth > innerWidth, links: [...document.links].filter((link) => !link.href.startsWith(location.origin)).length })",
    );
    let expected = json!({ "harmed": null, "scripts": 1, "handlers": 0, "polluted": 0, "isTooWide": false, "links": 0 });
    assert_eq!(seen, expected, "{what}");
}

#[test]
fn names_texts_and_pictures_that_attack_do_no_harm() {
    let hostile = Hostile::new();
    let serving = Dashboard::new()
        .root(&hostile.root)
        .port(0)
        .start()
        .unwrap();
    let Some(mut page) = Page::open(&serving.link()) else {
        return;
    };
    page.wait(".runtable tbody tr");
    let project = page.api("projects")[0]["id"].as_str().unwrap().to_owned();
    let runs = page.api(&format!("projects/{project}/runs"));
    let run = runs
        .as_array()
        .unwrap()
        .iter()
        .find(|run| run["name"] == hostile.run.name());
    let run = run.unwrap()["id"].as_str().unwrap().to_owned();
    let table = page.api(&format!("projects/{project}/tables"))[0]["id"].clone();
    let table = table.as_str().unwrap();
    let filter = json!([{ "type": "contains", "column": "text", "text": ATTACKS[0] }]);
    let expression = json!([{ "type": "expression", "text": ATTACKS[0] }]);
    let places = [
        (
            format!("/project/{project}/runs?run={run}&on={run}"),
            ".chart canvas",
        ),
        (
            format!("/project/{project}/tables?table={table}"),
            ".revisionpane",
        ),
        (format!("/samples?runs={run}&findings=off"), ".tile"),
        (
            format!("/samples?runs={run}&m=table&row=3"),
            ".detail .values",
        ),
        (
            format!("/samples?tables={table}&m=table"),
            ".tableroom .line",
        ),
        (format!("/samples?runs={run}&f={filter}"), ".tile"),
        (format!("/samples?runs={run}&f={expression}"), ".problem"),
        (format!("/review?runs={run}"), ".centre"),
        (
            format!("/compare?before={run}&be=1&after={run}"),
            ".movedpane",
        ),
        (format!("/{}", ATTACKS[0]), ".room"),
        (format!("/samples?runs={}", ATTACKS[0]), ".failure"),
    ];
    for (place, sign) in places {
        page.go(&place);
        page.wait(sign);
        page.until("![...document.querySelectorAll('[aria-busy=true]')].length");
        is_unharmed(&mut page, &place);
    }
    edits_do_no_harm(&mut page, &run);
    // Pictures that are none are refused, which the browser says.
    let faults = page.faults();
    let said = faults["console"].as_array().unwrap().iter();
    let others: Vec<&Value> = said
        .filter(|each| {
            let text = each.as_str().unwrap();
            !(text.contains("415") && text.contains("/image")
                || text.contains("400")
                || text.contains("404"))
        })
        .collect();
    assert!(others.is_empty(), "{others:?}");
    for kind in ["elsewhere", "thrown", "dialogs"] {
        assert_eq!(faults[kind], json!([]), "{kind}");
    }
}

fn edits_do_no_harm(page: &mut Page, run: &str) {
    page.go(&format!("/review?runs={run}"));
    page.wait(".centre");
    page.press(&["2"]);
    page.until("document.querySelector('.pending')?.textContent === '1 pending'");
    page.press(&["Control+Enter"]);
    page.fill("dialog textarea", ATTACKS[1]);
    page.fill("dialog input >> nth=0", "../../outside");
    page.fill("dialog input >> nth=1", ATTACKS[0]);
    page.press(&["Control+Enter"]);
    page.wait("dialog .wrong");
    is_unharmed(page, "a name that leads elsewhere");
    page.fill("dialog input >> nth=0", "");
    page.press(&["Control+Enter"]);
    page.wait("dialog:has-text(\"Committed\")");
    is_unharmed(page, "the commit");
    page.click("text=See the revision");
    page.wait(".diff");
    is_unharmed(page, "the revision");
}

#[test]
fn a_page_is_not_opened_in_the_frame_of_another() {
    let world = World::new();
    let serving = world.serve();
    let Some(mut page) = Page::open(&serving.link()) else {
        return;
    };
    page.wait(".runtable");
    page.run("(() => { const frame = document.createElement('iframe'); frame.src = '/'; document.body.append(frame); })()");
    page.until("document.querySelector('iframe').contentDocument === null || document.querySelector('iframe').contentDocument.body.textContent === ''");
    let faults = page.faults();
    assert!(faults["console"].to_string().contains("frame"), "{faults}");
}
