//! Conditions that are joined: `and`, `or`, and what stands for them.

use super::super::fault::Fault;
use super::super::node::Node;
use super::super::term::{Comparison, Join};
use super::compare::flags;
use super::rows::{Rows, Value};
use arrow_arith::boolean::{and_kleene, not, or_kleene};
use tlc_core::arrow::array::{Array, AsArray, BooleanArray};
use tlc_core::arrow::buffer::BooleanBuffer;
use tlc_core::arrow::error::Result as Computed;

impl Rows<'_> {
    /// `and` or `or`. What can fail is asked just for rows that those before do not decide.
    pub(super) fn join(&self, node: &Node, join: Join, nodes: &[Node]) -> Result<Value, Fault> {
        let mut joined: Option<BooleanArray> = None;
        for next in nodes {
            let flags = match &joined {
                Some(joined) if next.can_fail => self.undecided(next, join, joined)?,
                _ => self.condition(next)?,
            };
            let both = match (&joined, join) {
                (None, _) => Ok(flags),
                (Some(joined), Join::And) => and_kleene(joined, &flags),
                (Some(joined), Join::Or) => or_kleene(joined, &flags),
            };
            let both = both.map_err(|error| Fault::computing(node.at, error))?;
            let decided = match join {
                Join::And => both.false_count(),
                Join::Or => both.true_count(),
            };
            let is_decided = decided == self.len();
            joined = Some(both);
            if is_decided {
                break;
            }
        }
        let joined = joined.unwrap_or_else(|| BooleanArray::new_null(self.len()));
        Ok(Value::of(joined, false))
    }

    pub(super) fn between(
        &self,
        node: &Node,
        of: &Value,
        (low, high): &(Value, Value),
        is_not: bool,
    ) -> Result<Value, Fault> {
        let between = || {
            let from = self.spread(of, low, Comparison::GreaterOrEqual)?;
            let to = self.spread(of, high, Comparison::LessOrEqual)?;
            negated_if(is_not, and_kleene(&from, &to)?)
        };
        let flags = between().map_err(|error| Fault::computing(node.at, error))?;
        Ok(Value::of(flags, false))
    }

    /// Whether a value was found, or is that of one of these.
    pub(super) fn or_equal(
        &self,
        node: &Node,
        of: &Value,
        found: Value,
        others: &[Node],
        is_not: bool,
    ) -> Result<Value, Fault> {
        let failed = |error| Fault::computing(node.at, error);
        let found = found.spread(self.len()).map_err(failed)?;
        let mut found = found.as_boolean().clone();
        for other in others {
            let same = self.spread(of, &self.value(other)?, Comparison::Equal);
            found = or_kleene(&found, &same.map_err(failed)?).map_err(failed)?;
        }
        let flags = negated_if(is_not, found).map_err(failed)?;
        Ok(Value::of(flags, false))
    }

    /// Whether a condition is true, false or null in each row.
    pub(super) fn condition(&self, node: &Node) -> Result<BooleanArray, Fault> {
        let values = self.value(node)?.spread(self.len());
        let values = values.map_err(|error| Fault::computing(node.at, error))?;
        match values.as_boolean_opt() {
            Some(flags) => Ok(flags.clone()),
            None => Fault::at(node.at, "this is no condition"),
        }
    }

    /// A condition in the rows for which it counts; null in the others.
    fn undecided(
        &self,
        node: &Node,
        join: Join,
        joined: &BooleanArray,
    ) -> Result<BooleanArray, Fault> {
        let decides = join == Join::Or;
        let open = BooleanBuffer::collect_bool(joined.len(), |row| {
            joined.is_null(row) || joined.value(row) != decides
        });
        let open = BooleanArray::new(open, None);
        let rows = self.filter(&open);
        if rows.len() == self.len() {
            return self.condition(node);
        }
        let flags = match rows.len() {
            0 => BooleanArray::new_null(0),
            _ => rows.condition(node)?,
        };
        let mut flags = flags.iter();
        let open = open.values().iter();
        Ok(open
            .map(|is_open| is_open.then(|| flags.next().flatten()).flatten())
            .collect())
    }

    fn spread(
        &self,
        left: &Value,
        right: &Value,
        comparison: Comparison,
    ) -> Computed<BooleanArray> {
        let flags = Value::of(flags(left, right, comparison)?, left.is_one && right.is_one);
        Ok(flags.spread(self.len())?.as_boolean().clone())
    }
}

fn negated_if(is_not: bool, flags: BooleanArray) -> Computed<BooleanArray> {
    match is_not {
        true => not(&flags),
        false => Ok(flags),
    }
}
