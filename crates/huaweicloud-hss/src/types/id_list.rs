//! A list of ids in one piece of memory: there can be a million of them, and a `String` for each would double the size.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Ids of servers or server groups, in the order given. Clones share their memory.
///
/// ```
/// use huaweicloud_hss::IdList;
///
/// let ids: IdList = ["a", "b"].into_iter().collect();
/// assert_eq!(ids.len(), 2);
/// assert_eq!(ids.iter().collect::<Vec<_>>(), ["a", "b"]);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct IdList(Arc<IdBuffer>);

/// Texts in one buffer, and where each ends.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct IdBuffer {
    text: String,
    ends: Vec<usize>,
}

impl IdBuffer {
    pub(crate) fn push(&mut self, id: &str) {
        self.text.push_str(id);
        self.ends.push(self.text.len());
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start..end)
    }

    /// Takes the ids so far, without spare capacity, and leaves an empty buffer.
    pub(crate) fn take(&mut self) -> IdList {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
        IdList(Arc::new(std::mem::take(self)))
    }
}

impl IdList {
    /// Returns how many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.ends.is_empty()
    }

    /// Returns the id at an index.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&str> {
        self.0.get(index)
    }

    /// Returns the ids one by one.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        let mut start = 0;
        self.0.ends.iter().map(move |end| {
            let id = &self.0.text[start..*end];
            start = *end;
            id
        })
    }
}

impl<S: AsRef<str>> FromIterator<S> for IdList {
    fn from_iter<I: IntoIterator<Item = S>>(ids: I) -> Self {
        let mut buffer = IdBuffer::default();
        ids.into_iter().for_each(|id| buffer.push(id.as_ref()));
        buffer.take()
    }
}

impl From<Vec<String>> for IdList {
    fn from(ids: Vec<String>) -> Self {
        ids.into_iter().collect()
    }
}

impl Hash for IdList {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.text.hash(state);
        self.0.ends.hash(state);
    }
}

impl fmt::Debug for IdList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// As a list of texts.
impl Serialize for IdList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// As a list of texts.
impl<'de> Deserialize<'de> for IdList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = IdList;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of ids")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<IdList, A::Error> {
                let mut buffer = IdBuffer::default();
                while let Some(id) = list.next_element::<String>()? {
                    buffer.push(&id);
                }
                Ok(buffer.take())
            }
        }
        deserializer.deserialize_seq(Texts)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_list_has_the_ids_it_was_made_of(texts in proptest::collection::vec(".{0,8}", 0..20)) {
            let ids: IdList = texts.iter().collect();
            prop_assert_eq!(ids.len(), texts.len());
            prop_assert_eq!(ids.is_empty(), texts.is_empty());
            prop_assert!(ids.iter().eq(texts.iter().map(String::as_str)));
            for (index, text) in texts.iter().enumerate() {
                prop_assert_eq!(ids.get(index), Some(text.as_str()));
            }
            prop_assert_eq!(ids.get(texts.len()), None);
            let json = serde_json::to_string(&ids).unwrap();
            prop_assert_eq!(&json, &serde_json::to_string(&texts).unwrap());
            prop_assert_eq!(serde_json::from_str::<IdList>(&json).unwrap(), ids);
        }
    }
}
