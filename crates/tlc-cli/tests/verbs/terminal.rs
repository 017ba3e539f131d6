//! The program on a terminal, and what is different elsewhere.

use crate::Place;
use crate::world::{RUN, TABLE, World};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

/// A terminal that a program runs on.
pub(crate) struct Terminal {
    screen: File,
    /// What stands on it so far.
    text: Vec<u8>,
    child: Child,
}

impl Terminal {
    /// Starts a program on a terminal so many characters wide.
    pub(crate) fn start(mut command: Command, columns: u16) -> Self {
        let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&screen).unwrap();
        unlockpt(&screen).unwrap();
        let size = Winsize {
            ws_row: 40,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&screen, size).unwrap();
        let name = ptsname(&screen, Vec::new()).unwrap();
        let side = || {
            let mut options = OpenOptions::new();
            let side = options.read(true).write(true);
            Stdio::from(side.open(name.to_str().unwrap()).unwrap())
        };
        let command = command.env("TERM", "xterm-256color");
        let command = command.stdin(side()).stdout(side()).stderr(side());
        let child = command.spawn().unwrap();
        Self {
            screen: File::from(screen),
            text: Vec::new(),
            child,
        }
    }

    pub(crate) fn types(&mut self, text: &str) {
        self.screen.write_all(text.as_bytes()).unwrap();
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Reads until a text stands on the screen.
    pub(crate) fn wait_for(&mut self, text: &str) {
        while !String::from_utf8_lossy(&self.text).contains(text) {
            let so_far = String::from_utf8_lossy(&self.text).into_owned();
            assert!(self.read(), "ended without `{text}`: {so_far}");
        }
    }

    /// All that stands on the screen when the program has ended, and its exit code.
    pub(crate) fn end(mut self) -> (i32, String) {
        while self.read() {}
        let code = self.child.wait().unwrap().code().unwrap();
        let text = String::from_utf8(self.text).unwrap();
        (code, text.replace("\r\n", "\n"))
    }

    /// Reads on; false at the end.
    fn read(&mut self) -> bool {
        let mut block = [0; 4096];
        match self.screen.read(&mut block) {
            Ok(len) => {
                self.text.extend_from_slice(&block[..len]);
                len > 0
            }
            // Linux says so when nobody has the other side any more.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => {
                false
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// What the program says on a terminal.
pub(crate) fn on_screen(place: &Place, columns: u16, arguments: &[&str]) -> String {
    let (code, text) = Terminal::start(place.command(arguments), columns).end();
    assert_eq!(code, 0, "{text}");
    text
}

/// The text without what colours it.
fn bare(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once('m').unwrap().1)
}

#[test]
fn a_table_is_aligned_and_in_colour_on_a_terminal_and_separated_by_tabs_in_a_pipe() {
    let world = World::new();
    let screen = on_screen(&world.place, 120, &["runs"]);
    assert!(screen.contains("\u{1b}[32mcompleted"), "{screen:?}");
    let lines: Vec<String> = bare(&screen).lines().map(str::to_owned).collect();
    assert!(
        lines[0].starts_with("PROJECT  RUN    STATUS     CREATED"),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with("fashion  first  completed  20"),
        "{lines:?}"
    );
    let pipe = world.place.said(&["runs"]);
    assert!(pipe.starts_with("PROJECT\tRUN\tSTATUS\t"), "{pipe:?}");
    assert!(pipe.contains("\nfashion\tfirst\tcompleted\t20"), "{pipe:?}");
    assert!(!pipe.contains('\u{1b}'), "{pipe:?}");
}

#[test]
fn no_color_takes_the_colours_and_leaves_the_columns() {
    let world = World::new();
    let mut command = world.place.command(&["runs"]);
    command.env("NO_COLOR", "1");
    let (_, plain) = Terminal::start(command, 120).end();
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    assert_eq!(plain, bare(&on_screen(&world.place, 120, &["runs"])));
}

#[test]
fn wide_columns_are_cut_to_the_terminal_and_whole_in_a_pipe() {
    let world = World::new();
    let arguments = ["rows", RUN, "--limit", "3"];
    for columns in [20, 40, 80, 200] {
        let screen = bare(&on_screen(&world.place, columns, &arguments));
        let table = screen.lines().take(4);
        let widest = table.map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= usize::from(columns), "{columns}: {screen}");
    }
    let narrow = bare(&on_screen(&world.place, 40, &arguments));
    assert!(narrow.contains("did not fit"), "{narrow}");
    let pipe = world.place.said(&arguments);
    let columns = pipe.lines().next().unwrap().split('\t').count();
    assert!(pipe.lines().all(|line| line.split('\t').count() == columns));
    assert_eq!(pipe.lines().count(), 4);
}

#[test]
fn json_is_the_same_on_a_terminal_as_in_a_pipe() {
    let world = World::new();
    let arguments = ["head", TABLE, "-n", "2", "--json"];
    assert_eq!(
        on_screen(&world.place, 80, &arguments),
        world.place.said(&arguments)
    );
}

#[test]
fn how_far_it_is_stands_on_a_terminal_alone() {
    let world = World::new();
    let screen = on_screen(&world.place, 100, &["issues", RUN]);
    assert!(
        screen.contains("░") && screen.contains("Near-duplicates"),
        "{screen:?}"
    );
    let output = world.place.output(&["issues", RUN, "--again"]);
    assert!(output.status.success() && output.stderr.is_empty());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.starts_with("FINDING\t") && !said.contains('░'),
        "{said}"
    );
}
