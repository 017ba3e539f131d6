//! Indexes of pages that say something else than where they are and what is in them.

use super::files::Files;
use super::parts::{VARINTS, metadata};
use super::random::Random;
use super::{alloc, alone};
use parquet::file::metadata::ColumnChunkMetaData;
use std::ops::Range;
use tlc_core::{Column, Columns, Result, Table, TableOptions, Url, ValueType};

const ROWS: usize = 4_000;
const PAGED_ROWS: i64 = 45_000;
const CASES: usize = 3_000;

fn write(root: &Url) {
    let options = TableOptions::new("p", "d", "t")
        .root(root)
        .column(Column::new("image", ValueType::image_bytes()));
    let image = |row: usize| vec![(row % 251) as u8; 700 + row % 300];
    let list = |row: usize| (0..row as i64 % 5).collect::<Vec<_>>();
    let rows = Columns::new()
        .column("image", (0..ROWS).map(image).collect::<Vec<_>>())
        .column("list", (0..ROWS).map(list).collect::<Vec<_>>());
    Table::create(options, |writer| writer.add_batch(rows)).unwrap();
}

/// Where the offset indexes of a part are.
fn indexes(part: &[u8]) -> Vec<Range<usize>> {
    ranges(part, |column| {
        (column.offset_index_offset(), column.offset_index_length())
    })
}

/// Where the indexes are that tell bounds of pages.
fn bounds(part: &[u8]) -> Vec<Range<usize>> {
    ranges(part, |column| {
        (column.column_index_offset(), column.column_index_length())
    })
}

/// What a part has for each column at a start, with a length.
fn ranges(
    part: &[u8],
    at: impl Fn(&ColumnChunkMetaData) -> (Option<i64>, Option<i32>),
) -> Vec<Range<usize>> {
    let metadata = metadata(part).unwrap();
    let columns = metadata
        .row_groups()
        .iter()
        .flat_map(|group| group.columns());
    let ranges = columns.map(|column| {
        let (start, len) = at(column);
        let start = start.unwrap() as usize;
        start..start + len.unwrap() as usize
    });
    ranges.collect()
}

/// Number of rows that are read here and there.
fn read(url: &Url) -> Result<usize> {
    let table = Table::from_url(url)?;
    let mut rows = 0;
    for start in [0, 1, ROWS / 2, ROWS - 2] {
        for column in ["image", "list"] {
            for batch in table
                .scan()
                .columns([column])
                .rows(start..start + 2)
                .batches()?
            {
                rows += batch?.num_rows();
            }
        }
    }
    Ok(rows)
}

/// Changes some bytes of some of these ranges.
fn scratch(bytes: &mut [u8], ranges: &[Range<usize>], random: &mut Random) {
    for _ in 0..=random.below(3) {
        let range = random.one_of(ranges).clone();
        let at = range.start + random.below(range.len());
        let new: Vec<u8> = match random.below(2) {
            0 => vec![random.next() as u8],
            _ => random.one_of(VARINTS).to_vec(),
        };
        for (place, byte) in bytes[at..range.end].iter_mut().zip(new) {
            *place = byte;
        }
    }
}

#[test]
fn an_offset_index_that_lies_is_an_error_or_of_no_effect_and_takes_no_memory() {
    let _alone = alone();
    let files = Files::written(write);
    let part = files.parts().remove(0);
    let bytes = files.0[&part].to_vec();
    let indexes = indexes(&bytes);
    assert!(
        indexes.len() >= 2 && indexes.iter().all(|index| index.len() > 10),
        "{indexes:?}"
    );
    let mut random = Random::new(7);
    let mut read_all = 0;
    for case in 0..CASES {
        let (mut files, mut bytes) = (files.clone(), bytes.clone());
        scratch(&mut bytes, &indexes, &mut random);
        files.replace_part(&part, bytes, None);
        let (rows, taken) = alloc::measured(|| {
            files.mounted(|root| read(&root.join("p/datasets/d/tables/t").unwrap()))
        });
        assert!(
            taken.peak < alloc::LIMIT_BYTES,
            "case {case}: {} MiB",
            taken.peak >> 20
        );
        if let Ok(rows) = rows {
            assert_eq!(rows, 16, "case {case}");
            read_all += 1;
        }
    }
    println!("{read_all} of {CASES} were read");
    assert!(read_all > 0 && read_all < CASES);
}

/// A table of three pages in each column.
fn write_pages(root: &Url) {
    let options = TableOptions::new("p", "d", "t").root(root);
    let text = |row: i64| (row % 7 > 0).then(|| format!("{row:050}"));
    let rows = Columns::new()
        .column("number", Vec::from_iter(0..PAGED_ROWS))
        .column("text", Vec::from_iter((0..PAGED_ROWS).map(text)))
        .column(
            "flag",
            Vec::from_iter((0..PAGED_ROWS).map(|row| row % 3 == 0)),
        );
    Table::create(options, |writer| writer.add_batch(rows)).unwrap();
}

/// How many pages are told of in all columns.
fn pages(url: &Url) -> Result<usize> {
    let table = Table::from_url(url)?;
    let mut pages = 0;
    for name in ["number", "text", "flag"] {
        let Some(told) = table.page_statistics(0, name)? else {
            continue;
        };
        let mut end = 0;
        for rows in &told.rows {
            assert!(rows.start == end && rows.start < rows.end, "{rows:?}");
            end = rows.end;
        }
        assert_eq!(end, table.len());
        let lens = [
            told.bounds.least.len(),
            told.bounds.greatest.len(),
            told.bounds.null_counts.len(),
        ];
        assert_eq!(lens, [told.rows.len(); 3]);
        pages += told.rows.len();
    }
    Ok(pages)
}

#[test]
fn bounds_of_pages_that_lie_are_an_error_or_bounds_of_as_many_pages_and_take_no_memory() {
    let _alone = alone();
    let files = Files::written(write_pages);
    let part = files.parts().remove(0);
    let bytes = files.0[&part].to_vec();
    let ranges = [bounds(&bytes), indexes(&bytes)].concat();
    let table = |root: &Url| root.join("p/datasets/d/tables/t").unwrap();
    let told = files.mounted(|root| pages(&table(root))).unwrap();
    assert_eq!(told, 9);
    let mut random = Random::new(11);
    let (mut whole, mut refused) = (0, 0);
    for case in 0..CASES {
        let (mut files, mut bytes) = (files.clone(), bytes.clone());
        scratch(&mut bytes, &ranges, &mut random);
        files.replace_part(&part, bytes, None);
        let (found, taken) = alloc::measured(|| files.mounted(|root| pages(&table(root))));
        assert!(
            taken.peak < alloc::LIMIT_BYTES,
            "case {case}: {} MiB",
            taken.peak >> 20
        );
        match found {
            Ok(pages) if pages == told => whole += 1,
            Ok(_) => {}
            Err(_) => refused += 1,
        }
    }
    println!("{whole} of {CASES} told of all pages, {refused} were refused");
    assert!(whole > 0 && refused > 0);
}
