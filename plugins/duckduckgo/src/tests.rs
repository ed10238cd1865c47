//! The provider under `cargo test`: `chela_sdk::testing` stands in for the host.

use super::*;
use chela_sdk::testing::{self, Reply};
use proptest::prelude::*;

const PAGE: &str = r#"<!DOCTYPE html><html><head><title>lobster at DuckDuckGo</title></head><body>
<div id="links" class="results">
<div class="result results_links results_links_deep result--ad"><div class="links_main links_deep result__body">
<h2 class="result__title"><a rel="nofollow" class="result__a" href="//duckduckgo.com/y.js?ad_domain=shop.example">Buy lobster</a></h2>
<a class="result__snippet" href="//duckduckgo.com/y.js?ad_domain=shop.example">The best.</a></div></div>
<div class="result results_links results_links_deep web-result "><div class="links_main links_deep result__body">
<h2 class="result__title"><a rel="nofollow" class="result__a" href="//duckduckgo.com/l/?uddg=https%3A%2F%2Fen.wikipedia.org%2Fwiki%2FLobster&amp;rut=01">Lobster &#x27;n&#x27; <b>friends</b></a></h2>
<div class="result__extras"><a class="result__url" href="//duckduckgo.com/l/?uddg=x"> en.wikipedia.org/wiki/Lobster </a></div>
<a class="result__snippet" href="//duckduckgo.com/l/?uddg=x"><b>Lobsters</b> are crustaceans
 &amp; live long.</a></div></div>
<div class="result"><h2><a class="result__a" href="https://b.example/">B</a></h2></div>
</div></body></html>"#;

fn search(limit: u32) -> Result<Response> {
    DuckDuckGo::search(Request {
        query: "lobster & co".into(),
        limit,
        freshness: Some(Freshness::Month),
        region: Some("DE".into()),
        language: None,
        include_domains: Vec::new(),
        exclude_domains: Vec::new(),
        extra: Vec::new(),
    })
}

#[test]
fn results_are_read_and_advertisements_passed_over() {
    testing::reply(Reply::new(200, "text/html; charset=UTF-8", PAGE));
    let found = search(10).unwrap();
    assert_eq!(found.hits.len(), 2);
    assert_eq!(found.hits[0].title, "Lobster 'n' friends");
    assert_eq!(found.hits[0].url, "https://en.wikipedia.org/wiki/Lobster");
    assert_eq!(
        found.hits[0].snippet.as_deref(),
        Some("Lobsters are crustaceans & live long.")
    );
    assert_eq!(
        (found.hits[1].url.as_str(), found.hits[1].snippet.as_ref()),
        ("https://b.example/", None)
    );
    assert_eq!(found.ignored, ["region"]);
    let sent = testing::sent();
    assert_eq!(sent[0].path, "/html/");
    assert_eq!(
        sent[0].query,
        [
            ("q".to_owned(), "lobster & co".to_owned()),
            ("df".to_owned(), "m".to_owned())
        ]
    );
    testing::reply(Reply::new(200, "text/html", PAGE));
    assert_eq!(search(1).unwrap().hits.len(), 1);
}

#[test]
fn a_puzzle_is_haste_and_another_page_is_no_answer() {
    for (status, page, kind) in [
        (
            202,
            r#"<form id="challenge-form"><div class="anomaly-modal__modal">Unfortunately, bots use DuckDuckGo too.</div></form>"#,
            FailureKind::RateLimited,
        ),
        (
            200,
            "<html><h1>Sign in</h1></html>",
            FailureKind::BadResponse,
        ),
        (200, "", FailureKind::BadResponse),
        (403, "<html>no</html>", FailureKind::Permission),
        (500, "", FailureKind::Unavailable),
    ] {
        testing::reply(Reply::new(status, "text/html", page));
        assert_eq!(search(5).unwrap_err().kind, kind, "{status} {page}");
    }
    testing::reply(Reply::new(
        200,
        "text/html",
        r#"<div class="results"><div class="no-results">No results.</div></div>"#,
    ));
    assert!(search(5).unwrap().hits.is_empty());
}

proptest! {
    #[test]
    fn no_page_makes_it_panic(cut in 0..PAGE.len(), noise in "\\PC{0,40}|[<>a-z=\"'/&;%]{0,40}") {
        let cut = PAGE.floor_char_boundary(cut);
        let page = format!("{}{noise}{}", &PAGE[..cut], &PAGE[cut..]);
        testing::reply(Reply::new(200, "text/html", page));
        let found = search(5);
        if let Ok(found) = found {
            prop_assert!(found.hits.iter().all(|hit| hit.url.starts_with("http")));
        }
        testing::reply(Reply::new(200, "text/html", noise));
        let _ = search(5);
    }
}
