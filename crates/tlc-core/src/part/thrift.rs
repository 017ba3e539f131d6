//! Thrift structs in the compact protocol, as far as Parquet has them, read without allocating:
//! <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>.

/// Nesting of what is skipped; a page header has three levels.
pub(super) const DEPTH: u32 = 8;

/// The type of a struct.
pub(super) const STRUCT: u8 = 12;

/// What is left of the bytes.
pub(super) struct Reader<'a> {
    pub(super) rest: &'a [u8],
}

impl Reader<'_> {
    /// The type of the next field, and its number; none at the end of the struct.
    pub(super) fn next_field(&mut self, field: &mut i64) -> Option<Option<u8>> {
        let head = self.byte()?;
        if head == 0 {
            return Some(None);
        }
        *field = match head >> 4 {
            0 => self.integer()?,
            step => field.checked_add(i64::from(step))?,
        };
        Some(Some(head & 0x0f))
    }

    pub(super) fn skip(&mut self, kind: u8, depth: u32) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            // Booleans have their value in the type.
            1 | 2 => Some(()),
            3 => self.take(1),
            4..=6 => self.integer().map(drop),
            7 => self.take(8),
            8 => {
                let len = self.varint()?;
                self.take(usize::try_from(len).ok()?)
            }
            9 | 10 => self.skip_list(depth),
            STRUCT => {
                let mut field = 0;
                while let Some(kind) = self.next_field(&mut field)? {
                    self.skip(kind, depth)?;
                }
                Some(())
            }
            // What is read here has no map.
            _ => None,
        }
    }

    /// The length of a list, and the type of its items.
    pub(super) fn list(&mut self) -> Option<(u64, u8)> {
        let head = self.byte()?;
        let len = match head >> 4 {
            15 => self.varint()?,
            len => u64::from(len),
        };
        Some((len, head & 0x0f))
    }

    fn skip_list(&mut self, depth: u32) -> Option<()> {
        let (len, kind) = self.list()?;
        for _ in 0..len {
            match kind {
                1 | 2 => self.take(1)?,
                kind => self.skip(kind, depth)?,
            }
        }
        Some(())
    }

    pub(super) fn integer(&mut self) -> Option<i64> {
        let zigzag = self.varint()?;
        Some((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, len: usize) -> Option<()> {
        self.rest = self.rest.get(len..)?;
        Some(())
    }
}
