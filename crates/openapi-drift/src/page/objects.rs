//! Puts the tables of objects in their places: each lists the fields of a parameter, or of a class.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::block::{FieldTable, Place, Row, is_in_path};
use super::error::{PageError, PageErrorKind};
use super::labels::numbered;
use crate::facts::{FactKind, Location, Parameter, is_implied_header};
use crate::text::unstopped;

fn ambiguous(line: u64, message: String) -> PageError {
    PageError::new(PageErrorKind::Ambiguous, line, message)
}

/// Returns the parameters and fields of all tables. Every table must have its place.
pub(super) fn parameters(tables: &[FieldTable], path: &str) -> Result<Vec<Parameter>, PageError> {
    let mut tree = Tree { tables, used: RefCell::default(), open: Vec::new(), done: Vec::new(), seen: BTreeSet::new() };
    for table in tables.iter().filter(|table| table.counts) {
        match table.place {
            Place::Parameters(location) => tree.add(location, "", &table.rows)?,
            Place::Uri => {
                for row in &table.rows {
                    let in_path = is_in_path(path, &row.name.text);
                    let location = if in_path { Location::Path } else { Location::Query };
                    tree.add(location, "", std::slice::from_ref(row))?;
                }
            }
            Place::Fields(_) => {}
        }
    }
    let used = tree.used.borrow();
    for (index, table) in tables.iter().enumerate() {
        if table.counts && matches!(table.place, Place::Fields(_)) && !used.contains(&index) {
            let caption = table.caption.as_deref().unwrap_or_default();
            return Err(ambiguous(table.line, format!("\"{caption}\" lists fields, and no parameter is of that type")));
        }
    }
    drop(used);
    Ok(tree.done)
}

struct Tree<'a> {
    tables: &'a [FieldTable],
    used: RefCell<BTreeSet<usize>>,
    /// The tables whose fields are being added, so that an object within itself ends.
    open: Vec<usize>,
    done: Vec<Parameter>,
    seen: BTreeSet<(Location, String)>,
}

impl Tree<'_> {
    /// Adds the rows of a table, each followed by the fields of its object.
    fn add(&mut self, location: Location, prefix: &str, rows: &[Row]) -> Result<(), PageError> {
        for row in rows {
            let (name, line) = (format!("{prefix}{}", row.name.text), row.name.number);
            if is_implied_header(location, &name) {
                continue;
            }
            if !self.seen.insert((location, name.clone())) {
                return Err(ambiguous(line, format!("`{name}` appears twice among the {location} parameters")));
            }
            if self.done.len() >= 10_000 || self.open.len() >= 16 {
                return Err(ambiguous(line, "the page has more fields than any operation needs".to_owned()));
            }
            let mut parameter = Parameter::new(location, name.as_str(), line);
            // A response has no mandatory column; one that a page has nevertheless means nothing. A path needs all its
            // parameters.
            parameter.facts.clone_from(&row.facts);
            match location {
                Location::Response => drop(parameter.facts.remove(&FactKind::Mandatory)),
                Location::Path if !row.facts.contains_key(&FactKind::Mandatory) => {
                    parameter.set(FactKind::Mandatory, true, line);
                }
                _ => {}
            }
            let table = self.table_of(row, &name, location)?;
            if let Some(kind) = &row.kind {
                let mut written = kind.value.clone();
                if table.is_some() {
                    written.make_object();
                }
                parameter.set(FactKind::Type, written.word, kind.line);
            }
            self.done.push(parameter);
            if let Some(index) = table.filter(|index| !self.open.contains(index)) {
                self.open.push(index);
                self.add(location, &format!("{name}."), &self.tables[index].rows)?;
                self.open.pop();
            }
        }
        Ok(())
    }

    /// Returns the table with the fields of a parameter, if it is an object whose fields are listed.
    fn table_of(&self, row: &Row, path: &str, location: Location) -> Result<Option<usize>, PageError> {
        let Some(kind) = row.kind.as_ref().map(|kind| &kind.value) else { return Ok(None) };
        if !kind.is_object() && kind.class.is_none() {
            return Ok(None);
        }
        let is_path = |title: &str| {
            // The vendor is not strict about case: `Users.links` for `users.links`.
            let head = path.len().checked_sub(title.len()).filter(|_| title.contains('.'));
            head.and_then(|head| path.split_at_checked(head)).is_some_and(|(head, tail)| {
                tail.eq_ignore_ascii_case(title) && (head.is_empty() || head.ends_with('.'))
            })
        };
        let is_class = |title: &str| kind.class.as_deref() == Some(title);
        let is_name = |title: &str| kind.is_object() && title == row.name.text;
        let found = [&is_class as &dyn Fn(&str) -> bool, &is_path, &is_name].into_iter().find_map(|is| {
            let found: Vec<usize> = self.tables_with_title(is).collect();
            (!found.is_empty()).then_some(found)
        });
        let Some(found) = found else {
            return match &kind.class {
                Some(class) if kind.is_object() => {
                    let message = format!("`{path}` is of type `{class}`, and no table \"{class}\" lists its fields");
                    Err(ambiguous(row.name.number, message))
                }
                _ => Ok(None),
            };
        };
        // A request and its response may both have a table of this title.
        let is_near = |index: &&usize| {
            let table = &self.tables[**index];
            table.counts && table.is_response == (location == Location::Response)
        };
        let near: Vec<usize> = found.iter().filter(is_near).copied().collect();
        let found = if near.is_empty() { found } else { near };
        let facts = |index: usize| self.tables[index].rows.iter().map(facts).collect::<Vec<_>>();
        if let Some(other) = found.iter().find(|index| facts(**index) != facts(found[0])) {
            let (line, first) = (self.tables[*other].line, self.tables[found[0]].line);
            let message = format!("the tables on lines {first} and {line} have the same caption and different fields");
            return Err(ambiguous(line, message));
        }
        self.used.borrow_mut().extend(&found);
        Ok(found.first().copied())
    }

    /// Returns the tables of fields whose title names something, or begins with its name.
    fn tables_with_title(&self, is: &dyn Fn(&str) -> bool) -> impl Iterator<Item = usize> {
        self.tables.iter().enumerate().filter_map(move |(index, table)| match &table.place {
            Place::Fields(title) => is(identifier(title)).then_some(index),
            _ => None,
        })
    }
}

/// Returns the first identifier of a title: `a` of `a field description`.
fn identifier(title: &str) -> &str {
    let title = numbered(title).unwrap_or(title);
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '$');
    let start = title.find(allowed).unwrap_or(title.len());
    let end = title[start..].find(|c| !allowed(c)).map_or(title.len(), |end| start + end);
    unstopped(&title[start..end])
}

/// Returns what a row states, without lines.
fn facts(row: &Row) -> impl PartialEq {
    let values: Vec<(FactKind, Json)> = row.facts.iter().map(|(kind, stated)| (*kind, stated.value.clone())).collect();
    (row.name.text.clone(), row.kind.as_ref().map(|kind| kind.value.clone()), values)
}
