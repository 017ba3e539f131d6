//! The classes that a collector knows.

use crate::{Error, Result};
use tlc_core::{ClassMap, IntoClassMap, ValueType};

/// Classes with the checks that collectors need. The outputs and targets of a model are
/// positions among them; what stands in columns are their ids.
///
/// ```
/// use tlc_burn::Classes;
/// use tlc_core::ClassMap;
///
/// let classes = Classes::new(["cat", "dog"]);
/// assert!(classes.check("mine", &[8, 2]).is_ok());
/// let error = classes.check("mine", &[8, 3]).unwrap_err().to_string();
/// assert_eq!(error, "collector `mine`: 2 class names for logits of shape [8, 3]");
///
/// let coco = Classes::new(ClassMap::from_ids([(1, "person"), (3, "car")])?);
/// assert_eq!(coco.class_of(1), 3); // the second logit is that of the class 3
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classes {
    map: ClassMap,
}

impl Classes {
    /// Of these names, whose ids are 0 to n-1, or of a [`ClassMap`], such as that of a
    /// table's labels ([`Schema::class_map`](tlc_core::Schema::class_map)).
    pub fn new(classes: impl IntoClassMap) -> Self {
        Self {
            map: classes.into_class_map(),
        }
    }

    /// Their ids and names.
    #[must_use]
    pub fn map(&self) -> &ClassMap {
        &self.map
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// The type of a column that holds one of them.
    #[must_use]
    pub fn value_type(&self) -> ValueType {
        ValueType::labels(&self.map)
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

    /// The id of the class at a predicted position. Where logits are NaN, backends differ in
    /// which position they give, and it need not be one of a class.
    #[must_use]
    pub fn class_of(&self, predicted: i64) -> i32 {
        let last = self.len().saturating_sub(1);
        let position = usize::try_from(predicted.max(0)).unwrap_or(usize::MAX);
        self.map.id_at(position.min(last)).unwrap_or_default()
    }

    /// Whether a prediction, by its position, is the target.
    pub(super) fn is_right(&self, predicted: i64, target: i64) -> bool {
        let target = usize::try_from(target).ok();
        let id = target.and_then(|position| self.map.id_at(position));
        id == Some(self.class_of(predicted))
    }
}
