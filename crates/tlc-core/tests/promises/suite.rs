//! The promises, each a function over any store and a folder of it that is empty.

use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tlc_core::storage::{Entry, Store, commit};
use tlc_core::{Error, Url};

const LIMIT: u64 = 1 << 20;

/// A promise, to be checked in an empty folder of a store.
type Check = fn(&Arc<dyn Store>, &Url);

/// Checks every promise below a folder of its own.
pub(crate) fn run(store: &Arc<dyn Store>, folder: &Url) {
    let checks: [(&str, Check); 9] = [
        ("written", what_is_written_is_read),
        ("ranges", a_range_is_exact_or_an_error),
        ("limits", a_file_over_the_limit_is_not_read),
        ("once", a_name_is_written_once),
        ("winners", of_many_writers_of_a_name_one_wins),
        ("listing", a_folder_lists_what_is_directly_in_it),
        ("names", names_are_kept_as_they_are),
        ("deletion", what_is_deleted_is_gone),
        ("alone", one_is_alone_or_many_are_at_work),
    ];
    for (name, check) in checks {
        check(store, &folder.join(name).unwrap());
    }
}

fn what_is_written_is_read(store: &Arc<dyn Store>, folder: &Url) {
    for (name, bytes) in [("empty", vec![]), ("deep/er/and/deeper", vec![7; 100_000])] {
        let url = folder.join(name).unwrap();
        assert!(
            matches!(store.get(&url, LIMIT), Err(Error::NotFound { url: missing }) if missing == url)
        );
        store
            .put_if_absent(&url, Bytes::from(bytes.clone()))
            .unwrap();
        assert_eq!(store.get(&url, LIMIT).unwrap(), bytes);
    }
}

fn a_range_is_exact_or_an_error(store: &Arc<dyn Store>, folder: &Url) {
    let url = folder.join("ten").unwrap();
    store.put_if_absent(&url, "0123456789".into()).unwrap();
    assert_eq!(store.get_range(&url, 3..7, 10).unwrap(), "3456");
    assert_eq!(store.get_range(&url, 0..10, 10).unwrap(), "0123456789");
    assert_eq!(store.get_range(&url, 4..4, 10).unwrap(), "");
    for (range, len) in [
        (5..11, 10),
        (10..11, 10),
        (20..30, 10),
        (5..11, 11),
        (0..5, 9),
        (0..5, 11),
    ] {
        let read = store.get_range(&url, range, len);
        assert!(matches!(read, Err(Error::Corrupt { .. })), "{read:?}");
    }
    let missing = folder.join("missing").unwrap();
    assert!(matches!(
        store.get_range(&missing, 0..1, 1),
        Err(Error::NotFound { .. })
    ));
}

fn a_file_over_the_limit_is_not_read(store: &Arc<dyn Store>, folder: &Url) {
    let url = folder.join("ten").unwrap();
    store.put_if_absent(&url, "0123456789".into()).unwrap();
    assert_eq!(store.get(&url, 10).unwrap(), "0123456789");
    let read = store.get(&url, 9);
    assert!(
        matches!(
            read,
            Err(Error::TooLarge {
                limit: 9,
                found: 10,
                ..
            })
        ),
        "{read:?}"
    );
    let stat = store.stat(&url).unwrap();
    assert_eq!(stat.len_bytes, 10);
    assert!(stat.changed.elapsed().unwrap().as_secs() < 60);
    let missing = store.stat(&folder.join("missing").unwrap());
    assert!(
        matches!(missing, Err(Error::NotFound { .. })),
        "{missing:?}"
    );
}

fn a_name_is_written_once(store: &Arc<dyn Store>, folder: &Url) {
    let url = folder.join("once").unwrap();
    store.put_if_absent(&url, "first".into()).unwrap();
    let second = store.put_if_absent(&url, "second".into());
    assert!(
        matches!(second, Err(Error::AlreadyExists { .. })),
        "{second:?}"
    );
    assert_eq!(store.get(&url, LIMIT).unwrap(), "first");
    commit::publish(&**store, &url, &"first".into()).unwrap();
    let other = commit::publish(&**store, &url, &"other".into());
    assert!(
        matches!(other, Err(Error::AlreadyExists { .. })),
        "{other:?}"
    );
}

fn of_many_writers_of_a_name_one_wins(store: &Arc<dyn Store>, folder: &Url) {
    const WRITERS: usize = 8;
    const NAMES: usize = 200;
    let name = |name: usize| commit::numbered(folder, name as u64).unwrap();
    let wins = |writer: usize| {
        let bytes = Bytes::from(format!("writer {writer}"));
        let won = |at: &usize| match store.put_if_absent(&name(*at), bytes.clone()) {
            Ok(()) => true,
            Err(Error::AlreadyExists { .. }) => false,
            Err(error) => panic!("{error}"),
        };
        (0..NAMES).filter(won).collect::<Vec<usize>>()
    };
    let won: Vec<Vec<usize>> = std::thread::scope(|threads| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| threads.spawn(move || wins(writer)))
            .collect();
        writers
            .into_iter()
            .map(|writer| writer.join().unwrap())
            .collect()
    });
    assert_eq!(won.iter().map(Vec::len).sum::<usize>(), NAMES);
    for (writer, names) in won.iter().enumerate() {
        for at in names {
            assert_eq!(
                store.get(&name(*at), LIMIT).unwrap(),
                format!("writer {writer}")
            );
        }
    }
    assert_eq!(
        commit::latest_number(&**store, folder).unwrap(),
        Some(NAMES as u64 - 1)
    );
}

fn a_folder_lists_what_is_directly_in_it(store: &Arc<dyn Store>, folder: &Url) {
    assert_eq!(store.list(folder).unwrap(), []);
    for name in ["b", "a", "folder/inside", "folder/below/it"] {
        store
            .put_if_absent(&folder.join(name).unwrap(), "x".into())
            .unwrap();
    }
    let entry = |name: &str, is_folder| Entry {
        name: name.to_owned(),
        is_folder,
        is_link: false,
    };
    let expected = [entry("a", false), entry("b", false), entry("folder", true)];
    assert_eq!(store.list(folder).unwrap(), expected);
    let inside = store.list(&folder.join("folder").unwrap()).unwrap();
    assert_eq!(inside, [entry("below", true), entry("inside", false)]);
}

fn names_are_kept_as_they_are(store: &Arc<dyn Store>, folder: &Url) {
    let mut names = ["a b", "~x", "größe", "数据", "a+b&c=d", "[1]{2}", "😀"];
    for name in names {
        store
            .put_if_absent(&folder.join(name).unwrap(), name.to_owned().into())
            .unwrap();
    }
    names.sort_unstable();
    let listed = store
        .list(folder)
        .unwrap()
        .into_iter()
        .map(|entry| entry.name);
    assert_eq!(listed.collect::<Vec<_>>(), names);
    for name in names {
        assert_eq!(store.get(&folder.join(name).unwrap(), LIMIT).unwrap(), name);
    }
}

fn what_is_deleted_is_gone(store: &Arc<dyn Store>, folder: &Url) {
    let url = folder.join("stray").unwrap();
    store.delete(&url).unwrap();
    store.put_if_absent(&url, "x".into()).unwrap();
    store.delete(&url).unwrap();
    assert!(matches!(
        store.get(&url, LIMIT),
        Err(Error::NotFound { .. })
    ));
    store.put_if_absent(&url, "y".into()).unwrap();
    assert_eq!(store.get(&url, LIMIT).unwrap(), "y");
}

fn one_is_alone_or_many_are_at_work(store: &Arc<dyn Store>, folder: &Url) {
    let Some(liveness) = store.liveness() else {
        return;
    };
    let mark = folder.join("lock").unwrap();
    let held = [(); 2].map(|()| liveness.hold(&mark).unwrap());
    assert!(liveness.hold_alone(&mark).unwrap().is_none());
    drop(held);
    assert!(!liveness.is_held(&mark).unwrap());
    let alone = liveness.hold_alone(&mark).unwrap().unwrap();
    assert!(liveness.hold_alone(&mark).unwrap().is_none());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| liveness.hold(&mark).unwrap());
        std::thread::sleep(Duration::from_millis(100));
        assert!(!waiting.is_finished());
        drop(alone);
        let held = waiting.join().unwrap();
        assert!(liveness.is_held(&mark).unwrap());
        drop(held);
    });
    // However many ask at once, one of them is alone.
    for _ in 0..50 {
        let alone = std::thread::scope(|scope| {
            let ask = || liveness.hold_alone(&mark).unwrap();
            let asking = [(); 4].map(|()| scope.spawn(ask));
            asking.map(|thread| thread.join().unwrap())
        });
        assert_eq!(alone.iter().flatten().count(), 1);
    }
}
