//! Reads a crate's modules, and which of them imports from which.
//!
//! A module is a file. Inline modules belong to the file they are in, and code under `#[cfg(test)]` is left out. A path counts whether it
//! is in a `use` or in the code; it leads to the file that defines what it names, whatever re-exports it passes on its way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Attribute, Item, UseTree, Visibility};

use crate::graph::Graph;

/// How the file of a crate's root is called.
pub(crate) const THE_ROOT: &str = "the crate's root";

/// The names from the crate's root on: `["fleet", "journal"]`.
type ModulePath = Vec<String>;

/// The modules of one library or program.
pub(crate) struct Modules {
    modules: BTreeMap<ModulePath, Module>,
}

#[derive(Default)]
struct Module {
    /// The module whose file this one is in: itself, unless it is inline.
    file: ModulePath,
    children: BTreeSet<String>,
    /// What is defined here.
    items: BTreeSet<String>,
    /// Names brought in by `use`. `None` for what comes from another crate.
    imports: BTreeMap<String, Option<Vec<String>>>,
    globs: Vec<Vec<String>>,
    /// Every path named here that begins in this crate.
    paths: BTreeSet<Vec<String>>,
    /// Those of `pub use`. Where they lead below this module, they are not imports.
    reexports: BTreeSet<Vec<String>>,
}

impl Modules {
    /// Reads the modules that belong to the file of a crate's root.
    pub(crate) fn read(root: &Path) -> Self {
        let mut modules = Self { modules: BTreeMap::new() };
        modules.file(root, root.parent().unwrap(), &[]);
        modules
    }

    /// How many files they are in.
    pub(crate) fn files(&self) -> usize {
        self.modules.iter().filter(|(path, module)| **path == module.file).count()
    }

    /// Returns which file imports from which.
    pub(crate) fn graph(&self) -> Graph {
        let mut graph = Graph::default();
        for (from, to, path) in self.imports() {
            graph.add(&shown(&from), &shown(&to), &format!("`crate::{path}`"));
        }
        graph
    }

    /// Returns, for each module with modules below it, which of these imports from which, each with all that is below.
    pub(crate) fn folders(&self) -> Vec<(String, Graph)> {
        let imports = self.imports();
        let parents = self.modules.iter().filter(|(_, module)| !module.children.is_empty());
        let graphs = parents.map(|(parent, _)| {
            let mut graph = Graph::default();
            for (from, to, path) in &imports {
                if let (Some([a, ..]), Some([b, ..])) = (from.strip_prefix(&parent[..]), to.strip_prefix(&parent[..])) {
                    graph.add(a, b, &format!("{} names `crate::{path}`", shown(from)));
                }
            }
            (shown(parent), graph)
        });
        graphs.collect()
    }

    /// Every import: from which file, of which file, and the path as it is named.
    fn imports(&self) -> Vec<(ModulePath, ModulePath, String)> {
        let mut found = Vec::new();
        for (from, module) in &self.modules {
            for path in &module.paths {
                let Some(to) = self.definition(path, &mut Vec::new()) else { continue };
                let to = &self.modules[&to].file;
                if *to != module.file && !(module.reexports.contains(path) && to.starts_with(from)) {
                    found.push((module.file.clone(), to.clone(), path.join("::")));
                }
            }
        }
        found
    }

    /// Returns the module that defines what a path leads to. `None` if that is another crate.
    fn definition(&self, path: &[String], passed: &mut Vec<Vec<String>>) -> Option<ModulePath> {
        if passed.iter().any(|before| before == path) {
            return None;
        }
        passed.push(path.to_owned());
        let mut at = Vec::new();
        for (index, name) in path.iter().enumerate() {
            let module = &self.modules[&at];
            let rest = &path[index + 1..];
            if module.children.contains(name) {
                at.push(name.clone());
            } else if module.items.contains(name) {
                return Some(at);
            } else if let Some(import) = module.imports.get(name) {
                return self.definition(&[import.as_ref()?, rest].concat(), passed);
            } else {
                // What no module defines comes out of a macro, and belongs where it was looked for.
                let through_globs = module.globs.iter().find_map(|glob| {
                    let found = self.definition(glob, &mut passed.clone())?;
                    let there = &self.modules[&found];
                    let known =
                        there.children.contains(name) || there.items.contains(name) || there.imports.contains_key(name);
                    let path = [&found[..], &path[index..]].concat();
                    known.then(|| self.definition(&path, passed))
                });
                return through_globs.unwrap_or(Some(at));
            }
        }
        Some(at)
    }

    fn file(&mut self, file: &Path, folder: &Path, path: &[String]) {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let place = Place { file, folder, path, in_file: path };
        self.modules.entry(path.to_owned()).or_default().file = path.to_owned();
        self.items(&parsed.items, &place);
    }

    fn items(&mut self, items: &[Item], place: &Place<'_>) {
        let items: Vec<&Item> = items.iter().filter(|item| !attributes(item).iter().any(is_test)).collect();
        // First all names, since a path may begin with one that is defined below it.
        for item in &items {
            let module = self.modules.get_mut(place.path).unwrap();
            match item {
                Item::Mod(item) => {
                    module.children.insert(item.ident.to_string());
                }
                item => module.items.extend(name(item)),
            }
        }
        for item in items {
            match item {
                Item::Mod(item) => self.child(item, place),
                Item::Macro(item) if item.mac.path.is_ident("include") => {
                    // Code of a build script has the same names as its reviewed snapshot, which is a file.
                    if let Ok(name) = syn::parse2::<syn::LitStr>(item.mac.tokens.clone()) {
                        let text = fs::read_to_string(place.file.parent().unwrap().join(name.value())).unwrap();
                        self.items(&syn::parse_file(&text).unwrap().items, place);
                    }
                }
                Item::Use(item) => {
                    let public = !matches!(item.vis, Visibility::Inherited);
                    self.tree(&item.tree, Vec::new(), public, place);
                }
                item => {
                    let module = self.modules.get_mut(place.path).unwrap();
                    let mut paths = BTreeSet::new();
                    named(item.to_token_stream(), place.path, &module.children, &mut paths);
                    module.paths.extend(paths);
                }
            }
        }
    }

    fn child(&mut self, item: &syn::ItemMod, place: &Place<'_>) {
        let name = item.ident.to_string();
        let path = [place.path, std::slice::from_ref(&name)].concat();
        if let Some((_, items)) = &item.content {
            self.modules.entry(path.clone()).or_default().file = place.in_file.to_owned();
            let folder = place.folder.join(&name);
            return self.items(items, &Place { folder: &folder, path: &path, ..*place });
        }
        let given = item.attrs.iter().find_map(|attribute| match &attribute.meta {
            syn::Meta::NameValue(pair) if pair.path.is_ident("path") => {
                syn::parse2::<syn::LitStr>(pair.value.to_token_stream()).ok()
            }
            _ => None,
        });
        let folder = place.folder.join(&name);
        let file = match given {
            Some(given) => place.file.parent().unwrap().join(given.value()),
            None => {
                [folder.with_extension("rs"), folder.join("mod.rs")].into_iter().find(|file| file.is_file()).unwrap()
            }
        };
        self.file(&file, &folder, &path);
    }

    /// Takes in the paths of a `use`.
    fn tree(&mut self, tree: &UseTree, mut before: Vec<String>, public: bool, place: &Place<'_>) {
        let (name, last) = match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                return self.tree(&path.tree, before, public, place);
            }
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.tree(tree, before.clone(), public, place));
            }
            UseTree::Name(name) => (Some(name.ident.to_string()), Some(name.ident.to_string())),
            UseTree::Rename(rename) => (Some(rename.rename.to_string()), Some(rename.ident.to_string())),
            UseTree::Glob(_) => (None, None),
        };
        // `use a::{self}` names `a`.
        let (name, last) = match last {
            Some(last) if last == "self" && !before.is_empty() => {
                (name.filter(|name| name != "self").or_else(|| before.last().cloned()), None)
            }
            last => (name, last),
        };
        before.extend(last);
        let module = self.modules.get_mut(place.path).unwrap();
        let path = absolute(&before, place.path, &module.children);
        if let Some(path) = &path {
            module.paths.insert(path.clone());
            if public {
                module.reexports.insert(path.clone());
            }
        }
        match (name, path) {
            (Some(name), path) => {
                // `use` of a child by its own name adds no name.
                if path.as_deref() != Some(&[place.path, std::slice::from_ref(&name)].concat()[..]) {
                    module.imports.insert(name, path);
                }
            }
            (None, Some(path)) => module.globs.push(path),
            (None, None) => {}
        }
    }
}

/// Where items are found.
#[derive(Clone, Copy)]
struct Place<'a> {
    file: &'a Path,
    /// Where the files of the modules below are.
    folder: &'a Path,
    path: &'a [String],
    /// The module that the file is.
    in_file: &'a [String],
}

fn shown(path: &[String]) -> String {
    if path.is_empty() { THE_ROOT.to_owned() } else { path.join("::") }
}

/// Makes a path begin at the crate's root. `None` if it begins in another crate or with a name that is local.
fn absolute(path: &[String], module: &[String], children: &BTreeSet<String>) -> Option<Vec<String>> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "self" => absolute_below(module, rest),
        "super" => absolute_below(module.split_last()?.1, rest),
        name if children.contains(name) => Some([module, path].concat()),
        _ => None,
    }
}

/// The rest of a path after `self` or `super`, which may have more of the latter.
fn absolute_below(module: &[String], rest: &[String]) -> Option<Vec<String>> {
    match rest.split_first() {
        Some((first, rest)) if first == "super" => absolute_below(module.split_last()?.1, rest),
        _ => Some([module, rest].concat()),
    }
}

/// Takes in the paths of code, those in calls of macros included.
fn named(code: TokenStream, module: &[String], children: &BTreeSet<String>, found: &mut BTreeSet<Vec<String>>) {
    let tokens: Vec<TokenTree> = code.into_iter().collect();
    let is_punct =
        |index: usize, sign: char| matches!(tokens.get(index), Some(TokenTree::Punct(p)) if p.as_char() == sign);
    let is_colons = |index: usize| is_punct(index, ':') && is_punct(index + 1, ':');
    let mut index = 0;
    while index < tokens.len() {
        match &tokens[index] {
            TokenTree::Group(group) => {
                // `pub(in crate::a)` imports nothing.
                let visibility = index > 0 && matches!(&tokens[index - 1], TokenTree::Ident(ident) if ident == "pub");
                if !(visibility && group.delimiter() == Delimiter::Parenthesis) {
                    named(group.stream(), module, children, found);
                }
            }
            TokenTree::Ident(first) if is_colons(index + 1) && !(index > 1 && is_colons(index - 2)) => {
                let mut path = vec![first.to_string()];
                while let (true, Some(TokenTree::Ident(next))) = (is_colons(index + 1), tokens.get(index + 3)) {
                    path.push(next.to_string());
                    index += 3;
                }
                found.extend(absolute(&path, module, children));
            }
            _ => {}
        }
        index += 1;
    }
}

/// Whether an attribute leaves the item to tests.
fn is_test(attribute: &Attribute) -> bool {
    let condition = match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string(),
        meta => return meta.path().is_ident("test"),
    };
    let all = condition.strip_prefix("all").map(|rest| rest.trim_matches([' ', '(', ')']));
    all.unwrap_or(&condition).split(',').any(|condition| matches!(condition.trim(), "test" | "doctest"))
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

/// The roots of a package's library and programs.
pub(crate) fn roots(package: &Path) -> Vec<PathBuf> {
    let roots = ["src/lib.rs", "src/main.rs"].into_iter().map(|root| package.join(root));
    roots.filter(|root| root.is_file()).collect()
}
