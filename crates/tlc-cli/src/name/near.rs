//! Names that are written nearly so.

const NAMED: usize = 3;
/// What is longer is no slip of the fingers.
const MOST_LETTERS: usize = 500;

/// The names that are written nearly so, the nearest first; a project alone means
/// its runs.
pub(super) fn near<'n>(name: &str, all: &'n [String]) -> Vec<&'n String> {
    let wanted = name.to_lowercase();
    let letters = wanted.chars().count();
    if letters > MOST_LETTERS {
        return Vec::new();
    }
    let most = (letters / 3).max(2);
    let far = |other: &str| {
        let other = other.to_lowercase();
        let parts = other.split('/').map(|part| distance(&wanted, part));
        parts
            .chain([distance(&wanted, &other)])
            .min()
            .unwrap_or(most)
    };
    let mut found: Vec<(usize, &String)> = all.iter().map(|other| (far(other), other)).collect();
    found.retain(|(far, _)| *far <= most);
    found.sort();
    found
        .into_iter()
        .take(NAMED)
        .map(|(_, name)| name)
        .collect()
}

/// How many letters are to be put in, left out or exchanged to make one text of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (taken, letter) in one.chars().enumerate() {
        let mut next = vec![taken + 1];
        for ((above, beside), own) in row.iter().zip(row.iter().skip(1)).zip(&other) {
            let left = next.last().copied().unwrap_or_default();
            let exchanged = above + usize::from(letter != *own);
            next.push(exchanged.min(beside + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, near};

    #[test]
    fn letters_that_differ_are_counted() {
        let pairs = [
            ("", "abc"),
            ("first", "frist"),
            ("a", "a"),
            ("café", "cafe"),
        ];
        assert_eq!(pairs.map(|(one, other)| distance(one, other)), [3, 2, 0, 1]);
    }

    #[test]
    fn the_nearest_comes_first_and_what_is_far_does_not() {
        let all = ["p/first", "p/frost", "p/second"].map(str::to_owned);
        assert_eq!(near("frist", &all), [&all[1], &all[0]]);
        assert_eq!(near("something", &all), [""; 0]);
    }
}
