//! What the program prints: the top of the ranked list.

use crate::sheet::name;
use crate::tables::labels;
use tlc::Table;
use tlc::core::Error;
use tlc::findings::label_issues::LabelIssues;

/// Samples of the list that are printed.
const SHOWN: usize = 15;

/// Prints the labels that are most likely wrong, and which of them are known to be.
pub fn print(issues: &LabelIssues, original: &Table, table: &Table) -> Result<(), Error> {
    let (right, given) = (labels(original)?, labels(table)?);
    println!("{issues}\n");
    println!("example_id  label        suggested    probability   score  flipped");
    for sample in issues.samples.iter().take(SHOWN) {
        let row = sample.example_id as usize;
        println!(
            "{row:>10}  {:<12} {:<12} {:>10.1}%  {:>6.4}  {}",
            name(sample.label),
            name(sample.suggested),
            sample.probability * 100.0,
            sample.score,
            if right[row] == given[row] { "" } else { "yes" },
        );
    }
    println!();
    Ok(())
}
