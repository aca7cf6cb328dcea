//! Made-up specs of any size: operations of the usual kinds, six to a resource, with the parameters and limits that vendors state.

use serde_json::{Map, Value, json};

/// A spec with so many operations, as JSON, which is YAML too. The same number gives the same bytes.
pub(crate) fn made_spec(operations: usize) -> String {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for number in 0..operations {
        let (resource, kind) = (number / 6, ["list", "create", "get", "update", "delete", "run"][number % 6]);
        let name = format!("Resource{resource}");
        if number % 6 == 0 {
            add_schemas(&mut schemas, &name, resource);
        }
        let all = format!("/v5/{{project_id}}/resource-{resource}s");
        let one = format!("{all}/{{resource_id}}");
        let (path, method) = match kind {
            "list" => (all, "get"),
            "create" => (all, "post"),
            "run" => (format!("{all}/assign-task"), "post"),
            "get" => (one, "get"),
            "update" => (one, "put"),
            _ => (one, "delete"),
        };
        let operation = operation(kind, &name, &path);
        let methods = paths.entry(path).or_insert_with(|| json!({}));
        methods[method] = operation;
    }
    let spec = json!({
        "openapi": "3.0.3",
        "info": { "title": "Made up", "version": "1.0.0", "description": "A spec of a bench." },
        "paths": paths,
        "components": { "schemas": schemas },
    });
    format!("{spec:#}\n")
}

fn text(longest: u32) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": longest })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn add_schemas(schemas: &mut Map<String, Value>, name: &str, resource: usize) {
    let (state, tag) = (format!("{name}State"), format!("{name}Tag"));
    let tags = json!({ "type": "array", "maxItems": 20, "items": reference(&tag) });
    schemas.insert(
        state.clone(),
        json!({ "type": "string", "enum": ["running", "stopped", "failed", format!("state_{resource}")] }),
    );
    schemas.insert(
        tag,
        json!({ "type": "object", "required": ["key"], "properties": { "key": text(128), "value": { "type": "string", "maxLength": 255 } } }),
    );
    schemas.insert(
        name.to_owned(),
        json!({ "type": "object", "required": ["id", "name", "state"], "description": "A resource.", "properties": {
            "id": text(64), "name": text(256), "state": reference(&state), "tags": tags,
            "created_at": { "type": "string", "format": "date-time" },
            "score": { "type": "number", "format": "double", "minimum": 0, "maximum": 100 },
        } }),
    );
    schemas.insert(
        format!("{name}Input"),
        json!({ "type": "object", "required": ["name"], "description": "What to make or change.", "properties": {
            "name": text(256), "all_hosts": { "type": "boolean" }, "state": reference(&state), "tags": tags,
            "host_ids": { "type": "array", "minItems": 0, "maxItems": 200, "items": text(128) },
        } }),
    );
    schemas.insert(
        format!("{name}List"),
        json!({ "type": "object", "required": ["total_num", "data_list"], "description": "A page.", "properties": {
            "total_num": { "type": "integer", "format": "int32", "minimum": 0, "maximum": 10_000_000 },
            "data_list": { "type": "array", "maxItems": 200, "items": reference(name) },
        } }),
    );
}

fn operation(kind: &str, name: &str, path: &str) -> Value {
    let parameter = |place: &str, name: &str, required: bool, schema: Value| json!({ "name": name, "in": place, "required": required, "description": "A parameter.", "schema": schema });
    let mut parameters = vec![parameter("path", "project_id", true, text(256))];
    if path.contains("resource_id") {
        parameters.push(parameter("path", "resource_id", true, text(64)));
    }
    parameters.push(parameter("query", "enterprise_project_id", false, text(256)));
    parameters.push(parameter("query", "category", true, json!({ "type": "string", "enum": ["host", "container"] })));
    parameters.push(parameter("header", "X-Auth-Token", true, text(32_768)));
    if kind == "list" {
        let number = |least, most| json!({ "type": "integer", "format": "int32", "minimum": least, "maximum": most });
        parameters.push(parameter("query", "offset", false, number(0, 2_000_000)));
        parameters.push(parameter("query", "limit", false, number(10, 200)));
        parameters.push(parameter("query", "state", false, reference(&format!("{name}State"))));
        parameters.push(parameter("query", "refresh", false, json!({ "type": "boolean" })));
    }
    let answer = match kind {
        "delete" => json!({ "204": { "description": "Deleted." } }),
        "list" => answered(&format!("{name}List")),
        _ => answered(name),
    };
    let mut operation = json!({
        "operationId": format!("{kind}{name}"), "summary": format!("{kind} {name}"), "parameters": parameters, "responses": answer,
    });
    if matches!(kind, "create" | "update" | "run") {
        let input = reference(&format!("{name}Input"));
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": input } } });
    }
    operation
}

fn answered(schema: &str) -> Value {
    json!({ "200": { "description": "Fine.", "content": { "application/json": { "schema": reference(schema) } } } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_operations_as_asked_for_and_their_schemas() {
        for (asked, resources) in [(1, 1), (6, 1), (7, 2), (100, 17)] {
            let spec: Value = serde_json::from_str(&made_spec(asked)).unwrap();
            let paths = spec["paths"].as_object().unwrap();
            assert_eq!(paths.values().map(|methods| methods.as_object().unwrap().len()).sum::<usize>(), asked);
            assert_eq!(spec["components"]["schemas"].as_object().unwrap().len(), 5 * resources);
            assert_eq!(made_spec(asked), made_spec(asked));
        }
    }
}
