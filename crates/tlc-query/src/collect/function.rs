//! `tlc_collect_shard`: makes one shard of a collection.

use super::Collection;
use async_trait::async_trait;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{exec_err, internal_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::async_udf::{AsyncScalarUDF, AsyncScalarUDFImpl};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;
use std::hash::{Hash, Hasher};
use std::io;
use std::ops::Range;
use std::sync::Arc;
use tlc_core::{Run, ShardedMetrics, Url};

const NAME: &str = "tlc_collect_shard";

/// Takes model, URL of the run, name of the metrics table, first row and the row after the last;
/// gives the number of rows.
#[derive(Debug)]
pub(super) struct CollectShard {
    signature: Signature,
    collections: Arc<[Collection]>,
    /// Whether the caller is another process, which is told texts.
    is_called_from_afar: bool,
}

/// What a call is about.
#[derive(Debug)]
struct Call {
    model: String,
    run: Url,
    metrics: String,
    rows: Range<usize>,
}

impl CollectShard {
    pub(super) fn new(collections: &[Collection], is_called_from_afar: bool) -> Self {
        let arguments = vec![
            DataType::Utf8,
            DataType::Utf8,
            DataType::Utf8,
            DataType::Int64,
            DataType::Int64,
        ];
        Self {
            // Called once for each row, even where it is called twice with the same.
            signature: Signature::exact(arguments, Volatility::Volatile),
            collections: collections.into(),
            is_called_from_afar,
        }
    }

    pub(super) fn into_function(self) -> ScalarUDF {
        AsyncScalarUDF::new(Arc::new(self)).into_scalar_udf()
    }

    /// An error as the engine is told it: what may pass is one of input and output, which a
    /// cluster tries again, elsewhere maybe.
    fn told(&self, error: tlc_burn::Error) -> DataFusionError {
        match (may_pass(&error), self.is_called_from_afar) {
            (true, false) => DataFusionError::IoError(io::Error::other(error)),
            (true, true) => DataFusionError::IoError(io::Error::other(error.to_string())),
            (false, false) => DataFusionError::External(Box::new(error)),
            (false, true) => DataFusionError::Execution(error.to_string()),
        }
    }

    fn collection(&self, model: &str) -> Result<&Collection> {
        let found = self.collections.iter().find(|one| one.model() == model);
        found.map_or_else(
            || {
                let known = self.collections.iter().map(Collection::model);
                let known = known.collect::<Vec<_>>().join(", ");
                exec_err!("no model `{model}` in this process, there are: {known}")
            },
            Ok,
        )
    }
}

#[async_trait]
impl AsyncScalarUDFImpl for CollectShard {
    async fn invoke_async_with_args(&self, asked: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let call = Call::of(&asked)?;
        let collection = self.collection(&call.model)?;
        let shards = Arc::clone(&collection.shards);
        let made = collection.places.work(move || {
            // No longer than for this: who has a run open is said to be at work there.
            let metrics = ShardedMetrics::open(&Run::from_url(call.run)?, &call.metrics)?;
            shards.collect(&metrics, call.rows)
        });
        match made.await? {
            Ok(shard) => {
                let rows = i64::try_from(shard.rows().len()).unwrap_or(i64::MAX);
                Ok(ColumnarValue::Scalar(ScalarValue::from(rows)))
            }
            Err(error) => Err(self.told(error)),
        }
    }
}

impl ScalarUDFImpl for CollectShard {
    fn name(&self) -> &'static str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        internal_err!("{NAME} is called asynchronously alone")
    }
}

impl PartialEq for CollectShard {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.collections, &other.collections)
    }
}

impl Eq for CollectShard {}

impl Hash for CollectShard {
    fn hash<H: Hasher>(&self, state: &mut H) {
        NAME.hash(state);
    }
}

impl Call {
    fn of(asked: &ScalarFunctionArgs) -> Result<Self> {
        if asked.number_rows != 1 {
            return internal_err!("{NAME} is called with one row");
        }
        let mut values = asked.args.iter().map(|argument| match argument {
            ColumnarValue::Scalar(value) => Ok(value.clone()),
            ColumnarValue::Array(values) => ScalarValue::try_from_array(values, 0),
        });
        let mut text = || match values.next().transpose()? {
            Some(ScalarValue::Utf8(Some(text))) => Ok(text),
            other => internal_err!("{NAME} takes a text, not {other:?}"),
        };
        let (model, run, metrics) = (text()?, text()?, text()?);
        let mut row = || match values.next().transpose()? {
            Some(ScalarValue::Int64(Some(row))) => Ok(usize::try_from(row).unwrap_or_default()),
            other => internal_err!("{NAME} takes a row, not {other:?}"),
        };
        Ok(Self {
            model,
            run: Url::parse(&run).map_err(|error| DataFusionError::External(Box::new(error)))?,
            metrics,
            rows: row()?..row()?,
        })
    }
}

fn may_pass(error: &tlc_burn::Error) -> bool {
    use tlc_core::Error as Core;
    match error {
        tlc_burn::Error::Shard { source, .. } => may_pass(source),
        tlc_burn::Error::Core(core) => matches!(
            core,
            Core::Io { .. } | Core::Unavailable { .. } | Core::StorageFull { .. }
        ),
        _ => false,
    }
}
