//! Validates values against a compiled schema, and reports the first rule that is violated.

use std::cmp::Ordering;

use serde_json::Value;

use super::rule::{Rule, SchemaIndex, compare};

/// A compiled schema, with all schemas that it refers to.
#[derive(Debug)]
pub(crate) struct Schema {
    /// The rules of each schema object. The first one is the schema itself.
    pub(super) objects: Vec<Vec<Rule>>,
}

/// A rule that a value violates, and where in the value.
#[derive(Debug)]
pub(crate) struct Violation<'v> {
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

impl Violation<'_> {
    /// Returns the steps from the whole value to the part.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().rev()
    }
}

impl Schema {
    /// Validates a value.
    pub(crate) fn validate<'v>(&self, value: &'v Value) -> Result<(), Violation<'v>> {
        self.validate_at(0, value)
    }

    fn validate_at<'v>(&self, schema: SchemaIndex, value: &'v Value) -> Result<(), Violation<'v>> {
        self.objects.get(schema).into_iter().flatten().try_for_each(|rule| self.satisfies(rule, value))
    }

    /// Validates a part of a value, which is one step away from it.
    fn validate_part<'v>(
        &self,
        schema: SchemaIndex,
        part: &'v Value,
        step: impl FnOnce() -> Step,
    ) -> Result<(), Violation<'v>> {
        self.validate_at(schema, part).map_err(|mut violation| {
            violation.steps.push(step());
            violation
        })
    }

    fn satisfies<'v>(&self, rule: &Rule, value: &'v Value) -> Result<(), Violation<'v>> {
        let is_valid = |schema: &&SchemaIndex| self.validate_at(**schema, value).is_ok();
        let is_satisfied = match (rule, value) {
            (Rule::Type(kinds), _) => kinds.iter().any(|kind| kind.includes(value)),
            (Rule::Enum(options), _) => options.contains(value),
            (Rule::Minimum { limit, exclusive }, Value::Number(number)) => match compare(number, limit) {
                Ordering::Equal => !exclusive,
                order => order == Ordering::Greater,
            },
            (Rule::Maximum { limit, exclusive }, Value::Number(number)) => match compare(number, limit) {
                Ordering::Equal => !exclusive,
                order => order == Ordering::Less,
            },
            // Lengths are numbers of characters, not of bytes.
            (Rule::MinLength(limit), Value::String(text)) => text.chars().count() as u64 >= *limit,
            (Rule::MaxLength(limit), Value::String(text)) => text.chars().count() as u64 <= *limit,
            (Rule::MinItems(limit), Value::Array(items)) => items.len() as u64 >= *limit,
            (Rule::MaxItems(limit), Value::Array(items)) => items.len() as u64 <= *limit,
            (Rule::Required(name), Value::Object(object)) => object.contains_key(name),
            (Rule::Closed(named), Value::Object(object)) => object.keys().all(|name| named.contains(name)),
            (Rule::Others { named, schema }, Value::Object(object)) => {
                let mut others = object.iter().filter(|(name, _)| !named.contains(name));
                return others
                    .try_for_each(|(name, part)| self.validate_part(*schema, part, || Step::Property(name.clone())));
            }
            (Rule::Properties(properties), Value::Object(object)) => {
                return properties.iter().try_for_each(|(name, schema)| match object.get(name) {
                    Some(part) => self.validate_part(*schema, part, || Step::Property(name.clone())),
                    None => Ok(()),
                });
            }
            (Rule::Items(schema), Value::Array(items)) => {
                let mut items = items.iter().enumerate();
                return items.try_for_each(|(index, part)| self.validate_part(*schema, part, || Step::Item(index)));
            }
            (Rule::AllOf(schemas), _) => return schemas.iter().try_for_each(|schema| self.validate_at(*schema, value)),
            (Rule::AnyOf(schemas), _) => schemas.iter().any(|schema| is_valid(&schema)),
            (Rule::OneOf(schemas), _) => schemas.iter().filter(is_valid).count() == 1,
            // The rule is for values of another type.
            _ => true,
        };
        if is_satisfied { Ok(()) } else { Err(Violation { steps: Vec::new(), given: value, rule: rule.clone() }) }
    }
}
