//! The classes of a column: what its numbers are called.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use tlc_core::ValueType;

/// One class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// The number that stands in cells.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// Its colour as `#rrggbb`, where one was chosen.
    pub color: Option<String>,
}

/// The classes of a column, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Classes {
    classes: Arc<Vec<Class>>,
    places: Arc<HashMap<i64, usize>>,
}

impl Classes {
    /// Of these classes; of two with one id the first counts.
    #[must_use]
    pub fn new(classes: impl IntoIterator<Item = Class>) -> Self {
        let mut places = HashMap::new();
        let mut kept = Vec::new();
        for class in classes {
            if let Entry::Vacant(free) = places.entry(class.id) {
                free.insert(kept.len());
                kept.push(class);
            }
        }
        let (classes, places) = (Arc::new(kept), Arc::new(places));
        Self { classes, places }
    }

    /// Of names, whose ids are 0, 1 and so on.
    #[must_use]
    pub fn of_names<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        Self::new((0..).zip(names).map(|(id, name)| Class {
            id,
            name: name.into(),
            color: None,
        }))
    }

    /// Those of a value type, if it has some.
    pub(crate) fn of_value(value: &ValueType) -> Option<Self> {
        match value {
            ValueType::CategoricalLabel { classes } => {
                Some(Self::new(classes.iter().map(|class| Class {
                    id: class.id.into(),
                    name: class.name.clone(),
                    color: class.color.map(String::from),
                })))
            }
            _ => None,
        }
    }

    /// Number of classes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// The classes in order.
    pub fn iter(&self) -> impl Iterator<Item = &Class> {
        self.classes.iter()
    }

    /// The class of an id.
    #[must_use]
    pub fn get(&self, id: i64) -> Option<&Class> {
        self.classes.get(self.place(id)?)
    }

    /// Where the class of an id stands among the others.
    #[must_use]
    pub fn place(&self, id: i64) -> Option<usize> {
        self.places.get(&id).copied()
    }

    /// The id of the first class of a name.
    #[must_use]
    pub fn id_of(&self, name: &str) -> Option<i64> {
        let class = self.classes.iter().find(|class| class.name == name);
        class.map(|class| class.id)
    }
}
