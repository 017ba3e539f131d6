//! Which classes there are: their ids, names and colours, which one means that nothing is
//! there, and the id of what is to be ignored.

use super::Color;
use crate::{Error, Result};
use serde::de::{MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Ids in a text that names them.
const IDS_SHOWN: usize = 20;

/// One class of a [`ClassMap`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Class {
    /// What labels and pixels of the class are.
    pub id: i32,
    /// What it is called.
    pub name: String,
    /// What it is shown in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<Color>,
}

impl Class {
    /// A class without a colour.
    pub fn new(id: i32, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            color: None,
        }
    }
}

/// The classes of a label or of the pixels of a mask, in their order.
///
/// Each has an *id*, which is what the data hold: often 0 to n-1, but any number may be one.
/// Its *position* among the classes, 0 to n-1, is what the outputs of a model are counted by.
/// The *background* is the class that means that nothing is there. The *void* is an id that
/// is none of a class: what has it is unknown, and to be ignored.
///
/// ```
/// use tlc_core::ClassMap;
///
/// let coco = ClassMap::from_ids([(1, "person"), (3, "car"), (90, "toothbrush")])?
///     .with_color(3, [255, 0, 0])?
///     .with_void(255)?;
/// assert_eq!(coco.name(90), Some("toothbrush"));
/// assert_eq!(coco.position(90), Some(2)); // the target that a model learns
/// assert_eq!(coco.id_at(2), Some(90)); // what it has predicted
/// assert_eq!(coco.position(255), None); // nothing to learn from
///
/// let pets = ClassMap::new(["cat", "dog"]);
/// assert_eq!(pets.id_of("dog"), Some(1));
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct ClassMap {
    #[serde(serialize_with = "as_texts_or_objects")]
    classes: Vec<Class>,
    /// Positions by ascending id; empty where each id is its position.
    #[serde(skip)]
    by_id: Vec<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    background: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    void: Option<i32>,
}

impl ClassMap {
    /// Classes of these names, with the ids 0 to n-1.
    pub fn new<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        let classes = (0..).zip(names).map(|(id, name)| Class::new(id, name));
        Self {
            classes: classes.collect(),
            ..Self::default()
        }
    }

    /// Classes of these ids and names.
    ///
    /// # Errors
    /// [`Error::ClassMap`] for an id that appears twice.
    pub fn from_ids<N: Into<String>>(classes: impl IntoIterator<Item = (i32, N)>) -> Result<Self> {
        let classes = classes.into_iter();
        Self::from_classes(classes.map(|(id, name)| Class::new(id, name)))
    }

    /// These classes.
    ///
    /// # Errors
    /// [`Error::ClassMap`] for an id that appears twice.
    pub fn from_classes(classes: impl IntoIterator<Item = Class>) -> Result<Self> {
        let classes: Vec<Class> = classes.into_iter().collect();
        let is_place = |(place, class): (usize, &Class)| usize::try_from(class.id) == Ok(place);
        if classes.iter().enumerate().all(is_place) {
            return Ok(Self {
                classes,
                ..Self::default()
            });
        }
        let id = |position: &usize| classes.get(*position).map(|class| class.id);
        let mut by_id: Vec<usize> = (0..classes.len()).collect();
        by_id.sort_by_key(id);
        let mut pairs = by_id.iter().zip(by_id.iter().skip(1));
        if let Some(id) = pairs.find_map(|(one, next)| id(one).filter(|_| id(one) == id(next))) {
            return Err(Error::class_map(format!("the id {id} appears twice")));
        }
        Ok(Self {
            classes,
            by_id,
            ..Self::default()
        })
    }

    /// Shows a class in this colour.
    ///
    /// # Errors
    /// [`Error::ClassMap`] if there is no such class.
    pub fn with_color(mut self, id: i32, color: impl Into<Color>) -> Result<Self> {
        let position = self.position(id);
        match position.and_then(|position| self.classes.get_mut(position)) {
            Some(class) => class.color = Some(color.into()),
            None => return Err(self.no_class(id)),
        }
        Ok(self)
    }

    /// Calls this class the one that means that nothing is there. It stays a class like the
    /// others, which models learn and predict.
    ///
    /// # Errors
    /// [`Error::ClassMap`] if there is no such class.
    pub fn with_background(self, id: impl Into<Option<i32>>) -> Result<Self> {
        let background = id.into();
        match background.filter(|id| !self.contains(*id)) {
            Some(id) => Err(self.no_class(id)),
            None => Ok(Self { background, ..self }),
        }
    }

    /// Calls this id the one of what is to be ignored.
    ///
    /// # Errors
    /// [`Error::ClassMap`] if there is a class of this id: it would have a place among the
    /// outputs of a model.
    pub fn with_void(self, id: impl Into<Option<i32>>) -> Result<Self> {
        let void = id.into();
        if let Some(id) = void
            && let Some(name) = self.name(id)
        {
            let reason = format!("{id} is the class `{name}`: leave it out, or call another void");
            return Err(Error::class_map(reason));
        }
        Ok(Self { void, ..self })
    }

    /// How many classes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether there is no class: a label may be any number then.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// The classes, by position.
    pub fn iter(&self) -> std::slice::Iter<'_, Class> {
        self.classes.iter()
    }

    /// The names of the classes, by position.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.classes.iter().map(|class| class.name.as_str())
    }

    /// The ids of the classes, by position.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = i32> + Clone {
        self.classes.iter().map(|class| class.id)
    }

    /// The class of an id.
    #[must_use]
    pub fn get(&self, id: i32) -> Option<&Class> {
        self.classes.get(self.position(id)?)
    }

    /// What the class of an id is called.
    #[must_use]
    pub fn name(&self, id: i32) -> Option<&str> {
        Some(self.get(id)?.name.as_str())
    }

    /// The id of the first class of a name.
    #[must_use]
    pub fn id_of(&self, name: &str) -> Option<i32> {
        let class = self.classes.iter().find(|class| class.name == name)?;
        Some(class.id)
    }

    /// Where the class of an id stands among the classes: what a model is to predict. `None`
    /// for the void, which is no class.
    #[must_use]
    pub fn position(&self, id: i32) -> Option<usize> {
        if self.is_contiguous() {
            let position = usize::try_from(id).ok()?;
            return (position < self.len()).then_some(position);
        }
        let id_at = |position: &usize| self.id_at(*position);
        let place = self.by_id.binary_search_by_key(&Some(id), id_at).ok()?;
        self.by_id.get(place).copied()
    }

    /// The id of the class at a position: what a model has predicted.
    #[must_use]
    pub fn id_at(&self, position: usize) -> Option<i32> {
        self.classes.get(position).map(|class| class.id)
    }

    /// Whether there is a class of this id.
    #[must_use]
    pub fn contains(&self, id: i32) -> bool {
        self.position(id).is_some()
    }

    /// Whether data may hold an id: that of a class or the void, any if there is no class.
    #[must_use]
    pub fn allows(&self, id: i32) -> bool {
        self.is_empty() || self.contains(id) || self.void == Some(id)
    }

    /// The class that means that nothing is there.
    #[must_use]
    pub fn background(&self) -> Option<i32> {
        self.background
    }

    /// The id of what is to be ignored.
    #[must_use]
    pub fn void(&self) -> Option<i32> {
        self.void
    }

    /// Whether the ids are 0 to n-1, in order: each is its position.
    #[must_use]
    pub fn is_contiguous(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Whether it is no more than its names.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.is_names() && self.background.is_none() && self.void.is_none()
    }

    /// Whether the classes are no more than their names.
    fn is_names(&self) -> bool {
        self.is_contiguous() && self.classes.iter().all(|class| class.color.is_none())
    }

    /// The largest and the smallest number that data may hold.
    pub(super) fn bounds(&self) -> Option<(i32, i32)> {
        let ids = || self.ids().chain(self.void);
        ids().min().zip(ids().max())
    }

    fn no_class(&self, id: i32) -> Error {
        Error::class_map(format!("there is no class {id}, but {}", self.ids_text()))
    }

    /// The ids that data may hold, the first of many.
    pub(crate) fn ids_text(&self) -> String {
        let ids = match (self.is_contiguous(), self.len()) {
            (_, 0) => "none".to_owned(),
            (true, len) => format!("0 to {}", len - 1),
            (false, len) => {
                let first = self.ids().take(IDS_SHOWN).map(|id| id.to_string());
                let first = first.collect::<Vec<_>>().join(", ");
                let more = if len > IDS_SHOWN { ", ..." } else { "" };
                format!("{first}{more}")
            }
        };
        match self.void {
            Some(void) => format!("{ids}, and {void} for void"),
            None => ids,
        }
    }
}

impl<N: Into<String>> FromIterator<N> for ClassMap {
    fn from_iter<I: IntoIterator<Item = N>>(names: I) -> Self {
        Self::new(names)
    }
}

/// What says which classes there are: names, which have the ids 0 to n-1, or a [`ClassMap`].
///
/// ```
/// use tlc_core::{ClassMap, ValueType};
///
/// let by_names = ValueType::labels(["cat", "dog"]);
/// assert_eq!(by_names, ValueType::labels(ClassMap::new(["cat", "dog"])));
/// ```
pub trait IntoClassMap {
    /// The classes.
    fn into_class_map(self) -> ClassMap;
}

impl IntoClassMap for ClassMap {
    fn into_class_map(self) -> ClassMap {
        self
    }
}

impl IntoClassMap for &ClassMap {
    fn into_class_map(self) -> ClassMap {
        self.clone()
    }
}

impl<I: IntoIterator<Item: Into<String>>> IntoClassMap for I {
    fn into_class_map(self) -> ClassMap {
        ClassMap::new(self)
    }
}

fn as_texts_or_objects<S: Serializer>(classes: &[Class], to: S) -> Result<S::Ok, S::Error> {
    let is_text = |(place, class): (usize, &Class)| {
        usize::try_from(class.id) == Ok(place) && class.color.is_none()
    };
    let are_texts = classes.iter().enumerate().all(is_text);
    let mut list = to.serialize_seq(Some(classes.len()))?;
    for class in classes {
        match are_texts {
            true => list.serialize_element(&class.name)?,
            false => list.serialize_element(class)?,
        }
    }
    list.end()
}

/// As it is stored.
#[derive(Deserialize)]
struct Stored {
    classes: Classes,
    background: Option<i32>,
    void: Option<i32>,
}

impl TryFrom<Stored> for ClassMap {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self> {
        Self::from_stored(stored.classes, stored.background, stored.void)
    }
}

impl ClassMap {
    pub(super) fn from_stored(
        classes: Classes,
        background: Option<i32>,
        void: Option<i32>,
    ) -> Result<Self> {
        let classes = Self::from_classes(classes.0)?;
        classes.with_background(background)?.with_void(void)
    }
}

/// Classes as they are stored: each an object, or its name if its id is its place.
pub(super) struct Classes(Vec<Class>);

impl<'de> Deserialize<'de> for Classes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Classes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of classes")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Classes, A::Error> {
                let mut classes = Vec::new();
                while let Some(class) = list.next_element()? {
                    let id = i32::try_from(classes.len()).map_err(serde::de::Error::custom)?;
                    classes.push(match class {
                        OneClass::Name(name) => Class::new(id, name),
                        OneClass::Class(class) => class,
                    });
                }
                Ok(Classes(classes))
            }
        }
        from.deserialize_seq(List)
    }
}

enum OneClass {
    Name(String),
    Class(Class),
}

impl<'de> Deserialize<'de> for OneClass {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = OneClass;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a class or the name of one")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<OneClass, E> {
                Ok(OneClass::Name(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<OneClass, A::Error> {
                Class::deserialize(MapAccessDeserializer::new(map)).map(OneClass::Class)
            }
        }
        from.deserialize_any(Either)
    }
}
