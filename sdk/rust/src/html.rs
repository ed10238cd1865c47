//! HTML as it comes from a search page: read from beginning to end, tag by tag.
//!
//! This is no parser of pages: it makes no tree, closes nothing and judges nothing. It is for a provider that takes some words out
//! of a page it knows, and for answers with a little markup in them. Whatever comes, it ends after reading it once.
//!
//! ```
//! use chela_sdk::html::{Piece, pieces, text};
//!
//! assert_eq!(text("Fish &amp; <b>chips</b>"), "Fish & chips");
//! let page = "<p><a class='result big' href='/a?b=1&amp;c=2'>A</a>";
//! let links: Vec<_> = pieces(page)
//!     .filter_map(|piece| match piece {
//!         Piece::Open(tag) if tag.has_class("result") => tag.attribute("href"),
//!         _ => None,
//!     })
//!     .collect();
//! assert_eq!(links, ["/a?b=1&c=2"]);
//! ```

use std::borrow::Cow;

/// A piece of a page, in the order of the page. Comments, declarations and the insides of `script` and `style` are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'h> {
    /// A start tag.
    Open(Tag<'h>),
    /// The name of an end tag, as it is written.
    Close(&'h str),
    /// Text between tags, references not yet decoded: see [`unescape`].
    Text(&'h str),
}

/// A start tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag<'h> {
    /// The name, as it is written.
    pub name: &'h str,
    attributes: &'h str,
}

impl<'h> Tag<'h> {
    /// Whether that is its name, which is given in lower case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value of an attribute, decoded; empty for one without a value. The first of that name counts.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let found = attributes(self.attributes).find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| unescape(value).into_owned())
    }

    /// Whether that is one of its classes.
    pub fn has_class(&self, class: &str) -> bool {
        self.attribute("class")
            .is_some_and(|classes| classes.split_ascii_whitespace().any(|one| one == class))
    }
}

/// The pieces of a page.
pub fn pieces(html: &str) -> Pieces<'_> {
    Pieces {
        rest: html,
        raw: None,
    }
}

/// An iterator over the pieces of a page.
#[derive(Debug, Clone)]
pub struct Pieces<'h> {
    rest: &'h str,
    /// The element whose inside is no markup.
    raw: Option<&'h str>,
}

/// Elements whose inside is no markup (WHATWG HTML section 13.1.2), and whether it is text for a reader.
const RAW: [(&str, bool); 5] = [
    ("script", false),
    ("style", false),
    ("xmp", true),
    ("textarea", true),
    ("title", true),
];

impl<'h> Iterator for Pieces<'h> {
    type Item = Piece<'h>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(name) = self.raw.take() {
                let inside = self.take(end_tag(self.rest, name));
                let shown = RAW
                    .iter()
                    .any(|(raw, shown)| *shown && raw.eq_ignore_ascii_case(name));
                if shown && !inside.is_empty() {
                    return Some(Piece::Text(inside));
                }
            }
            if self.rest.is_empty() {
                return None;
            }
            let Some(after) = self.rest.strip_prefix('<') else {
                return Some(self.text(0));
            };
            if let Some(comment) = after.strip_prefix("!--") {
                let end = comment
                    .find("-->")
                    .map_or(self.rest.len(), |at| at + "<!---->".len());
                self.take(end);
                continue;
            }
            if after.starts_with(['!', '?']) {
                self.take(self.rest.find('>').map_or(self.rest.len(), |at| at + 1));
                continue;
            }
            if let Some(close) = after.strip_prefix('/')
                && close.starts_with(|c: char| c.is_ascii_alphabetic())
            {
                let name = &close[..name_length(close)];
                self.take(self.rest.find('>').map_or(self.rest.len(), |at| at + 1));
                return Some(Piece::Close(name));
            }
            if after.starts_with(|c: char| c.is_ascii_alphabetic()) {
                let length = name_length(after);
                let (name, attributes) = after.split_at(length);
                let (attributes, whole) = match attributes_length(attributes) {
                    Some(end) => (&attributes[..end], 1 + length + end + 1),
                    // A tag that never ends is none.
                    None => {
                        self.take(self.rest.len());
                        return None;
                    }
                };
                self.take(whole);
                if RAW.iter().any(|(raw, _)| raw.eq_ignore_ascii_case(name)) {
                    self.raw = Some(name);
                }
                return Some(Piece::Open(Tag { name, attributes }));
            }
            return Some(self.text(1));
        }
    }
}

impl<'h> Pieces<'h> {
    fn take(&mut self, length: usize) -> &'h str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    /// Text up to the next `<` from `from` on.
    fn text(&mut self, from: usize) -> Piece<'h> {
        let end = self.rest[from..]
            .find('<')
            .map_or(self.rest.len(), |at| from + at);
        Piece::Text(self.take(end))
    }
}

fn name_length(text: &str) -> usize {
    text.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))
        .unwrap_or(text.len())
}

/// Where the end tag of an element begins; the end of the text where there is none.
fn end_tag(text: &str, name: &str) -> usize {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = text[from..].find("</").map(|at| from + at) {
        let begin = at + 2;
        let end = begin + name.len();
        let named = bytes
            .get(begin..end)
            .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()));
        let ends = bytes
            .get(end)
            .is_none_or(|next| next.is_ascii_whitespace() || matches!(next, b'/' | b'>'));
        if named && ends {
            return at;
        }
        from = begin;
    }
    text.len()
}

/// The length of what stands before the `>` of a start tag. One inside a quoted value is part of the value.
fn attributes_length(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut value_begins = false;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') if value_begins => quote = Some(byte),
            _ => {}
        }
        value_begins = byte == b'=' || (value_begins && byte.is_ascii_whitespace());
    }
    None
}

/// The attributes of a start tag: names and raw values.
fn attributes(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return None;
        }
        // An equals sign in the first place belongs to the name.
        let end = rest
            .char_indices()
            .find(|(at, c)| c.is_ascii_whitespace() || *c == '/' || (*c == '=' && *at > 0))
            .map_or(rest.len(), |(at, _)| at);
        let (name, after) = rest.split_at(end);
        let Some(value) = after.trim_ascii_start().strip_prefix('=') else {
            rest = after;
            return Some((name, ""));
        };
        let value = value.trim_ascii_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, after) = match quote {
            Some(quote) => {
                let inside = &value[1..];
                inside.split_once(quote).unwrap_or((inside, ""))
            }
            None => value.split_at(
                value
                    .find(|c: char| c.is_ascii_whitespace())
                    .unwrap_or(value.len()),
            ),
        };
        rest = after;
        Some((name, value))
    })
}

/// Elements that part words.
const PARTING: [&str; 14] = [
    "br", "p", "div", "li", "ul", "ol", "td", "th", "tr", "h1", "h2", "h3", "h4", "hr",
];

/// The words of a piece of HTML: no tags, references decoded, one space where there was white space.
pub fn text(html: &str) -> String {
    let mut words = String::new();
    for piece in pieces(html) {
        match piece {
            Piece::Text(text) => words.push_str(&unescape(text)),
            Piece::Open(Tag { name, .. }) | Piece::Close(name) => {
                if PARTING
                    .iter()
                    .any(|parting| parting.eq_ignore_ascii_case(name))
                {
                    words.push(' ');
                }
            }
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Character references that are met in titles and snippets. Others stay as they are.
const NAMED: [(&str, char); 25] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("middot", '·'),
    ("bull", '•'),
    ("times", '×'),
    ("deg", '°'),
    ("euro", '€'),
    ("pound", '£'),
    ("sect", '§'),
];

/// The longest reference, without `&` and `;`.
const LONGEST: usize = 10;

/// Decodes character references: numbers, and the names that are met in titles and snippets.
pub fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        let end = after
            .bytes()
            .take(LONGEST + 1)
            .position(|byte| byte == b';');
        match end.and_then(|end| Some((reference(&after[..end])?, end))) {
            Some((symbol, end)) => {
                decoded.push(symbol);
                rest = &after[end + 1..];
            }
            None => {
                decoded.push('&');
                rest = after;
            }
        }
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

fn reference(name: &str) -> Option<char> {
    let Some(number) = name.strip_prefix('#') else {
        let found = NAMED.iter().find(|(known, _)| *known == name);
        return found.map(|(_, symbol)| *symbol);
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    Some(
        char::from_u32(code)
            .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
            .unwrap_or(char::REPLACEMENT_CHARACTER),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markup_comes_apart_as_a_browser_reads_it() {
        let html = "<!doctype html><!-- <b> --><title>A<b></title><p class=x id='a>b'>1 < 2</p><script>if (a</b) '<i>'</script>end";
        let read: Vec<_> = pieces(html)
            .map(|piece| match piece {
                Piece::Open(tag) => format!("+{}", tag.name),
                Piece::Close(name) => format!("-{name}"),
                Piece::Text(text) => text.to_owned(),
            })
            .collect();
        assert_eq!(
            read,
            [
                "+title", "A<b>", "-title", "+p", "1 ", "< 2", "-p", "+script", "-script", "end"
            ]
        );
    }

    #[test]
    fn attributes_in_every_form() {
        let html = "<a disabled href = \"/x?a=1&amp;b=2\"class='one two'data-x=y/ >";
        let Some(Piece::Open(tag)) = pieces(html).next() else {
            panic!("it is a tag");
        };
        assert!(tag.is("a") && tag.has_class("two") && !tag.has_class("tw"));
        assert_eq!(tag.attribute("HREF").as_deref(), Some("/x?a=1&b=2"));
        assert_eq!(tag.attribute("disabled").as_deref(), Some(""));
        assert_eq!(tag.attribute("data-x").as_deref(), Some("y/"));
        assert_eq!(tag.attribute("none"), None);
    }

    #[test]
    fn references_are_decoded_once_and_unknown_ones_stay() {
        for (written, read) in [
            ("a &amp; b", "a & b"),
            ("&amp;lt;", "&lt;"),
            ("&#39;&#x27;&#X27;", "'''"),
            ("&#0;&#xD800;&#x1b;", "\u{fffd}\u{fffd}\u{fffd}"),
            ("AT&T; &nosuch; &", "AT&T; &nosuch; &"),
            ("&#99999999999;", "&#99999999999;"),
        ] {
            assert_eq!(unescape(written), read, "{written}");
        }
        assert_eq!(
            text("one<br>two <b>th</b>ree\n&nbsp; four"),
            "one two three four"
        );
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_once_to_its_end(html in "[<>/!a-c\"'=& ;#\\-]{0,80}|\\PC{0,80}") {
            let mut length = 0;
            for piece in pieces(&html) {
                if let Piece::Text(text) = piece {
                    length += text.len();
                }
                if let Piece::Open(tag) = piece {
                    prop_assert!(tag.attribute("a").is_none_or(|value| value.len() <= html.len()));
                }
            }
            prop_assert!(length <= html.len());
            let _ = text(&html);
        }
    }
}
