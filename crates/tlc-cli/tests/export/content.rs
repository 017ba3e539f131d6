//! What stands in the file of a run, against what is computed here from the same rule.

use crate::between;
use crate::fashion::CLASSES;
use crate::world::{RUN, SAMPLES, World, loss, predicted};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest, Sha256};

#[test]
fn the_worst_samples_stand_in_order_with_their_pictures() {
    let world = World::new();
    let (page, told) = world.place.exported(RUN, &["--worst", "25"]);
    let mut worst: Vec<(usize, f32)> = world
        .pictures
        .iter()
        .enumerate()
        .map(|(id, picture)| (id, loss(id, picture.label)))
        .collect();
    worst.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    let tiles = between(&page, "<li id=\"row-", "</li>");
    assert_eq!(tiles.len(), 25);
    for (tile, (id, loss)) in tiles.iter().zip(&worst) {
        let picture = &world.pictures[*id];
        let said = predicted(*id, picture.label);
        assert!(
            tile.starts_with(&format!("{id}\" class=\"tile is-wrong\"")),
            "{tile}"
        );
        for part in [
            format!(
                "src=\"data:image/png;base64,{}\"",
                STANDARD.encode(&picture.image)
            ),
            format!(">{}<", CLASSES[picture.label as usize]),
            format!(">{}<", CLASSES[said as usize]),
            format!("loss {loss:.2}"),
            format!("#{id}<"),
            "50 %".to_owned(),
        ] {
            assert!(tile.contains(&part), "{part} in {tile}");
        }
    }
    assert_eq!(
        [
            &told["samples"],
            &told["of_rows"],
            &told["by"],
            &told["run"],
            &told["status"]
        ],
        [
            &json!(25),
            &json!(SAMPLES),
            &json!("loss"),
            &json!(RUN),
            &json!("completed")
        ]
    );
    assert_eq!([&told["images_shrunk"], &told["images_left_out"]], [0, 0]);
}

#[test]
fn the_confusion_is_that_of_all_rows() {
    let world = World::new();
    let (page, told) = world.place.exported(RUN, &[]);
    let mut counts = vec![vec![0; 10]; 10];
    for (id, picture) in world.pictures.iter().enumerate() {
        counts[picture.label as usize][predicted(id, picture.label) as usize] += 1;
    }
    for (given, line) in CLASSES.iter().zip(&counts) {
        for (predicted, count) in CLASSES.iter().zip(line) {
            let cell = format!("title=\"{given} predicted as {predicted}: {count}\"");
            assert!(page.contains(&cell), "{cell}");
        }
    }
    let right: usize = (0..10).map(|class| counts[class][class]).sum();
    assert!(page.contains(&format!("{right} of {SAMPLES} right")));
    assert_eq!(told["confusion_rows"], SAMPLES);
    assert_eq!(told["samples"], 200);
}

#[test]
fn curves_of_splits_share_a_chart_and_what_stays_is_a_value() {
    let world = World::new();
    let (page, told) = world.place.exported(RUN, &[]);
    let label = "aria-label=\"loss by epoch: train from 1 to 0.333, test from 2 to 0.667\"";
    assert!(page.contains(label), "{:?}", between(&page, "<svg", ">"));
    assert_eq!(
        (between(&page, "<svg", ">").len(), &told["charts"]),
        (1, &json!(1))
    );
    let points = between(&page, "<circle", "</circle>");
    assert_eq!(points.len(), 6);
    assert!(points[5].contains("test, epoch 3: 0.667"), "{points:?}");
    assert!(page.contains("<td>train_count</td><td class=\"number\" title=\"300\">300</td>"));
}

#[test]
fn the_run_its_table_and_its_findings_are_told() {
    let world = World::new();
    let (page, told) = world.place.exported(RUN, &[]);
    for part in [
        "<title>fashion / first</title>",
        "completed, created 20",
        "300 rows, epoch 3",
        ">learning_rate</dt>",
        ">0.003</dd>",
        ">by a rule</p>",
        ">clothes</td>",
        ">initial</td>",
        ">300 of the test set</td>",
        "most often taken for one another",
        ">Weakest: ",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert_eq!(
        told["findings"],
        between(&page, "<article", "</article>").len()
    );
    // The first of a finding lead to where they stand among the worst.
    let links = between(&page, "<a href=\"#row-", "\"");
    assert!(links.len() >= 5, "{links:?}");
    let stands = |row: &&str| page.contains(&format!("<li id=\"row-{row}\""));
    assert!(links.iter().all(stands), "{links:?}");
}

#[test]
fn nothing_is_asked_of_anywhere_and_nothing_runs() {
    let world = World::new();
    let (page, _) = world.place.exported(RUN, &[]);
    for word in [
        "http:", "https:", "<script", "<link", "@import", "url(", "<iframe", "file:",
    ] {
        assert!(!page.contains(word), "{word}");
    }
    let sources = between(&page, " src=\"", "\"");
    assert!(sources.len() > 200);
    assert!(
        sources
            .iter()
            .all(|source| source.starts_with("data:image/png;base64,"))
    );
    let style = between(&page, "<style>", "</style>");
    let hash = STANDARD.encode(Sha256::digest(style[0].as_bytes()));
    let policy = format!(
        "default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-{hash}&#39;; base-uri \
         &#39;none&#39;; form-action &#39;none&#39;"
    );
    let head = page.split("<title>").next().unwrap();
    assert!(head.contains(&format!(
        "http-equiv=\"Content-Security-Policy\" content=\"{policy}\""
    )));
    // Where the projects are is nobody's business.
    let folder = world.place.folder.path().to_str().unwrap();
    assert!(!page.contains(folder));
}

#[test]
fn people_are_told_what_is_in_the_file() {
    let world = World::new();
    let file = world.place.file("run.html");
    let output = world.place.command(RUN, &file).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = told.lines().map(str::trim).collect();
    assert!(
        lines[0].contains("run.html: ") && lines[0].ends_with("kB"),
        "{told}"
    );
    assert!(
        lines.contains(&"worst      200 of 300 samples by loss"),
        "{told}"
    );
    assert!(lines.contains(&"curves     1 chart"), "{told}");
}
