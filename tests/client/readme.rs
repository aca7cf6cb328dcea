//! The README's program is the client's example, which `cargo test` compiles.

use std::fs;
use std::path::Path;

#[test]
fn the_readme_shows_the_example_that_is_compiled() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let example = fs::read_to_string(root.join("crates/huaweicloud-hss/examples/scan.rs")).unwrap();
    let (_, program) = example.split_once("reader\")]\n\n").unwrap();
    assert!(readme.contains(&format!("```rust\n{program}```\n")), "README.md and examples/scan.rs differ");
}
