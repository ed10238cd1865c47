//! Being asked to wait: `Retry-After` as servers write it, and what the envelope says of the tries.

use std::time::{Duration, SystemTime};

use chela_test_support::openai::{Chat, rate_limited};
use chela_test_support::server::Server;
use serde_json::Value;

use crate::{CHAT, ask_json, room_with_openai};

/// Asks a server that says once to come back later, and gives what came of it.
fn asked_to_wait(retry_after: Option<&str>) -> Value {
    let server = Server::start();
    server.on_each(
        "POST",
        CHAT,
        [rate_limited(retry_after), Chat::new("4").whole()],
    );
    let run = room_with_openai(&server).run(ask_json()).expect_code(0);
    assert_eq!(server.requests().len(), 2, "{run}");
    run.json()
}

fn waited(document: &Value) -> u64 {
    let [attempt] = &document["attempts"].as_array().expect("a list")[..] else {
        panic!("one attempt failed: {document:#}")
    };
    assert_eq!(attempt["outcome"], "failed", "{document:#}");
    assert_eq!(attempt["reason"], "rate_limited", "{document:#}");
    assert_eq!(attempt["status"], 429, "{document:#}");
    assert_eq!(attempt["code"], "rate_limit_exceeded", "{document:#}");
    assert_eq!(attempt["requests"], 1, "{document:#}");
    attempt["durationMs"].as_u64().expect("a number")
}

#[test]
fn seconds_are_waited_in_full() {
    assert!(waited(&asked_to_wait(Some("2"))) >= 2000);
}

#[test]
fn a_date_is_waited_for_although_the_server_says_not_what_time_it_is() {
    // Dates have whole seconds, so up to one of them is lost.
    let later = SystemTime::now() + Duration::from_secs(4);
    let took = waited(&asked_to_wait(Some(&http_date(later))));
    assert!((2000..10_000).contains(&took), "{took}");
}

#[test]
fn without_a_wait_that_makes_sense_it_is_the_usual_one() {
    for nonsense in [
        None,
        Some("soon"),
        Some("-5"),
        Some("99999999999999999999"),
        Some("Thu, 01 Jan 1970 00:00:00 GMT"),
        Some("NaN"),
    ] {
        let took = waited(&asked_to_wait(nonsense));
        assert!((200..30_000).contains(&took), "{nonsense:?}: {took}");
    }
}

#[test]
fn a_wait_beyond_the_deadline_is_not_begun() {
    let server = Server::start();
    server.on("POST", CHAT, rate_limited(Some("3600")));
    let run = room_with_openai(&server)
        .run(ask_json().iter().chain(&["--timeout-ms", "20000"]))
        .expect_code(6);
    let document = run.json();
    assert_eq!(server.requests().len(), 1, "{run}");
    assert_eq!(document["error"]["type"], "rate_limited", "{run}");
    assert_eq!(document["error"]["status"], 429, "{run}");
    assert_eq!(document["error"]["retryAfterMs"], 3_600_000, "{run}");
    assert_eq!(document["attempts"][0]["requests"], 1, "{run}");
    assert!(
        document["durationMs"].as_u64().expect("a number") < 15_000,
        "{run}"
    );
}

/// The form of RFC 9110 section 5.6.7.
fn http_date(at: SystemTime) -> String {
    let seconds = at
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("it is after 1970")
        .as_secs();
    let at = jiff::Timestamp::from_second(i64::try_from(seconds).expect("it is soon"));
    at.expect("it is soon")
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string()
}
