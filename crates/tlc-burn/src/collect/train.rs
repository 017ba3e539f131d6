//! Output types of burn-train as they stand.

use super::input::{Adapt, ClassificationInput};
use burn::train::ClassificationOutput;

impl Adapt<ClassificationInput> for ClassificationOutput {
    fn adapt(&self) -> ClassificationInput {
        ClassificationInput::new(self.output.clone(), self.targets.clone())
    }
}
