//! The lists of a JSON document, element after element: the document is never in memory.
//!
//! Elements are told apart by their brackets and quotes; what they are, their reader says.

use std::io::{self, BufRead};

/// Bytes of one element.
const ELEMENT_BYTES: usize = 32 << 20;
/// Bytes of a key of the document.
const KEY_BYTES: usize = 1 << 16;

/// What is wrong with a document.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The disk or the network failed.
    Io(io::Error),
    /// What is wrong, and at which byte.
    Document(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

type Result<T> = std::result::Result<T, Fault>;

/// Reads lists out of a document, an object whose values of some keys are lists.
pub(crate) struct Elements<R> {
    reader: R,
    at: u64,
    keys: &'static [&'static str],
    /// The lists that came already.
    seen: Vec<&'static str>,
    state: State,
}

/// Where in the document the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    /// In the object, before a key; whether one came already.
    Keys(bool),
    /// In a list, so many elements of which came already.
    List(&'static str, u64),
    End,
}

/// An element of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) list: &'static str,
    /// Its place in the list, from 0 on.
    pub(crate) ordinal: u64,
}

impl<R: BufRead> Elements<R> {
    /// The lists of these keys.
    pub(crate) fn of(reader: R, keys: &'static [&'static str]) -> Self {
        Self {
            reader,
            at: 0,
            keys,
            seen: Vec::new(),
            state: State::Start,
        }
    }

    /// The lists that came so far.
    pub(crate) fn seen(&self) -> &[&'static str] {
        &self.seen
    }

    /// The next element, whose JSON is added to `json`; `None` at the end of the document.
    pub(crate) fn next(&mut self, json: &mut Vec<u8>) -> Result<Option<Element>> {
        loop {
            match self.state {
                State::Start => self.begin()?,
                State::Keys(has_key) => self.key(has_key)?,
                State::List(list, ordinal) => {
                    if self.element(ordinal > 0, json)? {
                        self.state = State::List(list, ordinal + 1);
                        return Ok(Some(Element { list, ordinal }));
                    }
                    self.state = State::Keys(true);
                }
                State::End => return Ok(None),
            }
        }
    }

    fn begin(&mut self) -> Result<()> {
        if self.reader.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
            self.advance(3);
        }
        match self.mark()? {
            b'{' => self.state = State::Keys(false),
            b'[' => {
                return self.wrong(
                    "a list, and not an object with `images`, `annotations` and `categories`: \
                     results of a model are no data set",
                );
            }
            other => return self.unexpected(other, "an object of JSON"),
        }
        Ok(())
    }

    /// Reads a key, and its value if that is not asked for.
    fn key(&mut self, has_key: bool) -> Result<()> {
        let mut mark = self.mark()?;
        if mark == b'}' {
            return self.end();
        }
        if has_key {
            if mark != b',' {
                return self.unexpected(mark, "`,` or `}`");
            }
            mark = self.mark()?;
        }
        if mark != b'"' {
            return self.unexpected(mark, "a key");
        }
        let mut key = vec![b'"'];
        self.string(&mut Kept::some(&mut key, KEY_BYTES))?;
        let Ok(key) = serde_json::from_slice::<String>(&key) else {
            return self.wrong("a key is no text of JSON");
        };
        match self.mark()? {
            b':' => {}
            other => return self.unexpected(other, "`:`"),
        }
        let first = self.mark()?;
        self.state = State::Keys(true);
        let Some(list) = self.keys.iter().find(|list| **list == key) else {
            return self.value(first, &mut Kept::none());
        };
        if self.seen.contains(list) {
            return self.wrong(&format!("`{list}` comes twice"));
        }
        self.seen.push(list);
        match first {
            b'[' => self.state = State::List(list, 0),
            _ => return self.wrong(&format!("`{list}` is no list")),
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        self.state = State::End;
        match self.peek_mark()? {
            None => Ok(()),
            Some(_) => self.wrong("something follows the end of the document"),
        }
    }

    /// Reads an element; whether there was one more.
    fn element(&mut self, has_before: bool, json: &mut Vec<u8>) -> Result<bool> {
        let mut first = self.mark()?;
        if first == b']' {
            return Ok(false);
        }
        if has_before {
            if first != b',' {
                return self.unexpected(first, "`,` or `]`");
            }
            first = self.mark()?;
        }
        let most = json.len().saturating_add(ELEMENT_BYTES);
        json.push(first);
        self.value(first, &mut Kept::some(json, most))?;
        Ok(true)
    }

    /// The rest of a value whose first byte was read.
    fn value(&mut self, first: u8, kept: &mut Kept<'_>) -> Result<()> {
        match first {
            b'"' => self.string(kept),
            b'{' | b'[' => self.brackets(kept),
            b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => self.scalar(kept),
            other => self.unexpected(other, "a value"),
        }
    }

    /// The rest of a list or object.
    fn brackets(&mut self, kept: &mut Kept<'_>) -> Result<()> {
        let mut depth = 1_u64;
        while depth > 0 {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return self.cut();
            }
            let mark = |byte: &u8| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']');
            let found = buffer.iter().position(mark);
            let len = found.map_or(buffer.len(), |at| at + 1);
            let last = found.and_then(|at| buffer.get(at).copied());
            let is_kept = kept.add(buffer.get(..len).unwrap_or_default());
            self.advance(len);
            if !is_kept {
                return self.too_large();
            }
            match last {
                Some(b'"') => self.string(kept)?,
                Some(b'{' | b'[') => depth += 1,
                Some(_) => depth -= 1,
                None => {}
            }
        }
        Ok(())
    }

    /// The rest of a text.
    fn string(&mut self, kept: &mut Kept<'_>) -> Result<()> {
        let mut is_escaped = false;
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return self.cut();
            }
            let found = match is_escaped {
                true => Some(0),
                false => memchr::memchr2(b'"', b'\\', buffer),
            };
            let len = found.map_or(buffer.len(), |at| at + 1);
            let last = found.and_then(|at| buffer.get(at).copied());
            let is_kept = kept.add(buffer.get(..len).unwrap_or_default());
            self.advance(len);
            if !is_kept {
                return self.too_large();
            }
            match (is_escaped, last) {
                (true, _) => is_escaped = false,
                (false, Some(b'"')) => return Ok(()),
                (false, Some(_)) => is_escaped = true,
                (false, None) => {}
            }
        }
    }

    /// The rest of a number or word.
    fn scalar(&mut self, kept: &mut Kept<'_>) -> Result<()> {
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return self.cut();
            }
            let ends = |byte: &u8| byte.is_ascii_whitespace() || b",]}".contains(byte);
            let found = buffer.iter().position(ends);
            let len = found.unwrap_or(buffer.len());
            let is_kept = kept.add(buffer.get(..len).unwrap_or_default());
            self.advance(len);
            match (is_kept, found) {
                (false, _) => return self.too_large(),
                (true, Some(_)) => return Ok(()),
                (true, None) => {}
            }
        }
    }

    /// The next byte that is no space, if there is one.
    fn peek_mark(&mut self) -> Result<Option<u8>> {
        loop {
            let buffer = self.reader.fill_buf()?;
            let Some(first) = buffer.first().copied() else {
                return Ok(None);
            };
            if !matches!(first, b' ' | b'\t' | b'\r' | b'\n') {
                return Ok(Some(first));
            }
            self.advance(1);
        }
    }

    /// Reads the next byte that is no space.
    fn mark(&mut self) -> Result<u8> {
        match self.peek_mark()? {
            Some(mark) => {
                self.advance(1);
                Ok(mark)
            }
            None => self.cut(),
        }
    }

    fn advance(&mut self, len: usize) {
        self.reader.consume(len);
        self.at += len as u64;
    }

    fn cut<T>(&self) -> Result<T> {
        match self.at {
            0 => Err(Fault::Document("an empty file".to_owned())),
            _ => self.wrong("the document ends in its middle: the file is cut"),
        }
    }

    fn too_large<T>(&self) -> Result<T> {
        self.wrong(&format!(
            "an element of more than {} MiB",
            ELEMENT_BYTES >> 20
        ))
    }

    fn unexpected<T>(&self, found: u8, expected: &str) -> Result<T> {
        let found = found.escape_ascii();
        self.wrong(&format!("`{found}` where {expected} is expected: no JSON"))
    }

    fn wrong<T>(&self, what: &str) -> Result<T> {
        Err(Fault::Document(format!("{what} (byte {})", self.at)))
    }
}

/// Where bytes go that are read.
struct Kept<'a>(Option<(&'a mut Vec<u8>, usize)>);

impl<'a> Kept<'a> {
    fn none() -> Self {
        Self(None)
    }

    /// To `bytes`, until these have `most`.
    fn some(bytes: &'a mut Vec<u8>, most: usize) -> Self {
        Self(Some((bytes, most)))
    }

    /// Whether there was room.
    fn add(&mut self, more: &[u8]) -> bool {
        match &mut self.0 {
            None => true,
            Some((bytes, most)) => {
                let has_room = bytes.len() + more.len() <= *most;
                if has_room {
                    bytes.extend_from_slice(more);
                }
                has_room
            }
        }
    }
}
