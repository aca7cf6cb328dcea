//! The allowed keys of each object in a spec: those of OpenAPI 3.0.3, except those that the generator drops and nothing
//! enforces.

use located_yaml::Node;

use crate::diagnostic::Diagnostic;
use crate::operations::METHODS;

/// Keys that limit a value.
pub(super) const LIMITS: &[&str] = &[
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
];

/// Our own keys. Any other `x-` key counts as misspelt: nothing would read it.
const EXTENSIONS: &[&str] = &["x-page", "x-source", "x-iam-action", "x-length", "x-mandatory", "x-rate-limit"];

/// A kind of object in an OpenAPI document.
struct ObjectKind {
    name: &'static str,
    /// The keys, separated by spaces.
    keys: &'static str,
    /// Valid OpenAPI keys that have no effect here.
    dropped: &'static str,
    /// Keys whose value is an object of another kind, or a collection of them.
    children: &'static [(&'static str, Shape, &'static ObjectKind)],
}

/// The form of the children of a key.
#[derive(Clone, Copy)]
enum Shape {
    One,
    List,
    Map,
}

static INFO: ObjectKind = ObjectKind {
    name: "the info object",
    keys: "title description version termsOfService contact license",
    dropped: "",
    children: &[],
};

static SCHEMA: ObjectKind = ObjectKind {
    name: "a schema",
    keys: "type format title description enum default nullable minLength maxLength pattern minItems maxItems \
        minimum maximum items properties required additionalProperties allOf oneOf anyOf deprecated example",
    dropped: "uniqueItems multipleOf exclusiveMinimum exclusiveMaximum minProperties maxProperties readOnly \
        writeOnly discriminator not xml externalDocs",
    children: &[
        ("items", Shape::One, &SCHEMA),
        ("additionalProperties", Shape::One, &SCHEMA),
        ("properties", Shape::Map, &SCHEMA),
        ("allOf", Shape::List, &SCHEMA),
        ("oneOf", Shape::List, &SCHEMA),
        ("anyOf", Shape::List, &SCHEMA),
    ],
};

static MEDIA: ObjectKind = ObjectKind {
    name: "a media type",
    keys: "schema example examples",
    dropped: "encoding",
    children: &[("schema", Shape::One, &SCHEMA)],
};

static PARAMETER: ObjectKind = ObjectKind {
    name: "a parameter",
    keys: "name in required description schema deprecated example examples",
    dropped: "style explode allowEmptyValue allowReserved content",
    children: &[("schema", Shape::One, &SCHEMA)],
};

static BODY: ObjectKind = ObjectKind {
    name: "a request body",
    keys: "description required content",
    dropped: "",
    children: &[("content", Shape::Map, &MEDIA)],
};

static RESPONSE: ObjectKind = ObjectKind {
    name: "a response",
    keys: "description content",
    dropped: "headers links",
    children: &[("content", Shape::Map, &MEDIA)],
};

static OPERATION: ObjectKind = ObjectKind {
    name: "an operation",
    keys: "operationId summary description tags parameters requestBody responses security deprecated \
        externalDocs",
    dropped: "callbacks servers",
    children: &[
        ("parameters", Shape::List, &PARAMETER),
        ("requestBody", Shape::One, &BODY),
        ("responses", Shape::Map, &RESPONSE),
    ],
};

static PATH: ObjectKind = ObjectKind {
    name: "a path item",
    keys: "get put post delete options head patch trace parameters summary description",
    dropped: "servers",
    children: &[("parameters", Shape::List, &PARAMETER)],
};

static SCHEME: ObjectKind = ObjectKind {
    name: "a security scheme",
    keys: "type name in description",
    dropped: "scheme bearerFormat flows openIdConnectUrl",
    children: &[],
};

static COMPONENTS: ObjectKind = ObjectKind {
    name: "the components",
    keys: "schemas parameters requestBodies responses securitySchemes",
    dropped: "examples headers links callbacks",
    children: &[
        ("schemas", Shape::Map, &SCHEMA),
        ("parameters", Shape::Map, &PARAMETER),
        ("requestBodies", Shape::Map, &BODY),
        ("responses", Shape::Map, &RESPONSE),
        ("securitySchemes", Shape::Map, &SCHEME),
    ],
};

static DOCUMENT: ObjectKind = ObjectKind {
    name: "the document",
    keys: "openapi info servers security tags paths components externalDocs",
    dropped: "",
    children: &[("info", Shape::One, &INFO), ("paths", Shape::Map, &PATH), ("components", Shape::One, &COMPONENTS)],
};

/// Reports every key that is unknown in its object, or has no effect.
pub(super) fn check(root: &Node, found: &mut Vec<Diagnostic>) {
    object(root, &DOCUMENT, found);
}

fn object(node: &Node, kind: &ObjectKind, found: &mut Vec<Diagnostic>) {
    for entry in node.entries() {
        let key = entry.key.as_str();
        let has = |keys: &str| keys.split(' ').any(|known| known == key);
        let known = has(kind.keys) || EXTENSIONS.contains(&key) || key == "$ref";
        let (rule, message, help) = if known {
            continue;
        } else if has(kind.dropped) {
            (
                "dropped",
                format!("`{key}` of {} has no effect here", kind.name),
                "Remove it, or extend huaweicloud-hss-codegen to enforce it.".to_owned(),
            )
        } else {
            let help = match nearest(key, kind.keys.split(' ').chain(EXTENSIONS.iter().copied())) {
                Some(near) => format!("Did you mean `{near}`?"),
                None => "Remove it.".to_owned(),
            };
            ("unknown-key", format!("`{key}` is not a key of {}", kind.name), help)
        };
        found.push(Diagnostic { rule, at: entry.at, message, help });
    }
    for (key, shape, child) in kind.children {
        let Some(value) = node.get(key) else { continue };
        match shape {
            Shape::One => object(value, child, found),
            Shape::List => value.items().iter().for_each(|item| object(item, child, found)),
            Shape::Map => value.entries().iter().for_each(|entry| object(&entry.node, child, found)),
        }
    }
    if kind.name == PATH.name {
        let operations = node.entries().iter().filter(|entry| METHODS.contains(&entry.key.as_str()));
        operations.for_each(|entry| object(&entry.node, &OPERATION, found));
    }
}

/// Returns the known key that is closest to a misspelt one, if any is close.
fn nearest<'a>(key: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let key = key.to_lowercase();
    known
        .map(|known| (strsim::levenshtein(&key, &known.to_lowercase()), known))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, known)| known)
}
