//! The one type every secret lives in: wiped when dropped, and without any way to print itself.

use zeroize::Zeroizing;

/// A secret text: a token, a secret key, a password.
///
/// It is wiped from memory when dropped. It has neither `Debug` nor `Display` nor `Serialize`, so that no log, error or
/// panic message can show it by accident; whoever needs the text says so with [`Secret::expose`].
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of the text, so that no second copy stays behind.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for the one place that puts it on the wire.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}
