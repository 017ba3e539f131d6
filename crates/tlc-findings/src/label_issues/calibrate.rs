//! Counts that add up: to the samples of each label, and in whole numbers. The order of
//! additions is that of the reference, since the last bit decides how a half is rounded.

use super::joint::ConfidentJoint;

/// Keeps divisors from being 0.
const TINY: f64 = 1e-100;
const ROUNDING: f64 = 1e-6;

/// The joint scaled so that each row sums to the samples of its label.
pub(super) fn calibrated(joint: &ConfidentJoint, counts: &[u64]) -> ConfidentJoint {
    let classes = joint.classes();
    let samples: u64 = counts.iter().sum();
    // [class, label]: the order in which the total is summed.
    let mut scaled = vec![0.0; classes * classes];
    for (label, count) in counts.iter().enumerate() {
        let row: u64 = (0..classes).map(|class| joint.count(label, class)).sum();
        for class in 0..classes {
            if let Some(cell) = scaled.get_mut(class * classes + label) {
                *cell = joint.count(label, class) as f64 / (row as f64).max(TINY) * *count as f64;
            }
        }
    }
    let total = pairwise_sum(&scaled).max(TINY);
    let rows = (0..classes).flat_map(|label| {
        let row = scaled.iter().skip(label).step_by(classes);
        let row: Vec<f64> = row.map(|cell| cell / total * samples as f64).collect();
        round_preserving_sum(&row)
    });
    ConfidentJoint::from_rows(classes, rows.collect())
}

/// Whole numbers near these whose sum is theirs, rounded.
fn round_preserving_sum(values: &[f64]) -> Vec<u64> {
    let mut rounded: Vec<f64> = values.iter().map(|value| value.round_ties_even()).collect();
    let sum = pairwise_sum(values).round_ties_even();
    loop {
        let missing = sum - pairwise_sum(&rounded).round_ties_even();
        if missing.abs() <= ROUNDING {
            break;
        }
        let mut order: Vec<usize> = (0..values.len()).collect();
        let rest = |at: &usize| match (values.get(*at), rounded.get(*at)) {
            (Some(value), Some(rounded)) => value - rounded,
            _ => 0.0,
        };
        order.sort_by(|a, b| rest(a).total_cmp(&rest(b)));
        if missing > 0.0 {
            order.reverse();
        }
        let changes = (missing.abs() as usize).min(values.len());
        for at in order.into_iter().take(changes) {
            if let Some(value) = rounded.get_mut(at) {
                *value += missing.signum();
            }
        }
    }
    rounded.into_iter().map(|value| value as u64).collect()
}

/// How many samples of a label to prune as being of each class: the calibrated joint,
/// less what it takes to leave one sample of each label.
pub(super) fn prune_counts(joint: &ConfidentJoint, label: usize) -> Vec<u64> {
    let classes = joint.classes();
    let row: Vec<u64> = (0..classes)
        .map(|class| joint.count(label, class))
        .collect();
    let kept = joint.count(label, label);
    let filled = row.iter().filter(|count| **count > 0).count();
    let taken = (1.0 - kept as f64).max(0.0) / (filled as f64 - 1.0).max(1.0);
    let rest = |(class, count): (usize, &u64)| match class == label {
        true => kept.max(1),
        false => (*count as f64 - taken).max(0.0) as u64,
    };
    row.iter().enumerate().map(rest).collect()
}

/// The sum, added in pairs of blocks as NumPy does.
fn pairwise_sum(values: &[f64]) -> f64 {
    const BLOCK: usize = 128;
    if values.len() < 8 {
        return values.iter().sum();
    }
    if values.len() > BLOCK {
        let half = values.len() / 2;
        let (left, right) = values.split_at(half - half % 8);
        return pairwise_sum(left) + pairwise_sum(right);
    }
    let (blocks, rest) = values.as_chunks::<8>();
    let mut r = [0.0; 8];
    for block in blocks {
        for (sum, value) in r.iter_mut().zip(block) {
            *sum += value;
        }
    }
    let sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    rest.iter().fold(sum, |sum, value| sum + value)
}
