//! The documented bounds and choices of a spec as Rust modules: documented numbers reach the code only here.

use located_yaml::{Node, Position};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::diagnostic::Diagnostics;
use crate::operations::operations;

/// The unit of bounds.
#[derive(Clone, Copy)]
enum Unit {
    Characters,
    Items,
    Value,
}

struct Bounds<'a> {
    name: &'a str,
    unit: Unit,
    min: u64,
    max: u64,
}

/// Renders `pub mod bounds`, with a module per operation and one for the credentials, and `pub mod choices`.
pub(crate) fn render(root: &Node, bounds_type: &TokenStream) -> Result<TokenStream, Diagnostics> {
    let (mut modules, mut choices) = (Vec::new(), Vec::new());
    let schemes = root.pointer("#/components/securitySchemes").map_or(&[][..], Node::entries);
    let credentials: Vec<Bounds<'_>> = schemes
        .iter()
        .filter_map(|scheme| {
            let length = scheme.node.get("x-length")?;
            let name = scheme.node.get("name")?.as_str()?;
            Some(Bounds {
                name,
                unit: Unit::Characters,
                min: bound(length, "min", 0),
                max: bound(length, "max", u64::MAX),
            })
        })
        .collect();
    modules.push(module(
        "credentials",
        "Bounds of the headers that carry credentials.",
        &credentials,
        bounds_type,
        None,
    )?);
    for (path, method) in operations(root) {
        let operation = &method.node;
        let Some(id) = operation.get("operationId").and_then(Node::as_str) else { continue };
        let parameters: Vec<(&str, &Node)> = parameters(root, &path.node, operation).collect();
        let mut bounds: Vec<Bounds<'_>> =
            parameters.iter().filter_map(|(name, schema)| of_schema(name, schema)).collect();
        if let Some(body) = operation
            .get("requestBody")
            .and_then(|body| body.resolve(root).get("content")?.get("application/json")?.get("schema"))
        {
            let properties = body.resolve(root).get("properties").map_or(&[][..], Node::entries);
            bounds
                .extend(properties.iter().filter_map(|property| of_schema(&property.key, property.node.resolve(root))));
        }
        bounds.extend(of_total(root, operation));
        let of_operation =
            module(&snake_case(id), &format!("Bounds of `{id}`."), &bounds, bounds_type, rate_limits(operation))?;
        modules.push(of_operation);
        choices.extend(choices_module(id, &parameters)?);
    }
    Ok(quote! {
        /// The documented bounds, generated from the spec.
        pub mod bounds {
            #(#modules)*
        }
        /// The values that parameters with a fixed set of them may have, generated from the spec.
        pub mod choices {
            #(#choices)*
        }
    })
}

/// Returns the parameters of an operation with their schemas, those of its path first.
fn parameters<'a>(root: &'a Node, path: &'a Node, operation: &'a Node) -> impl Iterator<Item = (&'a str, &'a Node)> {
    let of = |node: &'a Node| node.get("parameters").map_or(&[][..], Node::items).iter();
    of(path).chain(of(operation)).filter_map(|parameter| {
        let parameter = parameter.resolve(root);
        Some((parameter.get("name")?.as_str()?, parameter.get("schema")?.resolve(root)))
    })
}

/// Returns the choices of an operation's parameters; nothing if there are none.
fn choices_module(id: &str, parameters: &[(&str, &Node)]) -> Result<Option<TokenStream>, Diagnostics> {
    let mut constants = Vec::new();
    for (name, schema) in parameters {
        let values: Vec<&str> =
            schema.get("enum").map_or(&[][..], Node::items).iter().filter_map(Node::as_str).collect();
        if !values.is_empty() {
            let (constant, count) = (identifier(&name.replace('-', "_").to_uppercase())?, values.len());
            let doc = format!("`{name}`: {count} values.");
            constants.push(quote! {
                #[doc = #doc]
                pub const #constant: [&str; #count] = [#(#values),*];
            });
        }
    }
    if constants.is_empty() {
        return Ok(None);
    }
    let (module, doc) = (identifier(&snake_case(id))?, format!("Choices of `{id}`."));
    Ok(Some(quote! {
        #[doc = #doc]
        pub mod #module {
            #(#constants)*
        }
    }))
}

/// Returns the documented bounds of the total of a list: beyond the larger one, a list may be cut.
fn of_total<'a>(root: &'a Node, operation: &'a Node) -> Option<Bounds<'a>> {
    let response = operation.get("responses")?.get("200")?.resolve(root);
    let schema = response.get("content")?.get("application/json")?.get("schema")?.resolve(root);
    let length = schema.get("properties")?.get("total_num")?.get("x-length")?;
    let (min, max) = (bound(length, "min", 0), bound(length, "max", u64::MAX));
    Some(Bounds { name: "total_num", unit: Unit::Value, min, max })
}

fn of_schema<'a>(name: &'a str, schema: &'a Node) -> Option<Bounds<'a>> {
    let (unit, min, max) = match schema.get("type")?.as_str()? {
        "string" => (Unit::Characters, "minLength", "maxLength"),
        "array" => (Unit::Items, "minItems", "maxItems"),
        "integer" => (Unit::Value, "minimum", "maximum"),
        _ => return None,
    };
    if schema.get(min).is_none() && schema.get(max).is_none() {
        return None;
    }
    Some(Bounds { name, unit, min: bound(schema, min, 0), max: bound(schema, max, u64::MAX) })
}

fn bound(node: &Node, key: &str, missing: u64) -> u64 {
    node.get(key).and_then(Node::as_u64).unwrap_or(missing)
}

/// Returns the documented limits on calls of an operation, if there are any.
fn rate_limits(operation: &Node) -> Option<TokenStream> {
    let limits = operation.get("x-rate-limit")?.entries();
    let limits = limits.iter().filter_map(|limit| Some((&limit.key, u32::try_from(limit.node.as_u64()?).ok()?)));
    let (policies, calls): (Vec<_>, Vec<_>) = limits.unzip();
    let count = calls.len();
    Some(quote! {
        /// The documented limits on calls per minute, and what each applies to.
        pub const CALLS_PER_MINUTE: [(&str, u32); #count] = [#((#policies, #calls)),*];
    })
}

fn module(
    name: &str,
    doc: &str,
    bounds: &[Bounds<'_>],
    bounds_type: &TokenStream,
    rate_limits: Option<TokenStream>,
) -> Result<TokenStream, Diagnostics> {
    let module = identifier(name)?;
    let constants = bounds
        .iter()
        .map(|bounds| {
            let Bounds { name, min, max, .. } = bounds;
            let constant = identifier(&name.replace('-', "_").to_uppercase())?;
            let (constructor, unit) = match bounds.unit {
                Unit::Characters => (format_ident!("characters"), "characters"),
                Unit::Items => (format_ident!("items"), "items"),
                Unit::Value => (format_ident!("value"), "as a value"),
            };
            let doc = if *max == u64::MAX {
                format!("`{name}`: at least {min} {unit}.")
            } else {
                format!("`{name}`: {min} to {max} {unit}.")
            };
            Ok(quote! {
                #[doc = #doc]
                pub const #constant: #bounds_type = #bounds_type::#constructor(#name, #min, #max);
            })
        })
        .collect::<Result<Vec<_>, Diagnostics>>()?;
    Ok(quote! {
        #[doc = #doc]
        pub mod #module {
            #(#constants)*
            #rate_limits
        }
    })
}

fn identifier(text: &str) -> Result<syn::Ident, Diagnostics> {
    syn::parse_str(text).map_err(|_| {
        Diagnostics::single(
            "name",
            Position::default(),
            format!("`{text}` cannot become a Rust name"),
            "Use letters, digits, `_` and `-` only.",
        )
    })
}

/// `CreateGlobalAssetScanTask` becomes `create_global_asset_scan_task`, as the generator names its methods.
fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    let mut previous_lower = false;
    for c in name.chars() {
        if c.is_uppercase() && previous_lower {
            out.push('_');
        }
        previous_lower = c.is_lowercase() || c.is_numeric();
        out.extend(c.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use located_yaml::read;

    #[test]
    fn every_kind_of_bounds_is_found() {
        let spec = "
components:
  securitySchemes: {t: {type: apiKey, in: header, name: X-Auth-Token, x-length: {min: 1, max: 9}}}
  schemas: {Ids: {type: array, minItems: 0, maxItems: 200, items: {type: string}}}
paths:
  /p/{a}:
    parameters: [{name: a, in: path, schema: {type: string, minLength: 2, maxLength: 3}}]
    post:
      operationId: DoIt
      x-rate-limit: {api: 600, user: 5}
      parameters: [{name: limit, in: query, schema: {type: integer, minimum: 10, maximum: 200}}, {name: c, in: query, schema: {type: string, enum: [x, y]}}]
      requestBody: {content: {application/json: {schema: {properties: {ids: {$ref: '#/components/schemas/Ids'}}}}}}
      responses: {'200': {content: {application/json: {schema: {properties: {total_num: {x-length: {max: 7}}}}}}}}
";
        let code = render(&read(spec).unwrap(), &quote!(L)).unwrap().to_string().replace(' ', "");
        for part in [
            "X_AUTH_TOKEN:L=L::characters(\"X-Auth-Token\",1u64,9u64)",
            "pubmodbounds",
            "pubmoddo_it",
            "A:L=L::characters(\"a\",2u64,3u64)",
            "LIMIT:L=L::value(\"limit\",10u64,200u64)",
            "IDS:L=L::items(\"ids\",0u64,200u64)",
            "TOTAL_NUM:L=L::value(\"total_num\",0u64,7u64)",
            "pubmodchoices",
            "C:[&str;2usize]=[\"x\",\"y\"]",
            "CALLS_PER_MINUTE:[(&str,u32);2usize]=[(\"api\",600u32),(\"user\",5u32)]",
        ] {
            assert!(code.contains(part), "{part} is missing in {code}");
        }
    }
}
