//! An expression as it is written: what its parts are, before it is known what the columns hold.

use super::function::Function;

/// A part of an expression, and the character where it begins, from 1.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) at: usize,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Literal(Literal),
    Column(Name),
    Negate(Box<Term>),
    Not(Box<Term>),
    /// One `and` or `or` over all of these, at least two.
    Join(Join, Vec<Term>),
    Compare(Comparison, Box<Term>, Box<Term>),
    Compute(Arithmetic, Box<Term>, Box<Term>),
    Between {
        of: Box<Term>,
        low: Box<Term>,
        high: Box<Term>,
        is_not: bool,
    },
    In {
        of: Box<Term>,
        list: Vec<Term>,
        is_not: bool,
    },
    Like {
        of: Box<Term>,
        /// With `\` before what stands for itself.
        pattern: Option<String>,
        is_case_ignored: bool,
        is_not: bool,
    },
    Is {
        of: Box<Term>,
        state: State,
        is_not: bool,
    },
    Case {
        of: Option<Box<Term>>,
        branches: Vec<(Term, Term)>,
        otherwise: Option<Box<Term>>,
    },
    Cast {
        of: Box<Term>,
        to: Target,
        /// Null instead of an error.
        is_tried: bool,
    },
    Call(Function, Vec<Term>),
}

impl Term {
    /// Visits it and all that stands in it, in the order of the text.
    pub(super) fn each<'t>(&'t self, visit: &mut dyn FnMut(&'t Self)) {
        visit(self);
        match &self.what {
            What::Literal(_) | What::Column(_) => {}
            What::Negate(of)
            | What::Not(of)
            | What::Like { of, .. }
            | What::Is { of, .. }
            | What::Cast { of, .. } => of.each(visit),
            What::Join(_, terms) | What::Call(_, terms) => {
                terms.iter().for_each(|term| term.each(visit));
            }
            What::Compare(_, left, right) | What::Compute(_, left, right) => {
                left.each(visit);
                right.each(visit);
            }
            What::Between { of, low, high, .. } => {
                [of, low, high]
                    .into_iter()
                    .for_each(|term| term.each(visit));
            }
            What::In { of, list, .. } => {
                of.each(visit);
                list.iter().for_each(|term| term.each(visit));
            }
            What::Case {
                of,
                branches,
                otherwise,
            } => {
                of.iter().for_each(|of| of.each(visit));
                for (when, then) in branches {
                    when.each(visit);
                    then.each(visit);
                }
                otherwise.iter().for_each(|term| term.each(visit));
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Null,
    Flag(bool),
    Whole(i64),
    /// A whole number past those of 64 bits with a sign.
    Unsigned(u64),
    Double(f64),
    Text(String),
    Moment(String),
}

/// A column's name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) is_quoted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Join {
    And,
    Or,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Distinct,
    NotDistinct,
}

impl Comparison {
    /// Whether it asks for equality, not for order.
    pub(super) fn is_equality(self) -> bool {
        matches!(
            self,
            Self::Equal | Self::NotEqual | Self::Distinct | Self::NotDistinct
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    Null,
    True,
    False,
    /// Null, of a flag.
    Unknown,
}

/// What a value is cast to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Target {
    Flag,
    Whole8,
    Whole16,
    Whole32,
    Whole64,
    Single,
    Double,
    Text,
    Moment,
}
