//! A list of texts with documented bounds, which the generated code uses because the generator itself drops the bounds
//! of lists (`docs/design/generator-traps.md#p13`).

use std::ops::Deref;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::generated::bounds::Bounds;

/// A list of at least `MIN` and at most `MAX` texts, in the order given.
///
/// ```
/// use huaweicloud_hss::BoundedVec;
/// let two = BoundedVec::<0, 2>::try_from(vec!["a".to_owned(), "b".to_owned()])?;
/// assert_eq!(two.len(), 2);
/// assert!(BoundedVec::<0, 2>::try_from(vec![String::new(); 3]).is_err());
/// # Ok::<(), huaweicloud_hss::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct BoundedVec<const MIN: usize, const MAX: usize>(Vec<String>);

impl<const MIN: usize, const MAX: usize> TryFrom<Vec<String>> for BoundedVec<MIN, MAX> {
    type Error = Error;

    fn try_from(list: Vec<String>) -> Result<Self, Error> {
        Bounds::items("the list", MIN as u64, MAX as u64).check(list.len())?;
        Ok(Self(list))
    }
}

impl<const MIN: usize, const MAX: usize> From<BoundedVec<MIN, MAX>> for Vec<String> {
    fn from(list: BoundedVec<MIN, MAX>) -> Self {
        list.0
    }
}

impl<const MIN: usize, const MAX: usize> Deref for BoundedVec<MIN, MAX> {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}
