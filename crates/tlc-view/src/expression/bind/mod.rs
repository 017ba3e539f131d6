//! From terms to steps: which columns are meant, and which types go together, as in DataFusion.

mod choose;
mod compare;
mod compute;
mod names;
mod types;

use super::Lookup;
use super::fault::Fault;
use super::node::{Names, Node, Op, Type};
use super::term::{Join, Literal, State, Target, Term, What};
use crate::Column;
use std::sync::Arc;
use tlc_core::arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, LargeStringArray, UInt64Array, new_null_array,
};
use tlc_core::arrow::datatypes::DataType;

/// An expression that is being bound to columns.
pub(super) struct Binder<'l> {
    lookup: &'l dyn Lookup,
    columns: Vec<Arc<Column>>,
    names: Vec<Arc<Names>>,
}

/// What is computed, and of which columns.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) node: Node,
    pub(super) columns: Vec<Arc<Column>>,
}

/// What is computed for a term, texts in one array.
///
/// # Errors
/// If it names no column, or if types do not go together; those of reading columns.
pub(super) fn bind(term: &Term, lookup: &dyn Lookup) -> Result<Bound, Fault> {
    let mut binder = Binder {
        lookup,
        columns: Vec::new(),
        names: Vec::new(),
    };
    let node = types::plain(binder.node(term)?)?;
    let columns = binder.columns;
    Ok(Bound { node, columns })
}

impl Binder<'_> {
    fn node(&mut self, term: &Term) -> Result<Node, Fault> {
        let at = term.at;
        match &term.what {
            What::Literal(literal) => constant(at, literal),
            What::Column(name) => self.column(at, name),
            What::Negate(of) => self.negated(at, of),
            What::Not(of) => {
                let of = Box::new(self.flag(of)?);
                Ok(flag(at, Op::Not, of))
            }
            What::Join(join, terms) => self.join(at, *join, terms),
            What::Compare(comparison, left, right) => self.compare(at, *comparison, left, right),
            What::Compute(arithmetic, left, right) => self.compute(at, *arithmetic, left, right),
            What::Between {
                of,
                low,
                high,
                is_not,
            } => self.between(at, [of, low, high], *is_not),
            What::In { of, list, is_not } => self.in_list(at, of, list, *is_not),
            What::Like {
                of,
                pattern,
                is_case_ignored,
                is_not,
            } => {
                let of = Box::new(self.text(of)?);
                let pattern = LargeStringArray::from(vec![pattern.as_deref()]);
                let (is_case_ignored, is_not) = (*is_case_ignored, *is_not);
                let like = |of| Op::Like {
                    of,
                    pattern: Arc::new(pattern),
                    is_case_ignored,
                    is_not,
                };
                Ok(flag(at, like, of))
            }
            What::Is { of, state, is_not } => self.is(at, of, *state, *is_not),
            What::Case {
                of,
                branches,
                otherwise,
            } => self.case(at, of.as_deref(), branches, otherwise.as_deref()),
            What::Cast { of, to, is_tried } => self.cast(at, of, *to, *is_tried),
            What::Call(function, values) => self.call(at, *function, values),
        }
    }

    /// A condition.
    fn flag(&mut self, term: &Term) -> Result<Node, Fault> {
        let node = self.node(term)?;
        match node.kind {
            Type::Flag => Ok(node),
            Type::Null => types::coerced(node, &Type::Flag),
            _ => {
                let reason = format!("expected a condition, found {}", node.kind.told());
                Fault::at(node.at, reason)
            }
        }
    }

    /// A text, or the names of classes.
    fn text(&mut self, term: &Term) -> Result<Node, Fault> {
        let node = self.node(term)?;
        match node.kind {
            Type::Text | Type::Class(_) | Type::Null => types::coerced(node, &Type::Text),
            _ => {
                let found = node.kind.told();
                let reason = format!("expected a text, found {found}: cast(… as text) makes one");
                Fault::at(node.at, reason)
            }
        }
    }

    fn join(&mut self, at: usize, join: Join, terms: &[Term]) -> Result<Node, Fault> {
        let nodes = terms.iter().map(|term| self.flag(term));
        let nodes: Vec<Node> = nodes.collect::<Result<_, _>>()?;
        let can_fail = nodes.iter().any(|node| node.can_fail);
        Ok(Node::of(at, Type::Flag, Op::Join(join, nodes), can_fail))
    }

    fn is(&mut self, at: usize, of: &Term, state: State, is_not: bool) -> Result<Node, Fault> {
        let of = match state {
            State::Null => self.node(of)?,
            State::True | State::False | State::Unknown => self.flag(of)?,
        };
        let is = |of| Op::Is { of, state, is_not };
        Ok(flag(at, is, Box::new(of)))
    }

    fn cast(&mut self, at: usize, of: &Term, to: Target, is_tried: bool) -> Result<Node, Fault> {
        let node = self.node(of)?;
        let (kind, data) = meant(to);
        let node = match (&node.kind, &kind) {
            (_, _) if node.kind == Type::Null => types::coerced(node, &kind)?,
            (Type::Class(_), Type::Text) => types::coerced(node, &kind)?,
            (one, other) if one == other => node,
            (Type::Moment, Type::Flag | Type::Single | Type::Double)
            | (Type::Flag | Type::Single | Type::Double, Type::Moment) => {
                let reason = format!("{} is not cast to {}", node.kind.told(), kind.told());
                return Fault::at(at, reason);
            }
            _ => node,
        };
        let can_fail = !is_tried || node.can_fail;
        let of = Box::new(node);
        Ok(Node {
            at,
            op: Op::Cast { of, is_tried },
            kind,
            data,
            can_fail,
        })
    }
}

/// A condition of one value.
fn flag(at: usize, op: impl FnOnce(Box<Node>) -> Op, of: Box<Node>) -> Node {
    let can_fail = of.can_fail;
    Node::of(at, Type::Flag, op(of), can_fail)
}

fn constant(at: usize, literal: &Literal) -> Result<Node, Fault> {
    let (kind, value): (Type, ArrayRef) = match literal {
        Literal::Null => (Type::Null, new_null_array(&Type::Null.data(), 1)),
        Literal::Flag(flag) => (Type::Flag, Arc::new(BooleanArray::from(vec![*flag]))),
        Literal::Whole(number) => (Type::Whole, Arc::new(Int64Array::from(vec![*number]))),
        Literal::Unsigned(number) => (Type::Unsigned, Arc::new(UInt64Array::from(vec![*number]))),
        Literal::Double(number) => (Type::Double, Arc::new(Float64Array::from(vec![*number]))),
        Literal::Text(text) => (
            Type::Text,
            Arc::new(LargeStringArray::from(vec![text.as_str()])),
        ),
        Literal::Moment(text) => {
            let text: ArrayRef = Arc::new(LargeStringArray::from(vec![text.as_str()]));
            let read = types::read(&text, &Type::Moment);
            let value = read.or_else(|_| Fault::at(at, types::unread(&Type::Moment)))?;
            (Type::Moment, value)
        }
    };
    Ok(Node::constant(at, kind, value))
}

fn meant(to: Target) -> (Type, DataType) {
    match to {
        Target::Flag => (Type::Flag, DataType::Boolean),
        Target::Whole8 => (Type::Whole, DataType::Int8),
        Target::Whole16 => (Type::Whole, DataType::Int16),
        Target::Whole32 => (Type::Whole, DataType::Int32),
        Target::Whole64 => (Type::Whole, DataType::Int64),
        Target::Single => (Type::Single, DataType::Float32),
        Target::Double => (Type::Double, DataType::Float64),
        Target::Text => (Type::Text, DataType::LargeUtf8),
        Target::Moment => (Type::Moment, DataType::Int64),
    }
}
