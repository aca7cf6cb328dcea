//! Validation of the ids of servers and server groups.

/// Maximum length in bytes of an id, and of a line with one. No document states a limit; the vendor's API definitions have 64
/// characters.
pub(super) const MAX_ID_BYTES: usize = 4096;

/// Validates an id without surrounding whitespace. The reference page defines no alphabet, so only control characters are rejected.
pub(super) fn validate(id: &str) -> Result<(), String> {
    if id.is_empty() {
        return Err("is empty".to_owned());
    }
    if id.len() > MAX_ID_BYTES {
        return Err(format!("is {} bytes long, more than the maximum of {MAX_ID_BYTES}", id.len()));
    }
    if id.contains(char::is_control) {
        return Err("contains a control character, so it is not an id".to_owned());
    }
    Ok(())
}
