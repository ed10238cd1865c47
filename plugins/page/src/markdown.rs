//! A page as Markdown.

use chela_sdk::html::{Piece, pieces};
use htmd::element_handler::Handlers;
use htmd::options::{BulletListMarker, Options};
use htmd::{Element, HtmlToMarkdown};

use crate::link::absolute;
use crate::text;

/// What no reader sees, or reads as part of the page.
const SKIPPED: [&str; 16] = [
    "button", "canvas", "dialog", "embed", "head", "iframe", "input", "nav", "noscript", "object",
    "script", "select", "style", "svg", "template", "textarea",
];

/// How deep elements may lie in each other. The converter goes down by calling itself, and the stack of a component is short; pages that
/// people write are a third of this deep.
const DEEPEST: usize = 120;

/// The page at that address as Markdown. One that is too deep for the converter gives its text.
pub(crate) fn of(page: &str, address: &str) -> String {
    if depth(page) > DEEPEST {
        return text::of(page);
    }
    let base = address.to_owned();
    let converter = HtmlToMarkdown::builder()
        .skip_tags(SKIPPED.to_vec())
        .options(Options {
            bullet_list_marker: BulletListMarker::Dash,
            ul_bullet_spacing: 1,
            ol_number_spacing: 1,
            ..Options::default()
        })
        .add_handler(
            vec!["a", "img"],
            move |handlers: &dyn Handlers, element: Element<'_>| {
                let mut attributes = element.attrs.to_vec();
                for attribute in &mut attributes {
                    let name: &str = &attribute.name.local;
                    if name == "href" || name == "src" {
                        attribute.value = absolute(&base, &attribute.value).into();
                    }
                }
                let mut linked = element;
                linked.attrs = &attributes;
                handlers.fallback(linked)
            },
        )
        .build();
    converter
        .convert(page)
        .map_or_else(|_| text::of(page), |markdown| markdown.trim().to_owned())
}

/// Elements that hold nothing, or that end where the next of their kind begins.
const FLAT: [&str; 24] = [
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta",
    "option", "p", "param", "source", "tbody", "td", "th", "thead", "tr", "track", "wbr",
];

/// How many levels an element makes, those that end by themselves inside it included.
fn levels(name: &str) -> usize {
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    if FLAT.iter().any(|flat| is(flat)) {
        0
    } else if is("table") {
        4
    } else if is("ul") || is("ol") || is("dl") {
        2
    } else {
        1
    }
}

/// How deep elements lie in each other, as far as can be told without making the tree.
fn depth(page: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for piece in pieces(page) {
        match piece {
            Piece::Open(tag) => depth += levels(tag.name),
            Piece::Close(name) => depth = depth.saturating_sub(levels(name)),
            Piece::Text(_) => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_becomes_markdown_without_what_is_not_read() {
        let page = r##"<html><head><title>T</title><style>p {}</style></head><body>
            <nav><a href="/">Home</a></nav><script>alert(1)</script>
            <h1>Lobsters</h1><p>They are <b>red</b> &amp; <a href="../cook?x=1">cooked</a>.</p>
            <ul><li>one</li><li>two</li></ul><img src="a.png" alt="A lobster">
            <table><tr><th>Kind</th></tr><tr><td>blue</td></tr></table>
            <pre><code>fn main() {}
</code></pre></body></html>"##;
        let markdown = of(page, "https://a.example/b/c");
        for part in [
            "# Lobsters",
            "They are **red** & [cooked](https://a.example/cook?x=1).",
            "- one\n- two",
            "![A lobster](https://a.example/b/a.png)",
            "| blue",
            "```\nfn main() {}\n```",
        ] {
            assert!(markdown.contains(part), "{part}\n---\n{markdown}");
        }
        for gone in ["alert", "Home", "p {}"] {
            assert!(!markdown.contains(gone), "{gone}\n---\n{markdown}");
        }
    }

    #[test]
    fn what_is_too_deep_gives_its_text() {
        let deep =
            |levels: usize| format!("{}word{}", "<div>".repeat(levels), "</div>".repeat(levels));
        assert_eq!(depth(&deep(7)), 7);
        assert_eq!(depth("<table><tr><td><ul><li>"), 6);
        assert_eq!(of(&deep(DEEPEST), "https://a.example/"), "word");
        assert_eq!(of(&deep(100_000), "https://a.example/"), "word");
        assert_eq!(depth("<p>a<p>b<br><li>c<li>d</div></div>"), 0);
    }
}
