//! The actions of one document, within the memory that they may take.

use super::action::Action;
use super::memory;
use crate::limits;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use std::fmt::Formatter;

const ACTION: u64 = 256;
const COLUMN: u64 = 512;
const CLASS: u64 = 40;

/// The actions of a document, if they are worth their memory.
pub(super) fn within_memory<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Action>, D::Error> {
    struct Actions;
    impl<'de> Visitor<'de> for Actions {
        type Value = Vec<Action>;

        fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
            f.write_str("a list of actions")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Action>, A::Error> {
            let (mut actions, mut bytes) = (Vec::new(), 0);
            while let Some(action) = list.next_element()? {
                bytes += memory_bytes(&action);
                check_bytes(bytes).map_err(A::Error::custom)?;
                actions.push(action);
            }
            Ok(actions)
        }
    }
    from.deserialize_seq(Actions)
}

/// Refuses actions that no reader would take.
pub(super) fn check(actions: &[Action]) -> crate::Result<()> {
    check_bytes(actions.iter().map(memory_bytes).sum())
}

fn check_bytes(bytes: u64) -> crate::Result<()> {
    let what = "bytes of the actions of a document in memory";
    limits::check(what, bytes, limits::ACTIONS_BYTES)
}

fn memory_bytes(action: &Action) -> u64 {
    ACTION
        + match action {
            Action::Parameters { parameters } => memory::of_parameters(parameters),
            Action::BeginMetrics { metrics } => {
                let (columns, classes) = metrics.schema.counts();
                COLUMN * columns + CLASS * classes
            }
            _ => 0,
        }
}
