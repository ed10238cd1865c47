//! The provider under `cargo test`: `chela_sdk::testing` stands in for the host.

use super::*;
use chela_sdk::FailureKind;
use chela_sdk::testing::{self, Reply};
use proptest::prelude::*;

fn fetch(format: Format, max_bytes: Option<u64>) -> Result<Response> {
    PageItself::fetch(Request {
        url: "https://a.example/x".into(),
        format,
        max_bytes,
        extra: Vec::new(),
    })
}

const PAGE: &str = "<!doctype html><title>T</title><body><h1>Grüße</h1><p>one</p>";

#[test]
fn a_page_in_each_format() {
    for (format, content) in [
        (Format::Markdown, "# Grüße\n\none"),
        (Format::Text, "Grüße\n\none"),
        (Format::Html, PAGE),
    ] {
        testing::reply(Reply::new(200, "text/html; charset=utf-8", PAGE));
        let read = fetch(format, None).unwrap();
        assert_eq!(read.content, content);
        assert_eq!(read.title.as_deref(), Some("T"));
        assert_eq!(read.mime_type.as_deref(), Some("text/html"));
        assert!(!read.truncated);
    }
    assert_eq!(testing::sent()[0].path, "https://a.example/x");
}

#[test]
fn text_is_given_as_it_is_and_files_are_not() {
    for kind in [
        "application/json",
        "text/markdown",
        "application/rss+xml",
        "",
    ] {
        testing::reply(Reply::new(200, kind, "{\"a\": 1}"));
        assert_eq!(fetch(Format::Markdown, None).unwrap().content, "{\"a\": 1}");
    }
    // A server that says nothing, or says text, and sends a page.
    testing::reply(Reply::new(200, "text/plain", PAGE));
    assert_eq!(
        fetch(Format::Markdown, None).unwrap().title.as_deref(),
        Some("T")
    );
    for (kind, body) in [
        ("application/pdf", &b"%PDF-1.7"[..]),
        ("image/png", b"\x89PNG"),
        ("", b"%PDF-1.7"),
        ("text/plain", b"a\0b"),
        ("application/octet-stream", b"abc"),
    ] {
        testing::reply(Reply::new(200, kind, body));
        let failure = fetch(Format::Text, None).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unsupported, "{kind}");
    }
}

#[test]
fn long_pages_are_cut_between_characters() {
    testing::reply(Reply::new(200, "text/plain", "aü"));
    let read = fetch(Format::Text, Some(2)).unwrap();
    assert_eq!((read.content.as_str(), read.truncated), ("a", true));
    testing::reply(Reply::new(200, "text/plain", "a".repeat(5 << 20)));
    let read = fetch(Format::Text, None).unwrap();
    assert_eq!((read.content.len(), read.truncated), (4 << 20, true));
}

#[test]
fn what_the_server_refuses_is_told() {
    testing::reply(Reply::new(404, "text/html", "<title>Not here</title>"));
    let failure = fetch(Format::Text, None).unwrap_err();
    assert_eq!(
        (failure.kind, failure.status),
        (FailureKind::NotFound, Some(404))
    );
}

#[test]
fn the_operators_site_is_read_by_its_endpoint_and_nothing_beside_it() {
    testing::set("baseUrl", "https://a.example/wiki/");
    for (url, endpoint, path) in [
        ("https://a.example/wiki/x?a=b%20c&d", "site", "/x"),
        ("https://a.example/wiki", "site", "/"),
        ("https://a.example/wiki?x", "site", "/"),
        ("https://a.example/wikis", "", "https://a.example/wikis"),
        (
            "https://a.example.evil.example/wiki/",
            "",
            "https://a.example.evil.example/wiki/",
        ),
        ("https://b.example/", "", "https://b.example/"),
    ] {
        testing::reply(Reply::new(200, "text/plain", "x"));
        PageItself::fetch(Request {
            url: url.into(),
            format: Format::Text,
            max_bytes: None,
            extra: Vec::new(),
        })
        .unwrap();
        let sent = testing::sent().pop().unwrap();
        assert_eq!(
            (sent.endpoint.as_str(), sent.path.as_str()),
            (endpoint, path),
            "{url}"
        );
        if path == "/x" {
            let query = [("a", "b c"), ("d", "")].map(|(a, b)| (a.to_owned(), b.to_owned()));
            assert_eq!(sent.query, query);
        }
    }
}

proptest! {
    #[test]
    fn no_page_makes_it_panic(page in "(<[a-z]{1,6}( [a-z]{1,4}='?\\PC{0,6}'?)?>|</[a-z]{1,6}>|\\PC{0,8}|<!--|<table>|<li>){0,24}") {
        for format in [Format::Markdown, Format::Text] {
            testing::reply(Reply::new(200, "text/html", page.clone()));
            let _ = fetch(format, Some(7));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), label in "[a-z0-9-]{0,12}") {
        testing::reply(Reply::new(200, &format!("text/html; charset={label}"), bytes));
        let _ = fetch(Format::Text, None);
    }
}
