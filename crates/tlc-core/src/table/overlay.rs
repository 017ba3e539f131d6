//! What a revision is made of: the rows of its base and of what was appended, in layers of
//! columns, with changed cells and an order over them.
//!
//! Every row that was ever there has a *position*: that in the base, then on through the
//! segments that were appended. It is the row's identity; what a revision shows are positions
//! in an order.

use crate::part::Part;
use crate::schema::equal_types;
use crate::{Column, Error, Result, Schema, Url, ValueType};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The columns of the part that holds an order.
pub(crate) const ORDER: [&str; 2] = ["first", "len"];
/// The columns of the parts that hold changed cells.
pub(crate) const CELLS: [&str; 2] = ["row", "value"];

/// A table of the same data set, and which content of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sibling {
    pub(crate) name: String,
    pub(crate) id: String,
}

/// Rows that came into being together: the base, or what one revision appended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Extent {
    /// Id of the content that brought them.
    pub(crate) id: String,
    pub(crate) rows: usize,
}

/// Where the rows of a revision are. Parts are named relative to the folder of its base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Overlay {
    /// Of the files of layers.
    pub(crate) schemas: Vec<Schema>,
    pub(crate) segments: Vec<Segment>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) cells: Vec<ChangedCells>,
    /// Which positions are shown; all in their order if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) order: Option<Order>,
}

/// Rows of one extent, side by side in layers with the same row groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Segment {
    /// Id of the content that brought them.
    pub(crate) id: String,
    pub(crate) rows: usize,
    pub(crate) layers: Vec<Layer>,
}

/// Some columns of a segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Layer {
    /// Place of the schema of its files among those of the overlay.
    pub(crate) schema: usize,
    /// Those that are shown.
    pub(crate) columns: Vec<Shown>,
    pub(crate) parts: Vec<Part>,
}

/// A stored column, and what the revision calls it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shown {
    pub(crate) stored: String,
    pub(crate) name: String,
}

/// Values of one column that take the place of what the layers say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ChangedCells {
    pub(crate) column: String,
    /// Columns `row`, a position, ascending, and `value`.
    pub(crate) parts: Vec<Part>,
}

/// The positions that are shown, in runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Order {
    /// Columns `first`, a position, and `len`.
    pub(crate) parts: Vec<Part>,
}

impl Sibling {
    /// Where it is, beside a table.
    pub(crate) fn beside(&self, table: &Url) -> Result<Url> {
        let folder = table.parent().unwrap_or_else(|| table.clone());
        let url = folder.join(&self.name)?;
        match url.name() == self.name {
            true => Ok(url),
            false => Err(Error::InvalidUrl {
                url: self.name.clone(),
                reason: "no name of a table".to_owned(),
            }),
        }
    }
}

impl Order {
    /// The schema of its parts.
    pub(crate) fn schema() -> Result<Schema> {
        Schema::new(ORDER.map(|name| Column::new(name, ValueType::Int64)))
    }
}

impl ChangedCells {
    /// The schema of the parts for a column.
    pub(crate) fn schema(column: &Column) -> Result<Schema> {
        let [row, value] = CELLS;
        let value = Column {
            name: value.to_owned(),
            ..column.clone()
        };
        Schema::new([Column::new(row, ValueType::Int64), value])
    }
}

impl Overlay {
    /// All of a table that is no revision: its parts are those of this overlay.
    pub(crate) fn of_base(id: &str, rows: usize, schema: &Schema, parts: &[Part]) -> Self {
        let shown = schema.names().map(|name| Shown {
            stored: name.to_owned(),
            name: name.to_owned(),
        });
        let layer = Layer {
            schema: 0,
            columns: shown.collect(),
            parts: parts.to_vec(),
        };
        Self {
            schemas: vec![schema.clone()],
            segments: vec![Segment {
                id: id.to_owned(),
                rows,
                layers: vec![layer],
            }],
            cells: Vec::new(),
            order: None,
        }
    }

    /// Number of positions.
    pub(crate) fn positions(&self) -> usize {
        let rows = self.segments.iter().map(|segment| segment.rows);
        rows.fold(0, usize::saturating_add)
    }

    /// The rows that came into being together, in the order of positions.
    pub(crate) fn extents(&self) -> Vec<Extent> {
        let segments = self.segments.iter();
        let extent = |segment: &Segment| Extent {
            id: segment.id.clone(),
            rows: segment.rows,
        };
        segments.map(extent).collect()
    }

    /// Every part that it names.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Part> {
        let layers = self.segments.iter().flat_map(|segment| &segment.layers);
        let order = self.order.iter().flat_map(|order| &order.parts);
        let cells = self.cells.iter().flat_map(|cells| &cells.parts);
        layers
            .flat_map(|layer| &layer.parts)
            .chain(cells)
            .chain(order)
    }

    /// What a layer's files hold.
    pub(crate) fn schema_of(&self, layer: &Layer) -> Result<&Schema, String> {
        let schema = self.schemas.get(layer.schema);
        schema.ok_or_else(|| format!("there is no schema {}", layer.schema))
    }

    /// Whether it can be that of a revision with these columns and so many rows.
    pub(crate) fn check(&self, schema: &Schema, rows: usize) -> Result<(), String> {
        self.parts().try_for_each(Part::check)?;
        for segment in &self.segments {
            self.check_segment(segment, schema)?;
        }
        let mut changed = HashSet::new();
        for cells in &self.cells {
            let is_new = changed.insert(&cells.column);
            if !is_new || schema.column(&cells.column).is_none() {
                return Err(format!("cells of `{}`", cells.column));
            }
        }
        let positions = self.positions();
        match self.order.is_some() || rows == positions {
            true => Ok(()),
            false => Err(format!("{rows} rows announced, the parts hold {positions}")),
        }
    }

    fn check_segment(&self, segment: &Segment, schema: &Schema) -> Result<(), String> {
        let Segment { id, rows, .. } = segment;
        let mut shown = HashSet::new();
        for layer in &segment.layers {
            let held = layer.parts.iter().map(Part::rows);
            let held = held.fold(0, usize::saturating_add);
            if held != *rows {
                return Err(format!(
                    "{rows} rows of {id} announced, a layer holds {held}"
                ));
            }
            let stored = self.schema_of(layer)?;
            for column in &layer.columns {
                let fits = stored
                    .column(&column.stored)
                    .zip(schema.column(&column.name));
                let fits = fits.is_some_and(|(stored, named)| is_same(stored, named));
                if !fits || !shown.insert(column.name.as_str()) {
                    return Err(format!(
                        "`{}` is no column for `{}`",
                        column.stored, column.name
                    ));
                }
            }
        }
        match schema.names().find(|name| !shown.contains(name)) {
            Some(missing) => Err(format!("no layer holds `{missing}`")),
            None if segment.layers.is_empty() => Err(format!("no layer holds the rows of {id}")),
            None => Ok(()),
        }
    }
}

/// Whether a stored column may be shown as another.
fn is_same(stored: &Column, named: &Column) -> bool {
    equal_types(&stored.value.to_arrow(), &named.value.to_arrow())
        && (named.nullable || !stored.nullable)
}
