//! A page that is not true is told with its lines, and can be renewed.

use std::fs;

use super::{Machine, follow};

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
fn what_is_not_true_is_told_with_its_line_and_difference() {
    let Some(machine) = Machine::with_bash() else { return };
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("page.md"), PAGE).unwrap();
    let failed = follow(root.path(), "page.md", &machine, false).unwrap_err();
    for part in [
        "page.md:4: echo one; echo two\n--- shown\n+++ came\n@@ -1,2 +1,2 @@\n one\n-three\n+two\n",
        "page.md:7: false: exit code 1, and no `echo $?` follows\n",
        "page.md:30: a block tagged \"perl\": see tests/guide/README.md\n",
    ] {
        assert!(failed.contains(part), "{failed}");
    }
    assert_eq!(failed.matches("page.md:").count(), 3, "{failed}");
}

#[test]
fn a_page_is_renewed_where_it_is_not_true() {
    let Some(machine) = Machine::with_bash() else { return };
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("page.md");
    let page = PAGE.replace("$ false\n", "").replace("```perl\nprint\n```\n", "");
    fs::write(&file, &page).unwrap();
    assert_eq!(follow(root.path(), "page.md", &machine, true).unwrap(), ["exit 9"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), page.replace("three", "two"));
    follow(root.path(), "page.md", &machine, false).unwrap();
}
