//! Changes in generated code how a call makes its request: without the header `api-version`, which the service does not know (design
//! trap P6), and out of a URL that is not read anew each time.
//!
//! The generator puts the header into a map that each request then copies. Lint refuses header parameters (P5), so the map holds nothing
//! else and goes as a whole. The URL it hands as text to the HTTP client, which reads it, for the same few URLs over and over:
//! `self.client.post(url)` becomes `self.inner.request(&self.client, Method::POST, url)`, and the client's inner type can remember them.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{format_ident, quote};

/// The variable that the generator fills.
const MAP: &str = "header_map";

/// The code without the map (neither its declaration, nor what is put into it, nor the call that hands it on), and with requests made by
/// the inner type.
pub(crate) fn changed(code: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    let mut tokens = code.into_iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(name) if name == MAP => {
                // `let mut header_map = …;` or `header_map.append(…);`
                while kept.last().is_some_and(|token| is_ident(token, "let") || is_ident(token, "mut")) {
                    kept.pop();
                }
                for token in tokens.by_ref() {
                    if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ';') {
                        break;
                    }
                }
            }
            TokenTree::Group(group) if is_map(&group) && kept.last().is_some_and(|last| is_ident(last, "headers")) => {
                // `.headers(header_map)`
                kept.truncate(kept.len() - 2);
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis && begins_request(&kept) => {
                let Some(method) = kept.pop() else { continue };
                let method = format_ident!("{}", method.to_string().to_uppercase());
                // What is left is `self.`.
                kept.truncate(kept.len() - 2);
                let url = group.stream();
                kept.extend(quote!(inner.request(&self.client, ::reqwest::Method::#method, #url)));
            }
            // A module holds types, and no calls.
            TokenTree::Group(group) if kept.iter().rev().nth(1).is_some_and(|token| is_ident(token, "mod")) => {
                kept.push(group.into());
            }
            TokenTree::Group(group) => {
                let (delimiter, span, inside) = (group.delimiter(), group.span(), group.stream());
                // It would keep its tokens alive, and each would be copied.
                drop(group);
                let mut group = Group::new(delimiter, changed(inside));
                group.set_span(span);
                kept.push(group.into());
            }
            token => kept.push(token),
        }
    }
    kept.into_iter().collect()
}

/// Whether these tokens end in `self.client.METHOD`.
fn begins_request(tokens: &[TokenTree]) -> bool {
    let [.., this, _, client, _, TokenTree::Ident(method)] = tokens else { return false };
    let methods = ["get", "put", "post", "delete", "head", "patch"];
    is_ident(this, "self") && is_ident(client, "client") && methods.iter().any(|known| method == known)
}

fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}

fn is_map(group: &Group) -> bool {
    let mut inside = group.stream().into_iter();
    inside.next().is_some_and(|token| is_ident(&token, MAP)) && inside.next().is_none()
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn the_map_goes_and_the_url_is_handed_on() {
        let code = quote! {
            fn call(&self) {
                let url = format!("{}", self.baseurl);
                let mut header_map = HeaderMap::with_capacity(1usize);
                header_map.append(HeaderName::from_static("api-version"), HeaderValue::from_static(Self::api_version()));
                let request = self.client.post(url).json(&body).headers(header_map).build()?;
                self.client.execute(request);
                self.post(&result);
                let headers = other.headers(map);
                self.client.get
            }
        };
        let expected = quote! {
            fn call(&self) {
                let url = format!("{}", self.baseurl);
                let request = self.inner.request(&self.client, ::reqwest::Method::POST, url).json(&body).build()?;
                self.client.execute(request);
                self.post(&result);
                let headers = other.headers(map);
                self.client.get
            }
        };
        assert_eq!(changed(code).to_string(), expected.to_string());
        assert_eq!(changed(expected.clone()).to_string(), expected.to_string());
    }
}
