//! The rules for ids of servers and server groups.

/// Maximum length of an id, and of a line that holds one, in bytes. No document states a limit; the vendor's own definitions say 64
/// characters.
pub(super) const MAX_ID_BYTES: usize = 4096;

/// Validates an id without the blanks around it. The reference page defines no alphabet, so all but control characters are allowed.
pub(super) fn validate(id: &str) -> Result<(), String> {
    if id.is_empty() {
        return Err("is empty".to_owned());
    }
    if id.len() > MAX_ID_BYTES {
        return Err(format!("has {} bytes, but an id takes {MAX_ID_BYTES} at most", id.len()));
    }
    if id.contains(char::is_control) {
        return Err("has a control character in it: this is not an id".to_owned());
    }
    Ok(())
}
