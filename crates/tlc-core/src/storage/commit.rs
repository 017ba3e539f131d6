//! The one place where bytes become visible: files that are created once, and
//! numbered commits.

use super::Store;
use crate::{Error, Result, Url, limits};
use bytes::Bytes;

const DIGITS: usize = 20;

/// Makes a file visible and durable.
///
/// A store may do the work and still report a failure, and a retry then finds its
/// own file in the way. So whatever the store reports, the file is read back: if its
/// bytes are these, and the store calls the name taken, the call has succeeded.
///
/// # Errors
/// [`Error::AlreadyExists`] if the name holds other bytes, and only then; what the
/// store reports if the name is free or nobody can tell. The call can be repeated.
pub fn publish(store: &dyn Store, url: &Url, bytes: &Bytes) -> Result<()> {
    let Err(error) = store.put_if_absent(url, bytes.clone()) else {
        return Ok(());
    };
    let is_taken = matches!(error, Error::AlreadyExists { .. });
    match store.get(url, bytes.len() as u64) {
        Ok(found) if found == *bytes && is_taken => Ok(()),
        Ok(found) if found == *bytes => known_as_taken(store, url, bytes, error),
        Ok(_) | Err(Error::TooLarge { .. }) => Err(Error::AlreadyExists { url: url.clone() }),
        Err(unread) if is_taken => Err(unread),
        Err(_) => Err(error),
    }
}

/// The name is there; it is durable once the store says that it is taken.
fn known_as_taken(store: &dyn Store, url: &Url, bytes: &Bytes, error: Error) -> Result<()> {
    match store.put_if_absent(url, bytes.clone()) {
        Ok(()) | Err(Error::AlreadyExists { .. }) => Ok(()),
        Err(_) => Err(error),
    }
}

/// The file of a commit: its number in 20 digits, so that names sort as numbers do.
///
/// # Errors
/// [`Error::TooLarge`] for a number that no commit has.
pub fn numbered(folder: &Url, number: u64) -> Result<Url> {
    limits::check("commits before one", number, limits::COMMITS)?;
    folder.join(&format!("{}.json", digits(number)))
}

/// Number of the newest commit in a folder.
///
/// # Errors
/// What the store reports.
pub fn latest_number(store: &dyn Store, folder: &Url) -> Result<Option<u64>> {
    let entries = store.list(folder)?;
    Ok(entries.iter().filter_map(|entry| parse(&entry.name)).max())
}

/// A number as file names have it.
pub fn digits(number: u64) -> String {
    format!("{number:0DIGITS$}")
}

/// The number that a file name has in exactly these digits, if a commit may have it.
pub fn number(digits: &str) -> Option<u64> {
    let is_number = digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_digit());
    let number = is_number.then(|| digits.parse().ok())?;
    number.filter(|number| *number <= limits::COMMITS)
}

fn parse(name: &str) -> Option<u64> {
    number(name.strip_suffix(".json")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryStore;

    #[test]
    fn commits_count_by_number_and_nothing_else_does() {
        let (store, folder) = (
            MemoryStore::default(),
            Url::parse("memory://c/commits").unwrap(),
        );
        assert_eq!(latest_number(&store, &folder).unwrap(), None);
        for number in [0, 9, 10] {
            publish(
                &store,
                &numbered(&folder, number).unwrap(),
                &Bytes::from("x"),
            )
            .unwrap();
        }
        for other in [
            "99.json",
            "+0000000000000000099.json",
            "000000000000000000099.json",
            "18446744073709551615.json",
            "00001000000000000001.json",
        ] {
            publish(&store, &folder.join(other).unwrap(), &Bytes::new()).unwrap();
        }
        assert_eq!(latest_number(&store, &folder).unwrap(), Some(10));
    }
}
