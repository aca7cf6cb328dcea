//! Owns `/openapi.json`: the loaded documents as one, with the error answers that the generator's specs may not declare.

use crate::error::EmulatorError;
use crate::spec::document;
use bytes::Bytes;
use serde_json::{Map, Value, json};

/// Joins the documents. Names of components are only unique within one, so those of the later ones get the document's name in front.
pub(crate) fn joined(specs: &[(&str, &str)]) -> Result<Bytes, EmulatorError> {
    let mut all = json!({
        "openapi": "3.0.3",
        "info": {
            "title": "Huawei Cloud HSS asset scans, and IAM and EPS as far as they need them",
            "description": "What this emulator answers. The error answers are its own addition to the specs.",
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
        // So that a request can be tried from the page as it stands there.
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

/// Adds to an operation what it needs to stand by itself, and how it is refused.
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
    // The specs declare 200 for every success, for their generator takes one status only; a log-in is answered by 201.
    if operation["operationId"] == "KeystoneCreateUserTokenByPassword" {
        let created = operation["responses"]["200"].take();
        operation["responses"] = json!({ "201": created });
    }
    operation["responses"]["default"] = json!({
        "description": "Why the call was turned down.",
        "headers": { "X-Request-Id": { "required": true, "schema": { "type": "string", "minLength": 1 } } },
        "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{error}") } } },
    });
    // Said in words by the spec, and nothing its generator could read: one of the selectors has to select something.
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

/// How the gateway and HSS refuse.
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

/// How IAM refuses: in Keystone's words, or in the gateway's when that was not reached.
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

/// Renames every component of a document, and every mention of one.
fn rename(root: &mut Value, renamed: &dyn Fn(&str) -> String) {
    if let Some(components) = root["components"].as_object_mut() {
        for named in components.values_mut().filter_map(Value::as_object_mut) {
            *named = std::mem::take(named).into_iter().map(|(name, value)| (renamed(&name), value)).collect();
        }
    }
    rename_mentions(root, renamed);
}

fn rename_mentions(value: &mut Value, renamed: &dyn Fn(&str) -> String) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rename_mentions(item, renamed)),
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
            object.values_mut().for_each(|value| rename_mentions(value, renamed));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::joined;
    use crate::spec::embedded::SPECS;
    use crate::spec::routes::Routes;
    use serde_json::Value;

    #[test]
    fn the_joined_document_has_every_operation_and_no_loose_end() {
        let text = joined(SPECS).unwrap();
        let all: Value = serde_json::from_slice(&text).unwrap();
        // The emulator can judge by its own document, which resolves every $ref.
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
