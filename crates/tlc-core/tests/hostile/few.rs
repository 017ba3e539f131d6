//! Offset indexes that say something else than where the pages are.

use super::files::Files;
use super::parts::{VARINTS, metadata};
use super::random::Random;
use super::{alloc, alone};
use tlc_core::{Column, Columns, Result, Table, TableOptions, Url, ValueType};

const ROWS: usize = 4_000;
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
fn indexes(part: &[u8]) -> Vec<std::ops::Range<usize>> {
    let metadata = metadata(part).unwrap();
    let columns = metadata
        .row_groups()
        .iter()
        .flat_map(|group| group.columns());
    let ranges = columns.map(|column| {
        let start = column.offset_index_offset().unwrap() as usize;
        start..start + column.offset_index_length().unwrap() as usize
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
        for _ in 0..=random.below(3) {
            let index = random.one_of(&indexes).clone();
            let at = index.start + random.below(index.len());
            let new: Vec<u8> = match random.below(2) {
                0 => vec![random.next() as u8],
                _ => random.one_of(VARINTS).to_vec(),
            };
            for (place, byte) in bytes[at..index.end].iter_mut().zip(new) {
                *place = byte;
            }
        }
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
