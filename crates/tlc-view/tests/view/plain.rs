//! Rows as plain values, and what is asked of them computed one by one.

use proptest::prelude::*;
use std::sync::Arc;
use tlc_core::{Column, Columns, Table, TableOptions, Url, ValueType};
use tlc_view::{Filter, Special, View, ViewOptions};

pub(crate) const CLASSES: [&str; 5] = ["cat", "dog", "Owl", "empty", "dog house"];
pub(crate) const OTHERS: [&str; 4] = ["dog", "cat", "hen", "owl"];

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) x: Option<f64>,
    pub(crate) y: Option<f32>,
    pub(crate) n: Option<i64>,
    pub(crate) label: Option<i32>,
    pub(crate) predicted: Option<i32>,
    pub(crate) flag: Option<bool>,
    pub(crate) text: Option<String>,
}

pub(crate) fn row() -> impl Strategy<Value = Row> {
    let special = prop_oneof![
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(0.0),
        Just(-0.0),
        Just(1.0),
        Just(f64::MAX),
        Just(f64::MIN),
    ];
    let x = prop_oneof![1 => special, 4 => -2.0..2.0_f64, 2 => (-3..3_i32).prop_map(f64::from)];
    let n = prop_oneof![5 => -3..4_i64, 1 => any::<i64>().prop_map(|n| n / 4)];
    let text = prop_oneof![
        Just(String::new()),
        Just("a dog".to_owned()),
        Just("DOG".to_owned()),
        Just("Ärger".to_owned()),
        "[a-c]{0,2}",
    ];
    let some = proptest::option::weighted::<BoxedStrategy<f64>>;
    (
        some(0.9, x.boxed()),
        proptest::option::weighted(0.9, -2.0..2.0_f32),
        proptest::option::weighted(0.9, n),
        proptest::option::weighted(0.9, prop_oneof![0..3_i32, Just(4)]),
        proptest::option::weighted(0.9, 0..4_i32),
        proptest::option::weighted(0.9, any::<bool>()),
        proptest::option::weighted(0.9, text),
    )
        .prop_map(|(x, y, n, label, predicted, flag, text)| Row {
            x,
            y,
            n,
            label,
            predicted,
            flag,
            text,
        })
}

pub(crate) fn view(rows: &[Row]) -> Arc<View> {
    let root = Url::parse("memory://view-plain/").unwrap();
    let columns = [
        Column::new("x", ValueType::Float64),
        Column::new("y", ValueType::Float32),
        Column::new("n", ValueType::Int64),
        Column::new("label", ValueType::labels(CLASSES)),
        Column::new("predicted", ValueType::labels(OTHERS)),
        Column::new("flag", ValueType::Bool),
        Column::new("text", ValueType::String),
    ];
    let columns = columns.map(|column| column.nullable(true));
    let name = format!("t{}", uuid());
    let options = TableOptions::new("demo", "plain", name.as_str()).root(root);
    let table = Table::create(options.columns(columns), |writer| match rows {
        [] => Ok(()),
        rows => writer.add_batch(
            Columns::new()
                .column("x", rows.iter().map(|row| row.x).collect::<Vec<_>>())
                .column("y", rows.iter().map(|row| row.y).collect::<Vec<_>>())
                .column("n", rows.iter().map(|row| row.n).collect::<Vec<_>>())
                .column(
                    "label",
                    rows.iter().map(|row| row.label).collect::<Vec<_>>(),
                )
                .column(
                    "predicted",
                    rows.iter().map(|row| row.predicted).collect::<Vec<_>>(),
                )
                .column("flag", rows.iter().map(|row| row.flag).collect::<Vec<_>>())
                .column(
                    "text",
                    rows.iter().map(|row| row.text.clone()).collect::<Vec<_>>(),
                ),
        ),
    });
    Arc::new(ViewOptions::new().table(&table.unwrap()).open().unwrap())
}

fn uuid() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Row {
    pub(crate) fn number(&self, column: &str) -> Option<f64> {
        match column {
            "x" => self.x,
            "y" => self.y.map(f64::from),
            "n" => self.n.map(|n| n as f64),
            "label" => self.label.map(f64::from),
            "predicted" => self.predicted.map(f64::from),
            "flag" => self.flag.map(|flag| f64::from(u8::from(flag))),
            other => panic!("{other}"),
        }
    }

    pub(crate) fn id(&self, column: &str) -> Option<i64> {
        match column {
            "n" => self.n,
            "label" => self.label.map(i64::from),
            "predicted" => self.predicted.map(i64::from),
            "flag" => self.flag.map(i64::from),
            other => panic!("{other}"),
        }
    }

    pub(crate) fn words(&self, column: &str) -> Option<&str> {
        let name = |id: Option<i32>, names: &'static [&'static str]| Some(names[id? as usize]);
        match column {
            "label" => name(self.label, &CLASSES),
            "predicted" => name(self.predicted, &OTHERS),
            "text" => self.text.as_deref(),
            other => panic!("{other}"),
        }
    }

    pub(crate) fn passes(&self, place: usize, filter: &Filter) -> bool {
        match filter {
            Filter::Range { column, min, max } => self.number(column).is_some_and(|value| {
                !value.is_nan()
                    && min.is_none_or(|min| value >= min)
                    && max.is_none_or(|max| value <= max)
            }),
            Filter::Classes {
                column,
                ids,
                missing,
            } => match self.id(column) {
                Some(id) => ids.contains(&id),
                None => *missing,
            },
            Filter::Flag { is, .. } => self.flag == Some(*is),
            Filter::Contains { column, text } => {
                let text = text.to_lowercase();
                self.words(column)
                    .is_some_and(|words| words.to_lowercase().contains(&text))
            }
            Filter::Special { column, is } => {
                let value = match column.as_str() {
                    "text" => self.text.as_ref().map(|_| 0.0),
                    column => self.number(column),
                };
                match is {
                    Special::Missing => value.is_none(),
                    Special::Nan => value.is_some_and(f64::is_nan),
                    Special::Infinity => value == Some(f64::INFINITY),
                    Special::MinusInfinity => value == Some(f64::NEG_INFINITY),
                }
            }
            Filter::Lasso { x, y, polygon } => match (self.number(x), self.number(y)) {
                (Some(x), Some(y)) => turns(polygon, x, y),
                _ => false,
            },
            Filter::Rows { rows } => rows.contains(&place),
            Filter::Not { filter } => !self.passes(place, filter),
            Filter::Any { filters } => filters.iter().any(|filter| self.passes(place, filter)),
            other => panic!("{other:?}"),
        }
    }
}

/// Whether a triangle goes round a point: whether it is on the same side of all three.
fn turns(triangle: &[[f64; 2]], x: f64, y: f64) -> bool {
    let [a, b, c] = triangle else { panic!() };
    let side = |[x1, y1]: [f64; 2], [x2, y2]: [f64; 2]| (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1);
    let sides = [side(*a, *b), side(*b, *c), side(*c, *a)];
    sides.iter().all(|side| *side > 0.0) || sides.iter().all(|side| *side < 0.0)
}

pub(crate) fn filter() -> impl Strategy<Value = Filter> {
    let column =
        |names: &'static [&'static str]| proptest::sample::select(names).prop_map(str::to_owned);
    let bound = || proptest::option::of(prop_oneof![-2.0..2.0_f64, Just(0.0), Just(f64::INFINITY)]);
    let corner = || (-2.3..2.3_f64, -2.3..2.3_f64).prop_map(|(x, y)| [x, y]);
    let number = column(&["x", "y", "n", "label", "flag"]);
    let leaf = prop_oneof![
        (number, bound(), bound()).prop_map(|(column, min, max)| Filter::Range {
            column,
            min,
            max
        }),
        (
            column(&["label", "predicted", "n"]),
            proptest::collection::vec(-1..6_i64, 0..4),
            any::<bool>()
        )
            .prop_map(|(column, ids, missing)| Filter::Classes {
                column,
                ids,
                missing
            }),
        any::<bool>().prop_map(|is| Filter::Flag {
            column: "flag".to_owned(),
            is
        }),
        (
            column(&["label", "predicted", "text"]),
            "(dog|D|Ä|ärger|[a-c]|)"
        )
            .prop_map(|(column, text)| Filter::Contains { column, text }),
        (
            column(&["x", "y", "n", "label", "flag"]),
            prop_oneof![
                Just(Special::Missing),
                Just(Special::Nan),
                Just(Special::Infinity),
                Just(Special::MinusInfinity)
            ]
        )
            .prop_map(|(column, is)| Filter::Special { column, is }),
        [corner(), corner(), corner()].prop_map(|polygon| Filter::Lasso {
            x: "x".to_owned(),
            y: "y".to_owned(),
            polygon: polygon.to_vec()
        }),
        proptest::collection::vec(0..40_usize, 0..20).prop_map(|rows| Filter::Rows { rows }),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|filter| Filter::Not {
                filter: Box::new(filter)
            }),
            proptest::collection::vec(inner, 0..3).prop_map(|filters| Filter::Any { filters }),
        ]
    })
}
