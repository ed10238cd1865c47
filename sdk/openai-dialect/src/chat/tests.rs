use chela_dialect::testing::in_pieces;
use chela_sdk::FailureKind as Kind;
use chela_sdk::model::{Event, EventStream};
use chela_sdk::testing::{self, Reply};
use proptest::prelude::*;

use super::*;
use crate::reply::accept;

const STREAM: &str = concat!(
    ": a comment\n\n",
    "data: {\"id\":\"c-1\",\"model\":\"m-1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}],\"usage\":null,\"obfuscation\":\"aB\"}\n\n",
    "data: {\"id\":\"c-1\",\"model\":\"m-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Grüße \"},\"finish_reason\":null}],\"usage\":null}\r\n\r\n",
    "data: {\"id\":\"c-1\",\"model\":\"m-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"🦀\"},\"finish_reason\":null}],\"usage\":null}\n\n",
    "data: {\"id\":\"c-1\",\"model\":\"m-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n",
    "data: {\"id\":\"c-1\",\"model\":\"m-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n",
    "data: [DONE]\n\n",
);

const WHOLE: &str = "{\"id\":\"c-1\",\"model\":\"m-1\",\"choices\":[{\"index\":0,\"message\":{\"content\":\"Grüße 🦀\"},\"finish_reason\":\"stop\"}]}";

/// What an answer gave: its text, whether it finished, and how it ended.
#[derive(Debug)]
struct Read {
    text: String,
    finished: bool,
    ended: Result<()>,
}

fn read(reply: Reply) -> Result<Read> {
    testing::reply(reply);
    let (response, envelope) = accept(http::endpoint("api").post("/").send_any()?)?;
    let answer = Answer::new(envelope.clone());
    let mut stream: Stream<Answer> = Stream::begin(response, &envelope, answer, true, Vec::new())?;
    let mut read = Read {
        text: String::new(),
        finished: false,
        ended: Ok(()),
    };
    loop {
        match stream.next() {
            Ok(Some(Event::Text(text))) => read.text.push_str(&text),
            Ok(Some(Event::Finish(_))) => read.finished = true,
            Ok(Some(_)) => {}
            Ok(None) => return Ok(read),
            Err(failure) => {
                read.ended = Err(failure);
                return Ok(read);
            }
        }
    }
}

fn pieces(body: &str, cuts: &[usize]) -> Reply {
    Reply {
        chunks: in_pieces(body.as_bytes(), cuts),
        ..Reply::events("")
    }
}

#[test]
fn a_stream_is_read_to_its_end() {
    let read = read(Reply::events(STREAM)).expect("a stream");
    assert_eq!((read.text.as_str(), read.finished), ("Grüße 🦀", true));
    read.ended.expect("it is complete");
}

#[test]
fn what_the_body_is_shows_in_the_body() {
    for content_type in ["text/event-stream", "application/json", "text/plain", ""] {
        for body in [
            STREAM,
            WHOLE,
            &format!("\u{feff}\n {WHOLE}"),
            &format!("\u{feff}{STREAM}"),
        ] {
            let read = read(Reply::new(200, content_type, body)).expect(content_type);
            assert_eq!(
                (read.text.as_str(), read.finished),
                ("Grüße 🦀", true),
                "{content_type} {body}"
            );
        }
    }
}

#[test]
fn a_refusal_in_the_first_event_is_a_refusal_at_the_start() {
    for body in [
        "data: {\"error\":{\"message\":\"Slow\",\"code\":\"rate_limit_exceeded\"}}\n\n",
        "event: error\ndata: {\"message\":\"Slow\",\"code\":429}\n\n",
        "{\"error\":{\"message\":\"Slow\",\"code\":429}}",
    ] {
        let failure = read(Reply::events(body)).expect_err(body);
        assert_eq!(
            (failure.kind, failure.status),
            (Kind::RateLimited, Some(200)),
            "{body}"
        );
    }
}

#[test]
fn an_error_later_comes_after_what_was_said() {
    let said = &STREAM[..STREAM.find("data: [DONE]").expect("it is there")];
    let said = said.replace("\"finish_reason\":\"stop\"", "\"finish_reason\":null");
    let body =
        format!("{said}data: {{\"error\":{{\"message\":\"Boom\",\"type\":\"server_error\"}}}}\n\n");
    let read = read(Reply::events(body)).expect("it began well");
    assert_eq!(read.text, "Grüße 🦀");
    assert_eq!(read.ended.expect_err("an error").kind, Kind::Unavailable);
}

#[test]
fn a_stream_without_its_last_word_ends_where_it_said_why() {
    let done = STREAM.find("data: [DONE]").expect("it is there");
    for reply in [
        Reply::events(&STREAM[..done]),
        Reply::events(&STREAM[..done]).cut(),
    ] {
        let read = read(reply).expect("a stream");
        assert!(read.finished);
        read.ended.expect("it said why it ended");
    }
    let early = STREAM
        .find("data: {\"id\":\"c-1\",\"model\":\"m-1\",\"choices\":[{\"index\":0,\"delta\":{}")
        .expect("there");
    for reply in [
        Reply::events(&STREAM[..early]),
        Reply::events(&STREAM[..early]).cut(),
    ] {
        let read = read(reply).expect("it began well");
        assert_eq!((read.text.as_str(), read.finished), ("Grüße 🦀", false));
        assert_eq!(read.ended.expect_err("it was cut").kind, Kind::BadResponse);
    }
}

#[test]
fn answers_that_are_none_fail_at_the_start() {
    for (body, content_type) in [
        ("<!DOCTYPE html><p>Hi</p>", "text/html"),
        ("<html>", "application/json"),
        ("", "application/json"),
        ("", "text/event-stream"),
        ("OK", "text/plain"),
        ("retry: 5\n\n", "text/event-stream"),
    ] {
        let failure = read(Reply::new(200, content_type, body)).expect_err(body);
        assert_eq!(
            (failure.kind, failure.status),
            (Kind::BadResponse, Some(200)),
            "{body}"
        );
    }
}

#[test]
fn a_status_that_is_no_success_is_a_failure_with_all_it_says() {
    let reply = Reply::json(429, "{\"error\":{\"message\":\"Slow down. Now.\",\"type\":\"requests\",\"code\":\"rate_limit_exceeded\"}}")
        .header("retry-after", "2")
        .header("x-request-id", "req_9");
    let failure = read(reply).expect_err("refused");
    assert_eq!(failure.kind, Kind::RateLimited);
    assert_eq!(failure.message, "slow down");
    assert_eq!(failure.status, Some(429));
    assert_eq!(failure.code.as_deref(), Some("rate_limit_exceeded"));
    assert_eq!(failure.retry_after_ms, Some(2000));
    assert_eq!(failure.request_id.as_deref(), Some("req_9"));
}

proptest! {
    #[test]
    fn cuts_change_nothing(cuts in prop::collection::vec(1usize..90, 0..60)) {
        let streamed = read(pieces(STREAM, &cuts)).expect("a stream");
        prop_assert_eq!(streamed.text.as_str(), "Grüße 🦀");
        prop_assert!(streamed.finished && streamed.ended.is_ok());
        let whole = read(pieces(WHOLE, &cuts)).expect("an answer");
        prop_assert_eq!(whole.text.as_str(), "Grüße 🦀");
    }

    /// Pieces of a stream left out, repeated and put in any order end somehow, soon, and without a panic.
    #[test]
    fn any_mix_of_pieces_ends(order in prop::collection::vec(0usize..24, 0..40), size in 1usize..120, cut in any::<bool>()) {
        let pieces: Vec<&[u8]> = STREAM.as_bytes().chunks(size).collect();
        let chunks: Vec<Vec<u8>> = order.iter().filter_map(|place| pieces.get(*place)).map(|piece| piece.to_vec()).collect();
        let _ = read(Reply { chunks, cut, ..Reply::events("") });
    }

    #[test]
    fn any_bytes_end(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..10)) {
        let _ = read(Reply { chunks, ..Reply::events("") });
    }

    #[test]
    fn any_json_in_a_stream_ends(values in prop::collection::vec(crate::tests::any_json(), 0..6)) {
        let body: String = values.iter().map(|value| format!("data: {value}\n\n")).collect();
        let _ = read(Reply::events(body));
    }
}
