//! Names and texts that were made to do harm.

use crate::{Place, between};
use tlc_core::{
    AddMetrics, Column, Columns, Role, Run, RunOptions, Table, TableOptions, ValueType,
};

pub(crate) const ATTACKS: [&str; 9] = [
    "<script>window.harmed = 1</script>",
    "</style><img src=x onerror='window.harmed = 1'>",
    "\"><svg onload=window.harmed=1>",
    "' onmouseover='window.harmed=1",
    "]]><!-- &lt;b&gt; &#60;",
    "\u{202e}gnp.exe\u{202c}\u{2066}",
    "a\0b\u{7}",
    "javascript:window.harmed=1",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
];

pub(crate) fn place() -> Place {
    let place = Place::new();
    let long = "W".repeat(10_000);
    let texts: Vec<String> = ATTACKS
        .iter()
        .map(|&text| text.to_owned())
        .chain([long])
        .collect();
    let count = texts.len();
    let run = RunOptions::new("harm").root(&place.root).name("hostile");
    let run = run.description(texts.concat());
    let run = texts
        .iter()
        .fold(run, |run, text| run.parameter(text.as_str(), text.as_str()));
    let run = Run::create(run).unwrap();
    for (at, text) in texts.iter().enumerate() {
        run.log([("epoch", 1.0), (text, at as f64)]).unwrap();
        run.log([("epoch", 2.0), (text, at as f64 + 1.0)]).unwrap();
    }
    run.flush().unwrap();
    let options = TableOptions::new("harm", "texts", "initial")
        .root(&place.root)
        .description(texts.concat())
        .column(Column::new("label", ValueType::labels(texts.clone())))
        .column(Column::new("text", ValueType::String).display_name(ATTACKS[0]))
        .column(Column::new(ATTACKS[2], ValueType::Float64).display_name(ATTACKS[1]));
    let ids: Vec<i32> = (0..count as i32).collect();
    let rows = Columns::new()
        .column("label", ids.clone())
        .column("text", texts.clone())
        .column(ATTACKS[2], vec![0.5; count]);
    let table = Table::create(options, |writer| writer.add_batch(rows)).unwrap();
    let predicted = Column::new("predicted", ValueType::labels(texts.clone()));
    let about = AddMetrics::new()
        .foreign_table(&table)
        .constant("split", ATTACKS[1])
        .stream(ATTACKS[0])
        .column(predicted.role(Role::Prediction));
    let values = Columns::new()
        .column("loss", ids.iter().map(|id| *id as f32).collect::<Vec<_>>())
        .column("predicted", ids.into_iter().rev().collect::<Vec<_>>());
    run.add_metrics(values, about).unwrap();
    run.fail(texts.concat()).unwrap();
    place
}

#[test]
fn what_attacks_stays_a_text() {
    let (page, told) = place().exported("harm/hostile", &[]);
    assert_eq!(told["samples"], ATTACKS.len() + 1);
    for word in ["<script", "<img", "onload=window.harmed=1>", "<!--", "]]>"] {
        assert!(!page.contains(word), "{word}");
    }
    // One style, which ends where it ends, and no attribute that was not written here.
    assert_eq!(
        (
            page.matches("<style>").count(),
            page.matches("</style>").count()
        ),
        (1, 1)
    );
    for tag in between(&page, "<", ">") {
        let outside: Vec<&str> = tag.split('"').step_by(2).collect();
        let outside = outside.concat();
        assert!(
            !outside.contains("onload") && !outside.contains("onmouseover"),
            "{tag}"
        );
        assert!(
            !outside.contains("onerror") && !outside.contains('\''),
            "{tag}"
        );
    }
    assert!(page.contains("&lt;/style&gt;&lt;img src=x onerror=&#39;window.harmed = 1&#39;&gt;"));
    assert!(page.contains("&amp;lt;b&amp;gt; &amp;#60;"));
    let is_harmful = |letter: char| {
        let is_turning = matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        is_turning || letter.is_control() && letter != '\n' && letter != '\t'
    };
    let harmful: Vec<char> = page.chars().filter(|letter| is_harmful(*letter)).collect();
    assert!(harmful.is_empty(), "{harmful:?}");
    let links = between(&page, "href=\"", "\"");
    assert!(links.iter().all(|link| link.starts_with('#')), "{links:?}");
}
