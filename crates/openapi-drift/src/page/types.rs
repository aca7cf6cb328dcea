//! Parses the type column of a parameter table.

/// A type in OpenAPI's terms, and the object that it names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Type {
    pub(super) word: String,
    /// `Host` of `Array of Host objects`: another table lists its fields.
    pub(super) object: Option<String>,
}

/// Parses a type. An unknown type is kept in lower case, so that it is reported as a difference.
pub(super) fn read(text: &str) -> Type {
    nested(text.trim(), 0)
}

/// Whether a line is certainly a type. In a layout without cells, this shows where a row begins.
pub(super) fn is_type(text: &str) -> bool {
    if text.len() > 80 {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    let scalar = scalar(&lower).is_some();
    scalar || ["array of ", "array<", "list<", "map<", "list["].iter().any(|start| lower.starts_with(start)) || {
        let object = lower.strip_suffix(" object").or_else(|| lower.strip_suffix(" objects"));
        object.is_some_and(|name| !name.contains(' '))
    }
}

fn nested(text: &str, depth: usize) -> Type {
    let lower = text.to_ascii_lowercase();
    if let Some(word) = scalar(&lower) {
        return Type { word: word.to_owned(), object: None };
    }
    let inner = |from: usize, to: usize| text.get(from..text.len() - to).map(str::trim).filter(|_| depth < 4);
    let of = |kind: &str, element: Type| Type { word: format!("{kind} of {}", element.word), object: element.object };
    if lower.starts_with("array of ")
        && let Some(element) = inner("array of ".len(), 0)
    {
        return of("array", nested(element, depth + 1));
    }
    for (start, end) in [("array<", '>'), ("list<", '>'), ("list[", ']'), ("array[", ']')] {
        if lower.starts_with(start)
            && lower.ends_with(end)
            && let Some(element) = inner(start.len(), 1)
        {
            return of("array", nested(element, depth + 1));
        }
    }
    if lower.starts_with("map<")
        && lower.ends_with('>')
        && let Some(element) = inner("map<".len(), 1).and_then(|pair| pair.split_once(',')).map(|(_, value)| value)
    {
        return of("map", nested(element.trim(), depth + 1));
    }
    for end in [" objects", " object"] {
        if let Some(name) = lower.strip_suffix(end)
            && !name.contains(' ')
        {
            return Type { word: "object".to_owned(), object: text.get(..name.len()).map(str::to_owned) };
        }
    }
    Type { word: lower, object: None }
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
        for (text, word, object) in [
            ("String", "string", None),
            ("Boolean", "boolean", None),
            ("Integer", "integer", None),
            ("Long", "long", None),
            ("Array of strings", "array of string", None),
            ("Array of Strings", "array of string", None),
            ("List<String>", "array of string", None),
            ("Array of objects", "array of object", None),
            ("Array of HostInfo objects", "array of object", Some("HostInfo")),
            ("HostInfo object", "object", Some("HostInfo")),
            ("Map<String,String>", "map of string", None),
            ("Map<String, Array of Host objects>", "map of array of object", Some("Host")),
            ("Array of arrays", "array of array", None),
            ("Strang", "strang", None),
        ] {
            assert_eq!(read(text), Type { word: word.to_owned(), object: object.map(str::to_owned) }, "{text}");
        }
        assert!(is_type("Array of strings") && is_type("Host object") && !is_type("host") && !is_type("A long text"));
    }
}
