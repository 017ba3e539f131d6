//! HTML as values. What comes from data can only become a text or the value of an attribute,
//! and is escaped there.

use std::fmt::Write;

/// Elements without an end.
const VOID: [&str; 3] = ["br", "img", "meta"];
/// What stands for a letter that has no place in a text.
const NO_LETTER: char = '\u{fffd}';

/// An element.
pub(super) struct Tag {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    inside: Vec<Node>,
}

/// What an element holds.
pub(super) enum Node {
    Tag(Tag),
    Text(String),
}

pub(super) fn tag(name: &'static str) -> Tag {
    Tag {
        name,
        attributes: Vec::new(),
        inside: Vec::new(),
    }
}

impl Tag {
    /// Its class, for the style.
    pub(super) fn is(self, class: &str) -> Self {
        self.with("class", class)
    }

    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.attributes.push((name, value.to_string()));
        self
    }

    /// One more inside, a text or an element.
    pub(super) fn put(self, node: impl Into<Node>) -> Self {
        self.all([node])
    }

    /// As many more as there are: of an option, one or none.
    pub(super) fn all<N: Into<Node>>(mut self, nodes: impl IntoIterator<Item = N>) -> Self {
        self.inside.extend(nodes.into_iter().map(Into::into));
        self
    }

    pub(super) fn write(&self, page: &mut String) {
        page.push('<');
        page.push_str(self.name);
        for (name, value) in &self.attributes {
            page.push(' ');
            page.push_str(name);
            page.push_str("=\"");
            escape(value, page);
            page.push('"');
        }
        page.push('>');
        if VOID.contains(&self.name) {
            return;
        }
        for node in &self.inside {
            match node {
                Node::Tag(tag) => tag.write(page),
                Node::Text(text) => escape(text, page),
            }
        }
        // Nothing is written to a string in vain.
        let _ = write!(page, "</{}>", self.name);
    }
}

impl From<Tag> for Node {
    fn from(tag: Tag) -> Self {
        Self::Tag(tag)
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Node {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A text that can neither begin an element nor end a value. What controls a terminal, and what
/// turns the direction of the texts around it, is shown as no letter.
pub(super) fn escape(text: &str, page: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            '\n' | '\t' => page.push(letter),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => page.push(NO_LETTER),
            letter if letter.is_control() => page.push(NO_LETTER),
            letter => page.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::tag;

    #[test]
    fn what_attacks_is_a_text() {
        let attack = "</style><script>\"'&\0\u{202e}";
        let shown = tag("p").with("title", attack).put(attack).put(tag("br"));
        let mut page = String::new();
        shown.write(&mut page);
        let told = "&lt;/style&gt;&lt;script&gt;&quot;&#39;&amp;\u{fffd}\u{fffd}";
        assert_eq!(page, format!("<p title=\"{told}\">{told}<br></p>"));
    }
}
