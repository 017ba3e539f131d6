//! Functions over what columns mean.

use datafusion::arrow::array::{ArrayRef, AsArray, StringBuilder};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Int32Type, Schema};
use datafusion::common::plan_err;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};
use datafusion::scalar::ScalarValue;
use std::sync::Arc;
use tlc_core::ClassMap;

const NAME: &str = "class_name";

/// `class_name(label)`: the name of each label's class.
pub(crate) fn class_name() -> ScalarUDF {
    ScalarUDF::new_from_impl(ClassName {
        signature: Signature::exact(vec![DataType::Int32], Volatility::Immutable),
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ClassName {
    signature: Signature,
}

impl ScalarUDFImpl for ClassName {
    fn name(&self) -> &'static str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn return_field_from_args(&self, asked: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        classes_of(asked.arg_fields)?;
        Ok(Arc::new(Field::new(NAME, DataType::Utf8, true)))
    }

    fn invoke_with_args(&self, asked: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let classes = classes_of(&asked.arg_fields)?;
        match asked.args.as_slice() {
            [ColumnarValue::Array(labels)] => Ok(ColumnarValue::Array(names(&classes, labels))),
            [ColumnarValue::Scalar(ScalarValue::Int32(label))] => {
                let name = label.and_then(|label| classes.name(label));
                Ok(ColumnarValue::Scalar(ScalarValue::from(name)))
            }
            _ => no_labels(),
        }
    }
}

/// The name of each label, null for what is no class.
fn names(classes: &ClassMap, labels: &ArrayRef) -> ArrayRef {
    let mut names = StringBuilder::new();
    for label in labels.as_primitive::<Int32Type>() {
        names.append_option(label.and_then(|label| classes.name(label)));
    }
    Arc::new(names.finish())
}

fn classes_of(fields: &[FieldRef]) -> Result<ClassMap> {
    let [field] = fields else {
        return no_labels();
    };
    let schema = tlc_core::Schema::from_arrow(&Schema::new(vec![Arc::clone(field)]));
    let schema = schema.map_err(|error| DataFusionError::External(Box::new(error)))?;
    let column = schema.columns().first();
    match column.and_then(|column| column.value.classes()) {
        Some(classes) => Ok(classes.clone()),
        None => no_labels(),
    }
}

fn no_labels<T>() -> Result<T> {
    plan_err!("{NAME} takes a column of labels as it is in a table or stream")
}
