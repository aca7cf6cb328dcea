//! Tests of the routing table: the rules read from documents, and the documents that are rejected.

use http::Method;
use serde_json::json;

use crate::spec::document;
use crate::spec::embedded::SPECS;

use super::{ParameterLocation, ParameterSyntax, Routes};

const SMALL: &str = r##"
openapi: 3.0.3
security: [{ key: [] }]
paths:
  /v5/{p}/hosts:
    parameters:
      - { name: p, in: path, required: true, schema: { type: string } }
      - { name: limit, in: query, schema: { type: integer, default: 10 } }
    get:
      operationId: List
      parameters:
        - { name: limit, in: query, schema: { type: integer, maximum: 200 } }
        - { name: ids, in: query, explode: false, schema: { $ref: '#/components/schemas/Ids' } }
        - { name: flag, in: query, schema: { type: array, items: { type: boolean } } }
        - { name: region, in: header, schema: { type: string } }
    put: { operationId: Change, security: [] }
  /v5/{p}/{kind}:
    parameters:
      - { name: p, in: path, required: true, schema: { type: string } }
      - { name: kind, in: path, required: true, schema: { type: string } }
    get: { operationId: Other, security: [{ other: [] }, { key: [] }] }
    delete: { operationId: Open, security: [{ key: [] }, {}] }
components:
  securitySchemes:
    key: { type: apiKey, in: header, name: X-Key, x-length: { min: 2, max: 4 } }
    other: { type: apiKey, in: header, name: X-Other }
  schemas:
    Ids: { type: array, items: { type: string } }
"##;

fn find(routes: &Routes, method: Method, path: &str) -> Option<String> {
    routes.find(path)?.0.operation(&method).map(|operation| operation.id.clone())
}

#[test]
fn paths_and_methods_lead_to_operations() {
    let routes = Routes::load(&[("small", &document::json(SMALL))]).unwrap();
    for (method, path, expected) in [
        (Method::GET, "/v5/a/hosts", Some("List")),
        (Method::PUT, "/v5/%E4%B8%BB/h%6Fsts", Some("Change")),
        (Method::GET, "/v5//hosts", Some("List")),
        (Method::GET, "/v5/a/anything", Some("Other")),
        // The literal path takes precedence, even for a method that only the other one has.
        (Method::DELETE, "/v5/a/hosts", None),
        (Method::GET, "/v5/a/hosts/", None),
        (Method::GET, "/v5/a%2Fhosts", None),
        (Method::GET, "//v5/a/hosts", None),
        (Method::GET, "/", None),
        (Method::GET, "*", None),
        (Method::GET, "", None),
    ] {
        assert_eq!(find(&routes, method.clone(), path).as_deref(), expected, "{method} {path}");
    }
    let (route, values) = routes.find("/v5/a%2Fb/x").unwrap();
    assert_eq!(values, [("p", "a%2Fb"), ("kind", "x")]);
    assert_eq!(route.allow, "GET, DELETE");
}

#[test]
fn parameters_are_merged_and_typed() {
    let routes = Routes::load(&[("small", &document::json(SMALL))]).unwrap();
    let (route, _) = routes.find("/v5/a/hosts").unwrap();
    let list = route.operation(&Method::GET).unwrap();
    let seen: Vec<_> = list.parameters.iter().map(|own| (own.name.as_str(), own.location, own.syntax)).collect();
    assert_eq!(
        seen,
        [
            ("limit", ParameterLocation::Query, ParameterSyntax::Scalar),
            ("ids", ParameterLocation::Query, ParameterSyntax::List { commas: true, scalar: false }),
            ("flag", ParameterLocation::Query, ParameterSyntax::List { commas: false, scalar: true }),
            ("region", ParameterLocation::Header, ParameterSyntax::Text),
            ("p", ParameterLocation::Path, ParameterSyntax::Text),
        ]
    );
    // The operation's own `limit` hides the shared one, including its default.
    assert_eq!(list.parameters[0].default, None);
    let change = route.operation(&Method::PUT).unwrap();
    assert_eq!(change.parameters[1].default, Some(json!(10)));
}

#[test]
fn security_decides_which_operations_need_a_token() {
    let routes = Routes::load(&[("small", &document::json(SMALL))]).unwrap();
    for (method, path, needs) in [
        (Method::GET, "/v5/a/hosts", true),
        (Method::PUT, "/v5/a/hosts", false),
        (Method::GET, "/v5/a/x", true),
        (Method::DELETE, "/v5/a/x", false),
    ] {
        let (route, _) = routes.find(path).unwrap();
        let rule = &route.operation(&method).unwrap().token;
        assert_eq!(
            rule.as_ref().map(|rule| (rule.header_name.as_str(), rule.min, rule.max)),
            needs.then_some(("X-Key", 2, 4))
        );
    }
}

#[test]
fn unsupported_documents_are_rejected() {
    for (change, part) in [
        (("operationId: Change, ", ""), "has no operationId"),
        (("operationId: Change", "operationId: List"), "List is given twice"),
        (("/v5/{p}/{kind}:", "/v5/{q}/hosts:"), "do not match"),
        (("in: header, schema", "in: cookie, schema"), "not supported"),
        (("/v5/{p}/hosts:", "/v5/{p}/hosts.{x}:"), "must fill its segment"),
        (("x-length: { min: 2, max: 4 }", "x-length: { min: 2 }"), "x-length"),
        ((", x-length: { min: 2, max: 4 }", ""), "no alternative"),
        (("name: X-Key", "name: 'X Key'"), "header name"),
        (("schemas/Ids", "schemas/Idz"), "nothing at"),
        (("type: integer, maximum: 200", "type: integer, maximum: many"), "many"),
        (("- { name: region, in: header, schema: { type: string } }", "- { name: region, in: header }"), "no schema"),
    ] {
        let yaml = SMALL.replacen(change.0, change.1, 1);
        assert_ne!(yaml, SMALL, "{change:?}");
        let error = Routes::load(&[("small", &document::json(&yaml))]).err().unwrap().to_string();
        assert!(error.starts_with("spec small: ") && error.contains(part), "{change:?}: {error}");
    }
    let [first, second] = [SMALL, &SMALL.replace("operationId: ", "operationId: Second")].map(document::json);
    let twice = Routes::load(&[("a", &first), ("b", &second)]);
    assert!(twice.err().unwrap().to_string().contains("are the same path"));
}

#[test]
fn the_embedded_specs_have_the_scan_pair() {
    let routes = Routes::load(SPECS).unwrap();
    let (route, values) = routes.find("/v5/p/asset/assign-task").unwrap();
    assert_eq!((route.allow.as_str(), values), ("GET, POST", vec![("project_id", "p")]));
    for method in [Method::GET, Method::POST] {
        let operation = route.operation(&method).unwrap();
        assert!(operation.token.is_some() && operation.response_schema.is_some());
        assert_eq!(operation.body.is_some(), method == Method::POST);
    }
}
