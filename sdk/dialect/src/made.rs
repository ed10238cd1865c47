//! What a server made and only points at: pictures and films at addresses of their own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chela_sdk::http::{self, Response};
use chela_sdk::{Blob, Failure, FailureKind, Result};

use crate::reply::accept;

/// Where the server that was asked lies: what it keeps itself is fetched from there as everything else is, also where the operator put
/// another server in the provider's place.
#[derive(Debug)]
pub struct Home {
    endpoint: &'static str,
    base: String,
}

impl Home {
    /// What the answer to a request for that path of an endpoint shows.
    pub fn of(response: &Response, endpoint: &'static str, path: &str) -> Option<Self> {
        let url = response.url();
        let url = url.split(['?', '#']).next().unwrap_or_default();
        let base = url.strip_suffix(path)?.to_owned();
        Some(Self { endpoint, base })
    }

    /// The path of an address that lies there, with its query.
    fn path<'u>(&self, url: &'u str) -> Option<(&'u str, &'u str)> {
        let path = url.strip_prefix(&self.base)?.split('#').next()?;
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        path.starts_with('/').then_some((path, query))
    }
}

/// Fetches a picture past the component, or reads it where its address is a `data:` URL. The host finds from its bytes what it is.
///
/// # Errors
///
/// None of those that pass, but for what the host refused: trying again would have the picture made, and paid for, once more.
pub fn picture(url: String, home: Option<&Home>) -> Result<Blob> {
    if url.starts_with("data:") {
        let bytes = url
            .split_once(";base64,")
            .and_then(|(_, data)| STANDARD.decode(data).ok());
        let broken = || Failure::bad_response("a picture of the answer is not base64");
        return bytes.map(|bytes| Blob::new("", &bytes)).ok_or_else(broken);
    }
    fetch(url, home).map_err(|failure| spoilt(failure, "picture", &[]))
}

/// Fetches the film of a job past the component.
///
/// # Errors
///
/// Those that pass stay what they are: whoever asks after the job again has the film fetched again, and not made again.
pub fn film(url: String, home: Option<&Home>) -> Result<Blob> {
    let passing = [
        FailureKind::RateLimited,
        FailureKind::Timeout,
        FailureKind::Unavailable,
    ];
    fetch(url, home).map_err(|failure| spoilt(failure, "film", &passing))
}

fn fetch(url: String, home: Option<&Home>) -> Result<Blob> {
    let request = match home.and_then(|home| Some((home, home.path(&url)?))) {
        Some((home, (path, query))) => {
            let request = http::endpoint(home.endpoint).get(path);
            let pairs = http::query_pairs(query).into_iter();
            pairs.fold(request, |request, (name, value)| request.query(name, value))
        }
        None => http::download(url),
    };
    let (response, envelope) = accept(request.send_any()?)?;
    match response.content_type().as_deref() {
        Some("text/html" | "application/xhtml+xml") => {
            Err(envelope.bad("its server answered with a web page"))
        }
        _ => response.into_any_blob(""),
    }
}

/// The failure of a file whose making was none.
fn spoilt(mut failure: Failure, what: &str, kept: &[FailureKind]) -> Failure {
    if failure.kind != FailureKind::Denied && !kept.contains(&failure.kind) {
        failure.kind = FailureKind::BadResponse;
    }
    let before = format!("the {what} was made and could not be fetched: ");
    failure.message.insert_str(0, &before);
    failure
}

#[cfg(test)]
mod tests {
    use super::*;
    use chela_sdk::testing::{self, Reply};

    #[test]
    fn what_the_server_keeps_itself_is_asked_of_it() {
        testing::reply(Reply::json(200, "{}"));
        let answer = http::endpoint("api").get("").send_any().expect("sent");
        let home = Home::of(&answer, "api", "/").expect("the base of the tests");
        testing::sent();
        for (url, endpoint, path) in [
            ("https://test.invalid/a/b.mp4?c=d%20e#f", "api", "/a/b.mp4"),
            (
                "https://test.invalid.example/a",
                "",
                "https://test.invalid.example/a",
            ),
            ("https://test.invalid", "", "https://test.invalid"),
        ] {
            testing::reply(Reply::new(200, "video/mp4", "bytes"));
            film(url.into(), Some(&home)).expect("a file");
            let sent = testing::sent().remove(0);
            assert_eq!(
                (sent.endpoint.as_str(), sent.path.as_str()),
                (endpoint, path)
            );
            if endpoint == "api" {
                assert_eq!(sent.query, [("c".to_owned(), "d e".to_owned())]);
            }
        }
    }

    #[test]
    fn what_is_there_is_fetched() {
        for fetched in [picture, film] {
            testing::reply(Reply::new(200, "video/mp4", "bytes"));
            let blob = fetched("https://cdn.example/a".into(), None).expect("a file");
            assert_eq!(blob.read_all(9).expect("memory can be read"), b"bytes");
            assert_eq!(testing::sent()[0].path, "https://cdn.example/a");
        }
    }

    #[test]
    fn a_picture_inside_its_address_is_read() {
        let blob = picture("data:image/png;base64,SGVsbG8=".into(), None).expect("a picture");
        assert_eq!(blob.read_all(9).expect("memory can be read"), b"Hello");
        for broken in ["data:", "data:image/png,Hello", "data:image/png;base64,*"] {
            let failure = picture(broken.into(), None).expect_err(broken);
            assert_eq!(failure.kind, FailureKind::BadResponse);
        }
        assert!(testing::sent().is_empty());
    }

    #[test]
    fn a_picture_that_is_lost_is_not_made_again_and_a_film_is_asked_for_again() {
        for (status, of_picture, of_film) in [
            (503, FailureKind::BadResponse, FailureKind::Unavailable),
            (429, FailureKind::BadResponse, FailureKind::RateLimited),
            (403, FailureKind::BadResponse, FailureKind::BadResponse),
            (404, FailureKind::BadResponse, FailureKind::BadResponse),
        ] {
            testing::reply(Reply::new(status, "application/xml", "<Error/>"));
            let failure = picture("https://cdn.example/a".into(), None).expect_err("no picture");
            assert_eq!(failure.kind, of_picture, "{status}");
            assert!(failure.message.starts_with("the picture was made"));
            testing::reply(Reply::new(status, "application/xml", "<Error/>"));
            let failure = film("https://cdn.example/a".into(), None).expect_err("no film");
            assert_eq!(failure.kind, of_film, "{status}");
            assert!(failure.message.starts_with("the film was made"));
        }
    }

    #[test]
    fn a_page_and_a_cut_body_are_no_file() {
        testing::reply(Reply::new(200, "text/html; charset=utf-8", "<html>"));
        assert!(film("https://cdn.example/a".into(), None).is_err());
        testing::reply(Reply::new(200, "video/mp4", "by").cut());
        assert!(film("https://cdn.example/a".into(), None).is_err());
    }
}
