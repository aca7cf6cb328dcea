//! The runner reports each difference between a page and an output with its line, and can update the page.

use std::fs;

use integration_tests::doc_runner::page::{Page, Step};
use integration_tests::doc_runner::shown::{matches, updated};
use integration_tests::doc_runner::{Machine, follow};

const PAGE: &str = "\
# A page

```console
$ echo one; echo two
one
three
$ false
$ (exit 4)
$ echo $?
4
$ export NAME=kept; cd ~
```

Save this as `list.txt`:

```text file=list.txt
first
```

```console
$ cat hss/list.txt; echo $NAME; pwd
first
…
```

```sh no-run
exit 9
```

```perl
print
```
";

#[test]
fn a_different_output_is_reported_with_its_line() {
    let Some(machine) = Machine::with_bash() else { return };
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("page.md"), PAGE).unwrap();
    let failed = follow(root.path(), "page.md", &machine, false).unwrap_err();
    for part in [
        "page.md:4: echo one; echo two\n--- page\n+++ output\n@@ -1,2 +1,2 @@\n one\n-three\n+two\n",
        "page.md:7: false: exit code 1, and no `echo $?` follows\n",
        "page.md:30: unknown tag \"perl\": see tests/docs/README.md\n",
    ] {
        assert!(failed.contains(part), "{failed}");
    }
    assert_eq!(failed.matches("page.md:").count(), 3, "{failed}");
}

#[test]
fn a_page_is_updated_where_outputs_differ() {
    let Some(machine) = Machine::with_bash() else { return };
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("page.md");
    let page = PAGE.replace("$ false\n", "").replace("```perl\nprint\n```\n", "");
    fs::write(&file, &page).unwrap();
    assert_eq!(follow(root.path(), "page.md", &machine, true).unwrap(), ["exit 9"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), page.replace("three", "two"));
    follow(root.path(), "page.md", &machine, false).unwrap();
}

#[test]
fn a_page_is_read_into_steps() {
    let text = "# T\n\nSave as `a.csv`:\n\n```csv file=a.csv\nx\n```\n\n```console\n$ one \\\n> more\nout\n…\n$ two\n```\n\n\
        ```sh no-run\nthree\n```\n\n```rust\nfn main() {}\n```\n";
    let page = Page::read(text.to_owned());
    let [
        Step::File { name, text: saved },
        Step::Command { line, text: one, shown: Some(shown) },
        Step::Command { text: two, shown: Some(nothing), .. },
    ] = page.steps.as_slice()
    else {
        panic!("{:#?}", page.steps)
    };
    assert_eq!((name.as_str(), saved.as_str(), *line), ("a.csv", "x\n", 10));
    assert_eq!((one.as_str(), &text[shown.clone()]), ("one \\\nmore\n", "out\n…\n"));
    assert_eq!((two.as_str(), &text[nothing.clone()]), ("two\n", ""));
    assert_eq!((page.not_run.as_slice(), page.problems.len()), (&["three".to_owned()][..], 1));
}

#[test]
fn dots_match_what_is_left_out() {
    let output = "one 1\ntwo 2\nthree 3\n";
    for (shown, expected) in [
        (output, true),
        ("one …\ntwo …\nthree 3\n", true),
        ("one 1\n…\n", true),
        ("…\nthree 3\n", true),
        ("…\ntwo 2\n", false),
        ("one 1\n", false),
        ("one .\n…\n", false),
        ("", false),
    ] {
        assert_eq!(matches(shown, output), expected, "{shown:?}");
    }
    assert!(matches("", ""));
}

#[test]
fn an_update_leaves_out_what_differs_between_runs() {
    assert_eq!(
        updated("http://127.0.0.1:8080 and http://127.0.0.1:41234\n", &[8080]),
        "http://127.0.0.1:8080 and http://127.0.0.1:…\n"
    );
    assert_eq!(updated("clock 2 seconds away\n", &[]), "clock … away\n");
}
