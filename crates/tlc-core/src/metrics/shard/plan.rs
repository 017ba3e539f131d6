//! What all who write a metrics table together must know of it, as a document.

use super::to_value;
use crate::arrow::array::{Array, ArrayRef, StringArray};
use crate::arrow::compute::cast;
use crate::arrow::datatypes::DataType;
use crate::metrics::constant::scalar;
use crate::metrics::options::MetricsOptions;
use crate::table::TableReference;
use crate::{Column, Error, Result, Run, Table, layout};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use twox_hash::XxHash3_128;

pub(super) const FORMAT: &str = "tlc-metrics-plan";
pub(super) const VERSION: u64 = 1;

/// A metrics table before it has rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Plan {
    /// Id of the run.
    pub(super) run: String,
    table: TableReference,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stream: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    columns: Vec<Column>,
    constants: Vec<Constant>,
    pub(super) about: Value,
}

/// One value that all rows have, exactly.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Constant {
    name: String,
    #[serde(rename = "type")]
    data_type: DataType,
    value: Value,
}

impl Plan {
    pub(super) fn new(
        run: &Run,
        table: &Table,
        options: MetricsOptions,
        about: &impl Serialize,
    ) -> Result<Self> {
        let constants = options.constants.iter();
        let constants = constants.map(|(name, value)| Constant::new(name, value));
        Ok(Self {
            run: run.id(),
            table: run.reference(table),
            constants: constants.collect::<Result<_>>()?,
            stream: options.stream,
            display_name: options.display_name,
            columns: options.columns,
            about: to_value("what a plan is about", about)?,
        })
    }

    /// The very content that the plan was made for.
    pub(super) fn table(&self, run: &Run) -> Result<Table> {
        let project = layout::project_of_run(run.url());
        Table::from_reference(&self.table.url(project.as_ref())?, &self.table.id)
    }

    pub(super) fn options(&self) -> Result<MetricsOptions> {
        let mut options = MetricsOptions::new().columns(self.columns.clone());
        options.stream = self.stream.clone();
        options.display_name = self.display_name.clone();
        for constant in &self.constants {
            let value = constant.array()?;
            options.constants.push((constant.name.clone(), value));
        }
        Ok(options)
    }
}

impl Constant {
    fn new(name: &str, value: &ArrayRef) -> Result<Self> {
        let constant = scalar(&**value).map(|scalar| Self {
            name: name.to_owned(),
            data_type: value.data_type().clone(),
            value: scalar,
        });
        let is_same = |constant: &Self| constant.array().is_ok_and(|array| *array == **value);
        constant.filter(is_same).ok_or_else(|| {
            let reason = "a constant that many processes write is a text, a number or a boolean";
            Error::column(name, reason)
        })
    }

    fn array(&self) -> Result<ArrayRef> {
        let text = match &self.value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let text: ArrayRef = Arc::new(StringArray::from(vec![text]));
        let value = cast(&text, &self.data_type);
        let value = value.map_err(|source| Error::arrow("read a constant", source))?;
        match value.is_null(0) {
            true => Err(Error::column(&self.name, "is not of its type in the plan")),
            false => Ok(value),
        }
    }
}

/// What the metrics table of a plan is called: the same for the same plan.
pub(super) fn name(sealed: &[u8]) -> String {
    let digest = XxHash3_128::oneshot(sealed);
    format!("metrics_{}", uuid::Uuid::from_u128(digest))
}
