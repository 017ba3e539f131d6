//! From steps to values: block after block side by side, with Arrow's kernels.

mod choose;
mod compare;
mod compute;
mod join;
mod names;
mod rows;

use self::choose::null_if;
use self::compare::{among, compared, is_state, like, not};
use self::compute::{cast, computed, function_of_number, negated, power};
use self::names::{function_of_text, names, searched};
use self::rows::{Rows, Value};
use super::fault::Fault;
use super::node::{Node, Op};
use super::term::Comparison;
use std::sync::Arc;
use tlc_core::arrow::array::ArrayRef;
use tlc_core::arrow::error::{ArrowError, Result as Computed};

/// The values of some rows of these columns: one a row.
pub(super) fn evaluate(
    node: &Node,
    columns: &[ArrayRef],
    start: usize,
    len: usize,
) -> Result<ArrayRef, Fault> {
    let rows = Rows::block(columns, start, len);
    let value = rows.value(node)?;
    let values = value.spread(len);
    values.map_err(|error| Fault::computing(node.at, error))
}

impl Rows<'_> {
    fn value(&self, node: &Node) -> Result<Value, Fault> {
        match &node.op {
            Op::Constant(array) => Ok(Value {
                array: Arc::clone(array),
                is_one: true,
            }),
            Op::Column(place) => match self.column(*place) {
                Ok(array) => Ok(Value {
                    array,
                    is_one: false,
                }),
                Err(error) => Err(Fault::computing(node.at, error)),
            },
            Op::Join(join, nodes) => self.join(node, *join, nodes),
            Op::In {
                of,
                set,
                has_null,
                others,
                is_not,
            } => {
                let of = self.value(of)?;
                let found = told(node, among(&of, set, *has_null))?;
                self.or_equal(node, &of, found, others, *is_not)
            }
            Op::Case {
                of,
                branches,
                otherwise,
            } => self.case(node, of.as_deref(), branches, otherwise.as_deref()),
            Op::Coalesce(nodes) => self.coalesce(node, nodes),
            Op::Greatest(nodes) => self.extreme(node, nodes, Comparison::Greater),
            Op::Least(nodes) => self.extreme(node, nodes, Comparison::Less),
            Op::Between {
                of,
                low,
                high,
                is_not,
            } => {
                let bounds = (self.value(low)?, self.value(high)?);
                self.between(node, &self.value(of)?, &bounds, *is_not)
            }
            _ => self.value_of_few(node),
        }
    }

    /// The value of a step with one or two before it.
    fn value_of_few(&self, node: &Node) -> Result<Value, Fault> {
        let one = |of: &Node, compute: &dyn Fn(&Value) -> Computed<Value>| {
            told(node, compute(&self.value(of)?))
        };
        let two = |one: &Node, other: &Node, compute: &dyn Fn(&Value, &Value) -> _| {
            told(node, compute(&self.value(one)?, &self.value(other)?))
        };
        match &node.op {
            Op::Names(of, known) => one(of, &|of| names(of, known)),
            Op::Cast { of: from, is_tried } => one(from, &|of| cast(of, from, node, *is_tried)),
            Op::Negate(of) => one(of, &negated),
            Op::Not(of) => one(of, &not),
            Op::Like {
                of,
                pattern,
                is_case_ignored,
                is_not,
            } => one(of, &|of| like(of, pattern, *is_case_ignored, *is_not)),
            Op::Is { of, state, is_not } => one(of, &|of| is_state(of, *state, *is_not)),
            Op::Number(function, of) => one(of, &|of| function_of_number(*function, of)),
            Op::Text(function, of) => one(of, &|of| function_of_text(*function, of)),
            Op::Compare(comparison, left, right) => two(left, right, &|left, right| {
                compared(*comparison, left, right)
            }),
            Op::Compute(arithmetic, left, right) => {
                let value = computed(*arithmetic, &self.value(left)?, &self.value(right)?);
                value.map_err(|error| Fault::computing(right.at, error))
            }
            Op::Power(base, exponent) => two(base, exponent, &power),
            Op::Search(search, text, part) => {
                two(text, part, &|text, part| searched(*search, text, part))
            }
            Op::NullIf(of, other) => two(of, other, &null_if),
            _ => {
                let reason = "a step that cannot be computed".to_owned();
                Err(Fault::computing(node.at, ArrowError::SchemaError(reason)))
            }
        }
    }
}

fn told(node: &Node, value: Computed<Value>) -> Result<Value, Fault> {
    value.map_err(|error| Fault::computing(node.at, error))
}
