//! The one place where bytes become visible: files that are created once, and
//! numbered commits.

use super::Store;
use crate::{Error, Result, Url};
use bytes::Bytes;

const DIGITS: usize = 20;

/// Makes a file visible and durable.
///
/// A store may do the work and still report a failure, and a retry then finds its
/// own file in the way. So whatever the store reports, the file is read back: if its
/// bytes are these, the call has succeeded.
///
/// # Errors
/// [`Error::AlreadyExists`] if the name holds other bytes; what the store reports if
/// the name is free.
pub fn publish(store: &dyn Store, url: &Url, bytes: &Bytes) -> Result<()> {
    let Err(error) = store.put_if_absent(url, bytes.clone()) else {
        return Ok(());
    };
    match store.get(url) {
        Ok(found) if found == *bytes => Ok(()),
        Ok(_) => Err(Error::AlreadyExists { url: url.clone() }),
        Err(_) => Err(error),
    }
}

/// The file of a commit: its number in 20 digits, so that names sort as numbers do.
///
/// # Errors
/// None for a folder that [`Url`] accepts.
pub fn numbered(folder: &Url, number: u64) -> Result<Url> {
    folder.join(&format!("{number:0DIGITS$}.json"))
}

/// Number of the newest commit in a folder.
///
/// # Errors
/// What the store reports.
pub fn latest_number(store: &dyn Store, folder: &Url) -> Result<Option<u64>> {
    let entries = store.list(folder)?;
    Ok(entries.iter().filter_map(|entry| parse(&entry.name)).max())
}

fn parse(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".json")?;
    (digits.len() == DIGITS).then(|| digits.parse().ok())?
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
        publish(&store, &folder.join("99.json").unwrap(), &Bytes::new()).unwrap();
        assert_eq!(latest_number(&store, &folder).unwrap(), Some(10));
    }
}
