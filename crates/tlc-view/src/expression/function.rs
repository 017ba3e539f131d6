//! The functions that expressions have.

/// A function of values in one row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Function {
    Abs,
    Ceil,
    Coalesce,
    Contains,
    EndsWith,
    Exp,
    Floor,
    Greatest,
    IsNan,
    Least,
    Length,
    Ln,
    Log10,
    Lower,
    NullIf,
    Power,
    Round,
    Sqrt,
    StartsWith,
    Upper,
}

/// Each by its names, with the least and the most arguments.
const ALL: &[(&[&str], Function, usize, usize)] = &[
    (&["abs"], Function::Abs, 1, 1),
    (&["ceil"], Function::Ceil, 1, 1),
    (&["coalesce"], Function::Coalesce, 1, usize::MAX),
    (&["contains"], Function::Contains, 2, 2),
    (&["ends_with"], Function::EndsWith, 2, 2),
    (&["exp"], Function::Exp, 1, 1),
    (&["floor"], Function::Floor, 1, 1),
    (&["greatest"], Function::Greatest, 1, usize::MAX),
    (&["isnan"], Function::IsNan, 1, 1),
    (&["least"], Function::Least, 1, usize::MAX),
    (
        &["length", "char_length", "character_length"],
        Function::Length,
        1,
        1,
    ),
    (&["ln"], Function::Ln, 1, 1),
    (&["log10"], Function::Log10, 1, 1),
    (&["lower"], Function::Lower, 1, 1),
    (&["nullif"], Function::NullIf, 2, 2),
    (&["power", "pow"], Function::Power, 2, 2),
    (&["round"], Function::Round, 1, 2),
    (&["sqrt"], Function::Sqrt, 1, 1),
    (&["starts_with"], Function::StartsWith, 2, 2),
    (&["upper"], Function::Upper, 1, 1),
];

const OVER_ROWS: &[&str] = &[
    "array_agg",
    "avg",
    "count",
    "first_value",
    "last_value",
    "max",
    "mean",
    "median",
    "min",
    "rank",
    "row_number",
    "stddev",
    "string_agg",
    "sum",
    "var",
];

impl Function {
    /// That of a name, written in whatever case.
    ///
    /// # Errors
    /// If there is none, in a sentence that says what there is; or if it does not take so many
    /// arguments.
    pub(super) fn named(name: &str, arguments: usize) -> Result<Self, String> {
        let name = name.to_lowercase();
        let found = ALL
            .iter()
            .find(|(names, ..)| names.contains(&name.as_str()));
        let Some((_, function, least, most)) = found else {
            return Err(unknown(&name));
        };
        if (*least..=*most).contains(&arguments) {
            return Ok(*function);
        }
        let wanted = match (*least, *most) {
            (1, 1) => "1 argument".to_owned(),
            (least, usize::MAX) => format!("at least {least} argument"),
            (least, most) if least == most => format!("{least} arguments"),
            (least, most) => format!("{least} or {most} arguments"),
        };
        Err(format!("`{name}` takes {wanted}, and has {arguments}"))
    }
}

fn unknown(name: &str) -> String {
    if OVER_ROWS.contains(&name) {
        return format!("`{name}` is about many rows, and an expression is about one");
    }
    let all: Vec<&str> = ALL
        .iter()
        .flat_map(|(names, ..)| names.first())
        .copied()
        .collect();
    format!("no function `{name}`: there are {}", all.join(", "))
}
