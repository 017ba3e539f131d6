//! What the files of a crate take from one another, read from their source: every `use`,
//! every path in code, and what macros and attributes are given.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Macro, Meta, UseTree};

/// A module's path from the root of the crate: `["storage", "commit"]`.
pub(crate) type Module = Vec<String>;

/// A name that a file takes from its own crate.
#[derive(Debug)]
pub(crate) struct Import {
    /// The file that takes it, and its module.
    pub(crate) file: PathBuf,
    pub(crate) from: Module,
    /// As it is written, from the root on.
    pub(crate) name: String,
    /// The modules that the name leads through: those it says, and through re-exports
    /// the one that has it in the end. Empty for what stands in `lib.rs` itself.
    pub(crate) through: Vec<Module>,
    /// Whether it stands in a `#[cfg(test)]` module.
    pub(crate) in_tests: bool,
}

/// All files of a crate, with their paths from `src`, and what they say.
pub(crate) fn imports(sources: &[(PathBuf, String)]) -> Vec<Import> {
    let mut names = Names::default();
    let parsed: Vec<_> = sources
        .iter()
        .map(|(path, source)| {
            let file = syn::parse_file(source);
            let file = file.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let module = module_of(path);
            names.add_modules(&module, &file.items);
            (path, module, file)
        })
        .collect();
    let mut written = Vec::new();
    for (path, module, file) in &parsed {
        let mut reader = Reader::new(module.clone(), &names);
        reader.visit_file(file);
        written.extend(reader.written.into_iter().map(|name| (*path, module, name)));
    }
    for (_, _, name) in &written {
        names.add_use(name);
    }
    let imports = written.into_iter().map(|(path, module, name)| Import {
        file: path.clone(),
        from: module.clone(),
        name: format!("crate::{}", name.path.join("::")),
        through: names.through(&name.path, 0),
        in_tests: name.in_tests,
    });
    imports.collect()
}

/// `table/mod.rs` is `table`, `table/scan.rs` is `table::scan`, `lib.rs` or `main.rs` is the root.
fn module_of(file: &Path) -> Module {
    let steps = file.with_extension("");
    let steps = steps.iter().map(|step| step.to_str().unwrap().to_owned());
    let mut steps: Module = steps.collect();
    steps.pop_if(|last| ["mod", "lib", "main"].contains(&last.as_str()));
    steps
}

/// What a path can lead through: the modules, and the names that `use` gives in them.
#[derive(Default)]
struct Names {
    modules: BTreeSet<Module>,
    used: BTreeMap<Module, BTreeMap<String, Module>>,
}

impl Names {
    fn add_modules(&mut self, module: &Module, items: &[Item]) {
        self.modules.insert(module.clone());
        for item in items {
            if let Item::Mod(inner) = item
                && let Some((_, items)) = &inner.content
            {
                self.add_modules(&below(module, inner.ident.to_string()), items);
            }
        }
    }

    fn add_use(&mut self, name: &Written) {
        let Some(given) = &name.given else { return };
        assert!(
            given != "*" || name.in_tests,
            "a glob hides what it takes: crate::{}::*",
            name.path.join("::")
        );
        let used = self.used.entry(name.module.clone()).or_default();
        used.insert(given.clone(), name.path.clone());
    }

    /// The modules from the root to what a path names, and on through re-exports.
    fn through(&self, path: &[String], depth: usize) -> Vec<Module> {
        assert!(depth < 8, "re-exports in a circle: {path:?}");
        let (mut at, mut through) = (Module::new(), Vec::new());
        for (step, rest) in path.iter().zip(1..) {
            let next = below(&at, step.clone());
            let used = self.used.get(&at).and_then(|used| used.get(step));
            if self.modules.contains(&next) {
                through.push(next.clone());
                at = next;
            } else if let Some(target) = used.filter(|target| **target != *path) {
                let target: Module = target.iter().chain(&path[rest..]).cloned().collect();
                through.extend(self.through(&target, depth + 1));
                break;
            } else {
                break;
            }
        }
        through
    }
}

fn below(module: &Module, name: String) -> Module {
    module.iter().cloned().chain([name]).collect()
}

/// A path into the own crate, from the root on.
struct Written {
    /// Where it is written.
    module: Module,
    path: Module,
    /// The name that a `use` gives to it; `*` for all of them.
    given: Option<String>,
    in_tests: bool,
}

struct Reader<'n> {
    module: Module,
    in_tests: bool,
    names: &'n Names,
    written: Vec<Written>,
}

impl<'n> Reader<'n> {
    fn new(module: Module, names: &'n Names) -> Self {
        Self {
            module,
            in_tests: false,
            names,
            written: Vec::new(),
        }
    }

    /// Keeps a path that begins with `crate`, `self`, `super` or a module of this one.
    fn keep(&mut self, steps: &[String], given: Option<String>) {
        let Some(path) = self.path_from_root(steps) else {
            return;
        };
        if !path.is_empty() || given.is_some() {
            self.written.push(Written {
                module: self.module.clone(),
                path,
                given,
                in_tests: self.in_tests,
            });
        }
    }

    fn path_from_root(&self, steps: &[String]) -> Option<Module> {
        let (first, mut rest) = steps.split_first()?;
        let mut at = match first.as_str() {
            "crate" => Module::new(),
            "self" => self.module.clone(),
            "super" => Self::parent(&self.module)?,
            name if self
                .names
                .modules
                .contains(&below(&self.module, name.to_owned())) =>
            {
                below(&self.module, name.to_owned())
            }
            _ => return None,
        };
        while let Some((_, after)) = rest.split_first().filter(|(step, _)| *step == "super") {
            at = Self::parent(&at)?;
            rest = after;
        }
        // `self`, `super` or `crate` alone names no more than the module itself.
        let is_bare = rest.is_empty() && matches!(first.as_str(), "crate" | "self" | "super");
        (!is_bare).then(|| at.into_iter().chain(rest.iter().cloned()).collect())
    }

    fn parent(module: &Module) -> Option<Module> {
        let (_, parent) = module.split_last()?;
        Some(parent.to_vec())
    }

    fn keep_tree(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: String| -> Module { before.iter().cloned().chain([name]).collect() };
        match tree {
            UseTree::Path(path) => self.keep_tree(&with(path.ident.to_string()), &path.tree),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.keep_tree(before, tree);
                }
            }
            UseTree::Name(name) if name.ident == "self" => {
                self.keep(before, before.last().cloned());
            }
            UseTree::Name(name) => {
                self.keep(&with(name.ident.to_string()), Some(name.ident.to_string()));
            }
            UseTree::Rename(name) if name.ident == "self" => {
                self.keep(before, Some(name.rename.to_string()));
            }
            UseTree::Rename(name) => {
                self.keep(&with(name.ident.to_string()), Some(name.rename.to_string()));
            }
            UseTree::Glob(_) => self.keep(before, Some("*".to_owned())),
        }
    }

    /// Keeps the paths in the tokens of a macro or an attribute.
    fn keep_tokens(&mut self, tokens: &str) {
        let joined = tokens.replace(" :: ", "::").replace(":: ", "::");
        for word in joined.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':') {
            let steps: Module = word.split("::").map(str::to_owned).collect();
            if steps.len() > 1 && steps.iter().all(|step| !step.is_empty()) {
                self.keep(&steps, None);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_mod(&mut self, inner: &'ast ItemMod) {
        let in_tests = self.in_tests;
        self.in_tests |= inner.attrs.iter().any(is_for_tests);
        self.module.push(inner.ident.to_string());
        visit::visit_item_mod(self, inner);
        self.module.pop();
        self.in_tests = in_tests;
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() {
            self.keep_tree(&[], &item.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let steps = path.segments.iter().map(|step| step.ident.to_string());
        let steps: Module = steps.collect();
        if path.leading_colon.is_none() && steps.len() > 1 {
            self.keep(&steps, None);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.visit_path(&called.path);
        self.keep_tokens(&called.tokens.to_string());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.keep_tokens(&list.tokens.to_string());
        }
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    matches!(&attribute.meta, Meta::List(list)
        if list.path.is_ident("cfg") && list.tokens.to_string() == "test")
}
