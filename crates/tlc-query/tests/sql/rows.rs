//! Rows in contexts of programs of their own.

use super::{block_on, pets, root, run};
use std::sync::Arc;
use tlc_core::{AddMetrics, Columns};
use tlc_query::datafusion::prelude::SessionContext;
use tlc_query::{Error, Rows};

#[test]
fn metrics_of_several_runs_are_one_table_if_their_columns_are_the_same() {
    let root = root();
    for name in ["a", "b"] {
        let values = Columns::new().column("loss", vec![1.0_f32, 2.0]);
        run(&root, name)
            .add_metrics(values, AddMetrics::new())
            .unwrap();
    }
    let values = Columns::new().column("accuracy", vec![1.0_f32]);
    let other = run(&root, "c")
        .add_metrics(values, AddMetrics::new())
        .unwrap();
    let of = |name: &str| {
        let url = root
            .join("p")
            .unwrap()
            .join("runs")
            .unwrap()
            .join(name)
            .unwrap();
        Vec::from(tlc_core::Run::from_url(url).unwrap().metrics().unwrap())
    };
    let both = Rows::of_metrics([of("a"), of("b")].concat()).unwrap();
    let count = block_on(async {
        let session = SessionContext::new();
        session.register_table("both", Arc::new(both)).unwrap();
        let asked = session.sql("SELECT * FROM both WHERE loss > 1").await;
        asked.unwrap().count().await.unwrap()
    });
    assert_eq!(count, 2);
    let refused = Rows::of_metrics([of("a"), vec![other]].concat());
    assert!(
        matches!(refused, Err(Error::OtherColumns { .. })),
        "{refused:?}"
    );
    assert!(matches!(Rows::of_metrics([]), Err(Error::NoSuch { .. })));
}

#[test]
fn what_columns_mean_is_kept() {
    use tlc_query::datafusion::catalog::TableProvider;
    let root = root();
    let rows = Rows::of_table(&pets(&root, 1));
    let schema = rows.schema();
    let meant = schema.field_with_name("label").unwrap().metadata();
    assert!(
        meant
            .values()
            .any(|json| json.contains("categorical_label")),
        "{meant:?}"
    );
    let names: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    assert_eq!(names, ["label", "name", "example_id"]);
}
