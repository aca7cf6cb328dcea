//! Compares what two releases of a spec state.

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use super::change::Change;
use super::flatten::{Call, Key, Statement};
use super::rules::{Direction, rule};
use crate::facts::Location;
use crate::spec::Spec;

/// Returns everything that changed from one release of a spec to the next. A spec that is missing on one side was added
/// or removed.
#[must_use]
pub fn changes(base: Option<&Spec>, new: Option<&Spec>) -> Vec<Change> {
    let (old_calls, new_calls) = (Call::all(base), Call::all(new));
    let mut found = Vec::new();
    let mut matched: Vec<usize> = Vec::new();
    let existence = |call: &Call<'_>, action, values| {
        let (request, operation) = (Direction::Request, Location::Operation);
        change(call, (request, operation, "existence", action), "", values, call.method.at.line)
    };
    for old in &old_calls {
        // By operationId; a renamed call is found by its address, unless another old call has that operationId.
        let same = |new: &Call<'_>| new.id() == old.id() && new.address() == old.address();
        let named = |new: &Call<'_>| !old.id().is_empty() && new.id() == old.id();
        let renamed =
            |new: &Call<'_>| new.address() == old.address() && !old_calls.iter().any(|other| other.id() == new.id());
        let find = |is: &dyn Fn(&Call<'_>) -> bool| new_calls.iter().position(is);
        match find(&same).or_else(|| find(&named)).or_else(|| find(&renamed)) {
            Some(index) => {
                matched.push(index);
                compare(old, &new_calls[index], &mut found);
            }
            None => found.push(existence(old, "removed", (json!(old.address()), Json::Null))),
        }
    }
    let added = new_calls.iter().enumerate().filter(|(index, _)| !matched.contains(index));
    found.extend(added.map(|(_, new)| existence(new, "added", (Json::Null, json!(new.address())))));
    found
}

fn change(
    call: &Call<'_>,
    (direction, location, kind, action): (Direction, Location, &str, &str),
    name: &str,
    (base, new): (Json, Json),
    line: u64,
) -> Change {
    let rule = rule(direction, location, kind, action);
    Change {
        id: rule.id,
        severity: rule.severity,
        operation: call.id().to_owned(),
        name: name.to_owned(),
        base,
        new,
        accepted: None,
        file: call.spec.name().to_owned(),
        line,
    }
}

/// Compares two releases of an operation.
fn compare(old: &Call<'_>, new: &Call<'_>, found: &mut Vec<Change>) {
    let (before, after) = (old.statements(), new.statements());
    let moved = old.address() != new.address();
    let (before_by_key, after_by_key) = (by_key(&before), by_key(&after));
    for (statements, others, is_old) in [(&before, &after_by_key, true), (&after, &before_by_key, false)] {
        // A statement has no meaning where the one that it belongs to is missing or has changed.
        let mut comparable: Vec<bool> = Vec::new();
        for statement in statements {
            let other = others.get(&id(&statement.key)).copied();
            let owned = statement.owner.is_none_or(|owner| comparable[owner]);
            let same_kind = other.is_some_and(|other| !is_other_kind(&statement.key, &statement.value, &other.value));
            comparable.push(owned && same_kind);
            // A changed path already reports its parameters.
            let is_reported = moved && statement.key.location == Location::Path && other.is_none();
            if !owned || is_reported || (!is_old && other.is_some()) {
                continue;
            }
            let stated = Some(&statement.value);
            let other_value = other.map(|other| &other.value);
            let (base, now) = if is_old { (stated, other_value) } else { (other_value, stated) };
            let Some((location, kind, action, values)) = outcome(&statement.key, base, now) else { continue };
            // The line in the newer release, or in the older one if the newer has none.
            let (call, line) = match other {
                Some(other) => (new, other.line),
                None => (if is_old { old } else { new }, statement.line),
            };
            let rule = (statement.key.direction, location, kind.as_str(), action);
            // The operation keeps its older name.
            found.push(Change {
                operation: old.id().to_owned(),
                ..change(call, rule, &statement.key.name, values, line)
            });
        }
    }
}

fn by_key(statements: &[Statement]) -> HashMap<String, &Statement> {
    statements.iter().map(|statement| (id(&statement.key), statement)).collect()
}

fn id(key: &Key) -> String {
    format!("{key:?}")
}

/// Whether a value or credential is of another kind, so that nothing that belongs to it can be compared.
fn is_other_kind(key: &Key, old: &Json, new: &Json) -> bool {
    match key.kind {
        "type" => type_change(old, new).is_some_and(|(_, action, _)| action == "changed"),
        "security-scheme" => old != new,
        _ => false,
    }
}

type Outcome = (Location, String, &'static str, (Json, Json));

/// Returns what became of a statement: location, kind, action and the two values.
fn outcome(key: &Key, old: Option<&Json>, new: Option<&Json>) -> Option<Outcome> {
    let (location, kind) = (key.location, key.kind);
    let values = (old.cloned().unwrap_or_default(), new.cloned().unwrap_or_default());
    let is_part = ["parameter", "field", "body"].contains(&kind);
    let (kind, action, values) = match (old, new) {
        (Some(old), Some(new)) if kind == "type" => type_change(old, new)?,
        _ if kind == "type" || (kind == "security-scheme" && (old.is_none() || new.is_none())) => return None,
        (None, Some(required)) if is_part => {
            let mandatory = key.direction == Direction::Request && *required == json!(true);
            let kind = if mandatory { format!("mandatory-{kind}") } else { kind.to_owned() };
            return Some((location, kind, "added", (Json::Null, json!(true))));
        }
        (Some(_), None) if is_part => (kind, "removed", (json!(true), Json::Null)),
        (Some(old), Some(new)) if is_part && old != new => {
            let location = if kind == "body" { Location::Body } else { location };
            let action = if *new == json!(true) { "added" } else { "removed" };
            return Some((location, "mandatory".to_owned(), action, values));
        }
        (None, _) => (kind, "added", values),
        (_, None) => (kind, "removed", values),
        (Some(old), Some(new)) if old == new || ["security", "enum"].contains(&kind) => return None,
        (Some(old), Some(new)) => {
            let numbers = old.as_f64().zip(new.as_f64()).filter(|_| kind.starts_with("min") || kind.starts_with("max"));
            let action = match numbers {
                None => "changed",
                Some((old, new)) if new > old => "raised",
                Some((old, new)) if new < old => "lowered",
                Some(_) => return None,
            };
            (kind, action, values)
        }
    };
    Some((location, kind.to_owned(), action, values))
}

/// Compares type and format.
fn type_change(old: &Json, new: &Json) -> Option<(&'static str, &'static str, (Json, Json))> {
    let of = |index: usize| (old[index].clone(), new[index].clone());
    let (types, formats) = (of(0), of(1));
    if old[2] != new[2] {
        return Some(("type", "changed", of(2)));
    }
    match (types.0.as_str(), types.1.as_str()) {
        (from, to) if from == to => {}
        (Some("integer"), Some("number")) => return Some(("type", "widened", types)),
        (Some("number"), Some("integer")) => return Some(("type", "narrowed", types)),
        _ => return Some(("type", "changed", types)),
    }
    let wide = |format: &Json| format == "int64" || format == "double";
    let narrow = |format: &Json| format.is_null() || format == "int32" || format == "float";
    let is_number = ["integer", "number"].contains(&types.0.as_str().unwrap_or_default());
    // Integers have 32 bits unless their format states more.
    match (&formats.0, &formats.1) {
        (from, to) if from == to || (is_number && narrow(from) && narrow(to)) => None,
        (from, to) if is_number && wide(from) != wide(to) => {
            Some(("type", if wide(to) { "widened" } else { "narrowed" }, formats.clone()))
        }
        (Json::Null, _) => Some(("format", "added", formats)),
        (_, Json::Null) => Some(("format", "removed", formats)),
        _ => Some(("format", "changed", formats)),
    }
}
