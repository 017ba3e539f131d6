//! A curve in a few characters.

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// More points than this stand together, by their mean.
const MOST: usize = 24;

/// The values as bars, the least the lowest; what is not finite leaves a gap.
pub(crate) fn sparkline(values: &[f64]) -> String {
    let means = means(values);
    let finite = || means.iter().copied().filter(|value| value.is_finite());
    let least = finite().fold(f64::INFINITY, f64::min);
    let most = finite().fold(f64::NEG_INFINITY, f64::max);
    let bar = |value: f64| {
        if !value.is_finite() {
            return ' ';
        }
        // Halves, for the distance of the largest numbers is none.
        let part = (value / 2.0 - least / 2.0) / (most / 2.0 - least / 2.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 7, or NaN
        let place = (part * 7.0).round() as usize;
        BARS.get(place).copied().unwrap_or('█')
    };
    means.iter().map(|value| bar(*value)).collect()
}

fn means(values: &[f64]) -> Vec<f64> {
    let bars = values.len().min(MOST);
    let place = |bar: usize| bar * values.len() / bars.max(1);
    let means = (0..bars).map(|bar| {
        let part = values.get(place(bar)..place(bar + 1)).unwrap_or_default();
        part.iter().sum::<f64>() / part.len() as f64
    });
    means.collect()
}

#[cfg(test)]
mod tests {
    use super::sparkline;

    #[test]
    fn the_least_is_the_lowest_bar_and_the_greatest_the_highest() {
        assert_eq!(sparkline(&[0.0, 7.0, 3.5]), "▁█▅");
        assert_eq!(sparkline(&[2.0, 2.0]), "▁▁");
        assert_eq!(sparkline(&[]), "");
        assert_eq!(sparkline(&[1.0, f64::NAN, 2.0, f64::INFINITY]), "▁ █ ");
        assert_eq!(sparkline(&[f64::MIN, f64::MAX]), "▁█");
    }

    #[test]
    fn many_points_are_as_wide_as_some() {
        let many: Vec<f64> = (0..10_001).map(f64::from).collect();
        let line: Vec<char> = sparkline(&many).chars().collect();
        assert_eq!(line.len(), 24);
        assert_eq!((line[0], line[23]), ('▁', '█'));
    }
}
