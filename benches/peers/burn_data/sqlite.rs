//! Random rows of 1,000,000 with an image of 500 bytes each, from a table and from Burn's
//! `SqliteDataset`, in turns: `sqlite SCRATCH`.

use burn_dataset::{Dataset, SqliteDataset, SqliteDatasetWriter};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tlc_core::{Column, IfExists, Table, TableOptions, Url, ValueType};

const ROWS: usize = 1_000_000;
const IMAGE_BYTES: usize = 500;
const FETCHED: usize = 20_000;
const ROUNDS: usize = 5;
/// Far more than the rows take.
const BUDGET_BYTES: u64 = 2 << 30;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Row {
    image: Vec<u8>,
    label: i32,
}

fn main() -> Result<(), Box<dyn Error>> {
    let scratch = std::env::args_os().nth(1).map(PathBuf::from);
    let scratch = scratch.ok_or("sqlite SCRATCH")?;
    let table = table(&scratch)?.memory_budget(BUDGET_BYTES);
    let sqlite = sqlite(&scratch.join("rows.db"))?;
    for _ in 0..ROUNDS {
        per_second("table", |row| Ok(table.row::<Row>(row)?))?;
        per_second("SqliteDataset", |row| Ok(sqlite.get(row)?))?;
    }
    Ok(())
}

fn row(index: usize) -> Row {
    let image = (0..IMAGE_BYTES)
        .map(|at| (index * 7 + at * at) as u8)
        .collect();
    Row {
        image,
        label: (index % 10) as i32,
    }
}

fn table(scratch: &Path) -> Result<Table, Box<dyn Error>> {
    let options = TableOptions::new("bench", "rows", "initial")
        .root(Url::from_path(scratch)?)
        .if_exists(IfExists::Overwrite)
        .column(Column::new("image", ValueType::image_bytes()));
    Ok(Table::create(options, |writer| {
        (0..ROWS).step_by(10_000).try_for_each(|first| {
            writer.add_rows(&(first..first + 10_000).map(row).collect::<Vec<_>>())
        })
    })?)
}

fn sqlite(file: &Path) -> Result<SqliteDataset<Row>, Box<dyn Error>> {
    let mut writer = SqliteDatasetWriter::<Row>::new(file, true)?;
    for index in 0..ROWS {
        writer.write("train", &row(index))?;
    }
    writer.set_completed()?;
    Ok(SqliteDataset::from_db_file(file, "train")?)
}

fn per_second(
    what: &str,
    get: impl Fn(usize) -> Result<Row, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let mut state = 1_usize;
    for _ in 0..FETCHED {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        black_box(get((state >> 33) % ROWS)?);
    }
    let rate = FETCHED as f64 / start.elapsed().as_secs_f64();
    println!("{what}: {rate:.0} rows a second");
    Ok(())
}
