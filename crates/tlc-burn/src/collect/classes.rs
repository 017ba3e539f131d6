//! The classes that a collector knows.

use crate::{Error, Result};
use tlc_core::ValueType;

/// Names of classes, in the order of their indices, with the checks that collectors need.
///
/// ```
/// use tlc_burn::Classes;
///
/// let classes = Classes::new(["cat", "dog"]);
/// assert!(classes.check("mine", &[8, 2]).is_ok());
/// let error = classes.check("mine", &[8, 3]).unwrap_err().to_string();
/// assert_eq!(error, "collector `mine`: 2 class names for logits of shape [8, 3]");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classes {
    names: Vec<String>,
}

impl Classes {
    /// Of these names.
    pub fn new<C: Into<String>>(names: impl IntoIterator<Item = C>) -> Self {
        Self {
            names: names.into_iter().map(Into::into).collect(),
        }
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The type of a column that holds one of them.
    #[must_use]
    pub fn value_type(&self) -> ValueType {
        ValueType::labels(self.names.iter().cloned())
    }

    /// Refuses logits `[batch, classes, ..]` of another number of classes.
    ///
    /// # Errors
    /// [`Error::Classes`].
    pub fn check(&self, collector: &str, logits: &[usize]) -> Result<()> {
        self.check_in(collector, logits, 1)
    }

    /// The same where the classes stand in another dimension.
    pub(super) fn check_in(&self, collector: &str, logits: &[usize], dim: usize) -> Result<()> {
        if logits.get(dim) == Some(&self.len()) && !self.is_empty() {
            return Ok(());
        }
        Err(Error::Classes {
            collector: collector.to_owned(),
            names: self.len(),
            logits: logits.to_vec(),
        })
    }

    /// A prediction as a class. Where logits are NaN, backends differ in which index they
    /// give, and it need not be one of a class.
    #[must_use]
    pub fn class_of(&self, predicted: i64) -> i32 {
        let last_class = i64::try_from(self.len()).unwrap_or(i64::MAX) - 1;
        i32::try_from(predicted.min(last_class).max(0)).unwrap_or_default()
    }
}
