//! A page as text alone.

use chela_sdk::html::{Piece, pieces, unescape};

/// Elements whose inside is not for readers.
const HIDDEN: [&str; 11] = [
    "canvas", "dialog", "iframe", "nav", "noscript", "object", "select", "svg", "template",
    "textarea", "title",
];

/// Elements that stand in paragraphs of their own.
const BLOCKS: [&str; 33] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "ul",
];

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The title, where there is one.
pub(crate) fn title(page: &str) -> Option<String> {
    let mut pieces = pieces(page);
    pieces
        .by_ref()
        .find(|piece| matches!(piece, Piece::Open(tag) if tag.is("title")))?;
    let Some(Piece::Text(title)) = pieces.next() else {
        return None;
    };
    let title = unescape(title)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    (!title.is_empty()).then_some(title)
}

/// The words that a reader sees, paragraphs with a blank line between them.
pub(crate) fn of(page: &str) -> String {
    let mut text = Text::default();
    let mut hidden: Option<(&str, usize)> = None;
    let mut preformatted = 0_usize;
    for piece in pieces(page) {
        if let Some((name, depth)) = &mut hidden {
            match piece {
                Piece::Open(tag) if tag.is(&name.to_ascii_lowercase()) => *depth += 1,
                Piece::Close(end) if end.eq_ignore_ascii_case(name) => {
                    *depth -= 1;
                    if *depth == 0 {
                        hidden = None;
                    }
                }
                _ => {}
            }
            continue;
        }
        match piece {
            Piece::Open(tag) if is_one_of(&HIDDEN, tag.name) => hidden = Some((tag.name, 1)),
            Piece::Open(tag) => {
                if tag.is("pre") {
                    preformatted += 1;
                }
                text.begin(tag.name);
            }
            Piece::Close(name) => {
                if name.eq_ignore_ascii_case("pre") {
                    preformatted = preformatted.saturating_sub(1);
                }
                if is_one_of(&BLOCKS, name) {
                    text.part(2);
                }
            }
            Piece::Text(words) if preformatted > 0 => text.as_it_is(&unescape(words)),
            Piece::Text(words) => text.words(&unescape(words)),
        }
    }
    text.written
}

/// Text being written: what parts one piece from the next is written only once there is a next one.
#[derive(Default)]
struct Text {
    written: String,
    /// Line ends to come.
    lines: usize,
    /// Whether a space is to come.
    space: bool,
    /// A mark to come before the next words.
    mark: &'static str,
}

impl Text {
    fn part(&mut self, lines: usize) {
        self.lines = self.lines.max(lines);
        self.space = false;
    }

    fn begin(&mut self, name: &str) {
        match name.to_ascii_lowercase().as_str() {
            "br" => self.part(1),
            "tr" => self.part(1),
            "td" | "th" => self.space = true,
            "li" => {
                self.part(1);
                self.mark = "- ";
            }
            name if is_one_of(&BLOCKS, name) => self.part(2),
            _ => {}
        }
    }

    fn push(&mut self, words: &str) {
        if !self.written.is_empty() {
            if self.lines > 0 {
                (0..self.lines).for_each(|_| self.written.push('\n'));
            } else if self.space {
                self.written.push(' ');
            }
        }
        (self.lines, self.space) = (0, false);
        self.written.push_str(std::mem::take(&mut self.mark));
        self.written.push_str(words);
    }

    fn words(&mut self, text: &str) {
        self.space |= text.starts_with(char::is_whitespace);
        for word in text.split_whitespace() {
            self.push(word);
            self.space = true;
        }
        if !text.ends_with(char::is_whitespace) && !text.is_empty() {
            self.space = false;
        }
    }

    fn as_it_is(&mut self, text: &str) {
        let text = text.trim_end_matches('\n');
        if !text.trim().is_empty() {
            self.push(text.trim_start_matches('\n'));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_lists_and_code_without_markup() {
        let page = "<html><head><title> A\n&amp; B </title><style>x</style><body><nav>Home <nav>x</nav></nav>\
            <h1>One</h1>\n<p>two <b>th</b>ree\nfour<br>five</p><ul><li>a</li><li>b</li></ul>\
            <pre>  if x:\n    y\n</pre><table><tr><td>1</td><td>2</td></tr></table><script>no()</script>end";
        assert_eq!(title(page).as_deref(), Some("A & B"));
        assert_eq!(
            of(page),
            "One\n\ntwo three four\nfive\n\n- a\n- b\n\n  if x:\n    y\n\n1 2\n\nend"
        );
        assert_eq!(title("<p>no title"), None);
        assert_eq!(title("<title></title>"), None);
        assert_eq!(of(""), "");
    }
}
