//! The page of results.

use chela_sdk::html::{Piece, pieces, text};
use chela_sdk::search::Hit;

use crate::link::target;

/// What a page is.
pub(crate) enum Page {
    /// Results, best first; none where nothing was found.
    Hits(Vec<Hit>),
    /// A puzzle that only people are to solve.
    BotCheck,
    /// Anything else.
    Unknown,
}

/// What is being read.
enum Place {
    Nothing,
    /// Inside an element of that name: a result's title, with its address where it leads to a page.
    Title(Option<String>),
    /// A piece of the page, for the result before it.
    Snippet,
}

/// Reads a page up to so many results.
pub(crate) fn read(page: &str, limit: usize) -> Page {
    let mut hits: Vec<Hit> = Vec::new();
    let (mut is_results, mut skips) = (false, false);
    let mut place = Place::Nothing;
    let mut words = String::new();
    for piece in pieces(page) {
        match piece {
            Piece::Open(tag) => {
                if tag.has_class("anomaly-modal__modal")
                    || tag.attribute("id").as_deref() == Some("challenge-form")
                {
                    return Page::BotCheck;
                }
                is_results |= tag.has_class("results")
                    || tag.has_class("no-results")
                    || tag.has_class("result");
                if tag.is("a") && tag.has_class("result__a") {
                    if hits.len() == limit {
                        break;
                    }
                    words.clear();
                    place = Place::Title(tag.attribute("href").as_deref().and_then(target));
                } else if tag.has_class("result__snippet") {
                    words.clear();
                    place = Place::Snippet;
                }
            }
            Piece::Text(text) if !matches!(place, Place::Nothing) => words.push_str(text),
            Piece::Text(_) => {}
            // Titles and snippets are links; older pages have snippets in a block of their own.
            Piece::Close("a" | "div" | "td") => {
                match std::mem::replace(&mut place, Place::Nothing) {
                    Place::Title(Some(url)) => {
                        skips = false;
                        hits.push(Hit {
                            title: text(&words),
                            url,
                            ..Hit::default()
                        });
                    }
                    // What stands below an advertisement belongs to it.
                    Place::Title(None) => skips = true,
                    Place::Snippet => {
                        if let Some(hit) = hits.last_mut().filter(|_| !skips) {
                            hit.snippet = Some(text(&words)).filter(|snippet| !snippet.is_empty());
                        }
                    }
                    Place::Nothing => {}
                }
            }
            Piece::Close(_) => {}
        }
    }
    if is_results || !hits.is_empty() {
        Page::Hits(hits)
    } else {
        Page::Unknown
    }
}
