//! Texts whose tokens a model shows as they are, with padding that says nothing.

use burn::data::dataloader::batcher::Batcher;
use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;
use serde::{Deserialize, Serialize};
use tlc_burn::prelude::*;
use tlc_core::{Table, TableOptions};

/// A value for each token of each text; one has none.
pub const TEXTS: [&[f32]; 4] = [&[1.0, 2.0, 6.0], &[4.0], &[], &[-1.0, -3.0, -5.0, -7.0]];

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Text {
    tokens: Vec<f32>,
}

/// One batch.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// `[batch, tokens, 2]`: a value and its double, NaN where there is no token.
    pub values: Tensor<3>,
    /// `[batch, tokens]`.
    pub padding: Tensor<2, Bool>,
}

/// Fills texts up, on the left or on the right.
struct Pad {
    left: bool,
}

impl Batcher<Text, Tokens> for Pad {
    fn batch(&self, texts: Vec<Text>, device: &Device) -> Tokens {
        let longest = texts.iter().map(|text| text.tokens.len()).max();
        let longest = longest.unwrap_or_default();
        let token = |text: &Text, place: usize| {
            let place = match self.left {
                true => (place + text.tokens.len()).checked_sub(longest)?,
                false => place,
            };
            text.tokens.get(place).copied()
        };
        let tokens = texts
            .iter()
            .flat_map(|text| (0..longest).map(move |place| token(text, place)));
        let tokens: Vec<Option<f32>> = tokens.collect();
        let value = |token: &Option<f32>| token.unwrap_or(f32::NAN);
        let values = tokens
            .iter()
            .flat_map(|token| [value(token), 2.0 * value(token)]);
        let padding: Vec<bool> = tokens.iter().map(Option::is_none).collect();
        let [batch, len] = [texts.len(), longest];
        Tokens {
            values: Tensor::from_data(TensorData::new(values.collect(), [batch, len, 2]), device),
            padding: Tensor::from_data(TensorData::new(padding, [batch, len]), device),
        }
    }
}

/// The embeddings `tokens` of the texts, in batches of so many, of a model that shows its
/// tokens.
///
/// # Errors
/// What collection says.
pub fn embeddings(
    device: &Device,
    reduce: Reduce,
    left: bool,
    batch: usize,
    show: impl Fn(&Tokens) + Send + Sync + 'static,
) -> tlc_burn::Result<Vec<Vec<f32>>> {
    let root = crate::root();
    let texts = TEXTS.map(|tokens| Text {
        tokens: tokens.to_vec(),
    });
    let options = TableOptions::new("tests", "texts", "all").root(&root);
    let table = Table::create(options, |writer| writer.add_rows(&texts))?;
    let model = LinearConfig::new(1, 1).init(device);
    let forward = move |_: &Linear, tokens: Tokens| show(&tokens);
    let predictor = Predictor::by(&model, Pad { left }, forward);
    let options = CollectOptions::new().run(&crate::run_in(&root));
    let options = options.batch_size(batch).progress(false);
    let embeddings = Embeddings::of::<&str>([]).with("tokens", reduce);
    let metrics = collect_metrics(&table.samples::<Text>(), embeddings, &predictor, options)?;
    Ok(crate::vectors(&metrics, "embeddings_tokens"))
}
