//! The terminal: whether there is one, how wide it is, and its colours.

use console::{Style, Term};

/// What a text is to a reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    #[default]
    Plain,
    /// What heads others.
    Strong,
    /// What is beside the matter.
    Faint,
    Good,
    Bad,
}

/// Whether the output goes to a terminal.
pub(crate) fn is_terminal() -> bool {
    Term::stdout().is_term()
}

/// Characters in a line of the terminal; `None` if there is none.
pub(crate) fn width() -> Option<usize> {
    let terminal = Term::stdout();
    terminal
        .is_term()
        .then(|| usize::from(terminal.size().1).max(20))
}

/// The text in the colour of its tone, where there are colours.
pub(crate) fn tinted(text: &str, tone: Tone) -> String {
    let style = match tone {
        Tone::Plain => return text.to_owned(),
        Tone::Strong => Style::new().bold(),
        Tone::Faint => Style::new().dim(),
        Tone::Good => Style::new().green(),
        Tone::Bad => Style::new().red(),
    };
    style.apply_to(text).to_string()
}
