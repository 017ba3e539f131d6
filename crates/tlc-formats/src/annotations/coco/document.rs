//! What COCO says of images, categories and annotations, as it stands in its JSON.

use serde::de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// One of `images`.
#[derive(Debug, Deserialize)]
pub(super) struct Image {
    pub(super) id: i64,
    pub(super) file_name: String,
    #[serde(default)]
    pub(super) width: Option<i64>,
    #[serde(default)]
    pub(super) height: Option<i64>,
}

/// One of `categories`.
#[derive(Debug, Deserialize)]
pub(super) struct Category {
    pub(super) id: i64,
    pub(super) name: String,
    #[serde(default)]
    pub(super) keypoints: Option<Vec<String>>,
    /// Pairs of keypoints, from 1 on.
    #[serde(default)]
    pub(super) skeleton: Option<Vec<[i64; 2]>>,
}

/// One of `annotations`.
#[derive(Debug, Deserialize)]
pub(super) struct Annotation {
    #[serde(default)]
    pub(super) id: Option<i64>,
    #[serde(default)]
    pub(super) category_id: Option<i64>,
    /// Left, top, width, height.
    #[serde(default)]
    pub(super) bbox: Option<[f64; 4]>,
    #[serde(default)]
    pub(super) area: Option<f64>,
    #[serde(default)]
    pub(super) iscrowd: Option<Flag>,
    #[serde(default)]
    pub(super) segmentation: Segmentation,
    #[serde(default)]
    pub(super) keypoints: Option<Vec<f64>>,
}

/// What is needed of an annotation to know where it belongs and what there is.
#[derive(Debug, Deserialize)]
pub(super) struct Outline {
    #[serde(default)]
    pub(super) id: Option<i64>,
    #[serde(default)]
    pub(super) image_id: Option<i64>,
    #[serde(default)]
    pub(super) area: Option<IgnoredAny>,
    #[serde(default)]
    pub(super) iscrowd: Option<IgnoredAny>,
    #[serde(default)]
    pub(super) segmentation: Shape,
    #[serde(default)]
    pub(super) keypoints: Option<IgnoredAny>,
}

/// 0 or 1, or false or true.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flag(pub(super) bool);

/// The mask of an object.
#[derive(Debug, Default)]
pub(super) enum Segmentation {
    #[default]
    None,
    Polygons(Vec<Vec<f64>>),
    Runs(Runs),
}

/// Run lengths.
#[derive(Debug, Deserialize)]
pub(super) struct Runs {
    /// Height and width.
    pub(super) size: [i64; 2],
    pub(super) counts: Counts,
}

#[derive(Debug)]
pub(super) enum Counts {
    Text(String),
    Numbers(Vec<u64>),
}

/// Which form a mask has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shape {
    #[default]
    None,
    Polygons,
    Runs,
}

macro_rules! deserialize_any {
    ($name:ident, $expected:literal, $($visit:item)*) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Any;
                impl<'de> Visitor<'de> for Any {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expected)
                    }

                    $($visit)*
                }
                from.deserialize_any(Any)
            }
        }
    };
}

deserialize_any! { Flag, "0 or 1",
    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Flag, E> {
        Ok(Flag(flag))
    }

    fn visit_u64<E: de::Error>(self, flag: u64) -> Result<Flag, E> {
        match flag {
            0 | 1 => Ok(Flag(flag == 1)),
            other => Err(E::invalid_value(de::Unexpected::Unsigned(other), &self)),
        }
    }
}

deserialize_any! { Segmentation, "a list of polygons, or run lengths",
    fn visit_unit<E: de::Error>(self) -> Result<Segmentation, E> {
        Ok(Segmentation::None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Segmentation, A::Error> {
        let mut polygons = Vec::new();
        while let Some(polygon) = list.next_element()? {
            polygons.push(polygon);
        }
        Ok(match polygons.is_empty() {
            true => Segmentation::None,
            false => Segmentation::Polygons(polygons),
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Segmentation, A::Error> {
        let runs = Runs::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(Segmentation::Runs(runs))
    }
}

deserialize_any! { Counts, "run lengths, as a list or a text",
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Counts, E> {
        Ok(Counts::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Counts, A::Error> {
        let mut numbers = Vec::new();
        while let Some(number) = list.next_element()? {
            numbers.push(number);
        }
        Ok(Counts::Numbers(numbers))
    }
}

deserialize_any! { Shape, "a list of polygons, or run lengths",
    fn visit_unit<E: de::Error>(self) -> Result<Shape, E> {
        Ok(Shape::None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Shape, A::Error> {
        let mut shape = Shape::None;
        while let Some(IgnoredAny) = list.next_element()? {
            shape = Shape::Polygons;
        }
        Ok(shape)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Shape::Runs)
    }
}
