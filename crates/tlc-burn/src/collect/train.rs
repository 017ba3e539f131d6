//! Output types of burn-train as they stand.

use super::input::{Adapt, ClassificationInput};
use super::multi_label::MultiLabelInput;
use super::regression::RegressionInput;
use super::sequence::SequenceInput;
use burn::train::{
    ClassificationOutput, MultiLabelClassificationOutput, RegressionOutput, SequenceOutput,
};

impl Adapt<ClassificationInput> for ClassificationOutput {
    fn to_input(&self) -> ClassificationInput {
        ClassificationInput::new(self.output.clone(), self.targets.clone())
    }
}

impl Adapt<MultiLabelInput> for MultiLabelClassificationOutput {
    fn to_input(&self) -> MultiLabelInput {
        MultiLabelInput::new(self.output.clone(), self.targets.clone())
    }
}

impl Adapt<RegressionInput> for RegressionOutput {
    fn to_input(&self) -> RegressionInput {
        RegressionInput::new(self.output.clone(), self.targets.clone())
    }
}

/// Every token counts, padding too, since the output does not tell which it is.
impl Adapt<SequenceInput> for SequenceOutput {
    fn to_input(&self) -> SequenceInput {
        SequenceInput::new(self.logits.clone(), self.targets.clone())
    }
}
