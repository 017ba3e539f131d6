//! What training sees of an image.

use crate::fashion::{Row, SIDE};
use crate::samples::{Item, decode};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::sync::Mutex;

/// How far an image is shifted at most, in pixels.
const SHIFT: i32 = 2;

/// Shifted and mirrored at random.
pub fn augmented(seed: u64) -> impl Fn(Row) -> Result<Item, String> + Send + Sync {
    let random = Mutex::new(StdRng::seed_from_u64(seed));
    move |row| {
        let item = decode(row)?;
        let mut random = random
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let shift = (
            random.random_range(-SHIFT..=SHIFT),
            random.random_range(-SHIFT..=SHIFT),
        );
        Ok(Item {
            pixels: moved(&item.pixels, shift, random.random()),
            ..item
        })
    }
}

fn moved(pixels: &[u8], (down, right): (i32, i32), mirror: bool) -> Vec<u8> {
    let pixel = |row: i32, column: i32| {
        let column = if mirror {
            SIDE as i32 - 1 - column
        } else {
            column
        };
        let inside = (0..SIDE as i32).contains(&row) && (0..SIDE as i32).contains(&column);
        if inside {
            pixels[row as usize * SIDE + column as usize]
        } else {
            0
        }
    };
    let side = SIDE as i32;
    (0..side * side)
        .map(|at| pixel(at / side - down, at % side - right))
        .collect()
}
