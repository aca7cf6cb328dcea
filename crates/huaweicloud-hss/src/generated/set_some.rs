//! Optional parameters of the generated request builders, whose setters take a value and no `Option`.

/// Adds [`SetSome::set_some`] to every request builder.
pub(crate) trait SetSome: Sized {
    /// Sets a parameter to a value, if there is one; otherwise the request leaves it out.
    fn set_some<V>(self, value: Option<V>, setter: impl FnOnce(Self, V) -> Self) -> Self {
        match value {
            Some(value) => setter(self, value),
            None => self,
        }
    }
}

impl<B> SetSome for B {}
