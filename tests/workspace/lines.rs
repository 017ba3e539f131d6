//! What a program of a user of Burn adds to have per-sample metrics: counted.

use crate::read;

/// Programs without tlc and with it, and how many lines may be added and removed at most.
const PROGRAMS: [(&str, &str, usize, usize); 4] = [
    ("mnist/plain.rs", "mnist/tlc.rs", 12, 2),
    ("mnist/plain.rs", "mnist/embeddings.rs", 16, 2),
    ("text/plain.rs", "text/tlc.rs", 12, 2),
    ("regression/plain.rs", "regression/tlc.rs", 8, 2),
];

/// The lines of a program as rustfmt leaves them, without blanks and comments.
fn lines(program: &str) -> Vec<String> {
    let source = read(format!("examples/burn/{program}"));
    let lines = source.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.map(str::to_owned).collect()
}

/// Length of the longest sequence of lines that both have in this order.
fn common(before: &[String], after: &[String]) -> usize {
    let mut longest = vec![vec![0; after.len() + 1]; before.len() + 1];
    for (row, one) in before.iter().enumerate() {
        for (column, other) in after.iter().enumerate() {
            longest[row + 1][column + 1] = if one == other {
                longest[row][column] + 1
            } else {
                longest[row][column + 1].max(longest[row + 1][column])
            };
        }
    }
    longest[before.len()][after.len()]
}

#[test]
fn per_sample_metrics_cost_a_dozen_lines() {
    for (plain, with, may_add, may_remove) in PROGRAMS {
        let (before, after) = (lines(plain), lines(with));
        let kept = common(&before, &after);
        let (added, removed) = (after.len() - kept, before.len() - kept);
        println!("{with}: {added} added, {removed} removed");
        assert!(kept > 50, "{with} is another program");
        assert!(added <= may_add, "{with}: {added} lines added");
        assert!(removed <= may_remove, "{with}: {removed} lines removed");
        assert!(after.iter().any(|line| line.contains("worst(")));
        assert!(!before.iter().any(|line| line.contains("tlc")), "{plain}");
    }
}

#[test]
fn the_difference_that_the_readme_shows_is_all_of_it() {
    let readme = read("README.md");
    let shown = readme.split("```diff\n").nth(1).unwrap();
    let shown = shown.split("```").next().unwrap().lines();
    let shown: Vec<&str> = shown.filter(|line| *line != "..").collect();
    let of = |sign: char| -> Vec<String> {
        let lines = shown.iter().filter_map(|line| line.strip_prefix(sign));
        lines.map(|line| line.trim().to_owned()).collect()
    };
    let (before, after) = (lines("mnist/plain.rs"), lines("mnist/tlc.rs"));
    let (added, removed) = (of('+'), of('-'));
    assert_eq!(added.len() + removed.len(), shown.len());
    // With these lines, and without those, the one program is the other.
    let mut left = added.iter().peekable();
    let kept: Vec<_> = after
        .iter()
        .filter(|line| left.next_if(|added| added == line).is_none())
        .collect();
    assert!(left.peek().is_none(), "not in the program: {left:?}");
    let unremoved: Vec<_> = before
        .iter()
        .filter(|line| !removed.contains(line))
        .collect();
    assert_eq!(kept, unremoved);
}
