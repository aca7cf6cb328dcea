//! Tests of each rule: a change to a clean spec, and the rules and lines that are reported.

use located_yaml::read;

use super::*;

const BASE: &str = "\
openapi: 3.0.3
info: {title: t, version: 0.1.0}
paths:
  /v5/{project_id}/x:
    post:
      operationId: DoIt
      x-page: {name: DoIt, updated: '2026-04-03'}
      parameters:
        - {name: project_id, in: path, required: true, schema: {type: string, maxLength: 256}}
        - {name: category, in: query, required: true, schema: {type: string}}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Body'}}}
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {$ref: '#/components/schemas/Reply'}}}
components:
  schemas:
    Body: {type: object, properties: {ids: {$ref: '#/components/schemas/Ids'}}}
    Ids: {type: array, minItems: 0, maxItems: 200, items: {type: string}}
    Reply: {type: object, properties: {error: {type: string}}}
";

/// The text to replace, its replacement, and the rules that are reported with their lines.
type Case = (&'static str, &'static str, &'static [(&'static str, u64)]);

fn lint(spec: &str) -> Vec<(&'static str, u64)> {
    match check(&read(spec).unwrap()) {
        Ok(()) => Vec::new(),
        Err(found) => found.as_slice().iter().map(|diagnostic| (diagnostic.rule, diagnostic.at.line)).collect(),
    }
}

#[test]
fn the_base_is_clean() {
    assert_eq!(lint(BASE), []);
}

#[test]
fn every_rule_reports_the_line_that_breaks_it() {
    let cases: &[Case] = &[
        ("openapi: 3.0.3", "openapi: 3.1.0", &[("version", 1)]),
        ("openapi: 3.0.3", "openapi: 3.0", &[("version", 1)]),
        ("openapi: 3.0.3\n", "", &[("version", 1)]),
        ("operationId: DoIt", "operationID: DoIt", &[("operation-id", 5), ("unknown-key", 6)]),
        ("operationId: DoIt", "operationId: ''", &[("operation-id", 5)]),
        ("maxLength: 256", "maxlength: 256", &[("unknown-key", 9)]),
        ("type: object, properties: {error", "type: object, x-lenght: 1, properties: {error", &[("unknown-key", 22)]),
        ("maxItems: 200,", "maxItems: 200, uniqueItems: true,", &[("dropped", 21)]),
        ("in: query, required", "in: query, style: form, required", &[("dropped", 10)]),
        ("schemas/Body'}", "schemas/Bodi'}", &[("reference", 13)]),
        ("      x-page: {name: DoIt, updated: '2026-04-03'}\n", "", &[("page", 5)]),
        (", updated: '2026-04-03'", "", &[("page", 7)]),
        ("        '200':", "        '201':", &[("only-200", 15), ("only-200", 15)]),
        ("      responses:\n", "      responses:\n        default: {description: other}\n", &[("only-200", 15)]),
        ("{error: {type: string}}", "{error: {type: string, maxLength: 256}}", &[("response-limit", 22)]),
        ("name: category, in: query", "name: X-Auth-Token, in: header", &[("credential-header", 10)]),
        ("{ids: {$ref: '#/components/schemas/Ids'}}", "{ids: {type: array, items: {type: string}}}", &[("list", 20)]),
        ("maxItems: 200, items: {type: string}", "maxItems: 200, items: {type: integer}", &[("list", 21)]),
        ("minItems: 0, maxItems: 200", "minItems: 1", &[("list", 21)]),
        ("minItems: 0, maxItems: 200", "minItems: 5, maxItems: 4", &[("list", 21)]),
        ("{error: {type: string}}", "{error: {type: string, format: password}}", &[("secret", 22)]),
        ("        required: true\n", "", &[("body-required", 12)]),
        ("name: project_id, in: path", "name: project, in: path", &[("path-parameter", 4), ("path-parameter", 9)]),
        ("in: path, required: true", "in: path", &[("path-parameter", 9)]),
        ("operationId: DoIt\n", "operationId: DoIt\n      x-rate-limit: {api: 0}\n", &[("rate-limit", 7)]),
        ("operationId: DoIt\n", "operationId: DoIt\n      x-rate-limit: {apis: 5}\n", &[("rate-limit", 7)]),
        ("operationId: DoIt\n", "operationId: DoIt\n      x-rate-limit: {}\n", &[("rate-limit", 7)]),
        ("description: ok", "description: 'TODO: what it means'", &[("todo", 16)]),
    ];
    for (from, to, expected) in cases {
        let changed = BASE.replacen(from, to, 1);
        assert_ne!(changed, BASE, "{from:?} is not in the base");
        assert_eq!(lint(&changed), *expected, "after {from:?} became {to:?}");
    }
}

#[test]
fn every_rule_has_a_case_here() {
    let this = include_str!("tests.rs");
    for Rule { id, .. } in RULES {
        assert!(this.contains(&format!("(\"{id}\", ")), "no case for rule {id}");
    }
}

#[test]
fn two_operations_with_one_id_are_reported() {
    let twice = BASE.replace("components:\n", "  /y:\n    get:\n      operationId: DoIt\n      x-page: {name: a, updated: b}\n      responses: {'200': {description: ok}}\ncomponents:\n");
    assert_eq!(lint(&twice), [("operation-id", 20)]);
}

#[test]
fn a_misspelt_key_gets_a_suggestion() {
    let diagnostics = check(&read(&BASE.replace("maxLength", "maxLenght")).unwrap()).unwrap_err();
    assert!(diagnostics.to_string().contains("Did you mean `maxLength`?"), "{diagnostics}");
}

#[test]
fn a_recursive_schema_is_accepted() {
    let spec = BASE.replace("{error: {type: string}}", "{error: {$ref: '#/components/schemas/Reply'}}");
    assert_eq!(lint(&spec), []);
}
