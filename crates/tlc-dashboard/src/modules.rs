//! The modules of the page joined into one script, so that a browser asks for one file and not
//! for each of many: each module becomes a function that is called once, after those that it
//! imports, and gives what it exports.
//!
//! It takes what the page is written in: `import` of names, of a default or of all by a path or
//! one of [`PACKAGES`]; `import()` of what stays a file of its own, for when it is needed; `export`
//! of a default, and of constants, functions and classes either where they are declared or in a
//! list. No module imports itself through others, and none exports what it changes.

use regex::{Captures, Regex};
use std::collections::HashMap;
use std::fmt::Write;

/// What modules call the libraries that lie beside them.
const PACKAGES: [(&str, &str); 6] = [
    ("preact", "vendor/preact/preact.mjs"),
    ("preact/hooks", "vendor/preact/hooks.mjs"),
    ("@preact/signals", "vendor/signals/signals.mjs"),
    (
        "@preact/signals-core",
        "vendor/signals-core/signals-core.mjs",
    ),
    ("htm", "vendor/htm/htm.mjs"),
    ("uplot", "vendor/uplot/uPlot.esm.js"),
];

const IMPORT: &str =
    r#"(?m)(^|[;}])import\s*(\{[^}]*\}|\*\s*as\s+[\w$]+|[\w$]+)\s*(?:from\s*)["']([^"']+)["']"#;
const IMPORT_LATER: &str = r#"\bimport\(["']([^"']+)["']\)"#;
const EXPORT_LIST: &str = r#"(?m)(^|[;}])export\s*\{([^}]*)\}(?:\s*from\s*["']([^"']+)["'])?"#;
const EXPORT_DEFAULT: &str = r"(?m)(^|[;}])export default ";
const EXPORT_DECLARED: &str =
    r"(?m)(^|[;}])export ((?:async function|function|const|class) ([\w$]+))";
/// Libraries have such lines in comments.
const VENDOR: &str = "vendor/";

/// Of a module that has none of the above, at the start of a line.
const LEFT: &str = r"(?m)^(import|export)\b[^(\n].*$";

/// What cannot be joined, in words.
type Joined<T> = Result<T, String>;

/// The script that a module and all that it imports become; `read` gives the text of a path.
pub(crate) fn joined(first: &str, read: &dyn Fn(&str) -> Option<String>) -> Joined<String> {
    let mut script = Script {
        syntax: Syntax::new().map_err(|error| error.to_string())?,
        read,
        places: HashMap::new(),
        text: String::new(),
    };
    script.add(first)?;
    Ok(script.text)
}

struct Script<'r> {
    syntax: Syntax,
    read: &'r dyn Fn(&str) -> Option<String>,
    /// Of each module its number, or none while those that it imports are added.
    places: HashMap<String, Option<usize>>,
    text: String,
}

impl Script<'_> {
    /// Adds a module after those that it imports, if it isn't there; its number.
    fn add(&mut self, path: &str) -> Joined<usize> {
        match self.places.get(path) {
            Some(Some(place)) => return Ok(*place),
            Some(None) => return Err(format!("{path} imports itself, through others")),
            None => self.places.insert(path.to_owned(), None),
        };
        let source = (self.read)(path).ok_or_else(|| format!("{path} is not there"))?;
        let mut numbers = HashMap::new();
        for from in self.syntax.imported(&source) {
            let of = resolved(path, &from);
            numbers.insert(from, self.add(&of)?);
        }
        let place = self.places.values().flatten().count();
        let body = self.syntax.function(path, &source, &numbers);
        if let Some(left) = self
            .syntax
            .left(&body)
            .filter(|_| !path.starts_with(VENDOR))
        {
            return Err(format!("{path} has what is not understood: {left}"));
        }
        // Nothing is written into a string in vain.
        let _ = writeln!(
            self.text,
            "// {path}\nconst ${place} = (() => {{\n{body}}})();"
        );
        self.places.insert(path.to_owned(), Some(place));
        Ok(place)
    }
}

struct Syntax {
    import: Regex,
    later: Regex,
    list: Regex,
    default: Regex,
    declared: Regex,
    left: Regex,
}

impl Syntax {
    fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            import: Regex::new(IMPORT)?,
            later: Regex::new(IMPORT_LATER)?,
            list: Regex::new(EXPORT_LIST)?,
            default: Regex::new(EXPORT_DEFAULT)?,
            declared: Regex::new(EXPORT_DECLARED)?,
            left: Regex::new(LEFT)?,
        })
    }

    /// What a module imports, as it calls it.
    fn imported(&self, source: &str) -> Vec<String> {
        let lists = self.list.captures_iter(source);
        let lists = lists.filter_map(|found| found.get(3));
        let imports = self.import.captures_iter(source);
        let imports = imports.filter_map(|found| found.get(3));
        let all = imports.chain(lists).map(|from| from.as_str().to_owned());
        all.collect()
    }

    /// What a function cannot have.
    fn left<'b>(&self, body: &'b str) -> Option<&'b str> {
        self.left.find(body).map(|found| found.as_str())
    }

    /// The body of the function that a module becomes.
    fn function(&self, path: &str, source: &str, numbers: &HashMap<String, usize>) -> String {
        let number = |from: &str| numbers.get(from).copied().unwrap_or_default();
        let import = |found: &Captures<'_>| {
            let (before, names, of) = (&found[1], &found[2], number(&found[3]));
            match names.strip_prefix('*') {
                Some(all) => {
                    let name = all.trim().trim_start_matches("as").trim();
                    format!("{before}const {name} = ${of};")
                }
                None if names.starts_with('{') => {
                    format!("{before}const {} = ${of};", names.replace(" as ", ": "))
                }
                None => format!("{before}const {names} = ${of}.default;"),
            }
        };
        let body = self.import.replace_all(source, import);
        let body = self.later.replace_all(&body, |found: &Captures<'_>| {
            format!("import('./{}')", resolved(path, &found[1]))
        });
        let mut exports = Vec::new();
        let body = self.list.replace_all(&body, |found: &Captures<'_>| {
            let of = found
                .get(3)
                .map(|from| format!("${}.", number(from.as_str())));
            for name in found[2]
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty())
            {
                let (own, given) = name.split_once(" as ").unwrap_or((name, name));
                let of = of.as_deref().unwrap_or_default();
                exports.push(format!("{given}: {of}{own}"));
            }
            found[1].to_owned()
        });
        let body = match exports.is_empty() {
            false => body,
            true => self.declared.replace_all(&body, |found: &Captures<'_>| {
                exports.push(found[3].to_owned());
                format!("{}{}", &found[1], &found[2])
            }),
        };
        let body = self.default.replace_all(&body, |found: &Captures<'_>| {
            exports.push("default: $default".to_owned());
            format!("{}const $default = ", &found[1])
        });
        format!("{body}\nreturn {{ {} }};\n", exports.join(", "))
    }
}

/// The path of what a module imports.
fn resolved(path: &str, from: &str) -> String {
    if let Some((_, path)) = PACKAGES.iter().find(|(name, _)| *name == from) {
        return (*path).to_owned();
    }
    let mut folders: Vec<&str> = path.split('/').collect();
    folders.pop();
    for part in from.split('/') {
        match part {
            "." => {}
            ".." => {
                folders.pop();
            }
            part => folders.push(part),
        }
    }
    folders.join("/")
}

#[cfg(test)]
mod tests {
    use super::joined;

    fn of(files: &[(&str, &str)]) -> Result<String, String> {
        let read = |path: &str| {
            let file = files.iter().find(|(name, _)| *name == path);
            file.map(|(_, text)| (*text).to_owned())
        };
        joined("app.js", &read)
    }

    #[test]
    fn a_module_stands_after_those_it_imports_and_each_stands_once() {
        let script = of(&[
            (
                "app.js",
                "import { a, b as c } from './one/a.js';\nimport * as d from './d.js';\nc(a, d);",
            ),
            (
                "one/a.js",
                "import { d } from '../d.js';\nexport const a = d;\nexport function b() {}",
            ),
            ("d.js", "export class d {}"),
        ]);
        let expected = "// d.js\nconst $0 = (() => {\nclass d {}\nreturn { d };\n})();\n\
            // one/a.js\nconst $1 = (() => {\nconst { d } = $0;;\nconst a = d;\nfunction b() {}\nreturn { a, b };\n})();\n\
            // app.js\nconst $2 = (() => {\nconst { a, b: c } = $1;;\nconst d = $0;;\nc(a, d);\nreturn {  };\n})();\n";
        assert_eq!(script.as_deref(), Ok(expected));
    }

    #[test]
    fn libraries_in_one_line_are_understood() {
        let script = of(&[
            (
                "app.js",
                "import html from 'htm';\nimport { h } from 'preact/hooks';",
            ),
            (
                "vendor/htm/htm.mjs",
                "var n=1;export default function(s){return s}",
            ),
            (
                "vendor/preact/hooks.mjs",
                "import{o as n}from\"preact\";import{p}from\"preact\";var h=n;export{h,n as o};export{p}from\"preact\"",
            ),
            ("vendor/preact/preact.mjs", "var a,b;export{a as o,b as p}"),
        ]);
        let script = script.unwrap_or_default();
        for part in [
            "var n=1;const $default = function(s){return s}\nreturn { default: $default };",
            "const {o: n} = $1;;const {p} = $1;;var h=n;;",
            "return { h: h, o: n, p: $1.p };",
            "return { o: a, p: b };",
            "const html = $0.default;;",
        ] {
            assert!(script.contains(part), "{part}: {script}");
        }
    }

    #[test]
    fn what_is_imported_later_stays_a_file_of_its_own() {
        let script = of(&[
            ("app.js", "import { a } from './charts/a.js';\na();"),
            (
                "charts/a.js",
                "export const a = () => [import('uplot'), import('./b.js')];",
            ),
        ]);
        let script = script.unwrap_or_default();
        let expected = "[import('./vendor/uplot/uPlot.esm.js'), import('./charts/b.js')]";
        assert!(script.contains(expected), "{script}");
    }

    #[test]
    fn what_is_not_understood_or_not_there_is_told() {
        for (files, told) in [
            (
                &[("app.js", "import { a } from './b.js';")][..],
                "b.js is not there",
            ),
            (
                &[("app.js", "export const { a } = b;")],
                "not understood: export const { a }",
            ),
            (
                &[("app.js", "import './b.js';"), ("b.js", "")],
                "not understood: import './b.js'",
            ),
            (
                &[
                    ("app.js", "import { b } from './b.js';"),
                    ("b.js", "import { a } from './app.js';"),
                ],
                "app.js imports itself",
            ),
        ] {
            let error = of(files).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }
}
