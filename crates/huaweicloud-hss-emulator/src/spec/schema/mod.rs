//! Owns schemas: compiling a schema object of OpenAPI 3.0 where it stands, and finding the first rule that a value breaks.
//!
//! It knows the keywords that the specs and the joined document use. Another one would be judged by nobody, so it is an error when the
//! schema is compiled. In tests the crate `jsonschema` is the judge of this one; in `hss` that crate and what it needs were, with a
//! reader of YAML, a third of the program.

use crate::error::EmulatorError;
use crate::spec::document::{Document, escape};
use serde_json::{Map, Number, Value};
use std::cmp::Ordering;
use std::collections::HashMap;

/// What stands in a schema for people and generators only, or is read elsewhere.
const NO_RULES: [&str; 11] = [
    "default",
    "deprecated",
    "description",
    "example",
    "externalDocs",
    "format",
    "nullable",
    "readOnly",
    "title",
    "writeOnly",
    "xml",
];

/// A compiled schema, with all that it refers to.
#[derive(Debug)]
pub(crate) struct Schema {
    /// The first one is the schema itself.
    objects: Vec<Vec<Rule>>,
}

/// 2^64: serde_json reads an integer from here on as a float.
const BEYOND_64_BITS: f64 = 18_446_744_073_709_551_616.0;

/// The place of a schema object in its [`Schema`].
type Place = usize;

/// One rule of a schema object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Rule {
    Type(Vec<Kind>),
    Enum(Vec<Value>),
    Minimum {
        limit: Number,
        exclusive: bool,
    },
    Maximum {
        limit: Number,
        exclusive: bool,
    },
    MinLength(u64),
    MaxLength(u64),
    MinItems(u64),
    MaxItems(u64),
    Required(String),
    /// The properties a value may have, and nothing else.
    Closed(Vec<String>),
    /// Rules for the properties that are not named.
    Others {
        named: Vec<String>,
        rules: Place,
    },
    Properties(Vec<(String, Place)>),
    Items(Place),
    AllOf(Vec<Place>),
    AnyOf(Vec<Place>),
    OneOf(Vec<Place>),
}

/// A type of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Array,
    Boolean,
    Integer,
    Null,
    Number,
    Object,
    String,
}

impl Kind {
    const ALL: [Self; 7] =
        [Self::Array, Self::Boolean, Self::Integer, Self::Null, Self::Number, Self::Object, Self::String];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Null => "null",
            Self::Number => "number",
            Self::Object => "object",
            Self::String => "string",
        }
    }

    /// Of what type a value is. A number is an integer where it is written as one; serde_json has as a float what 64 bits do not hold.
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number)
                if number.as_f64().is_some_and(|float| number.is_f64() && float.abs() < BEYOND_64_BITS) =>
            {
                Self::Number
            }
            Value::Number(_) => Self::Integer,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }

    fn holds(self, value: &Value) -> bool {
        let kind = Self::of(value);
        self == kind || (self == Self::Number && kind == Self::Integer)
    }
}

/// A rule that a value breaks, and where in the value.
#[derive(Debug)]
pub(crate) struct Broken<'v> {
    /// From the innermost part outwards.
    steps: Vec<Step>,
    pub(crate) given: &'v Value,
    pub(crate) rule: Rule,
}

/// A step into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Item(usize),
    Property(String),
}

impl Broken<'_> {
    /// The way from the whole value to the part.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().rev()
    }
}

impl Schema {
    /// Compiles the schema at a pointer, with all that it refers to.
    pub(crate) fn compile(document: &Document, pointer: &str) -> Result<Self, EmulatorError> {
        let mut compiler = Compiler { document, places: HashMap::new(), objects: Vec::new(), open: Vec::new() };
        compiler.object(pointer)?;
        Ok(Self { objects: compiler.objects })
    }

    /// A schema that a test has by itself.
    #[cfg(test)]
    pub(crate) fn of(schema: &Value) -> Result<Self, EmulatorError> {
        let document = serde_json::json!({ "openapi": "3.0.3", "components": { "schemas": { "S": schema } } });
        Self::compile(&Document::read("test", &document.to_string())?, "/components/schemas/S")
    }

    /// Judges a value.
    pub(crate) fn judge<'v>(&self, value: &'v Value) -> Result<(), Broken<'v>> {
        self.judge_by(0, value)
    }

    fn judge_by<'v>(&self, place: Place, value: &'v Value) -> Result<(), Broken<'v>> {
        self.objects.get(place).into_iter().flatten().try_for_each(|rule| self.obeys(rule, value))
    }

    /// Judges a part of a value, which is that step away from it.
    fn judge_part<'v>(&self, place: Place, part: &'v Value, step: impl FnOnce() -> Step) -> Result<(), Broken<'v>> {
        self.judge_by(place, part).map_err(|mut broken| {
            broken.steps.push(step());
            broken
        })
    }

    fn obeys<'v>(&self, rule: &Rule, value: &'v Value) -> Result<(), Broken<'v>> {
        let fits = |place: &&Place| self.judge_by(**place, value).is_ok();
        let good = match (rule, value) {
            (Rule::Type(kinds), _) => kinds.iter().any(|kind| kind.holds(value)),
            (Rule::Enum(options), _) => options.contains(value),
            (Rule::Minimum { limit, exclusive }, Value::Number(number)) => match compare(number, limit) {
                Ordering::Equal => !exclusive,
                order => order == Ordering::Greater,
            },
            (Rule::Maximum { limit, exclusive }, Value::Number(number)) => match compare(number, limit) {
                Ordering::Equal => !exclusive,
                order => order == Ordering::Less,
            },
            // The limits count characters, not bytes.
            (Rule::MinLength(limit), Value::String(text)) => text.chars().count() as u64 >= *limit,
            (Rule::MaxLength(limit), Value::String(text)) => text.chars().count() as u64 <= *limit,
            (Rule::MinItems(limit), Value::Array(items)) => items.len() as u64 >= *limit,
            (Rule::MaxItems(limit), Value::Array(items)) => items.len() as u64 <= *limit,
            (Rule::Required(name), Value::Object(object)) => object.contains_key(name),
            (Rule::Closed(named), Value::Object(object)) => object.keys().all(|name| named.contains(name)),
            (Rule::Others { named, rules }, Value::Object(object)) => {
                let mut others = object.iter().filter(|(name, _)| !named.contains(name));
                return others
                    .try_for_each(|(name, part)| self.judge_part(*rules, part, || Step::Property(name.clone())));
            }
            (Rule::Properties(properties), Value::Object(object)) => {
                return properties.iter().try_for_each(|(name, place)| match object.get(name) {
                    Some(part) => self.judge_part(*place, part, || Step::Property(name.clone())),
                    None => Ok(()),
                });
            }
            (Rule::Items(place), Value::Array(items)) => {
                let mut items = items.iter().enumerate();
                return items.try_for_each(|(index, part)| self.judge_part(*place, part, || Step::Item(index)));
            }
            (Rule::AllOf(places), _) => return places.iter().try_for_each(|place| self.judge_by(*place, value)),
            (Rule::AnyOf(places), _) => places.iter().any(|place| fits(&place)),
            (Rule::OneOf(places), _) => places.iter().filter(fits).count() == 1,
            // A rule for values of another type.
            _ => true,
        };
        if good { Ok(()) } else { Err(Broken { steps: Vec::new(), given: value, rule: rule.clone() }) }
    }
}

/// Compares two numbers as they are written: whole ones do not lose their last digits.
fn compare(left: &Number, right: &Number) -> Ordering {
    match (whole(left), whole(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => {
            let [left, right] = [left, right].map(|number| number.as_f64().unwrap_or(f64::NAN));
            left.total_cmp(&right)
        }
    }
}

/// The number, if it is whole. Every float beyond 2^53 is.
fn whole(number: &Number) -> Option<i128> {
    if let Some(number) = number.as_i128() {
        return Some(number);
    }
    number.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 1e38).map(|number| number as i128)
}

/// Compiles schema objects of one document where they stand, each once.
struct Compiler<'d> {
    document: &'d Document,
    /// By the pointer to where each stands.
    places: HashMap<String, Place>,
    objects: Vec<Vec<Rule>>,
    /// Those being compiled that judge the same value: none of them may come to judge it again.
    open: Vec<Place>,
}

impl Compiler<'_> {
    fn object(&mut self, pointer: &str) -> Result<Place, EmulatorError> {
        let document = self.document;
        // What stands beside a $ref does not count in OpenAPI 3.0.
        let node = document.follow(pointer)?;
        if let Some(place) = self.places.get(&node.pointer) {
            if self.open.contains(place) {
                return Err(self.wrong(&node.pointer, "is a part of itself"));
            }
            return Ok(*place);
        }
        let place = self.objects.len();
        self.objects.push(Vec::new());
        self.places.insert(node.pointer.clone(), place);
        let Value::Object(object) = node.value else { return Err(self.wrong(&node.pointer, "is no object")) };
        self.open.push(place);
        let rules = self.rules(&node.pointer, object)?;
        self.open.pop();
        if let Some(object) = self.objects.get_mut(place) {
            *object = rules;
        }
        Ok(place)
    }

    /// The schema of a part of a value, which may well be judged by one that judges the whole.
    fn part(&mut self, pointer: &str) -> Result<Place, EmulatorError> {
        let open = std::mem::take(&mut self.open);
        let place = self.object(pointer)?;
        self.open = open;
        Ok(place)
    }

    fn rules(&mut self, at: &str, object: &Map<String, Value>) -> Result<Vec<Rule>, EmulatorError> {
        let mut rules = Vec::new();
        let mut kinds = Vec::new();
        if let Some(kind) = object.get("type") {
            let known = Kind::ALL.into_iter().find(|known| *kind == known.name());
            kinds.push(known.ok_or_else(|| self.wrong(at, format_args!("type is {kind}")))?);
        }
        let nullable = self.flag(at, object, "nullable")?;
        if nullable && !kinds.is_empty() {
            kinds.push(Kind::Null);
        }
        // An integer's format is a range. A text's format says nothing about which texts are taken.
        let range = match (kinds.first(), object.get("format").and_then(Value::as_str)) {
            (Some(Kind::Integer), Some("int32")) => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
            (Some(Kind::Integer), Some("int64")) => Some((i64::MIN, i64::MAX)),
            _ => None,
        };
        if !kinds.is_empty() {
            rules.push(Rule::Type(kinds));
        }
        if let Some(options) = self.list(at, object, "enum")? {
            let mut options = options.clone();
            if nullable && !options.contains(&Value::Null) {
                options.push(Value::Null);
            }
            rules.push(Rule::Enum(options));
        }
        if let Some(limit) = self.number(at, object, "minimum")?.or(range.map(|(least, _)| least.into())) {
            rules.push(Rule::Minimum { limit, exclusive: self.flag(at, object, "exclusiveMinimum")? });
        }
        if let Some(limit) = self.number(at, object, "maximum")?.or(range.map(|(_, most)| most.into())) {
            rules.push(Rule::Maximum { limit, exclusive: self.flag(at, object, "exclusiveMaximum")? });
        }
        rules.extend(self.count(at, object, "minLength")?.map(Rule::MinLength));
        rules.extend(self.count(at, object, "maxLength")?.map(Rule::MaxLength));
        rules.extend(self.count(at, object, "minItems")?.map(Rule::MinItems));
        rules.extend(self.count(at, object, "maxItems")?.map(Rule::MaxItems));
        for name in self.list(at, object, "required")?.into_iter().flatten() {
            let name = name.as_str().ok_or_else(|| self.wrong(at, format_args!("required holds {name}")))?;
            rules.push(Rule::Required(name.to_owned()));
        }
        let mut properties = Vec::new();
        for name in object.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
            properties.push((name.clone(), self.part(&format!("{at}/properties/{}", escape(name)))?));
        }
        let named = || properties.iter().map(|(name, _)| name.clone()).collect();
        match object.get("additionalProperties") {
            None | Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => rules.push(Rule::Closed(named())),
            Some(_) => {
                let others = self.part(&format!("{at}/additionalProperties"))?;
                rules.push(Rule::Others { named: named(), rules: others });
            }
        }
        if !properties.is_empty() {
            rules.push(Rule::Properties(properties));
        }
        if object.contains_key("items") {
            rules.push(Rule::Items(self.part(&format!("{at}/items"))?));
        }
        for (keyword, rule) in
            [("allOf", Rule::AllOf as fn(Vec<Place>) -> Rule), ("anyOf", Rule::AnyOf), ("oneOf", Rule::OneOf)]
        {
            if let Some(parts) = self.list(at, object, keyword)? {
                let places: Result<_, _> =
                    (0..parts.len()).map(|index| self.object(&format!("{at}/{keyword}/{index}"))).collect();
                rules.push(rule(places?));
            }
        }
        match object.keys().find(|keyword| !is_known(keyword)) {
            Some(keyword) => Err(self.wrong(at, format_args!("{keyword} cannot be judged"))),
            None => Ok(rules),
        }
    }

    fn flag(&self, at: &str, object: &Map<String, Value>, keyword: &str) -> Result<bool, EmulatorError> {
        Ok(self.read(at, object, keyword, "not true or false", Value::as_bool)?.unwrap_or(false))
    }

    fn number(&self, at: &str, object: &Map<String, Value>, keyword: &str) -> Result<Option<Number>, EmulatorError> {
        self.read(at, object, keyword, "no number", |value| value.as_number().cloned())
    }

    fn count(&self, at: &str, object: &Map<String, Value>, keyword: &str) -> Result<Option<u64>, EmulatorError> {
        self.read(at, object, keyword, "no count", Value::as_u64)
    }

    /// What a keyword is set to, if it is set; `other` says what anything else is.
    fn read<T>(
        &self,
        at: &str,
        object: &Map<String, Value>,
        keyword: &str,
        other: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, EmulatorError> {
        let Some(value) = object.get(keyword) else { return Ok(None) };
        let wrong = || self.wrong(at, format_args!("{keyword} is {value}, {other}"));
        read(value).map(Some).ok_or_else(wrong)
    }

    /// The list that a keyword is set to, if it is set.
    fn list<'o>(
        &self,
        at: &str,
        object: &'o Map<String, Value>,
        keyword: &str,
    ) -> Result<Option<&'o Vec<Value>>, EmulatorError> {
        let Some(value) = object.get(keyword) else { return Ok(None) };
        value.as_array().map(Some).ok_or_else(|| self.wrong(at, format_args!("{keyword} is no list")))
    }

    fn wrong(&self, at: &str, what: impl std::fmt::Display) -> EmulatorError {
        self.document.error(format_args!("the schema at {at}: {what}"))
    }
}

fn is_known(keyword: &str) -> bool {
    const RULES: [&str; 17] = [
        "additionalProperties",
        "allOf",
        "anyOf",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "items",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "oneOf",
        "properties",
        "required",
        "type",
    ];
    RULES.contains(&keyword) || NO_RULES.contains(&keyword) || keyword.starts_with("x-")
}

#[cfg(test)]
mod tests;
