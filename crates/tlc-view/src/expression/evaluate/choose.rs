//! What takes one of several values: each is computed just for the rows that take it.

use super::super::fault::Fault;
use super::super::node::Node;
use super::super::term::Comparison;
use super::compare::flags;
use super::rows::{Rows, Value};
use std::sync::Arc;
use tlc_core::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, new_null_array};
use tlc_core::arrow::buffer::BooleanBuffer;
use tlc_core::arrow::compute::{filter, interleave, nullif};
use tlc_core::arrow::error::Result as Computed;

/// What rows take: which of several arrays, and where in it. First it is null.
struct Choice {
    values: Vec<ArrayRef>,
    picks: Vec<(usize, usize)>,
    /// Rows that take what comes.
    open: BooleanArray,
}

impl Rows<'_> {
    pub(super) fn case(
        &self,
        node: &Node,
        of: Option<&Node>,
        branches: &[(Node, Node)],
        otherwise: Option<&Node>,
    ) -> Result<Value, Fault> {
        let of = of.map(|of| self.value(of)).transpose()?;
        let mut choice = Choice::new(node, self.len());
        for (when, then) in branches {
            if choice.open.true_count() == 0 {
                break;
            }
            let rows = self.filter(&choice.open);
            let is_true = match &of {
                None => rows.condition(when)?,
                Some(of) => rows.same(&some(of, &choice.open, node)?, when)?,
            };
            let wanted = choice.wanted(&is_true);
            choice.take(self, &wanted, then, true)?;
        }
        if let Some(otherwise) = otherwise {
            let rest = choice.open.clone();
            choice.take(self, &rest, otherwise, true)?;
        }
        choice.made(node)
    }

    pub(super) fn coalesce(&self, node: &Node, nodes: &[Node]) -> Result<Value, Fault> {
        let mut choice = Choice::new(node, self.len());
        for next in nodes {
            let open = choice.open.clone();
            choice.take(self, &open, next, false)?;
        }
        choice.made(node)
    }

    /// The greatest or least of values that are not null.
    pub(super) fn extreme(
        &self,
        node: &Node,
        nodes: &[Node],
        better: Comparison,
    ) -> Result<Value, Fault> {
        let failed = |error| Fault::computing(node.at, error);
        let rows = self.len();
        let mut best = new_null_array(&node.data, rows);
        for next in nodes {
            let next = self.value(next)?.spread(rows).map_err(failed)?;
            best = better_of(&best, &next, better).map_err(failed)?;
        }
        Ok(Value {
            array: best,
            is_one: false,
        })
    }

    /// Whether a value is another one, in each row.
    fn same(&self, of: &Value, when: &Node) -> Result<BooleanArray, Fault> {
        let value = self.value(when)?;
        let same = flags(of, &value, Comparison::Equal);
        let same = same.map(|same| Value::of(same, of.is_one && value.is_one));
        match same.and_then(|same| same.spread(self.len())) {
            Ok(same) => Ok(same.as_boolean().clone()),
            Err(error) => Err(Fault::computing(when.at, error)),
        }
    }
}

impl Choice {
    fn new(node: &Node, rows: usize) -> Self {
        Self {
            values: vec![new_null_array(&node.data, 1)],
            picks: vec![(0, 0); rows],
            open: BooleanArray::new(BooleanBuffer::new_set(rows), None),
        }
    }

    /// Of the rows that are open those that are true.
    fn wanted(&self, is_true: &BooleanArray) -> BooleanArray {
        let mut is_true = is_true.iter();
        let open = self.open.values().iter();
        let wanted = open.map(|is_open| is_open && is_true.next().flatten() == Some(true));
        BooleanArray::new(wanted.collect(), None)
    }

    /// Computes a value for some rows. They are open no more, but for those where it is null,
    /// unless that is what they take.
    fn take(
        &mut self,
        rows: &Rows<'_>,
        wanted: &BooleanArray,
        value: &Node,
        is_null_taken: bool,
    ) -> Result<(), Fault> {
        if wanted.true_count() == 0 {
            return Ok(());
        }
        let value = rows.filter(wanted).value(value)?;
        let mut places = 0..;
        let open = self.open.values().iter().zip(wanted.values().iter());
        let open = open.zip(&mut self.picks);
        let open = open.map(|((is_open, is_wanted), pick)| {
            let place = match is_wanted {
                true => places.next().unwrap_or_default(),
                false => return is_open,
            };
            let place = if value.is_one { 0 } else { place };
            *pick = (self.values.len(), place);
            !is_null_taken && value.array.is_null(place)
        });
        self.open = BooleanArray::new(open.collect(), None);
        self.values.push(value.array);
        Ok(())
    }

    fn made(&self, node: &Node) -> Result<Value, Fault> {
        let values: Vec<&dyn Array> = self.values.iter().map(AsRef::as_ref).collect();
        match interleave(&values, &self.picks) {
            Ok(array) => Ok(Value {
                array,
                is_one: false,
            }),
            Err(error) => Err(Fault::computing(node.at, error)),
        }
    }
}

/// The values of some rows.
fn some(of: &Value, wanted: &BooleanArray, node: &Node) -> Result<Value, Fault> {
    let array = match of.is_one {
        true => Ok(Arc::clone(&of.array)),
        false => filter(&of.array, wanted),
    };
    Ok(Value {
        array: array.map_err(|error| Fault::computing(node.at, error))?,
        is_one: of.is_one,
    })
}

fn better_of(best: &ArrayRef, next: &ArrayRef, better: Comparison) -> Computed<ArrayRef> {
    let value = |array: &ArrayRef| Value {
        array: Arc::clone(array),
        is_one: false,
    };
    let is_better = flags(&value(next), &value(best), better)?;
    let picks = (0..best.len()).map(|row| {
        let is_next = best.is_null(row) || (is_better.is_valid(row) && is_better.value(row));
        (usize::from(is_next), row)
    });
    let picks: Vec<(usize, usize)> = picks.collect();
    interleave(&[best.as_ref(), next.as_ref()], &picks)
}

/// A value, but null where it is another one.
pub(super) fn null_if(of: &Value, other: &Value) -> Computed<Value> {
    let same = flags(of, other, Comparison::Equal)?;
    let is_one = of.is_one && other.is_one;
    let array = match is_one {
        true => Arc::clone(&of.array),
        false => of.spread(same.len())?,
    };
    Ok(Value {
        array: nullif(&array, &same)?,
        is_one,
    })
}
