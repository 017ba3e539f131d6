//! A text file in blocks of whole records.

use crate::source::SourceFile;
use crate::{Error, Result};
use memchr::{memchr, memchr_iter, memchr3, memrchr};
use std::io::{BufRead, Read};

/// About what a block has.
const BLOCK_BYTES: usize = 1 << 20;
/// What a record has at most.
const RECORD_BYTES: usize = 256 << 20;
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What ends records and what hides such an end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Records {
    /// Each line is one.
    Lines,
    /// The same, as the `csv` crate has lines: a carriage return alone ends one, too.
    Unquoted,
    /// Between delimiters may be fields in quotes, as the `csv` crate has them: a quote opens
    /// at the beginning of a field.
    Quoted {
        /// What stands between fields.
        delimiter: u8,
    },
}

/// Some whole records of a file.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) bytes: Vec<u8>,
    /// The line where it begins, from 1 on.
    pub(super) first_line: u64,
    /// Whether the file begins with it.
    pub(super) is_first: bool,
}

/// Iterator over the blocks of a file, from its start on.
pub(super) struct Blocks {
    file: SourceFile,
    reader: Box<dyn BufRead + Send>,
    records: Records,
    /// The beginning of the next record.
    carry: Vec<u8>,
    line: u64,
    has_begun: bool,
    is_done: bool,
}

impl Blocks {
    pub(super) fn of(file: &SourceFile, records: Records) -> Result<Self> {
        let mut blocks = Self {
            reader: file.unpacked()?,
            file: file.clone(),
            records,
            carry: Vec::new(),
            line: 1,
            has_begun: false,
            is_done: false,
        };
        blocks.fill(BOM.len())?;
        match blocks.carry.as_slice() {
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
                Err(file.refused("the text is UTF-16: save it as UTF-8"))
            }
            start => {
                if start == BOM {
                    blocks.carry.clear();
                }
                Ok(blocks)
            }
        }
    }

    /// Reads until the block begun has so many bytes, or the file ends.
    fn fill(&mut self, len: usize) -> Result<()> {
        let missing = len.saturating_sub(self.carry.len()) as u64;
        let read = (&mut self.reader)
            .take(missing)
            .read_to_end(&mut self.carry);
        let read = read.map_err(|error| self.file.failed(error))?;
        self.is_done = (read as u64) < missing;
        Ok(())
    }

    fn read(&mut self) -> Result<Option<Block>> {
        let mut scan = Scan::default();
        let mut wanted = BLOCK_BYTES;
        let end = loop {
            self.fill(wanted)?;
            scan.go_on(&self.carry, self.records);
            match (self.is_done, scan.end) {
                (true, _) if scan.is_quoted() => return Err(self.unclosed(scan.end)),
                (true, _) => break self.carry.len(),
                (false, end) if end > 0 => break end,
                _ if wanted >= RECORD_BYTES => return Err(self.unclosed(0)),
                _ => wanted = wanted.saturating_mul(2),
            }
        };
        if end == 0 {
            return Ok(None);
        }
        let rest = self.carry.split_off(end);
        let bytes = std::mem::replace(&mut self.carry, rest);
        let (first_line, is_first) = (self.line, !self.has_begun);
        self.has_begun = true;
        self.line += memchr_iter(b'\n', &bytes).count() as u64;
        Ok(Some(Block {
            bytes,
            first_line,
            is_first,
        }))
    }

    fn unclosed(&self, record: usize) -> Error {
        let before = self.carry.get(..record).unwrap_or_default();
        let line = self.line + memchr_iter(b'\n', before).count() as u64;
        let reason = match self.records {
            Records::Lines | Records::Unquoted => {
                format!("line {line} has more than {} MiB", RECORD_BYTES >> 20)
            }
            Records::Quoted { .. } => format!(
                "a quote that is opened in the record of line {line} is not closed: double a \
                 quote that belongs to a text, or say that there are none"
            ),
        };
        self.file.refused(reason)
    }
}

impl Iterator for Blocks {
    type Item = Result<Block>;

    fn next(&mut self) -> Option<Self::Item> {
        let block = self.read().transpose();
        if !matches!(block, Some(Ok(_))) {
            self.carry.clear();
            self.reader = Box::new(std::io::empty());
        }
        block
    }
}

/// How far the records of a buffer have been looked for.
#[derive(Debug, Default)]
struct Scan {
    /// Bytes that were looked at.
    seen: usize,
    /// Where the last whole record ends.
    end: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    FieldStart,
    Field,
    Quoted,
    /// After a quote inside of a quoted field: its end, or the first of two.
    Quote,
}

impl Scan {
    fn is_quoted(&self) -> bool {
        self.state == State::Quoted
    }

    fn go_on(&mut self, bytes: &[u8], records: Records) {
        let delimiter = match records {
            Records::Lines => return self.find_last_line(bytes, false),
            Records::Unquoted => return self.find_last_line(bytes, true),
            Records::Quoted { delimiter } => delimiter,
        };
        let new = bytes.get(self.seen..).unwrap_or_default();
        if self.state != State::Quoted && self.state != State::Quote && memchr(b'"', new).is_none()
        {
            let before = self.end;
            self.find_last_line(bytes, true);
            self.state = match (bytes.last(), self.end > before && self.end == bytes.len()) {
                (_, true) => State::FieldStart,
                (Some(last), _) if *last == delimiter || *last == b'\r' => State::FieldStart,
                _ => State::Field,
            };
            return;
        }
        while let Some(rest) = bytes.get(self.seen..).filter(|rest| !rest.is_empty()) {
            self.step(rest, delimiter);
        }
    }

    fn find_last_line(&mut self, bytes: &[u8], may_be_old: bool) {
        let new = bytes.get(self.seen..).unwrap_or_default();
        if let Some(line) = memrchr(b'\n', new) {
            self.end = self.seen + line + 1;
        } else if let Some(line) = memrchr(b'\r', new).filter(|_| may_be_old && self.end == 0) {
            // As lines of old end.
            self.end = self.seen + line + 1;
        }
        self.seen = bytes.len();
    }

    /// Goes to the end of a field, or to the end of what is there.
    fn step(&mut self, rest: &[u8], delimiter: u8) {
        let first = rest.first().copied().unwrap_or_default();
        match self.state {
            State::FieldStart if first == b'"' => {
                self.state = State::Quoted;
                self.seen += 1;
            }
            State::Quoted => match memchr(b'"', rest) {
                Some(quote) => {
                    self.state = State::Quote;
                    self.seen += quote + 1;
                }
                None => self.seen += rest.len(),
            },
            State::Quote if first == b'"' => {
                self.state = State::Quoted;
                self.seen += 1;
            }
            _ => match memchr3(delimiter, b'\n', b'\r', rest) {
                Some(end) => {
                    self.state = State::FieldStart;
                    self.seen += end + 1;
                    if rest.get(end) != Some(&delimiter) {
                        self.end = self.seen;
                    }
                }
                None => {
                    self.state = State::Field;
                    self.seen += rest.len();
                }
            },
        }
    }
}
