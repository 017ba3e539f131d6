//! Where things stand in an expression.

use sqlparser::tokenizer::Location;

/// Characters counted from 1, from lines and columns.
pub(super) struct Places {
    /// Of each line how many characters stand before it.
    starts: Vec<usize>,
    end: usize,
}

impl Places {
    pub(super) fn of(text: &str) -> Self {
        let mut starts = vec![0];
        let mut end = 0;
        for character in text.chars() {
            end += 1;
            if character == '\n' {
                starts.push(end);
            }
        }
        Self { starts, end }
    }

    /// Past the last character.
    pub(super) fn end(&self) -> usize {
        self.end + 1
    }

    pub(super) fn at(&self, location: Location) -> usize {
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let line = number(location.line).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(self.end);
        start
            .saturating_add(number(location.column))
            .clamp(1, self.end())
    }

    /// The place that a message ends in, and the message without it.
    pub(super) fn told<'m>(&self, message: &'m str) -> (&'m str, usize) {
        let found = || {
            let (reason, place) = message.rsplit_once(" at Line: ")?;
            let (line, column) = place.split_once(", Column: ")?;
            let location = Location::new(line.parse().ok()?, column.parse().ok()?);
            Some((reason, self.at(location)))
        };
        found().unwrap_or((message, self.end()))
    }
}
