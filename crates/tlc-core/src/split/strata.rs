//! Dealing rows so that each part has its share of each class.

use super::chance::Places;
use super::keys;
use super::number::number;
use crate::{Result, Table};
use std::collections::HashMap;

/// The part of each row; each part has its size, and of each class its share.
pub(super) fn deal(table: &Table, column: &str, sizes: &[usize], seed: u64) -> Result<Vec<u8>> {
    let mut rows: HashMap<Option<u128>, usize> = HashMap::new();
    keys::each(table, column, seed, |_, class| {
        *rows.entry(class).or_default() += 1;
        Ok(())
    })?;
    let mut classes: Vec<(Option<u128>, usize)> = rows.into_iter().collect();
    classes.sort_unstable();
    let counts: Vec<usize> = classes.iter().map(|(_, rows)| *rows).collect();
    let quotas = quotas(&counts, sizes).into_iter().map(Places::new);
    let classes = classes.into_iter().map(|(class, _)| class);
    let mut places: HashMap<Option<u128>, Places> = classes.zip(quotas).collect();
    let mut of_row = Vec::with_capacity(table.len());
    keys::each(table, column, seed, |row, class| {
        let part = places.get_mut(&class).map(|places| places.draw(row, seed));
        of_row.push(number(part.unwrap_or(usize::MAX)));
        Ok(())
    })?;
    Ok(of_row)
}

/// What a part has been dealt so far.
struct Dealt {
    size: usize,
    rows: usize,
    /// Rows that it will get beyond its whole shares.
    extra: usize,
}

/// How many rows of each class each part gets: what is whole of its share, and of the rows that
/// are left of a class one after another to the part that is furthest behind, so that parts
/// have their sizes in the end.
fn quotas(classes: &[usize], sizes: &[usize]) -> Vec<Vec<usize>> {
    let rows: usize = sizes.iter().sum();
    let whole = |class: usize, size: usize| (class as u128 * size as u128 / rows as u128) as usize;
    let quotas = classes
        .iter()
        .map(|class| sizes.iter().map(|size| whole(*class, *size)).collect());
    let mut quotas: Vec<Vec<usize>> = quotas.collect();
    let parts = sizes.iter().enumerate().map(|(part, size)| {
        let whole = quotas.iter().filter_map(|quotas| quotas.get(part));
        Dealt {
            size: *size,
            rows: 0,
            extra: size.saturating_sub(whole.sum()),
        }
    });
    let mut parts: Vec<Dealt> = parts.collect();
    let mut until = 0;
    for (class, quotas) in classes.iter().zip(&mut quotas) {
        until += class;
        for (part, quota) in parts.iter_mut().zip(&*quotas) {
            part.rows += quota;
        }
        let behind =
            |part: &Dealt| part.size as i128 * until as i128 - part.rows as i128 * rows as i128;
        for _ in quotas.iter().sum::<usize>()..*class {
            let open = parts
                .iter_mut()
                .zip(&mut *quotas)
                .filter(|(part, _)| part.extra > 0);
            if let Some((part, quota)) = open.max_by_key(|(part, _)| behind(part)) {
                (part.rows, part.extra, *quota) = (part.rows + 1, part.extra - 1, *quota + 1);
            }
        }
    }
    quotas
}

#[cfg(test)]
mod tests {
    use super::quotas;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sizes_are_exact_and_no_class_is_off_by_two_rows(
            classes in prop::collection::vec(1_usize..40, 1..60),
            cuts in prop::collection::vec(0.0_f64..1.0, 0..6),
        ) {
            let rows: usize = classes.iter().sum();
            let mut ends: Vec<usize> = cuts.iter().map(|cut| (cut * rows as f64) as usize).collect();
            ends.push(rows);
            ends.sort_unstable();
            let starts = std::iter::once(0).chain(ends.iter().copied());
            let sizes: Vec<usize> = starts.zip(&ends).map(|(start, end)| end - start).collect();
            let quotas = quotas(&classes, &sizes);
            for (part, size) in sizes.iter().enumerate() {
                prop_assert_eq!(quotas.iter().map(|quotas| quotas[part]).sum::<usize>(), *size);
            }
            for (class, quotas) in classes.iter().zip(&quotas) {
                prop_assert_eq!(quotas.iter().sum::<usize>(), *class);
                for (quota, size) in quotas.iter().zip(&sizes) {
                    let exact = *class as f64 * *size as f64 / rows as f64;
                    prop_assert!((*quota as f64 - exact).abs() < 2.0, "{} for {}", quota, exact);
                }
            }
        }
    }
}
