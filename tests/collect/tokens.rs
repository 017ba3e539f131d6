//! Embeddings of tokens, with padding that is left out.

use tlc_burn::prelude::*;
use tlc_tests::cpu;
use tlc_tests::tokens::embeddings;

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
            let found = embeddings(&cpu(), reduce.clone(), left, batch, |tokens| {
                tap_tokens("tokens", &tokens.values, &tokens.padding);
            })
            .unwrap();
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
    let last = embeddings(&cpu(), Reduce::LastToken, true, 4, |tokens| {
        tap("tokens", &tokens.values)
    });
    let last = last.unwrap();
    assert_eq!(
        [&last[0], &last[1], &last[3]].map(|text| text[0]),
        [6.0, 4.0, -7.0]
    );
    assert!(last[2][0].is_nan(), "{last:?}");
    let mean = embeddings(&cpu(), Reduce::Mean, true, 4, |tokens| {
        tap("tokens", &tokens.values)
    })
    .unwrap();
    assert!(mean[0][0].is_nan() && mean[3][0] == -4.0, "{mean:?}");
}

#[test]
fn a_mask_and_an_activation_that_do_not_fit_name_their_shapes() {
    let wrong = embeddings(&cpu(), Reduce::Mean, true, 4, |tokens| {
        tap_tokens(
            "tokens",
            &tokens.values,
            &tokens.padding.clone().slice([0..4, 0..1]),
        );
    });
    let expected = "collector `embeddings`, column `embeddings_tokens`: expected shape [batch, \
                    tokens, features] for a padding mask of [4, 1], found [4, 4, 2]";
    assert_eq!(wrong.unwrap_err().to_string(), expected);
    let flat = embeddings(&cpu(), Reduce::FirstToken, true, 4, |tokens| {
        tap("tokens", &tokens.values.clone().flatten::<2>(1, 2));
    });
    let expected = "collector `embeddings`, column `embeddings_tokens`: expected shape [batch, \
                    tokens, features] of which to take one, found [4, 8]";
    assert_eq!(flat.unwrap_err().to_string(), expected);
}
