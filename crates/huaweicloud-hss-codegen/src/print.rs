//! Prints generated code piece by piece: the same bytes as printing the whole file at once, in a fraction of the memory.
//!
//! A syntax tree is many times as large as its text, so the code is cut between items, and each piece is parsed, printed and dropped
//! by itself. What holds a piece (a module, an impl, a trait) stands around it while it is printed, since the width left for a line
//! depends on how deep it stands. Tokens cannot change threads but text can, and so the pieces are printed on all cores, from the first
//! one on while the rest is still being cut.

use std::fmt::Write as _;
use std::num::NonZero;
use std::panic;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// How much text of tokens a piece has before the next one begins. Less costs more stand-ins, more needs more memory.
const PIECE_BYTES: usize = 16 * 1024;

/// Fewer pieces than this for a thread do not pay for starting it.
const PIECES_PER_THREAD: usize = 4;

/// Stands in for what a module, an impl or a trait holds while its own first and last lines are printed.
const STAND_IN: &str = "const STAND_IN: () = ();";

/// Prints a file's code.
///
/// # Errors
/// Why the code is not Rust.
pub(crate) fn print(code: TokenStream) -> Result<String, String> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let (to_all, pieces) = mpsc::channel();
    let pieces = Mutex::new(pieces);
    // The lock is let go of before a piece is printed.
    let next = || pieces.lock().unwrap_or_else(PoisonError::into_inner).recv().ok();
    // Until there is no more to come.
    let take = || std::iter::from_fn(next).map(|(index, piece): (usize, Piece)| (index, piece.print())).collect();
    let mut printed = thread::scope(|scope| {
        let (mut others, mut count) = (Vec::new(), 0);
        let mut cutter = Cutter::new(|piece| {
            // The others hold on to their end until this one is dropped.
            let _ = to_all.send((count, piece));
            count += 1;
            if others.len() + 1 < threads && count > PIECES_PER_THREAD * (others.len() + 1) {
                others.push(scope.spawn(take));
            }
        });
        let cut = cutter.cut(code);
        drop(cutter);
        drop(to_all);
        let mut printed: Vec<_> = take();
        for other in others {
            printed.extend(other.join().unwrap_or_else(|payload| panic::resume_unwind(payload)));
        }
        cut.map(|()| printed)
    })?;
    printed.sort_unstable_by_key(|(index, _)| *index);
    printed.into_iter().map(|(_, text)| text).collect()
}

/// What holds items, besides the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    Module,
    Impl,
    Trait,
}

impl Holder {
    fn of(keyword: &str) -> Option<Self> {
        match keyword {
            "mod" => Some(Self::Module),
            "impl" => Some(Self::Impl),
            "trait" => Some(Self::Trait),
            _ => None,
        }
    }

    /// The line that begins one.
    fn opening(self) -> &'static str {
        match self {
            Self::Module => "mod m {",
            Self::Impl => "impl m {",
            Self::Trait => "trait m {",
        }
    }
}

/// A part of the file.
enum Piece {
    /// Whole items, as text of tokens, and what they stand in.
    Code { within: Vec<Holder>, code: String },
    /// Lines that are printed already.
    Lines(String),
}

impl Piece {
    fn print(self) -> Result<String, String> {
        match self {
            Self::Lines(lines) => Ok(lines),
            Self::Code { within, code } => print_within(&within, &code),
        }
    }
}

/// The items as they are printed within these holders, without the lines of the holders.
fn print_within(within: &[Holder], code: &str) -> Result<String, String> {
    let (mut whole, mut before) = (String::with_capacity(code.len() + 64), String::new());
    for (depth, holder) in within.iter().enumerate() {
        whole.push_str(holder.opening());
        // Writing to a String cannot fail.
        let _ = writeln!(before, "{:indent$}{}", "", holder.opening(), indent = depth * 4);
    }
    let after: String =
        (0..within.len()).rev().map(|depth| format!("{:indent$}}}\n", "", indent = depth * 4)).collect();
    whole.push_str(code);
    whole.extend(within.iter().map(|_| '}'));
    let file = syn::parse_file(&whole).map_err(|error| error.to_string())?;
    let printed = prettyplease::unparse(&file);
    let lines = printed.strip_prefix(&before).and_then(|text| text.strip_suffix(&after));
    lines.map(str::to_owned).ok_or_else(|| "an item reaches beyond its end".to_owned())
}

/// Cuts code between its items, and hands on each piece in the order of the file.
struct Cutter<F> {
    within: Vec<Holder>,
    /// Items that wait for more of their kind.
    waiting: String,
    hand_on: F,
}

impl<F: FnMut(Piece)> Cutter<F> {
    fn new(hand_on: F) -> Self {
        Self { within: Vec::new(), waiting: String::new(), hand_on }
    }

    fn cut(&mut self, code: TokenStream) -> Result<(), String> {
        let mut item = Item::default();
        let mut tokens = code.into_iter().peekable();
        while let Some(token) = tokens.next() {
            let next = tokens.peek();
            if let Some(body) = item.push(token, next) {
                self.item(std::mem::take(&mut item), body)?;
            }
        }
        // What has no end is shown to the parser, which says what is missing.
        self.add(&item.tokens.to_string());
        self.flush();
        Ok(())
    }

    fn item(&mut self, item: Item, body: Option<Group>) -> Result<(), String> {
        let holder = item.keyword.as_deref().and_then(Holder::of);
        let before = item.tokens.to_string();
        let Some(body) = body else {
            self.add(&before);
            return Ok(());
        };
        let stream = body.stream();
        // The group would keep its tokens alive, and a copy would be cut instead.
        drop(body);
        // The few modules of the file itself hold nearly all of it: their text is not made only to be measured.
        let Some(holder) = holder.filter(|holder| *holder == Holder::Module && self.within.is_empty()) else {
            let large = holder.filter(|_| !stream.is_empty()).map(|holder| (holder, stream.to_string()));
            return match large {
                Some((holder, text)) if text.len() > PIECE_BYTES => {
                    drop(text);
                    self.hold(holder, &before, stream)
                }
                Some((_, text)) => {
                    self.add(&format!("{before} {{ {text} }}"));
                    Ok(())
                }
                None => {
                    self.add(&format!("{before} {{ {stream} }}"));
                    Ok(())
                }
            };
        };
        self.hold(holder, &before, stream)
    }

    /// Cuts what a module, an impl or a trait holds.
    fn hold(&mut self, holder: Holder, before: &str, body: TokenStream) -> Result<(), String> {
        let (attributes, items) = inner_attributes(body);
        if items.is_empty() {
            self.add(&format!("{before} {{ {attributes} }}"));
            return Ok(());
        }
        self.flush();
        let lines = print_within(&self.within, &format!("{before} {{ {attributes} {STAND_IN} }}"))?;
        let stand_in = format!("{:indent$}{STAND_IN}\n", "", indent = (self.within.len() + 1) * 4);
        let (first, last) = lines.split_once(&stand_in).ok_or("an item has no place for what it holds")?;
        (self.hand_on)(Piece::Lines(first.to_owned()));
        self.within.push(holder);
        self.cut(items)?;
        self.within.pop();
        (self.hand_on)(Piece::Lines(last.to_owned()));
        Ok(())
    }

    fn add(&mut self, code: &str) {
        self.waiting.push_str(code);
        self.waiting.push('\n');
        if self.waiting.len() >= PIECE_BYTES {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let code = std::mem::take(&mut self.waiting);
        if !code.trim().is_empty() {
            (self.hand_on)(Piece::Code { within: self.within.clone(), code });
        }
    }
}

/// The `#![…]` that a body begins with, and the rest.
fn inner_attributes(body: TokenStream) -> (TokenStream, TokenStream) {
    let mut attributes = Vec::new();
    let mut rest = body.into_iter().peekable();
    while is(rest.peek(), '#') {
        let hash = rest.next();
        if !is(rest.peek(), '!') {
            return (attributes.into_iter().collect(), hash.into_iter().chain(rest).collect());
        }
        attributes.extend(hash.into_iter().chain(rest.by_ref().take(2)));
    }
    (attributes.into_iter().collect(), rest.collect())
}

fn is(token: Option<&TokenTree>, expected: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == expected)
}

/// An item on its way through the cutter.
#[derive(Default)]
struct Item {
    /// All but the braces at its end.
    tokens: TokenStream,
    /// Its first word that is not its visibility.
    keyword: Option<String>,
    /// Whether only a semicolon ends it: braces may stand in a value.
    to_semicolon: bool,
}

impl Item {
    /// Takes a token, and tells whether the item ends with it: then also the braces, if it ends with them.
    fn push(&mut self, token: TokenTree, next: Option<&TokenTree>) -> Option<Option<Group>> {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !self.to_semicolon => {
                return Some(Some(group));
            }
            TokenTree::Ident(word) => {
                if self.keyword.is_none() && word != "pub" {
                    let keyword = word.to_string();
                    // `const fn` has a body.
                    let value = keyword == "const"
                        && !matches!(next, Some(TokenTree::Ident(next)) if is_of_fn(&next.to_string()));
                    self.to_semicolon = value || matches!(keyword.as_str(), "use" | "static" | "type");
                    self.keyword = Some(keyword);
                }
                self.tokens.extend([TokenTree::Ident(word)]);
            }
            token => {
                let ends = is(Some(&token), ';');
                self.tokens.extend([token]);
                if ends {
                    return Some(None);
                }
            }
        }
        None
    }
}

fn is_of_fn(word: &str) -> bool {
    matches!(word, "fn" | "unsafe" | "async" | "extern")
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn whole(code: &TokenStream) -> String {
        prettyplease::unparse(&syn::parse2(code.clone()).unwrap())
    }

    #[test]
    fn pieces_print_as_the_whole_file_does() {
        // Large enough to be cut at every depth, with lines around the width where they are broken.
        let fields = (0..400).map(|index| {
            let (name, method) = (quote::format_ident!("F{index}"), quote::format_ident!("f{index}"));
            let long = "x".repeat(index % 70);
            quote! {
                /// A type.
                #[derive(Clone)]
                pub struct #name { pub a: ::std::vec::Vec<u8>, b: [u8; { 3 }] }
                impl ::std::convert::From<&#name> for #name { fn from(value: &#name) -> Self { value.clone() } }
                pub const #method: &str = #long;
                impl #name { pub const fn #method(&self, one: u32, two: &'static str) -> Option<i64> { if one > 1 { None } else { Some(-1) } } }
            }
        });
        let methods: Vec<_> = (0..400).map(|index| quote::format_ident!("m{index}")).collect();
        let fields: TokenStream = fields.collect();
        let code = quote! {
            #![allow(dead_code)]
            //! Of the file.
            use a::{b, c};
            const _: () = { fn f() {} };
            pub(crate) static S: P = P { x: 1 };
            type T = dyn Fn() -> u8;
            #[allow(clippy::all)]
            pub mod types {
                //! Of the module.
                use x::*;
                #fields
                pub mod deeper { #fields }
                mod empty {}
            }
            mod only_told { #![doc = "x"] }
            impl<'a, T: Clone> Client<'a, T> where T: Send { #(pub async fn #methods(&'a self) -> Result<(), T> { todo!("{}", 1) })* }
            pub trait Ext { const N: usize = 3; #(fn #methods<F>(&self, f: F) -> u8 where F: FnOnce(u8);)* }
            macro_rules! m { () => {} }
            struct Unit;
            struct Tuple(u8, pub u16);
        };
        let mut pieces = 0;
        Cutter::new(|_| pieces += 1).cut(code.clone()).unwrap();
        assert!(pieces > 20, "{pieces} pieces");
        assert_eq!(print(code.clone()).unwrap(), whole(&code));
    }

    #[test]
    fn what_is_no_rust_is_refused() {
        for code in ["struct", "fn f( {}", "mod m { fn }", "struct A; }", "enum E { A B }"] {
            // Some is refused as tokens already.
            if let Ok(code) = code.parse::<TokenStream>() {
                assert!(print(code).is_err());
            }
        }
        assert_eq!(print(TokenStream::new()).unwrap(), "");
    }
}
