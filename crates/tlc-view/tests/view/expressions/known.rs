//! Known rows, and what conditions say of them.

use tlc_core::{Column, Columns, ValueType};

/// Six rows of all kinds.
pub(crate) fn animals() -> (Vec<Column>, Columns) {
    let nullable = |name: &str, value| Column::new(name, value).nullable(true);
    let classes = || ValueType::labels(["cat", "dog", "owl"]);
    let columns = vec![
        nullable("loss", ValueType::Float32),
        nullable("n", ValueType::Int64),
        nullable("label", classes()),
        Column::new("predicted", classes()),
        Column::new("other", ValueType::labels(["dog", "cat"])),
        nullable("nothing", ValueType::labels(Vec::<String>::new())),
        nullable("note", ValueType::String),
        nullable("flag", ValueType::Bool),
        Column::new("column with spaces", ValueType::Int32),
        Column::new("Weight", ValueType::Float64),
        Column::new("key", ValueType::UInt64),
    ];
    let notes = [
        Some("dog house"),
        None,
        Some("Über"),
        Some("100%"),
        Some(""),
        Some("a_b"),
    ];
    let inf = f32::INFINITY;
    let loss = vec![
        Some(0.5),
        Some(2.5),
        Some(-f32::NAN),
        None,
        Some(inf),
        Some(-0.0),
    ];
    let rows = Columns::new()
        .column("loss", loss)
        .column(
            "n",
            vec![Some(0_i64), Some(3), Some(-7), None, Some(100), Some(7)],
        )
        .column(
            "label",
            vec![Some(0), Some(1), Some(2), None, Some(1), Some(2)],
        )
        .column("predicted", vec![0, 2, 2, 1, 1, 0])
        .column("other", vec![1, 0, 0, 1, 0, 1])
        .column("nothing", vec![None::<i32>; 6])
        .column("note", notes.map(|note| note.map(str::to_owned)).to_vec())
        .column(
            "flag",
            vec![Some(true), Some(false), None, Some(true), Some(false), None],
        )
        .column("column with spaces", vec![0, 1, 2, 3, 4, 5])
        .column("Weight", vec![1.0, 0.5, 0.0, 1e300, -1.0, 2.0])
        .column("key", vec![1, u64::MAX, 3, 1 << 63, 5, 6]);
    (columns, rows)
}

/// The rows of `animals` in which a condition is true.
pub(crate) const CONDITIONS: &[(&str, &[usize])] = &[
    ("loss > 2", &[1, 2, 4]),
    ("loss > 2 and label != predicted", &[1]),
    ("not loss > 2", &[0, 5]),
    ("loss = 0", &[5]),
    ("loss in (0, 2.5)", &[1, 5]),
    ("loss not in (0, null)", &[]),
    ("loss = loss", &[0, 1, 2, 4, 5]),
    ("isnan(loss)", &[2]),
    ("loss > 1e300", &[2, 4]),
    ("loss > '2'", &[1, 2, 4]),
    ("n between -7 and 3", &[0, 1, 2]),
    ("n not between -7 and 3", &[4, 5]),
    ("n / 2 = 1", &[1]),
    ("n % 4 = -3", &[2]),
    ("-n = 7", &[2]),
    ("n > 200", &[]),
    ("n < 200", &[0, 1, 2, 4, 5]),
    ("n = 3.0", &[1]),
    ("n is null", &[3]),
    ("n is not null and n <> 0 and 100 / n = 1", &[4]),
    ("n = 0 or 100 / n < 0", &[0, 2]),
    ("case when n = 0 then false else 100 / n > 20 end", &[1]),
    ("n is distinct from 3", &[0, 2, 3, 4, 5]),
    ("n is not distinct from null", &[3]),
    ("label = 'cat'", &[0]),
    ("'dog' = label", &[1, 4]),
    ("label <> 'cat'", &[1, 2, 4, 5]),
    ("label in ('cat', 'owl')", &[0, 2, 5]),
    ("label not in ('cat', 'owl')", &[1, 4]),
    ("label = 1", &[1, 4]),
    ("label in (0, 7)", &[0]),
    ("label < 'd'", &[0]),
    ("label between 'cat' and 'dog'", &[0, 1, 4]),
    ("label = predicted", &[0, 2, 4]),
    ("label = other", &[0, 1, 4]),
    ("label is distinct from 'cat'", &[1, 2, 3, 4, 5]),
    ("label like '%o%'", &[1, 2, 4, 5]),
    ("label not ilike 'DOG'", &[0, 2, 5]),
    ("upper(label) = 'CAT'", &[0]),
    ("starts_with(label, 'c')", &[0]),
    ("contains(label, note)", &[4]),
    (
        "case label when 'cat' then true when 'dog' then n > 50 end",
        &[0, 4],
    ),
    ("nothing is null", &[0, 1, 2, 3, 4, 5]),
    ("nothing like '%'", &[]),
    ("nothing = predicted", &[]),
    ("note like '%dog%'", &[0]),
    ("note like '100\\%'", &[3]),
    ("note like '100!%' escape '!'", &[3]),
    ("note like 'a_b'", &[5]),
    ("note like 'a\\_b'", &[5]),
    ("note like '____'", &[2, 3]),
    ("note ilike 'ÜBER'", &[2]),
    ("note like null", &[]),
    ("note = ''", &[4]),
    ("length(note) = 4", &[2, 3]),
    ("ends_with(note, '%')", &[3]),
    ("note > 'a'", &[0, 2, 5]),
    ("coalesce(note, 'none') = 'none'", &[1]),
    ("flag", &[0, 3]),
    ("not flag", &[1, 4]),
    ("flag = true", &[0, 3]),
    ("flag is not true", &[1, 2, 4, 5]),
    ("flag is unknown", &[2, 5]),
    ("flag is false or note is null", &[1, 4]),
    ("flag or null", &[0, 3]),
    ("not (flag and null)", &[1, 4]),
    ("\"column with spaces\" > 4", &[5]),
    ("weight = 1", &[0]),
    ("WEIGHT = 1", &[0]),
    ("Weight / 0 > 0", &[0, 1, 2, 3, 5]),
    ("key > 9223372036854775807", &[1, 3]),
    ("key = 18446744073709551615", &[1]),
    ("key in (3, 5)", &[2, 4]),
    ("cast(key as double) / 2 < 3", &[0, 2, 4]),
    ("true", &[0, 1, 2, 3, 4, 5]),
    ("1 = 1", &[0, 1, 2, 3, 4, 5]),
    ("null", &[]),
    ("null is null", &[0, 1, 2, 3, 4, 5]),
    ("1 in (n, 1)", &[0, 1, 2, 3, 4, 5]),
    ("3 between n and 5", &[0, 1, 2]),
    ("greatest(n, 5) = 5", &[0, 1, 2, 3]),
    ("least(loss, 1) = 1", &[1, 2, 3, 4]),
    ("nullif(n, 0) is null", &[0, 3]),
    ("nullif(label, 'cat') is null", &[0, 3]),
    ("n = 3 -- a comment\n and true", &[1]),
    ("n /* another */ = 3", &[1]),
];
