//! Objects as a column of boxes, with the fields that FORMAT.md names.

use super::object::{Keypoint, Object, VISIBILITY};
use super::rle::Rle;
use crate::{Error, Result};
use std::ops::BitOr;
use std::sync::Arc;
use tlc_core::arrow::array::{
    ArrayRef, BooleanArray, Float32Array, Float64Array, Int32Array, Int64Array, ListArray,
    StringArray, StructArray,
};
use tlc_core::arrow::buffer::{NullBuffer, OffsetBuffer};
use tlc_core::arrow::datatypes::{DataType, Field};
use tlc_core::{ClassMap, Column, Role, Skeleton, ValueType};

/// What a data set says about its objects, beside their boxes and labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extras {
    pub(crate) id: bool,
    pub(crate) is_crowd: bool,
    pub(crate) area: bool,
    pub(crate) polygons: bool,
    pub(crate) rle: bool,
    pub(crate) keypoints: bool,
    pub(crate) corners: bool,
}

impl BitOr for Extras {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self {
            id: self.id | other.id,
            is_crowd: self.is_crowd | other.is_crowd,
            area: self.area | other.area,
            polygons: self.polygons | other.polygons,
            rle: self.rle | other.rle,
            keypoints: self.keypoints | other.keypoints,
            corners: self.corners | other.corners,
        }
    }
}

/// The column of boxes with these fields.
pub(crate) fn column(extras: Extras, classes: &ClassMap, skeletons: &[Skeleton]) -> Column {
    let corner = |name| Column::new(name, ValueType::Float32).unit("px");
    let maybe = |name, value| Column::new(name, value).nullable(true);
    let mut fields = ["x0", "y0", "x1", "y1"].map(corner).to_vec();
    fields.push(Column::new("label", ValueType::labels(classes)));
    let mut add = |is_there: bool, field: Column| fields.extend(is_there.then_some(field));
    add(extras.id, maybe("id", ValueType::Int64));
    add(extras.is_crowd, Column::new("is_crowd", ValueType::Bool));
    add(extras.area, maybe("area", ValueType::Float64).unit("px²"));
    add(extras.polygons, maybe("polygons", polygons()).unit("px"));
    add(extras.rle, maybe("rle", rle()));
    let keypoints = maybe("keypoints", keypoints()).unit("px");
    add(
        extras.keypoints,
        keypoints.skeletons(skeletons.iter().cloned()),
    );
    add(
        extras.corners,
        maybe("corners", list(ValueType::Float32)).unit("px"),
    );
    let boxes = list(ValueType::Struct { fields });
    Column::new("boxes", boxes).role(Role::Label)
}

/// A list of no fixed length: one that has, pyarrow does not read where what it is in is null.
fn list(item: ValueType) -> ValueType {
    ValueType::List {
        item: Box::new(item),
        len: None,
    }
}

fn polygons() -> ValueType {
    list(list(ValueType::Float32))
}

fn rle() -> ValueType {
    let fields = vec![
        Column::new("size", list(ValueType::Int32)).description("height and width"),
        Column::new("counts", ValueType::String),
    ];
    ValueType::Struct { fields }
}

fn keypoints() -> ValueType {
    let number = |name| Column::new(name, ValueType::Float32);
    let visibility = Column::new("visibility", ValueType::labels(VISIBILITY));
    let fields = vec![number("x"), number("y"), visibility];
    list(ValueType::Struct { fields })
}

/// The objects of each row, as values of the column.
///
/// # Errors
/// Those of Arrow, for more than 2^31 values in a batch.
pub(crate) fn array(column: &Column, rows: &[Vec<Object>]) -> Result<ArrayRef> {
    let objects: Vec<&Object> = rows.iter().flatten().collect();
    let item = item(&column.value.to_arrow())?;
    let DataType::Struct(fields) = item.data_type() else {
        return Err(Error::column(&column.name, "no list of structs"));
    };
    let arrays = fields.iter().map(|field| values(field, &objects));
    let arrays = arrays.collect::<Result<Vec<_>>>()?;
    let boxes = StructArray::try_new(fields.clone(), arrays, None).map_err(failed)?;
    lists(&item, rows.iter().map(Vec::len), Arc::new(boxes), None)
}

/// The values of one field.
fn values(field: &Field, objects: &[&Object]) -> Result<ArrayRef> {
    let each = || objects.iter();
    let corner = |at: usize| {
        let corners = each().map(|object| object.bounds.get(at).map(|corner| *corner as f32));
        Arc::new(corners.collect::<Float32Array>())
    };
    Ok(match field.name().as_str() {
        "x0" => corner(0),
        "y0" => corner(1),
        "x1" => corner(2),
        "y1" => corner(3),
        "label" => Arc::new(each().map(|object| object.label).collect::<Int32Array>()),
        "id" => Arc::new(each().map(|object| object.id).collect::<Int64Array>()),
        "is_crowd" => {
            let crowds: Vec<bool> = each().map(|object| object.is_crowd).collect();
            Arc::new(BooleanArray::from(crowds))
        }
        "area" => Arc::new(each().map(|object| object.area).collect::<Float64Array>()),
        "polygons" => all_polygons(field, objects)?,
        "rle" => all_rles(field, objects)?,
        "keypoints" => all_keypoints(field, objects)?,
        "corners" => all_corners(field, objects)?,
        other => return Err(Error::column(other, "no field of boxes")),
    })
}

fn all_polygons(field: &Field, objects: &[&Object]) -> Result<ArrayRef> {
    let of_each = objects.iter().map(|object| object.polygons.as_deref());
    let of_each: Vec<Option<&[Vec<f64>]>> = of_each.collect();
    let all = || of_each.iter().flatten().copied().flatten();
    let numbers = all().flatten().map(|number| *number as f32);
    let numbers: ArrayRef = Arc::new(Float32Array::from_iter_values(numbers));
    let polygon = item(field.data_type())?;
    let number = item(polygon.data_type())?;
    let polygons = lists(&number, all().map(Vec::len), numbers, None)?;
    let nulls = NullBuffer::from_iter(of_each.iter().map(Option::is_some));
    let lens = of_each
        .iter()
        .map(|polygons| polygons.map_or(0, <[_]>::len));
    lists(&polygon, lens, polygons, Some(nulls))
}

fn all_rles(field: &Field, objects: &[&Object]) -> Result<ArrayRef> {
    let DataType::Struct(fields) = field.data_type() else {
        return Err(Error::column(field.name(), "no struct"));
    };
    let rles: Vec<Option<&Rle>> = objects.iter().map(|object| object.rle.as_ref()).collect();
    let sizes = rles
        .iter()
        .flatten()
        .flat_map(|rle| [rle.height, rle.width]);
    let sizes: ArrayRef = Arc::new(Int32Array::from_iter_values(sizes));
    let size_item = fields.first().map(|size| item(size.data_type()));
    let size_item = size_item.ok_or_else(|| Error::column(field.name(), "no fields"))??;
    let sizes = lists(
        &size_item,
        rles.iter().map(|rle| 2 * rle.iter().len()),
        sizes,
        None,
    )?;
    let counts = rles
        .iter()
        .map(|rle| Some(rle.map_or("", |rle| rle.counts.as_str())));
    let counts: StringArray = counts.collect();
    let nulls = NullBuffer::from_iter(rles.iter().map(Option::is_some));
    let arrays: Vec<ArrayRef> = vec![sizes, Arc::new(counts)];
    let rles = StructArray::try_new(fields.clone(), arrays, Some(nulls)).map_err(failed)?;
    Ok(Arc::new(rles))
}

fn all_keypoints(field: &Field, objects: &[&Object]) -> Result<ArrayRef> {
    let of_each = objects.iter().map(|object| object.keypoints.as_deref());
    let of_each: Vec<Option<&[Keypoint]>> = of_each.collect();
    let all = || of_each.iter().flatten().copied().flatten();
    let item = item(field.data_type())?;
    let DataType::Struct(fields) = item.data_type() else {
        return Err(Error::column(field.name(), "no list of structs"));
    };
    let numbers = |number: fn(&Keypoint) -> f64| -> ArrayRef {
        Arc::new(Float32Array::from_iter_values(
            all().map(|point| number(point) as f32),
        ))
    };
    let visibility = all().map(|point| point.visibility);
    let arrays = vec![
        numbers(|point| point.x),
        numbers(|point| point.y),
        Arc::new(visibility.collect::<Int32Array>()) as ArrayRef,
    ];
    let points = StructArray::try_new(fields.clone(), arrays, None).map_err(failed)?;
    let nulls = NullBuffer::from_iter(of_each.iter().map(Option::is_some));
    let lens = of_each.iter().map(|points| points.map_or(0, <[_]>::len));
    lists(&item, lens, Arc::new(points), Some(nulls))
}

fn all_corners(field: &Field, objects: &[&Object]) -> Result<ArrayRef> {
    let of_each = || objects.iter().map(|object| object.corners.as_ref());
    let corners = of_each().flatten().flatten().map(|corner| *corner as f32);
    let corners = Arc::new(Float32Array::from_iter_values(corners));
    let nulls = NullBuffer::from_iter(of_each().map(|corners| corners.is_some()));
    let lens = of_each().map(|corners| corners.map_or(0, |corners| corners.len()));
    lists(&item(field.data_type())?, lens, corners, Some(nulls))
}

/// What a list is of.
fn item(list: &DataType) -> Result<Arc<Field>> {
    match list {
        DataType::List(item) => Ok(Arc::clone(item)),
        other => Err(Error::column("boxes", format!("{other} is no list"))),
    }
}

fn lists(
    item: &Arc<Field>,
    lens: impl Iterator<Item = usize>,
    values: ArrayRef,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef> {
    let offsets = OffsetBuffer::from_lengths(lens);
    let lists = ListArray::try_new(Arc::clone(item), offsets, values, nulls).map_err(failed)?;
    Ok(Arc::new(lists))
}

fn failed(source: tlc_core::arrow::error::ArrowError) -> Error {
    Error::arrow("put boxes together", source)
}
