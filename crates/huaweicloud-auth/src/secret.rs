//! The one type every secret lives in: wiped when dropped, and without any way to print itself.

use zeroize::Zeroizing;

/// A secret text: a token, a secret key, a password.
///
/// It is wiped from memory when dropped. It has neither `Debug` nor `Display` nor `Serialize`, so that no log, error or
/// panic message can show it by accident; whoever needs the text says so with [`Secret::expose`].
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
    fn the_text_comes_back_only_when_asked_for() {
        assert_eq!(Secret::new("text".to_owned()).expose(), "text");
    }
}
