//! The type that holds every secret: wiped when dropped, and impossible to print by accident.

use zeroize::Zeroizing;

/// A secret text: a token, a secret key or a password.
///
/// It is wiped from memory when dropped. It has neither `Debug` nor `Display` nor `Serialize`, so that no log, error or
/// panic message can show it by accident. Code that needs the text calls [`Secret::expose`].
///
/// ```compile_fail,E0277
/// let secret = huaweicloud_auth::Secret::new("text".to_owned());
/// let shown = format!("{secret:?}");
/// ```
///
/// ```compile_fail,E0277
/// let secret = huaweicloud_auth::Secret::new("text".to_owned());
/// let shown = format!("{secret}");
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of the text, so that no second copy remains.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Returns the text, for the code that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    /// Compiles only while `$type` lacks `$trait`: with it, two impls would fit and the marker could not be inferred.
    macro_rules! lacks {
        ($type:ty, $trait:path) => {
            const _: fn() = || {
                trait OneImplOnly<Marker> {
                    fn found() {}
                }
                struct HasTrait;
                impl<T: ?Sized> OneImplOnly<()> for T {}
                impl<T: ?Sized + $trait> OneImplOnly<HasTrait> for T {}
                let _ = <$type as OneImplOnly<_>>::found;
            };
        };
    }

    lacks!(Secret, std::fmt::Debug);
    lacks!(Secret, std::fmt::Display);
    lacks!(Secret, serde::Serialize);
    lacks!(Secret, std::ops::Deref);
    lacks!(Secret, AsRef<str>);

    #[test]
    fn expose_returns_the_text() {
        assert_eq!(Secret::new("text".to_owned()).expose(), "text");
    }
}
