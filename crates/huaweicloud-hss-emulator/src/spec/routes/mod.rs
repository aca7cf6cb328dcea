//! The routing table: the paths, methods, parameters, bodies and response schemas of the OpenAPI documents.

use std::collections::HashSet;
use std::sync::Arc;

use http::Method;
use http::header::HeaderName;
use serde_json::Value;

use crate::auth::percent::decode;
use crate::auth::token::TokenRule;
use crate::error::EmulatorError;
use crate::spec::document::{Document, Node, escape};
use crate::spec::schema::{Schema, compile};

/// Every operation of the loaded documents.
#[derive(Default)]
pub(crate) struct Routes {
    routes: Vec<Route>,
}

/// One path template and its operations.
pub(crate) struct Route {
    template: String,
    segments: Vec<Segment>,
    operations: Vec<(Method, Arc<Operation>)>,
    /// The value of an `Allow` header.
    pub(crate) allow: String,
}

#[derive(PartialEq, Eq)]
enum Segment {
    Literal(String),
    Parameter(String),
}

/// The rules of one operation.
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<BodyRule>,
    /// The schema of a successful response.
    pub(crate) response_schema: Option<Schema>,
    /// `None` if the operation needs no credentials.
    pub(crate) token: Option<TokenRule>,
}

/// The rules of one parameter.
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) location: ParameterLocation,
    pub(crate) required: bool,
    pub(crate) syntax: ParameterSyntax,
    pub(crate) schema: Schema,
    /// The value if an optional parameter is missing.
    pub(crate) default: Option<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParameterLocation {
    Path,
    Query,
    Header,
}

/// How the text of a parameter becomes a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParameterSyntax {
    /// The text itself.
    Text,
    /// A number or boolean in JSON.
    Scalar,
    /// A list: one value per repetition, or all values in one, separated by commas.
    List { commas: bool, scalar: bool },
}

/// The rules of a request body.
pub(crate) struct BodyRule {
    pub(crate) required: bool,
    /// The accepted media types, in lower case, with their schemas.
    pub(crate) media: Vec<(String, Schema)>,
}

const METHODS: [(&str, Method); 8] = [
    ("get", Method::GET),
    ("put", Method::PUT),
    ("post", Method::POST),
    ("delete", Method::DELETE),
    ("options", Method::OPTIONS),
    ("head", Method::HEAD),
    ("patch", Method::PATCH),
    ("trace", Method::TRACE),
];

impl Routes {
    /// Builds the table from (name, JSON) pairs.
    pub(crate) fn load(specs: &[(&str, &str)]) -> Result<Self, EmulatorError> {
        let mut routes = Self::default();
        for (name, json) in specs {
            let document = Document::read(name, json)?;
            let reader = RouteReader { document: &document };
            let paths = document.follow("/paths")?;
            for template in paths.value.as_object().into_iter().flat_map(|paths| paths.keys()) {
                if template.starts_with('/')
                    && let Some(item) = document.child(&paths, template)?
                {
                    routes.add(&document, reader.route(template, &item)?)?;
                }
            }
        }
        Ok(routes)
    }

    fn add(&mut self, document: &Document, route: Route) -> Result<(), EmulatorError> {
        let mut ids: HashSet<&str> = self.operations().map(|operation| operation.id.as_str()).collect();
        for (_, operation) in &route.operations {
            if !ids.insert(&operation.id) {
                return Err(document.error(format_args!("operationId {} is given twice", operation.id)));
            }
        }
        if let Some(same) = self.routes.iter().find(|other| other.shape() == route.shape()) {
            return Err(document.error(format_args!("{} and {} are the same path", same.template, route.template)));
        }
        self.routes.push(route);
        Ok(())
    }

    /// Returns every operation, in the order of the documents.
    pub(crate) fn operations(&self) -> impl Iterator<Item = &Arc<Operation>> {
        self.routes.iter().flat_map(|route| route.operations.iter().map(|(_, operation)| operation))
    }

    /// Returns the route of a path, with the encoded values of its parameters. A literal segment takes precedence over
    /// a parameter.
    pub(crate) fn find<'p>(&self, path: &'p str) -> Option<(&Route, Vec<(&str, &'p str)>)> {
        let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let route = self.routes.iter().filter(|route| route.matches(&segments)).max_by_key(|route| route.literals())?;
        let values = route.segments.iter().zip(segments).filter_map(|(segment, text)| match segment {
            Segment::Literal(_) => None,
            Segment::Parameter(name) => Some((name.as_str(), text)),
        });
        Some((route, values.collect()))
    }
}

impl Route {
    pub(crate) fn operation(&self, method: &Method) -> Option<&Arc<Operation>> {
        self.operations.iter().find(|(known, _)| known == method).map(|(_, operation)| operation)
    }

    fn matches(&self, path: &[&str]) -> bool {
        self.segments.len() == path.len()
            && self.segments.iter().zip(path).all(|(segment, text)| match segment {
                // A path with a needless escape (`%61` for `a`) is the same path.
                Segment::Literal(literal) => {
                    literal == text || (text.contains('%') && decode(text, false).is_ok_and(|text| text == *literal))
                }
                Segment::Parameter(_) => true,
            })
    }

    /// Returns which segments are literal. Earlier segments count more in a comparison.
    fn literals(&self) -> Vec<bool> {
        self.segments.iter().map(|segment| matches!(segment, Segment::Literal(_))).collect()
    }

    /// Returns the path without the names of its parameters: equal for paths that match the same requests.
    fn shape(&self) -> Vec<Option<&str>> {
        self.segments
            .iter()
            .map(|segment| match segment {
                Segment::Literal(text) => Some(text.as_str()),
                Segment::Parameter(_) => None,
            })
            .collect()
    }
}

/// Reads the routes of one document.
struct RouteReader<'d> {
    document: &'d Document,
}

impl<'d> RouteReader<'d> {
    fn route(&self, template: &str, item: &Node<'d>) -> Result<Route, EmulatorError> {
        let mut segments = Vec::new();
        for text in template.trim_start_matches('/').split('/') {
            segments.push(match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
                Some(name) => Segment::Parameter(name.to_owned()),
                None if text.contains(['{', '}']) => {
                    return Err(self.document.error(format_args!("{template}: a parameter must fill its segment")));
                }
                None => Segment::Literal(text.to_owned()),
            });
        }
        let mut operations = Vec::new();
        for (key, method) in METHODS {
            if let Some(node) = self.document.child(item, key)? {
                operations.push((method, Arc::new(self.operation(template, &segments, item, &node)?)));
            }
        }
        let allow = operations.iter().map(|(method, _)| method.as_str()).collect::<Vec<_>>().join(", ");
        Ok(Route { template: template.to_owned(), segments, operations, allow })
    }

    fn operation(
        &self,
        template: &str,
        segments: &[Segment],
        item: &Node<'d>,
        node: &Node<'d>,
    ) -> Result<Operation, EmulatorError> {
        let Some(id) = node.value["operationId"].as_str() else {
            return Err(self.document.error(format_args!("an operation of {template} has no operationId")));
        };
        let mut parameters = self.parameters(node)?;
        for shared in self.parameters(item)? {
            if !parameters.iter().any(|own| own.name == shared.name && own.location == shared.location) {
                parameters.push(shared);
            }
        }
        let declared =
            |name: &String| parameters.iter().any(|own| own.location == ParameterLocation::Path && own.name == *name);
        let in_path: Vec<&String> = segments
            .iter()
            .filter_map(|segment| match segment {
                Segment::Parameter(name) => Some(name),
                Segment::Literal(_) => None,
            })
            .collect();
        if !in_path.iter().all(|name| declared(name))
            || in_path.len() != parameters.iter().filter(|own| own.location == ParameterLocation::Path).count()
        {
            return Err(self.document.error(format_args!("{id}: the path parameters do not match {template}")));
        }
        Ok(Operation {
            id: id.to_owned(),
            parameters,
            body: self.body(node)?,
            response_schema: self.response_schema(node)?,
            token: self.token(id, node)?,
        })
    }

    fn parameters(&self, owner: &Node<'d>) -> Result<Vec<Parameter>, EmulatorError> {
        let count = owner.value["parameters"].as_array().map_or(0, Vec::len);
        (0..count).map(|index| self.parameter(&format!("{}/parameters/{index}", owner.pointer))).collect()
    }

    fn parameter(&self, pointer: &str) -> Result<Parameter, EmulatorError> {
        let node = self.document.follow(pointer)?;
        let Some(name) = node.value["name"].as_str() else {
            return Err(self.document.error(format_args!("the parameter at {pointer} has no name")));
        };
        let location = match node.value["in"].as_str() {
            Some("path") => ParameterLocation::Path,
            Some("query") => ParameterLocation::Query,
            Some("header") => ParameterLocation::Header,
            other => {
                return Err(self.document.error(format_args!("{name}: a parameter in {other:?} is not supported")));
            }
        };
        let Some(schema) = self.document.child(&node, "schema")? else {
            return Err(self.document.error(format_args!("the parameter {name} has no schema")));
        };
        let explode = node.value["explode"].as_bool().unwrap_or(location == ParameterLocation::Query);
        Ok(Parameter {
            name: name.to_owned(),
            location,
            required: node.value["required"].as_bool().unwrap_or(false),
            syntax: match scalar(schema.value) {
                Some(true) => ParameterSyntax::Scalar,
                Some(false) => ParameterSyntax::Text,
                None => {
                    let items = self.document.child(&schema, "items")?;
                    let scalar = items.is_some_and(|items| scalar(items.value).unwrap_or(false));
                    ParameterSyntax::List { commas: !explode, scalar }
                }
            },
            default: schema.value.get("default").cloned(),
            schema: compile(self.document, &schema.pointer)?,
        })
    }

    fn body(&self, operation: &Node<'d>) -> Result<Option<BodyRule>, EmulatorError> {
        let Some(body) = self.document.child(operation, "requestBody")? else { return Ok(None) };
        let media = self.schemas(&body)?;
        let required = body.value["required"].as_bool().unwrap_or(false);
        Ok(Some(BodyRule { required, media }))
    }

    fn response_schema(&self, operation: &Node<'d>) -> Result<Option<Schema>, EmulatorError> {
        let Some(responses) = self.document.child(operation, "responses")? else { return Ok(None) };
        let Some(ok) = self.document.child(&responses, "200")? else { return Ok(None) };
        let media = self.schemas(&ok)?;
        Ok(media.into_iter().find(|(name, _)| name == "application/json").map(|(_, schema)| schema))
    }

    /// Returns the media types of a `content` object, with their schemas.
    fn schemas(&self, owner: &Node<'d>) -> Result<Vec<(String, Schema)>, EmulatorError> {
        let mut media = Vec::new();
        for name in owner.value["content"].as_object().into_iter().flat_map(|content| content.keys()) {
            let schema = format!("{}/content/{}/schema", owner.pointer, escape(name));
            let schema = self.document.follow(&schema)?;
            media.push((name.to_ascii_lowercase(), compile(self.document, &schema.pointer)?));
        }
        Ok(media)
    }

    /// Returns the token rule of an operation's security. Its own `security` replaces that of the document.
    fn token(&self, id: &str, operation: &Node<'d>) -> Result<Option<TokenRule>, EmulatorError> {
        let root = self.document.root();
        let security = operation.value.get("security").or(root.get("security")).and_then(Value::as_array);
        let alternatives: Vec<&serde_json::Map<String, Value>> =
            security.into_iter().flatten().filter_map(Value::as_object).collect();
        // An empty alternative needs no credentials.
        if alternatives.iter().any(|schemes| schemes.is_empty()) || alternatives.is_empty() {
            return Ok(None);
        }
        for scheme_name in alternatives.iter().flat_map(|schemes| schemes.keys()) {
            let pointer = format!("/components/securitySchemes/{}", escape(scheme_name));
            let scheme = self.document.follow(&pointer)?.value;
            // Only the header scheme of a token has a documented length.
            let Some(length) = scheme.get("x-length").filter(|_| scheme["in"] == "header") else { continue };
            let name = scheme["name"].as_str().unwrap_or_default();
            let bound = |key: &str| length[key].as_u64().and_then(|number| usize::try_from(number).ok());
            return match (HeaderName::from_bytes(name.as_bytes()), bound("min"), bound("max")) {
                (Ok(header), Some(min), Some(max)) => {
                    Ok(Some(TokenRule { header, header_name: name.to_owned(), min, max }))
                }
                _ => Err(self.document.error(format_args!("{pointer} needs a header name and x-length {{min, max}}"))),
            };
        }
        Err(self.document.error(format_args!("{id}: no alternative of its security is a header with x-length")))
    }
}

/// Whether the text of a parameter is JSON (`Some(true)`) or plain text; `None` for a list.
fn scalar(schema: &Value) -> Option<bool> {
    match schema["type"].as_str() {
        Some("array") => None,
        Some("integer" | "number" | "boolean") => Some(true),
        _ => Some(false),
    }
}

#[cfg(test)]
mod tests;
