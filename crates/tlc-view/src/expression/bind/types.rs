//! Which type values of several have in common, and how they get it.

use super::super::fault::Fault;
use super::super::node::{Node, Op, TIMESTAMP, Type};
use std::sync::Arc;
use tlc_core::arrow::array::{Array, ArrayRef, new_null_array};
use tlc_core::arrow::compute::{CastOptions, cast_with_options};
use tlc_core::arrow::datatypes::DataType;
use tlc_core::arrow::error::Result as Computed;

/// Whether a text in quotes may stand for a number or a moment.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Quoted {
    /// Beside one that it is compared with.
    IsRead,
    IsText,
}

/// The type in which these can be compared, or stand in one column.
///
/// # Errors
/// At the first that does not go with those before it.
pub(super) fn common<'n>(
    nodes: impl IntoIterator<Item = &'n Node>,
    quoted: Quoted,
) -> Result<Type, Fault> {
    let mut common = Type::Null;
    let mut is_read = true; // so far there are nothing but texts in quotes
    for node in nodes {
        let is_quoted = quoted == Quoted::IsRead && node.kind == Type::Text && node.is_constant();
        let both = match (&common, &node.kind) {
            (Type::Text, Type::Moment) if is_read => Some(Type::Moment),
            (Type::Text, number) if is_read && number.is_number() => Some(number.clone()),
            (Type::Moment, Type::Text) if is_quoted => Some(Type::Moment),
            (number, Type::Text) if is_quoted && number.is_number() => Some(number.clone()),
            (one, other) => unite(one, other),
        };
        let Some(both) = both else {
            let (one, other) = (common.told(), node.kind.told());
            let reason = match (&common, &node.kind) {
                (Type::Text, other) | (other, Type::Text) if other.is_number() => format!(
                    "{other} does not go with {one}: cast(… as double) or cast(… as text) helps",
                    other = node.kind.told()
                ),
                _ => format!("{other} does not go with {one}"),
            };
            return Fault::at(node.at, reason);
        };
        is_read &= is_quoted || node.kind == Type::Null;
        common = both;
    }
    Ok(common)
}

/// The type of both, as DataFusion has it; classes of one column are classes, those of different
/// ones are their names.
fn unite(one: &Type, other: &Type) -> Option<Type> {
    match (one, other) {
        (one, other) if one == other => Some(one.clone()),
        (Type::Null, known) | (known, Type::Null) => Some(known.clone()),
        (Type::Class(_), Type::Class(_) | Type::Text) | (Type::Text, Type::Class(_)) => {
            Some(Type::Text)
        }
        (Type::Class(_), number) | (number, Type::Class(_)) if number.is_number() => {
            unite(&Type::Whole, number)
        }
        (one, other) if !one.is_number() || !other.is_number() => None,
        (Type::Double, _) | (_, Type::Double) => Some(Type::Double),
        (Type::Single, _) | (_, Type::Single) => Some(Type::Single),
        _ => Some(Type::Wide),
    }
}

/// The same values as another type, one that [`common`] found, in the array that it has.
///
/// # Errors
/// If a text in quotes does not read as that type.
pub(super) fn coerced(node: Node, kind: &Type) -> Result<Node, Fault> {
    let data = kind.data();
    if node.kind == *kind && (node.data == data || *kind == Type::Text) {
        return Ok(node);
    }
    match (&node.op, &node.kind) {
        (Op::Constant(_), Type::Null) => {
            let value = new_null_array(&data, 1);
            Ok(Node::constant(node.at, kind.clone(), value))
        }
        (Op::Constant(value), Type::Text) if *kind != Type::Text => {
            let read = read(value, kind);
            let value = read.or_else(|_| Fault::at(node.at, unread(kind)))?;
            Ok(Node::constant(node.at, kind.clone(), value))
        }
        (_, Type::Class(names)) if *kind == Type::Text => {
            let names = Arc::clone(names);
            let key = Box::new(DataType::Int32);
            let data = DataType::Dictionary(key, Box::new(DataType::LargeUtf8));
            Ok(Node {
                at: node.at,
                can_fail: node.can_fail,
                kind: Type::Text,
                data,
                op: Op::Names(Box::new(node), names),
            })
        }
        _ => converted(node, kind, data),
    }
}

/// The same values in another array.
pub(super) fn converted(node: Node, kind: &Type, data: DataType) -> Result<Node, Fault> {
    if node.data == data {
        let kind = kind.clone();
        return Ok(Node { kind, ..node });
    }
    if let Op::Constant(value) = &node.op {
        let value = strictly(value, &data).map_err(|error| Fault::computing(node.at, error))?;
        return Ok(Node::constant(node.at, kind.clone(), value));
    }
    Ok(Node {
        at: node.at,
        can_fail: node.can_fail,
        kind: kind.clone(),
        data,
        op: Op::Cast {
            of: Box::new(node),
            is_tried: false,
        },
    })
}

/// Texts in one array, not as a dictionary.
pub(super) fn plain(node: Node) -> Result<Node, Fault> {
    match node.kind {
        Type::Text => converted(node, &Type::Text, DataType::LargeUtf8),
        _ => Ok(node),
    }
}

/// A text in quotes as a value of a type.
pub(super) fn read(value: &ArrayRef, kind: &Type) -> Computed<ArrayRef> {
    match kind {
        Type::Moment => strictly(&strictly(value, &TIMESTAMP)?, &DataType::Int64),
        _ => strictly(value, &kind.data()),
    }
}

pub(super) fn unread(kind: &Type) -> String {
    match kind {
        Type::Moment => "a moment is written as 'YYYY-MM-DD' or 'YYYY-MM-DD HH:MM:SS'".to_owned(),
        _ => format!("this text is not {}", kind.told()),
    }
}

/// The constant in the array of another node, if that can hold its value.
pub(super) fn narrowed(constant: &Node, like: &Node) -> Option<Node> {
    let Op::Constant(value) = &constant.op else {
        return None;
    };
    let narrow = strictly(value, &like.data).ok()?;
    let back = strictly(&narrow, value.data_type()).ok()?;
    let is_same = *back == **value;
    is_same.then(|| Node::constant(constant.at, constant.kind.clone(), narrow))
}

fn strictly(value: &ArrayRef, data: &DataType) -> Computed<ArrayRef> {
    if value.data_type() == data {
        return Ok(Arc::clone(value));
    }
    let options = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    cast_with_options(value, data, &options)
}
