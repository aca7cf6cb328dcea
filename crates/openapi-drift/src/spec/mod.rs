//! Reads the facts of a spec: what each operation of an OpenAPI document states about its parameters, body and
//! response.

pub(crate) mod schema;

use self::schema::{Resolved, properties, type_name};
use crate::facts::METHODS;
use crate::facts::{FactKind, Located, Location, OperationFacts, Parameter, bounds, is_implied_header};
use located_yaml::{Entry, Node, YamlError};

/// An OpenAPI document, with the position of everything in it.
#[derive(Clone, Debug)]
pub struct Spec {
    name: String,
    root: Node,
}

/// One operation of a spec.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The name of its spec.
    pub spec: String,
    /// What the spec states about it.
    pub facts: OperationFacts,
    /// The line of its method.
    pub line: u64,
    /// Whether it names a reference page (`x-page`), and not another source.
    pub has_page: bool,
}

impl Operation {
    /// Returns the operationId, or an empty string.
    #[must_use]
    pub fn id(&self) -> &str {
        self.facts.operation.as_deref().unwrap_or_default()
    }
}

impl Spec {
    /// Reads a spec. Reports use the name, such as `spec/hss.yaml`.
    ///
    /// # Errors
    /// The text is not YAML, or has no `paths`.
    pub fn read(name: impl Into<String>, text: &str) -> Result<Self, YamlError> {
        let (name, root) = (name.into(), located_yaml::read(text)?);
        if root.get("paths").is_none() {
            return Err(YamlError::new(root.at, "this is not an OpenAPI document: it has no `paths`"));
        }
        Ok(Self { name, root })
    }

    /// Returns the spec's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the document.
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Returns every operation with its facts, in the order of the document.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation> {
        let mut operations = Vec::new();
        for path in self.root.get("paths").map_or(&[][..], Node::entries) {
            for method in path.node.entries().iter().filter(|entry| METHODS.contains(&entry.key.as_str())) {
                operations.push(self.operation(path, method));
            }
        }
        operations
    }

    fn operation(&self, path: &Entry, method: &Entry) -> Operation {
        let operation = &method.node;
        let page = operation.get("x-page");
        let mut facts = OperationFacts {
            operation: operation.get("operationId").and_then(Node::as_str).map(str::to_owned),
            updated: page.and_then(|page| page.get("updated")).and_then(Node::as_str).map(str::to_owned),
            status: None,
            method: Located::new(method.key.to_uppercase(), method.at.line),
            path: Located::new(path.key.clone(), path.at.line),
            parameters: Vec::new(),
        };
        self.parameters(path, operation, &mut facts.parameters);
        self.credentials(operation, &mut facts.parameters);
        let body = operation.get("requestBody").map(|body| body.resolve(&self.root));
        if let Some(schema) = body.and_then(json_schema) {
            self.fields((Location::Body, ""), schema, &mut Vec::new(), &mut facts.parameters);
        }
        let responses = operation.get("responses").map_or(&[][..], Node::entries);
        if let Some(response) = responses.iter().find(|response| response.key.starts_with('2')) {
            let response = response.node.resolve(&self.root);
            for header in response.get("headers").map_or(&[][..], Node::entries) {
                let mut item = Parameter::new(Location::Response, header.key.as_str(), header.at.line);
                if let Some(schema) = header.node.resolve(&self.root).get("schema") {
                    self.schema(schema, &mut item);
                }
                facts.parameters.push(item);
            }
            if let Some(schema) = json_schema(response) {
                self.fields((Location::Response, ""), schema, &mut Vec::new(), &mut facts.parameters);
            }
        }
        Operation { spec: self.name.clone(), line: method.at.line, has_page: page.is_some(), facts }
    }

    fn parameters(&self, path: &Entry, operation: &Node, items: &mut Vec<Parameter>) {
        let own = operation.get("parameters").map_or(&[][..], Node::items);
        let shared = path.node.get("parameters").map_or(&[][..], Node::items);
        for written in shared.iter().chain(own) {
            let parameter = written.resolve(&self.root);
            let Some(name) = parameter.entry("name") else { continue };
            let location = match parameter.get("in").and_then(Node::as_str) {
                Some("path") => Location::Path,
                Some("query") => Location::Query,
                Some("header") => Location::Header,
                _ => continue,
            };
            let text = name.node.as_str().unwrap_or_default();
            if is_implied_header(location, text) {
                continue;
            }
            let mut item = Parameter::new(location, text, name.at.line);
            item.set_mandatory(parameter.entry("required"), name);
            if let Some(schema) = parameter.get("schema") {
                self.schema(schema, &mut item);
            }
            // An operation's own parameter replaces the path's parameter of the same name.
            items.retain(|known| known.location != location || known.name != text);
            items.push(item);
            if let Some(schema) = parameter.get("schema") {
                self.fields((location, &format!("{text}.")), schema, &mut Vec::new(), items);
            }
        }
    }

    /// A page lists the token among the headers, but a spec has it as a security scheme: see
    /// docs/design/generator-traps.md#p5. Pages do not list schemes without `x-mandatory` or `x-length`.
    fn credentials(&self, operation: &Node, items: &mut Vec<Parameter>) {
        let security = operation.get("security").or_else(|| self.root.get("security"));
        let used: Vec<&str> = security
            .map_or(&[][..], Node::items)
            .iter()
            .flat_map(|alternative| alternative.entries().iter().map(|scheme| scheme.key.as_str()))
            .collect();
        for scheme in self.root.pointer("#/components/securitySchemes").map_or(&[][..], Node::entries) {
            let node = scheme.node.resolve(&self.root);
            let listed = ["x-mandatory", "x-length"].iter().any(|key| node.get(key).is_some());
            let in_header = node.get("in").and_then(Node::as_str) == Some("header");
            let Some(name) = node.entry("name").filter(|_| listed && in_header && used.contains(&scheme.key.as_str()))
            else {
                continue;
            };
            let mut item = Parameter::new(Location::Header, name.node.as_str().unwrap_or_default(), name.at.line);
            item.set_mandatory(node.entry("x-mandatory"), name);
            item.set(FactKind::Type, "string", name.at.line);
            item.set_length(node.entry("x-length"));
            items.push(item);
        }
    }

    /// Adds the fields of an object, or of those in a list or map, and those of the objects in them.
    fn fields<'a>(
        &'a self,
        at: (Location, &str),
        schema: &'a Node,
        open: &mut Vec<&'a Node>,
        items: &mut Vec<Parameter>,
    ) {
        let (location, prefix) = at;
        let mut schema = Resolved::of(schema, &self.root);
        for _ in 0..8 {
            let values = schema.get("additionalProperties").filter(|values| !values.node.entries().is_empty());
            schema = schema.get("items").or(values).unwrap_or(schema);
        }
        // A schema that contains itself would recurse forever; no page nests deeper than this.
        if open.iter().any(|known| std::ptr::eq(*known, schema.node)) || open.len() > 16 || items.len() > 10_000 {
            return;
        }
        open.push(schema.node);
        for property in properties(&schema) {
            let name = format!("{prefix}{}", property.entry.key);
            let mut item = Parameter::new(location, name.as_str(), property.entry.at.line);
            if location != Location::Response {
                let line = property.required_line.unwrap_or(property.entry.at.line);
                item.set(FactKind::Mandatory, property.required_line.is_some(), line);
            }
            self.schema(&property.entry.node, &mut item);
            items.push(item);
            self.fields((location, &format!("{name}.")), &property.entry.node, open, items);
        }
        open.pop();
    }

    /// Adds what a schema states about one value.
    fn schema(&self, written: &Node, item: &mut Parameter) {
        let schema = Resolved::of(written, &self.root);
        let kind = type_name(&schema, 0);
        let line = schema.node.entry("type").map_or(schema.node.at.line, |entry| entry.at.line);
        item.set_range(schema.node, &kind);
        if let Some(default) = schema.node.entry("default") {
            item.set(FactKind::Default, default.node.to_json(), default.at.line);
        }
        // The values of a list are those of its elements.
        let mut element = schema;
        for _ in 0..8 {
            element = element.get("items").unwrap_or(element);
        }
        if let Some(values) = element.node.entry("enum") {
            item.set(FactKind::Enum, values.node.to_json(), values.at.line);
        }
        item.set(FactKind::Type, kind, line);
    }
}

impl Parameter {
    fn set_mandatory(&mut self, stated: Option<&Entry>, name: &Entry) {
        let mandatory = stated.is_some_and(|entry| entry.node.as_bool() == Some(true));
        self.set(FactKind::Mandatory, mandatory, stated.unwrap_or(name).at.line);
    }

    fn set_length(&mut self, length: Option<&Entry>) {
        if let Some(length) = length {
            let bound = |key| length.node.get(key).and_then(Node::as_i64);
            self.set(FactKind::Range, bounds(bound("min"), bound("max")), length.at.line);
        }
    }

    /// Sets the range of a schema: the enforced one, or `x-length`, which is not enforced: see
    /// docs/design/generator-traps.md#p3.
    fn set_range(&mut self, schema: &Node, kind: &str) {
        let (least, most) = bound_keys(kind);
        let (least, most) = (schema.entry(least), schema.entry(most));
        let number = |entry: Option<&Entry>| entry.and_then(|entry| entry.node.as_i64());
        match most.or(least) {
            Some(first) => self.set(FactKind::Range, bounds(number(least), number(most)), first.at.line),
            None => self.set_length(schema.entry("x-length")),
        }
    }
}

/// Returns the keys of the bounds of a type.
pub(crate) fn bound_keys(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "string" => ("minLength", "maxLength"),
        _ if kind.starts_with("array") => ("minItems", "maxItems"),
        _ => ("minimum", "maximum"),
    }
}

/// Returns the JSON schema of a request or response body.
fn json_schema(node: &Node) -> Option<&Node> {
    let content = node.get("content")?;
    let media = content.get("application/json").or_else(|| content.entries().first().map(|entry| &entry.node))?;
    media.get("schema")
}
