//! The header of an `.npy` file: what is in it, in the words of Python.

use super::dtype::Dtype;
use std::io::Read;

const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// A header is a line; NumPy itself refuses long ones.
const HEADER_BYTES: u32 = 64 << 10;
/// As NumPy has it.
const DIMENSIONS: usize = 64;

/// What the header of an `.npy` file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) dtype: Dtype,
    /// Whether the first dimension varies fastest.
    pub(super) is_fortran: bool,
    pub(super) shape: Vec<u64>,
    /// Where the values begin.
    pub(super) start: u64,
}

/// Why there is no header.
#[derive(Debug)]
pub(super) enum Fault {
    Io(std::io::Error),
    Bad(String),
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::bad("the header is cut"),
            _ => Self::Io(error),
        }
    }
}

impl Fault {
    fn bad(reason: &str) -> Self {
        Self::Bad(format!("no array that NumPy has saved: {reason}"))
    }
}

impl Header {
    /// Reads a header, and leaves the reader where the values begin.
    pub(super) fn read(reader: &mut impl Read) -> Result<Self, Fault> {
        let mut start = [0; 8];
        reader.read_exact(&mut start)?;
        let (magic, version) = start.split_at(MAGIC.len());
        if magic != MAGIC {
            return Err(Fault::bad("it does not begin as one"));
        }
        let (len, len_bytes) = match version {
            [1, _] => {
                let mut len = [0; 2];
                reader.read_exact(&mut len)?;
                (u32::from(u16::from_le_bytes(len)), 2)
            }
            [2 | 3, _] => {
                let mut len = [0; 4];
                reader.read_exact(&mut len)?;
                (u32::from_le_bytes(len), 4)
            }
            _ => return Err(Fault::bad("its version is not known")),
        };
        if len > HEADER_BYTES {
            return Err(Fault::bad("the header is too long"));
        }
        let mut text = Vec::new();
        let read = reader.by_ref().take(len.into()).read_to_end(&mut text)?;
        if read as u64 != u64::from(len) {
            return Err(Fault::bad("the header is cut"));
        }
        let text = std::str::from_utf8(&text).map_err(|_| Fault::bad("the header is no text"))?;
        let header = parse(text).map_err(Fault::Bad)?;
        Ok(Self {
            start: 8 + len_bytes + u64::from(len),
            ..header
        })
    }

    /// Along the first dimension.
    pub(super) fn rows(&self) -> u64 {
        self.shape.first().copied().unwrap_or(1)
    }

    /// Bytes of a row, and of all; `None` if the array is too large for any machine.
    pub(super) fn sizes(&self) -> Option<(u64, u64)> {
        let rest = self.shape.get(1..).unwrap_or_default();
        let row = rest
            .iter()
            .try_fold(self.dtype.bytes() as u64, |bytes, dim| {
                bytes.checked_mul(*dim)
            })?;
        Some((row, row.checked_mul(self.rows())?))
    }
}

/// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`
fn parse(text: &str) -> Result<Header, String> {
    let bad = |what: &str| format!("no array that NumPy has saved: {what} in the header");
    let mut rest = Text { rest: text };
    let (mut dtype, mut is_fortran, mut shape) = (None, None, None);
    rest.take('{').ok_or_else(|| bad("no dictionary"))?;
    while !rest.has('}') {
        let key = rest.quoted().ok_or_else(|| bad("no name"))?;
        rest.take(':').ok_or_else(|| bad("no value"))?;
        match key {
            "descr" => {
                if rest.has('[') || rest.has('(') {
                    return Err(
                        "rows of several named values, a structured array: save each \
                                field as an array of its own, in an .npz"
                            .to_owned(),
                    );
                }
                let name = rest.quoted().ok_or_else(|| bad("no type"))?;
                dtype = Some(Dtype::of_numpy(name)?);
            }
            "fortran_order" => {
                is_fortran = Some(rest.boolean().ok_or_else(|| bad("no order"))?);
            }
            "shape" => shape = Some(rest.numbers().ok_or_else(|| bad("no shape"))?),
            _ => return Err(bad("an unknown name")),
        }
        if !rest.has('}') {
            rest.take(',').ok_or_else(|| bad("no comma"))?;
        }
    }
    match (dtype, is_fortran, shape) {
        (Some(dtype), Some(is_fortran), Some(shape)) => Ok(Header {
            dtype,
            is_fortran,
            shape,
            start: 0,
        }),
        _ => Err(bad("something is missing")),
    }
}

/// What is left of a text.
struct Text<'a> {
    rest: &'a str,
}

impl<'a> Text<'a> {
    fn has(&mut self, next: char) -> bool {
        self.rest = self.rest.trim_start();
        self.rest.starts_with(next)
    }

    fn take(&mut self, next: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(next)?;
        Some(())
    }

    fn quoted(&mut self) -> Option<&'a str> {
        let quote = if self.has('"') { '"' } else { '\'' };
        self.take(quote)?;
        let (text, rest) = self.rest.split_once(quote)?;
        self.rest = rest;
        (!text.contains('\\')).then_some(text)
    }

    fn boolean(&mut self) -> Option<bool> {
        self.rest = self.rest.trim_start();
        for (word, value) in [("True", true), ("False", false)] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Some(value);
            }
        }
        None
    }

    /// `()`, `(3,)`, `(3, 4)`; Python 2 wrote `3L`.
    fn numbers(&mut self) -> Option<Vec<u64>> {
        self.take('(')?;
        let (inside, rest) = self.rest.split_once(')')?;
        self.rest = rest;
        let inside = inside.trim().trim_end_matches(',');
        if inside.is_empty() {
            return Some(Vec::new());
        }
        let numbers = inside.split(',').map(|number| {
            let number = number.trim();
            number.strip_suffix('L').unwrap_or(number).parse().ok()
        });
        let numbers: Vec<u64> = numbers.collect::<Option<_>>()?;
        (numbers.len() <= DIMENSIONS).then_some(numbers)
    }
}
