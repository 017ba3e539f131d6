//! Objects out of a column of boxes, whoever made it.

use super::object::{Keypoint, Object};
use super::rle::Rle;
use crate::images::Size;
use crate::{Error, Result};
use tlc_core::arrow::array::{Array, ArrayRef, AsArray, StructArray};
use tlc_core::arrow::compute::cast;
use tlc_core::arrow::datatypes::{DataType, Float32Type, Float64Type, Int32Type, Int64Type};
use tlc_core::{ClassMap, Column, Role, Schema, Skeleton, ValueType};

/// The corners of a box.
const CORNERS: [&str; 4] = ["x0", "y0", "x1", "y1"];

/// Reads the objects of rows.
#[derive(Clone, Debug)]
pub(crate) struct Objects {
    name: String,
    classes: ClassMap,
    skeletons: Vec<Skeleton>,
    fields: Vec<String>,
    /// Whether numbers are fractions of the image's width and height.
    is_fraction: bool,
    /// Whether numbers have 32 bits.
    is_single: bool,
}

impl Objects {
    /// Of the column of this name; else of `boxes`, or the only column of boxes, or that of labels.
    ///
    /// # Errors
    /// [`Error::Column`] if it is none of boxes with labels of classes, or there is none.
    pub(crate) fn of(schema: &Schema, name: Option<&str>) -> Result<Self> {
        let column = match name {
            Some(name) => schema.require(name)?,
            None => found(schema)?,
        };
        let refused = |reason: &str| Error::column(&column.name, reason);
        let fields = fields(column)
            .ok_or_else(|| refused("no boxes: a list of structs with x0, y0, x1 and y1 is"))?;
        let field = |name: &str| fields.iter().find(|field| field.name == name);
        let classes = field("label").and_then(|label| label.value.classes());
        let classes = classes.ok_or_else(|| {
            refused("boxes without classes: give them a field `label` of a categorical label")
        })?;
        let unit = field("x0").and_then(|corner| corner.unit.as_deref());
        Ok(Self {
            name: column.name.clone(),
            classes: classes.clone(),
            skeletons: field("keypoints").map_or(Vec::new(), |field| field.skeletons.clone()),
            fields: fields.iter().map(|field| field.name.clone()).collect(),
            is_fraction: unit == Some("fraction"),
            is_single: field("x0").is_some_and(|field| field.value == ValueType::Float32),
        })
    }

    /// The name of the column.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn classes(&self) -> &ClassMap {
        &self.classes
    }

    pub(crate) fn skeletons(&self) -> &[Skeleton] {
        &self.skeletons
    }

    /// Whether objects have a field.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|known| known == field)
    }

    /// Whether a table holds the numbers in 32 bits, in pixels.
    pub(crate) fn is_single(&self) -> bool {
        self.is_single && !self.is_fraction
    }

    /// The objects of a row, in pixels of an image of this size.
    ///
    /// # Errors
    /// Why they are none.
    pub(crate) fn read(
        &self,
        values: &ArrayRef,
        row: usize,
        size: Size,
    ) -> std::result::Result<Vec<Object>, String> {
        if values.is_null(row) {
            return Ok(Vec::new());
        }
        let cell = items(values, row)?;
        let boxes = cell.as_struct();
        if boxes.null_count() > 0 {
            return Err("a box is missing".to_owned());
        }
        let scale = match self.is_fraction {
            true => [f64::from(size.width), f64::from(size.height)],
            false => [1.0, 1.0],
        };
        let fields = Fields::of(boxes, scale)?;
        (0..boxes.len()).map(|at| fields.object(at)).collect()
    }
}

/// The column of boxes that is meant where none is named.
fn found(schema: &Schema) -> Result<&Column> {
    let boxes: Vec<&Column> = schema
        .columns()
        .iter()
        .filter(|one| fields(one).is_some())
        .collect();
    let named = boxes.iter().find(|column| column.name == "boxes");
    let labels = || boxes.iter().find(|column| column.role == Some(Role::Label));
    match (named.or_else(labels), boxes.as_slice()) {
        (Some(column), _) | (None, [column]) => Ok(column),
        (None, []) => Err(Error::column("boxes", "there is no column of boxes")),
        (None, several) => {
            let names: Vec<&str> = several.iter().map(|column| column.name.as_str()).collect();
            let reason = format!("say which boxes are meant: {}", names.join(", "));
            Err(Error::column("boxes", reason))
        }
    }
}

/// The fields of boxes.
fn fields(column: &Column) -> Option<&[Column]> {
    let ValueType::List { item, .. } = &column.value else {
        return None;
    };
    let ValueType::Struct { fields } = &**item else {
        return None;
    };
    let has = |name: &&str| fields.iter().any(|field| field.name == **name);
    CORNERS.iter().all(has).then_some(fields)
}

/// The fields of the objects of one row.
struct Fields<'a> {
    boxes: &'a StructArray,
    corners: [Vec<f64>; 4],
    labels: ArrayRef,
    scale: [f64; 2],
}

type Read<T> = std::result::Result<T, String>;

impl<'a> Fields<'a> {
    fn of(boxes: &'a StructArray, scale: [f64; 2]) -> Read<Self> {
        let mut corners: [Vec<f64>; 4] = Default::default();
        for ((corner, name), scale) in corners.iter_mut().zip(CORNERS).zip(scale.iter().cycle()) {
            let values = boxes.column_by_name(name).ok_or("a box without corners")?;
            *corner = numbers(values)?
                .into_iter()
                .map(|number| number * scale)
                .collect();
        }
        let labels = boxes
            .column_by_name("label")
            .ok_or("a box without a label")?;
        Ok(Self {
            boxes,
            corners,
            labels: cast(labels, &DataType::Int32).map_err(|error| error.to_string())?,
            scale,
        })
    }

    /// A field, where it is there and not null.
    fn field(&self, name: &str, at: usize) -> Option<&'a ArrayRef> {
        self.boxes
            .column_by_name(name)
            .filter(|values| values.is_valid(at))
    }

    fn object(&self, at: usize) -> Read<Object> {
        let corner = |corner: &Vec<f64>| corner.get(at).copied().unwrap_or(f64::NAN);
        if self.labels.is_null(at) {
            return Err("a box without a label".to_owned());
        }
        let id = self
            .field("id", at)
            .and_then(|ids| ids.as_primitive_opt::<Int64Type>());
        let crowds = self
            .field("is_crowd", at)
            .and_then(|crowds| crowds.as_boolean_opt());
        let area = self
            .field("area", at)
            .map(|areas| numbers(&areas.slice(at, 1)))
            .transpose()?;
        Ok(Object {
            bounds: self.corners.each_ref().map(corner),
            label: self.labels.as_primitive::<Int32Type>().value(at),
            id: id.map(|ids| ids.value(at)),
            is_crowd: crowds.is_some_and(|crowds| crowds.value(at)),
            area: area.and_then(|area| area.first().copied()),
            polygons: self
                .field("polygons", at)
                .map(|all| self.polygons(all, at))
                .transpose()?,
            rle: self.field("rle", at).map(|all| rle(all, at)).transpose()?,
            keypoints: self
                .field("keypoints", at)
                .map(|all| self.keypoints(all, at))
                .transpose()?,
            corners: self
                .field("corners", at)
                .map(|all| self.corners(all, at))
                .transpose()?,
        })
    }

    fn polygons(&self, all: &ArrayRef, at: usize) -> Read<Vec<Vec<f64>>> {
        let polygons = items(all, at)?;
        (0..polygons.len())
            .map(|polygon| self.points(&items(&polygons, polygon)?))
            .collect()
    }

    fn corners(&self, all: &ArrayRef, at: usize) -> Read<[f64; 8]> {
        let corners = self.points(&items(all, at)?)?;
        corners
            .try_into()
            .map_err(|_| "an oriented box without four corners".to_owned())
    }

    /// x and y in turn, in pixels.
    fn points(&self, values: &ArrayRef) -> Read<Vec<f64>> {
        let scaled = numbers(values)?.into_iter().zip(self.scale.iter().cycle());
        Ok(scaled.map(|(number, scale)| number * scale).collect())
    }

    fn keypoints(&self, all: &ArrayRef, at: usize) -> Read<Vec<Keypoint>> {
        let points = items(all, at)?;
        let points = points
            .as_struct_opt()
            .ok_or("keypoints that are no structs")?;
        let field = |name: &str| {
            points
                .column_by_name(name)
                .ok_or("a keypoint without x and y")
        };
        let (xs, ys) = (numbers(field("x")?)?, numbers(field("y")?)?);
        let visible = match points.column_by_name("visibility") {
            Some(visible) => numbers(visible)?,
            None => vec![2.0; points.len()],
        };
        let [width, height] = self.scale;
        let points = xs
            .into_iter()
            .zip(ys)
            .zip(visible)
            .map(|((x, y), visible)| Keypoint {
                x: x * width,
                y: y * height,
                visibility: visible as i32,
            });
        Ok(points.collect())
    }
}

fn rle(all: &ArrayRef, at: usize) -> Read<Rle> {
    let none = || "a mask that is no struct of size and counts".to_owned();
    let all = all.as_struct_opt().ok_or_else(none)?;
    let size = all.column_by_name("size").ok_or_else(none)?;
    let counts = all.column_by_name("counts").ok_or_else(none)?;
    let size = numbers(&items(size, at)?)?;
    let counts = counts.as_string_opt::<i32>().ok_or_else(none)?;
    match size.as_slice() {
        [height, width] => Ok(Rle {
            height: *height as i32,
            width: *width as i32,
            counts: counts.value(at).to_owned(),
        }),
        _ => Err(none()),
    }
}

/// What one list has.
fn items(lists: &ArrayRef, at: usize) -> Read<ArrayRef> {
    match lists.data_type() {
        DataType::List(_) => Ok(lists.as_list::<i32>().value(at)),
        DataType::FixedSizeList(..) => Ok(lists.as_fixed_size_list().value(at)),
        other => Err(format!("{other} is no list")),
    }
}

/// Numbers, those of 32 bits as the decimals that they are written as.
fn numbers(values: &ArrayRef) -> Read<Vec<f64>> {
    if values.null_count() > 0 {
        return Err("a number is missing".to_owned());
    }
    if let Some(values) = values.as_primitive_opt::<Float32Type>() {
        return Ok(values
            .values()
            .iter()
            .map(|number| decimal(*number))
            .collect());
    }
    let values = cast(values, &DataType::Float64).map_err(|error| error.to_string())?;
    Ok(values.as_primitive::<Float64Type>().values().to_vec())
}

/// The number of the fewest digits that 32 bits hold as this one.
fn decimal(number: f32) -> f64 {
    let whole = f64::from(number);
    match whole.fract() == 0.0 || !number.is_finite() {
        true => whole,
        false => number.to_string().parse().unwrap_or(whole),
    }
}

/// The number of the fewest digits that `fits`, near to `number`.
pub(crate) fn shortest(number: f64, digits: i32, fits: impl Fn(f64) -> bool) -> f64 {
    let mut rounded = (digits..=12).map(|digits| {
        let scale = 10_f64.powi(digits);
        (number * scale).round() / scale
    });
    rounded.find(|rounded| fits(*rounded)).unwrap_or(number)
}
