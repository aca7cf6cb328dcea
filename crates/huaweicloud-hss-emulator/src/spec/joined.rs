//! Builds `/openapi.json`: the specs as one document, with the error responses that the specs must not declare for
//! their generator.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::error::EmulatorError;
use crate::spec::document;

/// Joins the documents. Names of components are unique only within one document, so those of later documents get its
/// name as a prefix.
pub(crate) fn joined(specs: &[(&str, &str)]) -> Result<Bytes, EmulatorError> {
    let mut all = json!({
        "openapi": "3.0.3",
        "info": {
            "title": "Huawei Cloud HSS asset scans, with the operations of IAM and EPS that they need",
            "description": "What this emulator implements. The error responses are its own addition to the specs.",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "servers": [{ "url": "/" }],
        "tags": [],
        "paths": {},
        "components": {},
    });
    for (index, (name, json)) in specs.iter().enumerate() {
        let mut root = document::parse(name, json)?;
        let stem = name.trim_end_matches(".yaml");
        if index > 0 {
            rename(&mut root, &|name| format!("{stem}_{name}"));
        }
        let error = format!("{stem}_Error");
        root["components"]["schemas"][&error] = if stem == "iam" { keystone_error() } else { gateway_error() };
        if let (Some(all), Some(tags)) = (all["tags"].as_array_mut(), root["tags"].as_array()) {
            all.extend(tags.iter().cloned());
        }
        // With an example, the web UI can send the request unchanged.
        if let Some(project) = root.pointer_mut("/components/parameters/ProjectId") {
            project["example"] = "emulator-project".into();
        }
        let security = root["security"].clone();
        let paths = root["paths"].as_object_mut().map(std::mem::take).unwrap_or_default();
        for (path, mut item) in paths {
            for operation in item.as_object_mut().into_iter().flat_map(|item| item.values_mut()) {
                complete(operation, &security, stem, &error);
            }
            all["paths"][path] = item;
        }
        for (kind, named) in root["components"].as_object().into_iter().flatten() {
            for (name, component) in named.as_object().into_iter().flatten() {
                all["components"][kind][name] = component.clone();
            }
        }
    }
    Ok(all.to_string().into())
}

/// Adds to an operation what it inherits from its document, and its error responses.
fn complete(operation: &mut Value, security: &Value, stem: &str, error: &str) {
    if !operation.is_object() || operation.get("operationId").is_none() {
        return;
    }
    if operation.get("security").is_none() {
        operation["security"] = security.clone();
    }
    if operation.get("tags").is_none() {
        operation["tags"] = json!([stem]);
    }
    // The specs declare status 200 for every success, because their generator accepts only one; that of a log-in is
    // 201.
    if operation["operationId"] == "KeystoneCreateUserTokenByPassword" {
        let created = operation["responses"]["200"].take();
        operation["responses"] = json!({ "201": created });
    }
    operation["responses"]["default"] = json!({
        "description": "The reason why the call failed.",
        "headers": { "X-Request-Id": { "required": true, "schema": { "type": "string", "minLength": 1 } } },
        "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{error}") } } },
    });
    // At least one selector must select something. The spec describes that in words, because its generator does not
    // support the rule.
    if operation["operationId"] == "CreateGlobalAssetScanTask" {
        let schema = &mut operation["requestBody"]["content"]["application/json"]["schema"];
        let plain = schema.take();
        *schema = json!({ "allOf": [plain, { "anyOf": [
            { "required": ["all_hosts"], "properties": { "all_hosts": { "enum": [true] } } },
            { "required": ["server_group"], "properties": { "server_group": { "minItems": 1 } } },
            { "required": ["host_ids"], "properties": { "host_ids": { "minItems": 1 } } },
        ] }] });
    }
}

/// Returns the schema of error responses of the gateway and of HSS.
fn gateway_error() -> Value {
    json!({
        "type": "object",
        "required": ["error_code", "error_msg"],
        "properties": {
            "error_code": { "type": "string", "minLength": 1 },
            "error_msg": { "type": "string", "minLength": 1 },
            "error_description": { "type": "string" },
            "request_id": { "type": "string" },
        },
    })
}

/// Returns the schema of error responses of IAM: the format of Keystone, or that of the gateway if the request did not
/// reach IAM.
fn keystone_error() -> Value {
    let keystone = json!({
        "type": "object",
        "required": ["error"],
        "properties": { "error": {
            "type": "object",
            "required": ["code", "message", "title"],
            "properties": {
                "code": { "type": "integer" },
                "message": { "type": "string" },
                "title": { "type": "string" },
            },
        } },
    });
    json!({ "oneOf": [keystone, gateway_error()] })
}

/// Renames every component of a document, and every reference to one.
fn rename(root: &mut Value, renamed: &dyn Fn(&str) -> String) {
    if let Some(components) = root["components"].as_object_mut() {
        for named in components.values_mut().filter_map(Value::as_object_mut) {
            *named = std::mem::take(named).into_iter().map(|(name, value)| (renamed(&name), value)).collect();
        }
    }
    rename_references(root, renamed);
}

fn rename_references(value: &mut Value, renamed: &dyn Fn(&str) -> String) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rename_references(item, renamed)),
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get_mut("$ref")
                && let Some((head, name)) = reference.rsplit_once('/')
            {
                *reference = format!("{head}/{}", renamed(name));
            }
            for requirement in object.get_mut("security").and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(schemes) = requirement.as_object_mut() {
                    let all: Map<String, Value> = std::mem::take(schemes);
                    *schemes = all.into_iter().map(|(name, scopes)| (renamed(&name), scopes)).collect();
                }
            }
            object.values_mut().for_each(|value| rename_references(value, renamed));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::spec::embedded::SPECS;
    use crate::spec::routes::Routes;

    use super::joined;

    #[test]
    fn the_joined_document_has_every_operation_and_no_dangling_reference() {
        let text = joined(SPECS).unwrap();
        let all: Value = serde_json::from_slice(&text).unwrap();
        // The emulator can load its own document, which resolves every $ref.
        let again = Routes::load(&[("joined", std::str::from_utf8(&text).unwrap())]).unwrap();
        let ids = |routes: &Routes| {
            let mut ids: Vec<String> = routes.operations().map(|operation| operation.id.clone()).collect();
            ids.sort();
            ids
        };
        assert_eq!(ids(&again), ids(&Routes::load(SPECS).unwrap()));
        for (path, item) in all["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let default = &operation["responses"]["default"]["content"]["application/json"]["schema"]["$ref"];
                let pointer = default.as_str().unwrap().trim_start_matches('#');
                assert!(all.pointer(pointer).is_some(), "{method} {path}");
                for name in
                    operation["security"].as_array().unwrap().iter().flat_map(|need| need.as_object().unwrap().keys())
                {
                    assert!(all["components"]["securitySchemes"].get(name).is_some(), "{method} {path}: {name}");
                }
                assert!(!operation["tags"].as_array().unwrap().is_empty());
            }
        }
    }
}
