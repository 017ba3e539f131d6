//! JSON as text sees it: objects may have a name twice, numbers may be of any size.

use super::random::Random;
use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    /// JSON text.
    Leaf(String),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// Where a node is: the number of the item or field at each depth.
type Path = Vec<usize>;

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "9007199254740993",
    "2147483648",
    "4294967295",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e308",
    "1e400",
    "-0.0",
    "1.5",
];
const TEXTS: &[&str] = &[
    "\"\"",
    "\"\\u0000\"",
    "\"..\"",
    "\"../../../../../../etc/passwd\"",
    "\"/etc/passwd\"",
    "\"file:///etc/passwd\"",
    "\"memory://no-such-bucket/x\"",
    "\"commits/00000000000000000000.json\"",
    "\"%2e%2e/x\"",
    "\"\u{202e}\u{1f980}\"",
    "\"2026-99-99T99:99:99Z\"",
];
const OTHERS: &[&str] = &["null", "true", "[]", "{}", "[[]]", "{\"\":{}}", "[null]"];

impl Node {
    pub(crate) fn parse(line: &[u8]) -> Self {
        Self::of(&serde_json::from_slice(line).unwrap())
    }

    fn of(value: &Value) -> Self {
        match value {
            Value::Array(items) => Self::Array(items.iter().map(Self::of).collect()),
            Value::Object(fields) => {
                let field = |(name, value): (&String, &Value)| (name.clone(), Self::of(value));
                Self::Object(fields.iter().map(field).collect())
            }
            leaf => Self::Leaf(leaf.to_string()),
        }
    }

    pub(crate) fn write(&self, text: &mut String) {
        let separated = |text: &mut String, at: usize| {
            if at > 0 {
                text.push(',')
            }
        };
        match self {
            Self::Leaf(leaf) => text.push_str(leaf),
            Self::Array(items) => {
                text.push('[');
                for (at, item) in items.iter().enumerate() {
                    separated(text, at);
                    item.write(text);
                }
                text.push(']');
            }
            Self::Object(fields) => {
                text.push('{');
                for (at, (name, value)) in fields.iter().enumerate() {
                    separated(text, at);
                    text.push_str(&Value::from(name.as_str()).to_string());
                    text.push(':');
                    value.write(text);
                }
                text.push('}');
            }
        }
    }

    /// All nodes below, each with the path for people.
    fn paths(&self) -> Vec<(Path, String)> {
        let mut found = Vec::new();
        self.collect(&mut Vec::new(), "$", &mut found);
        found
    }

    fn collect(&self, path: &mut Path, name: &str, found: &mut Vec<(Path, String)>) {
        let children: Vec<(String, &Self)> = match self {
            Self::Leaf(_) => Vec::new(),
            Self::Array(items) => items
                .iter()
                .map(|item| (format!("{name}[]"), item))
                .collect(),
            Self::Object(fields) => {
                let child = |(field, value)| (format!("{name}.{field}"), value);
                fields
                    .iter()
                    .map(|(field, value)| child((field, value)))
                    .collect()
            }
        };
        for (at, (name, child)) in children.into_iter().enumerate() {
            path.push(at);
            found.push((path.clone(), name.clone()));
            child.collect(path, &name, found);
            path.pop();
        }
    }

    pub(crate) fn at(&mut self, path: &[usize]) -> &mut Self {
        path.iter().fold(self, |node, at| match node {
            Self::Array(items) => &mut items[*at],
            Self::Object(fields) => &mut fields[*at].1,
            Self::Leaf(leaf) => panic!("{leaf} has nothing below"),
        })
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Leaf(text) if text.starts_with(|c: char| c == '-' || c.is_ascii_digit()))
    }
}

/// Changes one thing, and says what.
pub(crate) fn mutate(document: &mut Node, random: &mut Random) -> String {
    let paths = document.paths();
    if paths.is_empty() {
        return "has nothing to change".to_owned();
    }
    let (path, name) = random.one_of(&paths).clone();
    let done = match random.below(9) {
        0 | 1 => replace(document.at(&path), random),
        2 => remove(document, &path),
        3 => repeat(document, &path),
        4 => shuffle(document, &path, random),
        5 => swap(document, &paths, &(path, name.clone()), random),
        6 => nest(document.at(&path), random),
        7 => lengthen(document.at(&path), random),
        _ => return number(document, &paths, random),
    };
    format!("{name} {done}")
}

/// Another value, mostly of the type that is there.
fn replace(node: &mut Node, random: &mut Random) -> String {
    let choices = match (random.below(4), &*node) {
        (0, _) => OTHERS,
        (1, _) => NUMBERS,
        (_, node) if node.is_number() => NUMBERS,
        _ => TEXTS,
    };
    let text = *random.one_of(choices);
    *node = Node::Leaf(text.to_owned());
    format!("becomes {text}")
}

/// A number becomes a near or a far one.
fn number(document: &mut Node, paths: &[(Path, String)], random: &mut Random) -> String {
    let numbers = paths
        .iter()
        .filter(|(path, _)| document.at(path).is_number());
    let numbers: Vec<_> = numbers.cloned().collect();
    if numbers.is_empty() {
        return "has no number".to_owned();
    }
    let (path, name) = random.one_of(&numbers).clone();
    let node = document.at(&path);
    let Node::Leaf(old) = node.clone() else {
        return String::new();
    };
    let near = old.parse::<i128>().map(|old| {
        let near = [
            old - 1,
            old + 1,
            old * 2,
            old / 2,
            -old,
            old << 31,
            old << 40,
        ];
        random.one_of(&near).to_string()
    });
    let new = match (near, random.below(3)) {
        (Ok(near), 0 | 1) => near,
        _ => (*random.one_of(NUMBERS)).to_owned(),
    };
    *node = Node::Leaf(new.clone());
    format!("{name} becomes {new}")
}

fn remove(document: &mut Node, path: &[usize]) -> String {
    let (last, above) = path.split_last().unwrap();
    match document.at(above) {
        Node::Array(items) => drop(items.remove(*last)),
        Node::Object(fields) => drop(fields.remove(*last)),
        Node::Leaf(_) => {}
    }
    "is gone".to_owned()
}

fn repeat(document: &mut Node, path: &[usize]) -> String {
    let (last, above) = path.split_last().unwrap();
    match document.at(above) {
        Node::Array(items) => items.push(items[*last].clone()),
        Node::Object(fields) => fields.push(fields[*last].clone()),
        Node::Leaf(_) => {}
    }
    "is there twice".to_owned()
}

fn shuffle(document: &mut Node, path: &[usize], random: &mut Random) -> String {
    let (_, above) = path.split_last().unwrap();
    match document.at(above) {
        Node::Array(items) => {
            let (one, other) = (random.below(items.len()), random.below(items.len()));
            items.swap(one, other);
        }
        Node::Object(fields) => {
            let (one, other) = (random.below(fields.len()), random.below(fields.len()));
            fields.swap(one, other);
        }
        Node::Leaf(_) => {}
    }
    "has other neighbours".to_owned()
}

/// Exchanges it with another of its kind, say the lengths of two parts, or with any other.
fn swap(
    document: &mut Node,
    paths: &[(Path, String)],
    (path, name): &(Path, String),
    random: &mut Random,
) -> String {
    let last = |name: &str| name.rsplit('.').next().map(str::to_owned);
    let alike = paths.iter().filter(|(_, other)| last(other) == last(name));
    let alike: Vec<_> = alike.filter(|(other, _)| other != path).collect();
    let (other, with) = match alike.is_empty() {
        true => random.one_of(paths).clone(),
        false => (*random.one_of(&alike)).clone(),
    };
    if !(other.starts_with(path) || path.starts_with(&other)) {
        let (one, two) = (document.at(path).clone(), document.at(&other).clone());
        *document.at(path) = two;
        *document.at(&other) = one;
    }
    format!("and {with} are exchanged")
}

/// Puts it inside of many others.
fn nest(node: &mut Node, random: &mut Random) -> String {
    let depth = *random.one_of(&[1, 31, 33, 127, 129, 2_000, 50_000]);
    let list = random.below(2) == 0;
    let (open, close) = match list {
        true => ("[", "]"),
        false => ("{\"type\":\"list\",\"item\":", "}"),
    };
    let mut text = open.repeat(depth);
    node.write(&mut text);
    text.push_str(&close.repeat(depth));
    *node = Node::Leaf(text);
    format!("is {depth} levels of {open} deeper")
}

/// A long text, many items, many fields.
fn lengthen(node: &mut Node, random: &mut Random) -> String {
    let mut times = *random.one_of(&[2, 300, 20_000]);
    if let Node::Leaf(text) = node {
        times = times.min((8 << 20) / text.len());
    }
    match node {
        Node::Leaf(text) if text.starts_with('"') => {
            *text = format!("\"{}\"", text.trim_matches('"').repeat(times));
        }
        Node::Leaf(text) => *text = text.repeat(times),
        Node::Array(items) => {
            if let Some(first) = items.first().cloned() {
                items.extend(std::iter::repeat_n(first, times.min(300)));
            }
        }
        Node::Object(fields) => {
            let more = (0..times.min(300)).map(|at| (at.to_string(), Node::Leaf("0".to_owned())));
            fields.extend(more);
        }
    }
    format!("is {times} times as long")
}
