//! Embeddings of tokens, with padding that is left out.

use burn::data::dataloader::batcher::Batcher;
use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;
use serde::{Deserialize, Serialize};
use tlc_burn::prelude::*;
use tlc_core::{Table, TableOptions};
use tlc_tests::{cpu, root, run_in, vectors};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Text {
    tokens: Vec<f32>,
}

#[derive(Clone)]
struct Batch {
    /// `[batch, tokens, 2]`: a value and its double.
    tokens: Tensor<3>,
    padding: Tensor<2, Bool>,
}

/// Pads with NaN, on the left or on the right.
struct Pad {
    left: bool,
}

impl Batcher<Text, Batch> for Pad {
    fn batch(&self, texts: Vec<Text>, device: &Device) -> Batch {
        let len = texts.iter().map(|text| text.tokens.len()).max().unwrap();
        let padded = |text: &Text| {
            let padding = std::iter::repeat_n(f32::NAN, len - text.tokens.len());
            let tokens = text.tokens.iter().copied();
            let (mut left, mut right) = (Vec::new(), Vec::new());
            if self.left {
                left.extend(padding);
            } else {
                right.extend(padding);
            }
            left.into_iter().chain(tokens).chain(right).collect()
        };
        let values: Vec<f32> = texts
            .iter()
            .flat_map(|text| -> Vec<f32> { padded(text) })
            .collect();
        let values = TensorData::new(values, [texts.len(), len]);
        let values = Tensor::<2>::from_data(values, device);
        Batch {
            tokens: Tensor::stack(vec![values.clone(), values.clone().mul_scalar(2.0)], 2),
            padding: values.is_nan(),
        }
    }
}

const TEXTS: [&[f32]; 4] = [&[1.0, 2.0, 6.0], &[4.0], &[], &[-1.0, -3.0, -5.0, -7.0]];

fn collected(reduce: Reduce, left: bool, batch: usize) -> tlc_burn::Result<Vec<Vec<f32>>> {
    with(reduce, left, batch, |batch| {
        tap_tokens("tokens", &batch.tokens, &batch.padding)
    })
}

fn with(
    reduce: Reduce,
    left: bool,
    batch: usize,
    show: impl Fn(&Batch) + Send + Sync + 'static,
) -> tlc_burn::Result<Vec<Vec<f32>>> {
    let root = root();
    let texts = TEXTS.map(|tokens| Text {
        tokens: tokens.to_vec(),
    });
    let options = TableOptions::new("tests", "texts", "all").root(&root);
    let table = Table::create(options, |writer| writer.add_rows(&texts))?;
    let model = LinearConfig::new(1, 1).init(&cpu());
    let predictor = Predictor::by(&model, Pad { left }, move |_: &Linear, batch: Batch| {
        show(&batch)
    });
    let options = CollectOptions::new().run(&run_in(&root)).batch_size(batch);
    let embeddings = Embeddings::of::<&str>([]).with("tokens", reduce);
    let metrics = collect_metrics(&table.samples::<Text>(), embeddings, &predictor, options)?;
    Ok(vectors(&metrics, "embeddings_tokens"))
}

/// A value and its double, of each text.
fn doubled(values: [f32; 4]) -> Vec<Vec<f32>> {
    values
        .iter()
        .map(|value| vec![*value, 2.0 * value])
        .collect()
}

#[test]
fn padding_changes_no_embedding_whatever_the_batch_and_the_side() {
    for (reduce, expected) in [
        (Reduce::Mean, [3.0, 4.0, 0.0, -4.0]),
        (Reduce::FirstToken, [1.0, 4.0, 0.0, -1.0]),
        (Reduce::LastToken, [6.0, 4.0, 0.0, -7.0]),
    ] {
        for (left, batch) in [(false, 2), (false, 4), (true, 3), (true, 4)] {
            let found = collected(reduce.clone(), left, batch).unwrap();
            assert_eq!(
                found,
                doubled(expected),
                "{reduce:?}, left {left}, {batch} a batch"
            );
        }
    }
}

#[test]
fn without_a_mask_every_token_counts() {
    let last = with(Reduce::LastToken, true, 4, |batch| {
        tap("tokens", &batch.tokens)
    });
    let last = last.unwrap();
    assert_eq!(
        [&last[0], &last[1], &last[3]].map(|text| text[0]),
        [6.0, 4.0, -7.0]
    );
    assert!(last[2][0].is_nan(), "{last:?}");
    let mean = with(Reduce::Mean, true, 4, |batch| tap("tokens", &batch.tokens)).unwrap();
    assert!(mean[0][0].is_nan() && mean[3][0] == -4.0, "{mean:?}");
}

#[test]
fn a_mask_and_an_activation_that_do_not_fit_name_their_shapes() {
    let wrong = with(Reduce::Mean, true, 4, |batch| {
        tap_tokens(
            "tokens",
            &batch.tokens,
            &batch.padding.clone().slice([0..4, 0..1]),
        );
    });
    let expected = "collector `embeddings`, column `embeddings_tokens`: expected shape [batch, \
                    tokens, features] for a padding mask of [4, 1], found [4, 4, 2]";
    assert_eq!(wrong.unwrap_err().to_string(), expected);
    let flat = with(Reduce::FirstToken, true, 4, |batch| {
        tap("tokens", &batch.tokens.clone().flatten::<2>(1, 2));
    });
    let expected = "collector `embeddings`, column `embeddings_tokens`: expected shape [batch, \
                    tokens, features] of which to take one, found [4, 8]";
    assert_eq!(flat.unwrap_err().to_string(), expected);
}
