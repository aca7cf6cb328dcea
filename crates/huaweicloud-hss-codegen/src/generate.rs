//! Runs the generator on a checked spec, and renders the result reproducibly.

use std::collections::HashSet;
use std::panic;
use std::sync::Arc;
use std::thread;

use located_yaml::{Node, Position};
use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle};

use crate::bounds;
use crate::diagnostic::{Diagnostics, read_yaml};
use crate::lint;
use crate::outputs::{GENERATOR, GeneratedFile, Output};
use crate::snapshot;

impl GeneratedFile {
    /// Generates the whole file, header and code, from the spec's text.
    ///
    /// # Errors
    /// Every violation of a lint rule, with line and column; otherwise the generator's own error.
    pub fn generate(&self, spec: &str) -> Result<String, Diagnostics> {
        let root = read_yaml(spec)?;
        lint::check(&root)?;
        Ok(snapshot::with_header(self, spec, &self.output.code(&root)?))
    }
}

impl Output {
    /// Generates code without a header, from a spec that was read. It does not run [`lint`]: where a rule is broken,
    /// the code does not follow the spec, or the generator fails.
    ///
    /// # Errors
    /// The generator's own error.
    pub fn code(&self, root: &Node) -> Result<String, Diagnostics> {
        let document: OpenAPI = serde_json::from_value(root.to_json()).map_err(|error| {
            Diagnostics::single(
                "openapi",
                Position { line: 1, column: 1 },
                format!("this is not an OpenAPI 3.0 document: {error}"),
                "Compare the spec with the OpenAPI 3.0.3 standard.",
            )
        })?;
        match self {
            Self::Client { inner, list, bounds, secret } => {
                client(root, &document, &Types { inner, list, bounds, secret })
            }
            Self::Mocks { client } => format(mocks(&document, client)?),
        }
    }
}

fn format(tokens: TokenStream) -> Result<String, Diagnostics> {
    let mut file: syn::File =
        syn::parse2(tokens).map_err(|error| generator_failed(&format!("its output is not valid Rust: {error}")))?;
    allow_new_values(&mut file.items);
    Ok(prettyplease::unparse(&file))
}

/// Marks each enum, so that a value that is added to the spec does not break programs that match on it.
fn allow_new_values(items: &mut [syn::Item]) {
    for item in items {
        match item {
            syn::Item::Enum(item) => item.attrs.push(syn::parse_quote!(#[non_exhaustive])),
            syn::Item::Mod(syn::ItemMod { content: Some((_, items)), .. }) => allow_new_values(items),
            _ => {}
        }
    }
}

/// The hand-written types that generated code names.
struct Types<'a> {
    inner: &'a str,
    list: &'a str,
    bounds: &'a str,
    secret: &'a str,
}

fn client(root: &Node, document: &OpenAPI, types: &Types<'_>) -> Result<String, Diagnostics> {
    let mut settings = GenerationSettings::new();
    settings.with_interface(InterfaceStyle::Builder).with_hooks(HooksMode::Expected);
    settings.with_inner_type(path(types.inner)?);
    // The generator drops the bounds of a list, and its types print what they hold. A conversion matches whole schemas
    // and silently stops when the spec is edited, so only named components are replaced
    // (docs/design/generator-traps.md#p13); lint refuses others.
    let lists = lint::bounded_lists(root);
    let lists =
        lists.iter().map(|(name, bounds)| (name.as_str(), format!("{}<{}, {}>", types.list, bounds.min, bounds.max)));
    let secrets = lint::secret_texts(root).map(|name| (name, types.secret.to_owned()));
    let replaced: Vec<(&str, String)> = lists.chain(secrets).collect();
    for (name, by) in &replaced {
        settings.with_replacement(name, by, std::iter::empty());
    }
    let code = guarded(|| Generator::new(&settings).generate_tokens(document))?;
    let bounds = bounds::render(root, &path(types.bounds)?)?;
    let text = format(code.into_iter().chain(bounds).collect())?;
    let structs: HashSet<&str> = text.lines().filter_map(name_of_struct).collect();
    match replaced.iter().find(|(name, _)| structs.contains(name)) {
        Some((name, _)) => Err(generator_failed(&format!("the component `{name}` was not replaced"))),
        None => Ok(text),
    }
}

/// Returns the name of the struct that a line begins.
fn name_of_struct(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix("pub struct ")?.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

fn mocks(document: &OpenAPI, client: &str) -> Result<TokenStream, Diagnostics> {
    guarded(|| Generator::new(&GenerationSettings::new()).httpmock(document, client))
}

fn path(text: &str) -> Result<TokenStream, Diagnostics> {
    text.parse().map_err(|_| generator_failed(&format!("`{text}` is not a Rust path")))
}

fn generator_failed(message: &str) -> Diagnostics {
    Diagnostics::single(
        "generator",
        Position { line: 1, column: 1 },
        format!("{GENERATOR} cannot process this spec: {message}"),
        "No lint covers this case yet: undo the last edit of the spec, then add a lint for it.",
    )
}

/// Runs the generator, and turns a panic (docs/design/generator-traps.md#p1 and #p20) into an error.
fn guarded<T>(run: impl FnOnce() -> Result<T, progenitor::Error>) -> Result<T, Diagnostics> {
    let here = thread::current().id();
    let previous = Arc::new(panic::take_hook());
    let delegate = Arc::clone(&previous);
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() != here {
            delegate(info);
        }
    }));
    let outcome = panic::catch_unwind(panic::AssertUnwindSafe(run));
    panic::set_hook(Box::new(move |info| previous(info)));
    match outcome {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(generator_failed(&error.to_string())),
        Err(payload) => {
            let text = payload
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| payload.downcast_ref::<&str>().copied());
            Err(generator_failed(&format!("it panicked with \"{}\"", text.unwrap_or("no message"))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_match_on_an_enum_have_to_expect_new_values() {
        let code = "pub mod types { #[derive(Clone)] pub enum A { B } pub struct C; }".parse().unwrap();
        let expected = "pub mod types {\n    #[derive(Clone)]\n    #[non_exhaustive]\n    pub enum A {\n        B,\n    }\n    pub struct C;\n}\n";
        assert_eq!(format(code).unwrap_or_default(), expected);
    }
}
