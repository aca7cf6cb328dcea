//! Parses the type column of a parameter table.

use super::labels::numbered;

/// A type in OpenAPI's terms, and the class whose fields another table lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Type {
    pub(super) word: String,
    /// `Host` of `Array of Host objects`.
    pub(super) class: Option<String>,
}

impl Type {
    /// Whether it is an object. Without the word "object", a class is one only if a table lists its fields.
    pub(super) fn is_object(&self) -> bool {
        self.word.ends_with("object")
    }

    /// Makes a class that a table describes an object: `map of detail` becomes `map of object`.
    pub(super) fn make_object(&mut self) {
        let class = self.class.as_deref().unwrap_or_default().to_ascii_lowercase();
        if let Some(outer) = self.word.strip_suffix(&class).filter(|_| !self.is_object()) {
            self.word = format!("{outer}object");
        }
    }
}

/// Parses a type. An unknown type is kept in lower case, so that it is reported as a difference.
pub(super) fn read(text: &str) -> Type {
    nested(text, 0)
}

/// Whether a line is certainly a type. In a layout without cells, this shows where a row begins.
pub(super) fn is_type(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let starts = ["array of ", "list of ", "array<", "list<", "map<", "list[", "array["];
    text.len() <= 80
        && (scalar(&lower).is_some()
            || starts.iter().any(|start| lower.starts_with(start))
            || object_of(&lower).is_some_and(|class| !class.contains(' ')))
}

fn object_of(text: &str) -> Option<&str> {
    [" objects", " object"].iter().find_map(|end| {
        let head = text.len().checked_sub(end.len())?;
        text.get(head..).filter(|tail| tail.eq_ignore_ascii_case(end)).and_then(|_| text.get(..head))
    })
}

fn nested(text: &str, depth: usize) -> Type {
    let text = unbracketed(text.trim());
    let lower = text.to_ascii_lowercase();
    if let Some(word) = scalar(&lower) {
        return Type { word: word.to_owned(), class: None };
    }
    let inner = |from: usize, to: usize| text.get(from..text.len().checked_sub(to)?).filter(|_| depth < 4);
    let of = |kind: &str, element: Type| Type { word: format!("{kind} of {}", element.word), class: element.class };
    for (start, end) in
        [("array of ", ""), ("list of ", ""), ("array<", ">"), ("list<", ">"), ("list[", "]"), ("array[", "]")]
    {
        if lower.starts_with(start)
            && lower.ends_with(end)
            && let Some(element) = inner(start.len(), end.len())
        {
            return of("array", nested(element, depth + 1));
        }
    }
    if lower.starts_with("map<")
        && lower.ends_with('>')
        && let Some((_, value)) = inner("map<".len(), 1).and_then(|pair| pair.split_once(','))
    {
        return of("map", nested(value, depth + 1));
    }
    if lower.starts_with("dict<") && lower.ends_with('>') {
        return inner("dict<".len(), 1).map_or(Type { word: lower, class: None }, |class| nested(class, depth + 1));
    }
    if let Some(element) = [" array", "[]"].iter().find_map(|end| scalar(lower.strip_suffix(end)?)) {
        return Type { word: format!("array of {element}"), class: None };
    }
    match object_of(text) {
        Some(name) if name.eq_ignore_ascii_case("json") => Type { word: "object".to_owned(), class: None },
        Some(name) if class(name).is_some() => Type { word: "object".to_owned(), class: class(name) },
        Some(_) => Type { word: lower, class: None },
        None => match class(text) {
            Some(class) => Type { word: class.to_ascii_lowercase(), class: Some(class) },
            None => Type { word: lower, class: None },
        },
    }
}

/// Returns the class that a text names, such as `Host` or `[Table 3 Host]`.
fn class(text: &str) -> Option<String> {
    let text = unbracketed(text.trim());
    let name = unbracketed(numbered(text).unwrap_or(text));
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    is_name.then(|| name.to_owned())
}

/// Removes the brackets of a link that lost its address.
pub(super) fn unbracketed(text: &str) -> &str {
    text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).map_or(text, str::trim)
}

fn scalar(lower: &str) -> Option<&'static str> {
    Some(match lower {
        "string" | "strings" => "string",
        "integer" | "integers" | "int" | "ints" | "int32" => "integer",
        "long" | "longs" | "int64" => "long",
        "boolean" | "booleans" | "bool" => "boolean",
        "float" | "floats" => "float",
        "double" | "doubles" | "number" | "numbers" | "bigdecimal" => "double",
        "object" | "objects" => "object",
        "array" | "arrays" | "list" => "array",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_type() {
        let cases = "String = string; Boolean = boolean; Integer = integer; Long = long; Array of strings = array of string; \
            List<String> = array of string; String Array = array of string; Array of objects = array of object; \
            Array of HostInfo objects = array of object HostInfo; HostInfo object = object HostInfo; JSON object = object; \
            Dict<project> = project project; [Quotas] object = object Quotas; Array of [Table 3 Eps] objects = array of object Eps; \
            Array of [表3 Eps] objects = array of object Eps; Map<String,String> = map of string; \
            Map<String,Detail> = map of detail Detail; Array<Array<Zone>> = array of array of zone Zone; \
            Map<String, Array of Host objects> = map of array of object Host; Array of arrays = array of array; A or B = a or b";
        for case in cases.split("; ") {
            let (text, expected) = case.split_once(" = ").unwrap();
            let Type { word, class } = read(text);
            assert_eq!([vec![word], Vec::from_iter(class)].concat().join(" "), expected, "{text}");
        }
        let mut kind = read("Map<String,Array<Stats>>");
        kind.make_object();
        assert_eq!(kind.word, "map of array of object");
        assert!(is_type("Array of strings") && is_type("Host object") && !is_type("host") && !is_type("A long text"));
    }
}
