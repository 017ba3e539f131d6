//! The colour that something is shown in.

use crate::Error;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Red, green and blue; as text `#rrggbb`.
///
/// ```
/// use tlc_core::Color;
///
/// let orange: Color = "#ff8000".parse()?;
/// assert_eq!(orange, Color([255, 128, 0]));
/// assert_eq!(orange.to_string(), "#ff8000");
/// # Ok::<(), tlc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Color(pub [u8; 3]);

impl From<[u8; 3]> for Color {
    fn from(rgb: [u8; 3]) -> Self {
        Self(rgb)
    }
}

impl FromStr for Color {
    type Err = Error;

    /// # Errors
    /// [`Error::ClassMap`] for any other text than `#` and six hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, Error> {
        let digits = text.strip_prefix('#').filter(|digits| {
            digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
        });
        let rgb = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let rgb = rgb.ok_or_else(|| {
            let shown = super::cut(text);
            Error::class_map(format!("{shown:?} is no color: write it as #rrggbb"))
        })?;
        let [_, red, green, blue] = rgb.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([red, green, blue]) = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl From<Color> for String {
    fn from(color: Color) -> Self {
        color.to_string()
    }
}

impl TryFrom<String> for Color {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}
