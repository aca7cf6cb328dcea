//! The readers return for any input: damaged pages, damaged YAML, and pages that are too large to be real.
//!
//! `FUZZ_CASES` sets the number of cases of each reader (5,000 without it), `FUZZ_SEED` the first seed.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test program")]

use fastrand::Rng;
use openapi_drift::{Spec, compare, compat, read_page, read_reference, scaffold_operation, yaml};

const PAGE: &str = "Updated on 2026-01-02\n\nURI\n\nPOST /v9/{a}/run\n\nTable 1 Path Parameters\n\nParameter\n\nMandatory\n\nType\n\n\
    Description\n\na\n\nYes\n\nString\n\nDefinition\n\nWords\n\nConstraints\n\nN/A\n\nRange\n\n1 to 64 characters\n\nDefault Value\n\n0: x\n\n\
    Response Parameters\n\nStatus code: 200\n\nTable 2 Response body parameters\n\nParameter\n\nType\n\nDescription\n\nrows\n\n\
    Array of Row objects\n\nWords\n\nTable 3 Row\n\nParameter\n\nType\n\nDescription\n\nid\n\nInteger\n\nRange\n\n• 1: one\n\n• 2: two\n\nStatus Codes\n";
const ROWS: &str = "URI\n\nGET /v9/{a}/run\n\n**表1** 路径参数\n\n| 参数 | 是否必选 | 参数类型 | 描述 |\n|---|---|:-:|---|\n\
    | a\\_b | 是 | Array of [Row](#r) objects | **参数解释**：说明<br>**取值范围**：字符长度1-256位<br/>**默认取值**：不涉及 |\n\n\
    响应参数\n\n状态码： 200\n\n表2 响应Body参数\n\n参数 |\n参数类型 |\n描述\n---|---|---\nexist |\nBoolean |\n参数解释\n说明\n取值范围\n最小值0,最大值200\n\n状态码\n";
const HTML: &str = "<!DOCTYPE html><title>t</title><body><p>URI<p>PUT /v9/run<table><caption><b>Table 1 </b>Request body parameters</caption>\
    <tr><th>Parameter<th>Mandatory<th>Type<th>Description<tr><td>a<td>No<td>Map&lt;String,Integer&gt;<td><strong>Range</strong>: <ul><li><p>x: y</ul>\
    </table><p>Response Parameters<table><tr><th><p>Parameter</p><th>Type<th>Description</tr><tr><td>b</td><td>Long</td><td>Minimum: 1<br>Maximum: 2</td></table><p>Status Codes";
const YAML: &str = "paths:\n  /v9/{a}:\n    post:\n      operationId: Run\n      security: [{t: []}]\n      parameters: [{name: a, in: path, schema: {$ref: '#/components/schemas/A'}}]\n\
    \x20     requestBody: {content: {application/json: {schema: {required: [b], properties: {b: {type: array, maxItems: 3, items: {$ref: '#/components/schemas/C'}}}}}}}\n\
    components:\n  schemas:\n    A: {type: string, enum: [x, 'y'], default: x}\n    C:\n      description: >-\n        x\n      allOf: [{$ref: '#/components/schemas/A'}]\n";

/// A spec to compare the rest of a page with.
const YAML_OF_A_SPEC: &str =
    "paths: {'/v9/{a}/run': {post: {operationId: Run, parameters: [{name: a, in: path, schema: {type: string}}]}}}";

/// Pieces that mean something to a reader.
const PIECES: &str = "\n¦\r¦\n\n¦|¦---|---¦\u{a0}¦\u{feff}¦<table>¦<td>¦</td>¦<!--¦<script>¦</¦&#¦&amp¦<br¦**¦`¦](¦[¦\\¦\\|¦\t¦\0¦é¦\u{1f600}¦\u{202e}¦İ¦\
    Table 1 Path Parameters¦Table 3 a.b¦表1¦Parameter¦Type¦Description¦Mandatory¦Yes¦String¦Range¦Default Value¦取值范围¦参数¦描述¦\
    Status code: 500¦Array of ¦List<¦Map<¦ object¦1 to ¦-¦99999999999999999999¦2^31¦1,234,567¦0.5¦• ¦ - ¦：¦GET /¦POST ¦Definition¦\
    &a¦*a¦<<: *a¦!!binary¦!¦?¦- ¦: ¦{¦}¦]¦'¦\"¦#¦%YAML 9.9¦...¦@¦$ref: '#/paths'¦~¦null";

fn cases() -> u64 {
    std::env::var("FUZZ_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(5_000)
}

fn seed() -> u64 {
    std::env::var("FUZZ_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn boundary(text: &str, rng: &mut Rng) -> usize {
    let mut at = rng.usize(..=text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A text with one to six pieces of damage: cut, removed, doubled, or something put in.
fn damaged(base: &str, rng: &mut Rng) -> String {
    let mut text = base.to_owned();
    for _ in 0..rng.usize(1..=6) {
        let (a, b) = (boundary(&text, rng), boundary(&text, rng));
        let (from, to) = (a.min(b), a.max(b));
        match rng.u8(..8) {
            0 => text.truncate(to),
            1 if to - from < 200 => text.replace_range(from..to, ""),
            2 if to - from < 200 => {
                let piece = text[from..to].to_owned();
                text.insert_str(a, &piece);
            }
            _ => text.insert_str(a, PIECES.split('¦').nth(rng.usize(..79)).unwrap_or_default()),
        }
    }
    text
}

#[test]
fn damaged_pages_do_not_panic() {
    let operations = Spec::read("spec", YAML_OF_A_SPEC).unwrap().operations();
    let mut read = 0;
    for case in 0..cases() {
        let mut rng = Rng::with_seed(seed() + case);
        let base = [PAGE, ROWS, HTML][rng.usize(..3)];
        if let Ok(page) = read_page(&damaged(base, &mut rng)) {
            read += 1;
            let _ = scaffold_operation(&page, None);
            let comparison = compare(&page, &operations).unwrap();
            assert!(comparison.differences.len() <= page.parameters.len() * 5 + 20);
        }
    }
    assert!(read > 0 || cases() < 1000, "every page was refused: the test is too shallow");
}

#[test]
fn damaged_yaml_does_not_panic() {
    let base = Spec::read("spec", YAML).unwrap();
    let mut read = 0;
    for case in 0..cases() {
        let mut rng = Rng::with_seed(seed() + case);
        let text = damaged(YAML, &mut rng);
        if yaml::read(&text).is_ok()
            && let Ok(spec) = Spec::read("spec", &text)
        {
            read += 1;
            let _ = spec.operations();
            // No schema differs from itself.
            let changes = compat::changes(Some(&spec), Some(&spec));
            assert!(changes.is_empty(), "{changes:?}\n{text}");
            let _ = compat::changes(Some(&base), Some(&spec));
        }
    }
    assert!(read > 0 || cases() < 1000, "every spec was refused: the test is too shallow");
}

#[test]
fn damaged_references_do_not_panic() {
    let base = "operation = \"A\"\nmethod = \"GET\"\nuri = \"/a\"\n[query.x]\nmandatory = true\nrange = { min = 1, max = 3 }\nenum = [1, \"b\"]\n";
    for case in 0..cases() / 10 {
        let mut rng = Rng::with_seed(seed() + case);
        let _ = read_reference(&damaged(base, &mut rng));
    }
}

/// Large texts that could make a reader slow. `PAGE_BYTES` sets their size; with ten million the slowest takes about a
/// second. (Times are measured by hand: a timed test fails on a busy machine.)
#[test]
fn large_pages_end() {
    let size = std::env::var("PAGE_BYTES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000_usize);
    let rows = "| a_name | Yes | String | **Range** 1 to 9<br>Default Value<br>N/A |\n";
    let described = "x\n\nYes\n\nString\n\nDefinition\n\nWords.\n\nRange\n\n1 to 9\n\nDefault Value\n\nN/A\n\n";
    let head = "GET /a\n\nTable 1 Query Parameters\n\nParameter\n\nMandatory\n\nType\n\nDescription\n\n";
    for (name, text) in [
        (
            "rows",
            format!(
                "GET /a\n\nTable 1 Query Parameters\n\n| Parameter | Mandatory | Type | Description |\n|-|-|-|-|\n{}",
                rows.repeat(size / rows.len())
            ),
        ),
        ("lines", format!("{head}{}", described.repeat(size / described.len()))),
        ("prose", format!("GET /a\n{}", "Some words about nothing at all, line after line.\n".repeat(size / 50))),
        ("one line", format!("{head}x\n\nYes\n\nString\n\n{}", "Definition Range ".repeat(size / 17))),
        ("pipes", "|".repeat(size)),
        ("brackets", "[](".repeat(size / 3)),
        ("open tags", format!("<table>{}", "<tr><td>".repeat(size / 8))),
        ("attributes", format!("<table {}>", (0..size / 10).map(|n| format!(" a{n}=1")).collect::<String>())),
        ("nested", format!("<table><tr><td>{}", "<table><b>".repeat(size / 10))),
        ("less than", "<".repeat(size)),
        ("bullets", format!("{head}x\n\nYes\n\nString\n\nRange\n\n{}", "• a - b ".repeat(size / 8))),
        ("numbers", format!("{head}x\n\nYes\n\nString\n\nRange\n\n{}", "1,234 5 - ".repeat(size / 10))),
    ] {
        assert!(read_page(&text).is_err(), "{name}");
    }
}
