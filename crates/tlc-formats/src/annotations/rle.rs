//! Masks as run lengths, as COCO writes them: column after column, in turn so many pixels that
//! are not part of the object and so many that are.
//!
//! The text form is that of `rleToString` in pycocotools: numbers of 5 bits a character, from
//! the third on as the difference to the one before the last.

use crate::images::Size;

/// The mask of an object, which `decode` of `pycocotools.mask` takes as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rle {
    pub(crate) height: i32,
    pub(crate) width: i32,
    /// Run lengths as text.
    pub(crate) counts: String,
}

impl Rle {
    /// A mask of these run lengths.
    ///
    /// # Errors
    /// Why there is no such mask of the image.
    pub(crate) fn of_counts(shape: [i64; 2], counts: &[u64], image: Size) -> Result<Self, String> {
        let size = checked(shape, counts.iter().copied(), image)?;
        Ok(Self {
            height: size.height,
            width: size.width,
            counts: packed(counts),
        })
    }

    /// A mask of run lengths as text.
    ///
    /// # Errors
    /// Why there is no such mask of the image.
    pub(crate) fn of_text(shape: [i64; 2], counts: String, image: Size) -> Result<Self, String> {
        let size = checked(shape, unpacked(&counts)?, image)?;
        Ok(Self {
            height: size.height,
            width: size.width,
            counts,
        })
    }

    /// Pixels of the object.
    ///
    /// # Errors
    /// Why the text is none of run lengths.
    pub(crate) fn area(&self) -> Result<u64, String> {
        let counts = unpacked(&self.counts)?;
        Ok(counts
            .into_iter()
            .skip(1)
            .step_by(2)
            .fold(0, u64::saturating_add))
    }
}

/// That the runs fill the image.
fn checked(
    [height, width]: [i64; 2],
    counts: impl IntoIterator<Item = u64>,
    image: Size,
) -> Result<Size, String> {
    let size = (i64::from(image.height), i64::from(image.width));
    if (height, width) != size {
        let (of_height, of_width) = size;
        return Err(format!(
            "a mask of {width} x {height} pixels on an image of {of_width} x {of_height}"
        ));
    }
    let pixels = image.width.unsigned_abs() as u64 * u64::from(image.height.unsigned_abs());
    let runs = counts.into_iter().fold(0, u64::saturating_add);
    match runs == pixels {
        true => Ok(image),
        false => Err(format!(
            "the runs of a mask have {runs} pixels in all, not {pixels}"
        )),
    }
}

/// The run lengths of a mask in COCO's text form, as the cells of `rle` have it: column after
/// column, in turn so many pixels that are not part of the object and so many that are. `None`
/// for a text of anything else.
///
/// ```
/// assert_eq!(tlc_formats::run_lengths("5d0X1_OH"), Some(vec![5, 20, 40, 3, 32]));
/// assert_eq!(tlc_formats::run_lengths("~"), None);
/// ```
#[must_use]
pub fn run_lengths(counts: &str) -> Option<Vec<u64>> {
    unpacked(counts).ok()
}

/// Run lengths as text.
fn packed(counts: &[u64]) -> String {
    let mut text = String::new();
    for (at, count) in counts.iter().enumerate() {
        let before = match at {
            3.. => counts.get(at - 2).copied().unwrap_or_default(),
            _ => 0,
        };
        let mut rest = count.cast_signed().wrapping_sub(before.cast_signed());
        loop {
            let digit = (rest & 0x1f) as u8;
            rest >>= 5;
            let is_last = if digit & 0x10 == 0 {
                rest == 0
            } else {
                rest == -1
            };
            let more = if is_last { 0 } else { 0x20 };
            text.push(char::from((digit | more) + b'0'));
            if is_last {
                break;
            }
        }
    }
    text
}

/// Run lengths of a text.
fn unpacked(text: &str) -> Result<Vec<u64>, String> {
    let mut counts: Vec<i64> = Vec::new();
    let (mut number, mut shift) = (0_i64, 0);
    for byte in text.bytes() {
        let digit = match byte {
            b'0'..=b'o' => i64::from(byte - b'0'),
            _ => return Err("a mask whose counts are no text of run lengths".to_owned()),
        };
        if shift > 35 {
            return Err("a mask with a run of more pixels than an image has".to_owned());
        }
        number |= (digit & 0x1f) << shift;
        shift += 5;
        if digit & 0x20 == 0 {
            if digit & 0x10 != 0 {
                number |= -1 << shift;
            }
            let before = match counts.len() {
                3.. => counts.get(counts.len() - 2).copied().unwrap_or_default(),
                _ => 0,
            };
            counts.push(
                number
                    .checked_add(before)
                    .ok_or("a mask with a run without end")?,
            );
            (number, shift) = (0, 0);
        }
    }
    if shift > 0 {
        return Err("a mask whose counts are cut".to_owned());
    }
    let counts = counts.into_iter().map(u64::try_from);
    let counts: Result<_, _> = counts.collect();
    counts.map_err(|_| "a mask with a run of less than no pixel".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_of_pycocotools() {
        // By `pycocotools.mask.frPyObjects([{"size": [h, w], "counts": counts}], h, w)`.
        for (counts, text) in [
            (vec![4, 3, 2], "432"),
            (vec![0, 6], "06"),
            (vec![5, 20, 40, 3, 32], "5d0X1_OH"),
        ] {
            assert_eq!(packed(&counts), text);
            assert_eq!(unpacked(text), Ok(counts));
        }
    }
}
