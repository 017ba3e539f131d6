//! Fashion-MNIST as a table: its rows, and what its classes are called.

use serde::{Deserialize, Serialize};

/// Width and height of an image.
pub const SIDE: usize = 28;
/// Names of the classes of Fashion-MNIST, by index.
pub const FASHION: [&str; 10] = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
];
/// A row of the table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// PNG.
    pub image: Vec<u8>,
    /// Index of its class.
    pub label: i32,
}
