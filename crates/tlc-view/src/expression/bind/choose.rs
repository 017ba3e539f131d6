//! What takes one of several values.

use super::super::fault::Fault;
use super::super::node::{Node, Op, Type};
use super::super::term::Term;
use super::Binder;
use super::compare::matched;
use super::names::check_name;
use super::types::{Quoted, coerced, common, plain};

impl Binder<'_> {
    pub(super) fn case(
        &mut self,
        at: usize,
        of: Option<&Term>,
        branches: &[(Term, Term)],
        otherwise: Option<&Term>,
    ) -> Result<Node, Fault> {
        let whens = branches.iter().map(|(when, _)| when);
        let (of, whens) = match of {
            None => (None, self.conditions(whens)?),
            Some(of) => {
                let (of, whens) = self.compared_with(of, whens)?;
                (Some(Box::new(of)), whens)
            }
        };
        let values = branches.iter().map(|(_, value)| value).chain(otherwise);
        let (mut values, kind) = self.alike(values, Quoted::IsText)?;
        let otherwise = otherwise.and_then(|_| values.pop()).map(Box::new);
        let can_fail = |nodes: &[Node]| nodes.iter().any(|node| node.can_fail);
        let can_fail = can_fail(&whens)
            || can_fail(&values)
            || of.iter().chain(&otherwise).any(|node| node.can_fail);
        let op = Op::Case {
            of,
            branches: whens.into_iter().zip(values).collect(),
            otherwise,
        };
        Ok(Node::of(at, kind, op, can_fail))
    }

    pub(super) fn coalesce(&mut self, at: usize, values: &[Term]) -> Result<Node, Fault> {
        let (nodes, kind) = self.alike(values, Quoted::IsText)?;
        let can_fail = nodes.iter().any(|node| node.can_fail);
        Ok(Node::of(at, kind, Op::Coalesce(nodes), can_fail))
    }

    pub(super) fn greatest(
        &mut self,
        at: usize,
        values: &[Term],
        op: impl FnOnce(Vec<Node>) -> Op,
    ) -> Result<Node, Fault> {
        let (nodes, kind) = self.alike(values, Quoted::IsRead)?;
        let can_fail = nodes.iter().any(|node| node.can_fail);
        Ok(Node::of(at, kind, op(nodes), can_fail))
    }

    pub(super) fn null_if(&mut self, at: usize, one: &Term, other: &Term) -> Result<Node, Fault> {
        let (one, other) = (self.node(one)?, self.node(other)?);
        check_name(&one, &other)?;
        check_name(&other, &one)?;
        let class = one.kind.clone();
        let (one, other) = matched(one, other)?;
        let kind = match one.kind.clone() {
            // Compared by number, and still a class.
            Type::Whole if matches!(class, Type::Class(_)) => class,
            kind => kind,
        };
        let can_fail = one.can_fail || other.can_fail;
        let data = one.data.clone();
        let op = Op::NullIf(Box::new(one), Box::new(other));
        Ok(Node {
            at,
            op,
            kind,
            data,
            can_fail,
        })
    }

    fn conditions<'t>(
        &mut self,
        whens: impl Iterator<Item = &'t Term>,
    ) -> Result<Vec<Node>, Fault> {
        whens.map(|when| self.flag(when)).collect()
    }

    /// A value, and those that it is compared with.
    fn compared_with<'t>(
        &mut self,
        of: &Term,
        whens: impl Iterator<Item = &'t Term>,
    ) -> Result<(Node, Vec<Node>), Fault> {
        let of = self.node(of)?;
        let whens = whens.map(|when| self.node(when));
        let whens: Vec<Node> = whens.collect::<Result<_, _>>()?;
        for when in &whens {
            check_name(&of, when)?;
        }
        let kind = common(std::iter::once(&of).chain(&whens), Quoted::IsRead)?;
        let of = coerced(of, &kind)?;
        let whens = whens.into_iter().map(|when| coerced(when, &kind));
        Ok((of, whens.collect::<Result<_, _>>()?))
    }

    /// Values that can stand in one column.
    fn alike<'t>(
        &mut self,
        terms: impl IntoIterator<Item = &'t Term>,
        quoted: Quoted,
    ) -> Result<(Vec<Node>, Type), Fault> {
        let nodes = terms.into_iter().map(|term| self.node(term));
        let nodes: Vec<Node> = nodes.collect::<Result<_, _>>()?;
        let kind = common(&nodes, quoted)?;
        if let (Type::Wide, Some(first)) = (&kind, nodes.first()) {
            let reason = "whole numbers on both sides of 9223372036854775807 do not go into one \
                          column: cast(… as double) makes numbers of them";
            return Fault::at(first.at, reason);
        }
        let nodes = nodes.into_iter().map(|node| plain(coerced(node, &kind)?));
        Ok((nodes.collect::<Result<_, _>>()?, kind))
    }
}
