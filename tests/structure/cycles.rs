//! No module imports from one that imports from it, by whatever way, and neither does a folder of modules.

use std::fmt::Write as _;
use std::path::Path;

use crate::graph::Graph;
use crate::modules::{Modules, roots};
use crate::{packages, root, written};

/// What is found in one library or program.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    files: usize,
    imports: usize,
    /// Sets of modules that all reach one another.
    module_cycles: usize,
    /// How many modules are in these.
    modules_in_cycles: usize,
    folder_cycles: usize,
}

/// Counts cycles, and describes a shortest one of each.
fn cycles(crate_root: &Path) -> (Counts, String) {
    let modules = Modules::read(crate_root);
    let graph = modules.graph();
    let mut counts = Counts { files: modules.files(), imports: graph.arrows().count(), ..Counts::default() };
    let mut problems = String::new();
    for knot in graph.knots() {
        counts.module_cycles += 1;
        counts.modules_in_cycles += knot.len();
        describe(&mut problems, "modules import from each other", &graph, &knot);
    }
    for (folder, graph) in modules.folders() {
        for knot in graph.knots() {
            counts.folder_cycles += 1;
            describe(&mut problems, &format!("below {folder}, folders import from each other"), &graph, &knot);
        }
    }
    (counts, problems)
}

fn describe(problems: &mut String, what: &str, graph: &Graph, knot: &std::collections::BTreeSet<&str>) {
    let names: Vec<&str> = knot.iter().copied().collect();
    writeln!(problems, "{what}: {}; for example\n{}", names.join(", "), graph.cycle(knot)).unwrap();
}

#[test]
fn no_modules_import_from_each_other() {
    let mut problems = String::new();
    println!("{:<40} files imports cycles: modules (in them) folders", "");
    for package in packages(&root()) {
        for crate_root in roots(&root().join(&package)) {
            let name = package.join(crate_root.file_name().unwrap());
            let (counts, found) = cycles(&crate_root);
            let Counts { files, imports, module_cycles, modules_in_cycles, folder_cycles } = counts;
            println!(
                "{:<40} {files:>5} {imports:>7} {module_cycles:>15} {:>9} {folder_cycles:>7}",
                name.display(),
                format!("({modules_in_cycles})")
            );
            if !found.is_empty() {
                writeln!(problems, "{}:\n{found}", name.display()).unwrap();
            }
        }
    }
    assert!(problems.is_empty(), "\n{problems}");
}

/// Names of files and what is in them.
type Files<'a> = &'a [(&'a str, &'a str)];

fn found(files: Files) -> (Counts, String) {
    let folder = written(files);
    cycles(&folder.path().join("lib.rs"))
}

#[test]
fn planted_cycles_are_reported() {
    let cases: [(&str, Files, [usize; 2], &str); 9] = [
        (
            "two modules",
            &[
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", "use crate::b::B; pub struct A;"),
                ("b.rs", "use crate::a::A; pub struct B;"),
            ],
            [1, 1],
            "a -> b: `crate::b::B`",
        ),
        (
            "a path in code, and one in a macro's call",
            &[
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", "fn a() { super::b::b() }"),
                ("b.rs", "fn b() { println!(\"{}\", crate::a::A) }"),
            ],
            [1, 1],
            "b -> a: `crate::a::A`",
        ),
        (
            "an item of the parent",
            &[
                ("lib.rs", "mod a;"),
                ("a/mod.rs", "mod b; use b::B; pub struct A;"),
                ("a/b.rs", "use super::A; pub struct B;"),
            ],
            [1, 0],
            "a::b -> a: `crate::a::A`",
        ),
        (
            "by way of re-exports",
            &[
                ("lib.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
                ("a.rs", "use crate::B; pub struct A;"),
                ("b/mod.rs", "mod c; pub use c::*;"),
                ("b/c.rs", "use crate::A; pub struct B;"),
            ],
            [1, 1],
            "a -> b::c: `crate::B`",
        ),
        (
            "folders alone",
            &[
                ("lib.rs", "mod a; mod b;"),
                ("a/mod.rs", "mod one; mod two;"),
                ("a/one.rs", "use crate::b::one::B; pub struct A;"),
                ("a/two.rs", "pub struct A;"),
                ("b/mod.rs", "pub mod one; pub mod two;"),
                ("b/one.rs", "pub struct B;"),
                ("b/two.rs", "use crate::a::two::A;"),
            ],
            [0, 1],
            "b -> a: b::two names `crate::a::two::A`",
        ),
        (
            "an inline module, and groups with other names",
            &[
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", "pub mod inner { use super::super::b::{self as other, B as C}; pub struct A; }"),
                ("b.rs", "use crate::{a::{inner::{self}}}; pub struct B;"),
            ],
            [1, 1],
            "b -> a: `crate::a::inner`",
        ),
        (
            "the crate's root",
            &[("lib.rs", "mod a; fn f() { a::g() } struct S;"), ("a.rs", "use crate::S; pub fn g() {}")],
            [1, 0],
            "a -> the crate's root: `crate::S`",
        ),
        (
            "code that is included",
            &[
                ("lib.rs", "mod a; mod b;"),
                (
                    "a.rs",
                    "pub struct A; #[cfg(x)] include!(concat!(\"a\", \"b\")); #[cfg(not(x))] include!(\"made.txt\");",
                ),
                ("made.txt", "fn f() -> crate::b::B { todo!() }"),
                ("b.rs", "use crate::a::A; pub struct B;"),
            ],
            [1, 1],
            "a -> b: `crate::b::B`",
        ),
        (
            "a module at a given path",
            &[
                ("lib.rs", "mod a; #[cfg(x)] mod b; #[cfg(not(x))] #[path = \"no_b.rs\"] mod b;"),
                ("a.rs", "use crate::b::B; pub struct A;"),
                ("b.rs", "pub struct B;"),
                ("no_b.rs", "use crate::a::A; pub struct B;"),
            ],
            [1, 1],
            "b -> a: `crate::a::A`",
        ),
    ];
    for (what, files, expected, line) in cases {
        let (counts, problems) = found(files);
        assert_eq!([counts.module_cycles, counts.folder_cycles], expected, "{what}: {problems}");
        assert!(problems.contains(line), "{what}: {problems}");
    }
}

#[test]
fn what_is_no_cycle_is_not_reported() {
    let cases: [(&str, Files, usize); 6] = [
        (
            "a re-export does not import",
            &[
                ("lib.rs", "mod a;"),
                ("a/mod.rs", "mod b; pub(crate) use b::B; pub struct A;"),
                ("a/b.rs", "use super::A; pub struct B;"),
            ],
            1,
        ),
        (
            "a sibling by way of the parent",
            &[
                ("lib.rs", "mod a;"),
                ("a/mod.rs", "mod b; mod c; use b::B; pub use c::C;"),
                ("a/b.rs", "use super::C; pub struct B;"),
                ("a/c.rs", "pub struct C;"),
            ],
            2,
        ),
        (
            "tests may import anything",
            &[
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", "pub struct A; #[cfg(test)] mod tests { use crate::b::B; } #[test] fn t() { crate::b::f() }"),
                ("b.rs", "use crate::a::A; pub struct B; #[cfg(all(test, unix))] use super::B as C;"),
            ],
            1,
        ),
        (
            "another crate's module of the same name",
            &[("lib.rs", "mod a; mod b;"), ("a.rs", "use b::B; use std::b;"), ("b.rs", "use super::a::A;")],
            1,
        ),
        (
            "a visibility",
            &[("lib.rs", "mod a;"), ("a/mod.rs", "mod b; use b::B;"), ("a/b.rs", "pub(in crate::a) struct B;")],
            1,
        ),
        (
            "globs that lead round",
            &[("lib.rs", "mod a; pub use a::*; fn f() {}"), ("a.rs", "pub use crate::*; use crate::Nothing;")],
            1,
        ),
    ];
    for (what, files, imports) in cases {
        let (counts, problems) = found(files);
        assert_eq!(problems, "", "{what}");
        assert_eq!((counts.module_cycles, counts.imports), (0, imports), "{what}");
    }
}
