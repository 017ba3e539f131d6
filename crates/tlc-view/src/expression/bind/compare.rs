//! Comparisons: of two values, with bounds, with a list.

use super::super::fault::Fault;
use super::super::node::{Node, Op, Set, Type};
use super::super::term::{Comparison, Term};
use super::Binder;
use super::names::check_name;
use super::types::{Quoted, coerced, common, narrowed};
use tlc_core::arrow::array::{Array, AsArray};
use tlc_core::arrow::datatypes::{Float32Type, Float64Type, Int64Type};

impl Binder<'_> {
    pub(super) fn compare(
        &mut self,
        at: usize,
        comparison: Comparison,
        left: &Term,
        right: &Term,
    ) -> Result<Node, Fault> {
        let (left, right) = (self.node(left)?, self.node(right)?);
        if comparison.is_equality() {
            check_name(&left, &right)?;
            check_name(&right, &left)?;
        }
        Ok(compared(at, comparison, matched(left, right)?))
    }

    pub(super) fn between(
        &mut self,
        at: usize,
        [of, low, high]: [&Term; 3],
        is_not: bool,
    ) -> Result<Node, Fault> {
        let (of, low, high) = (self.node(of)?, self.node(low)?, self.node(high)?);
        let kind = common([&of, &low, &high], Quoted::IsRead)?;
        let of = Box::new(coerced(of, &kind)?);
        let (low, high) = (
            Box::new(coerced(low, &kind)?),
            Box::new(coerced(high, &kind)?),
        );
        let can_fail = of.can_fail || low.can_fail || high.can_fail;
        let op = Op::Between {
            of,
            low,
            high,
            is_not,
        };
        Ok(Node::of(at, Type::Flag, op, can_fail))
    }

    pub(super) fn in_list(
        &mut self,
        at: usize,
        of: &Term,
        list: &[Term],
        is_not: bool,
    ) -> Result<Node, Fault> {
        let of = self.node(of)?;
        let list = list.iter().map(|term| self.node(term));
        let list: Vec<Node> = list.collect::<Result<_, _>>()?;
        for text in &list {
            check_name(&of, text)?;
        }
        let kind = common(std::iter::once(&of).chain(&list), Quoted::IsRead)?;
        let is_ordered = matches!(
            kind,
            Type::Whole | Type::Moment | Type::Single | Type::Double | Type::Text
        );
        let list = list.into_iter().map(|node| coerced(node, &kind));
        let list: Vec<Node> = list.collect::<Result<_, _>>()?;
        let (constants, others): (Vec<Node>, Vec<Node>) = list
            .into_iter()
            .partition(|node| is_ordered && node.is_constant());
        let of = match others.is_empty() && kind == Type::Whole && of.data.is_integer() {
            true => of, // whole numbers are looked for as they are
            false => coerced(of, &kind)?,
        };
        let has_null = constants.iter().any(is_null);
        let can_fail = of.can_fail || others.iter().any(|node| node.can_fail);
        let op = Op::In {
            of: Box::new(of),
            set: set(&kind, &constants),
            has_null,
            others,
            is_not,
        };
        Ok(Node::of(at, Type::Flag, op, can_fail))
    }
}

/// Two values in arrays that can be compared.
pub(super) fn matched(left: Node, right: Node) -> Result<(Node, Node), Fault> {
    let kind = common([&left, &right], Quoted::IsRead)?;
    let is_whole = matches!(kind, Type::Whole | Type::Moment | Type::Class(_));
    if is_whole && left.data == right.data {
        return Ok((left, right));
    }
    let is_small = |node: &Node| !node.is_constant() && (is_whole || node.kind == Type::Single);
    if is_small(&left)
        && let Ok(constant) = constant_of(&right, &kind)
        && let Some(right) = narrowed(&constant, &left)
    {
        return Ok((left, right));
    }
    if is_small(&right)
        && let Ok(constant) = constant_of(&left, &kind)
        && let Some(left) = narrowed(&constant, &right)
    {
        return Ok((left, right));
    }
    Ok((coerced(left, &kind)?, coerced(right, &kind)?))
}

pub(super) fn compared(at: usize, comparison: Comparison, (left, right): (Node, Node)) -> Node {
    let can_fail = left.can_fail || right.can_fail;
    let op = Op::Compare(comparison, Box::new(left), Box::new(right));
    Node::of(at, Type::Flag, op, can_fail)
}

fn constant_of(node: &Node, kind: &Type) -> Result<Node, Fault> {
    match &node.op {
        Op::Constant(value) => {
            let node = Node::constant(node.at, node.kind.clone(), value.clone());
            coerced(node, kind)
        }
        _ => Fault::at(node.at, "no constant"),
    }
}

fn is_null(node: &Node) -> bool {
    matches!(&node.op, Op::Constant(value) if value.is_null(0))
}

/// The values of constants of one type, in order.
fn set(kind: &Type, constants: &[Node]) -> Set {
    let values = constants.iter().filter_map(|node| match &node.op {
        Op::Constant(value) if value.is_valid(0) => Some(value),
        _ => None,
    });
    match kind {
        Type::Text => {
            let texts = values.filter_map(|value| value.as_string_opt::<i64>());
            let mut texts: Vec<String> = texts.map(|text| text.value(0).to_owned()).collect();
            texts.sort_unstable();
            Set::Text(texts)
        }
        Type::Single | Type::Double => {
            let number = |value: &std::sync::Arc<dyn Array>| {
                let double = value.as_primitive_opt::<Float64Type>();
                let single = value.as_primitive_opt::<Float32Type>();
                let single = single.map(|single| f64::from(single.value(0)));
                double.map(|double| double.value(0)).or(single)
            };
            let mut numbers: Vec<f64> = values
                .filter_map(number)
                .map(|number| number + 0.0)
                .collect();
            numbers.sort_unstable_by(f64::total_cmp);
            Set::Double(numbers)
        }
        _ => {
            let whole = values.filter_map(|value| value.as_primitive_opt::<Int64Type>());
            let mut whole: Vec<i64> = whole.map(|number| number.value(0)).collect();
            whole.sort_unstable();
            Set::Whole(whole)
        }
    }
}
