use chela_dialect::testing::{in_pieces, shuffled};
use chela_sdk::FailureKind as Kind;
use chela_sdk::model::{Content, Event, EventStream, Message, Role};
use chela_sdk::testing::{self, Reply};
use proptest::prelude::*;

use super::*;

const STREAM: &str = concat!(
    "event: message_start\n",
    "data: {\"type\":\"message_start\",\"message\":{\"model\":\"claude-x-1\",\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}    }\n\n",
    "event: content_block_start\n",
    "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}  }\n\n",
    "event: ping\ndata: {\"type\": \"ping\"}\n\n",
    "event: content_block_delta\n",
    "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Grüße \"}     }\n\n",
    "event: content_block_delta\n",
    "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"🦀\"}}\n\n",
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0  }\n\n",
    "event: message_delta\n",
    "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":5}}\n\n",
    "event: message_stop\ndata: {\"type\":\"message_stop\"   }\n\n",
);

/// What an answer gave: its text, whether it finished, and how it ended.
#[derive(Debug)]
struct Read {
    text: String,
    finished: bool,
    ended: Result<()>,
}

fn read(reply: Reply) -> Result<Read> {
    testing::reply(reply);
    let request = Request {
        model: "claude-x".into(),
        messages: vec![Message::new(Role::User, [Content::Text("Hi".into())])],
        incremental: true,
        ..Request::default()
    };
    let mut stream = start(&request)?;
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

fn pieces(chunks: Vec<Vec<u8>>) -> Reply {
    Reply {
        chunks,
        ..Reply::events("")
    }
}

#[test]
fn a_stream_is_read_to_its_end() {
    let read = read(Reply::events(STREAM)).expect("a stream");
    assert_eq!((read.text.as_str(), read.finished), ("Grüße 🦀", true));
    read.ended.expect("it is complete");
    let sent = testing::sent();
    assert_eq!(sent[0].path, "/v1/messages");
    assert!(
        sent[0]
            .headers
            .contains(&("anthropic-version".into(), "2023-06-01".into()))
    );
}

#[test]
fn a_stream_that_breaks_off_says_so() {
    let early = STREAM.find("event: content_block_stop").expect("there");
    for reply in [
        Reply::events(&STREAM[..early]),
        Reply::events(&STREAM[..early]).cut(),
    ] {
        let read = read(reply).expect("it began well");
        assert_eq!((read.text.as_str(), read.finished), ("Grüße 🦀", false));
        assert_eq!(read.ended.expect_err("it was cut").kind, Kind::BadResponse);
    }
    let late = STREAM.find("event: message_stop").expect("there");
    let read = read(Reply::events(&STREAM[..late]).cut()).expect("it began well");
    assert!(read.finished && read.ended.is_ok());
}

#[test]
fn an_error_later_comes_after_what_was_said() {
    let early = STREAM.find("event: content_block_stop").expect("there");
    let body = format!(
        "{}event: error\ndata: {{\"type\":\"error\",\"error\":{{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}}}\n\n",
        &STREAM[..early]
    );
    let read = read(Reply::events(body)).expect("it began well");
    assert_eq!(read.text, "Grüße 🦀");
    assert_eq!(read.ended.expect_err("an error").kind, Kind::Unavailable);
}

#[test]
fn refusals_are_told_apart() {
    let error = |kind: &str, message: &str| {
        format!(
            "{{\"type\":\"error\",\"error\":{{\"type\":\"{kind}\",\"message\":\"{message}\"}},\"request_id\":\"req_1\"}}"
        )
    };
    for (status, kind, message, expected) in [
        (
            400,
            "invalid_request_error",
            "messages.0: Input does not match.",
            Kind::InvalidRequest,
        ),
        (
            400,
            "invalid_request_error",
            "Your credit balance is too low to access the Anthropic API.",
            Kind::Quota,
        ),
        (401, "authentication_error", "invalid x-api-key", Kind::Auth),
        (402, "billing_error", "Pay first.", Kind::Quota),
        (403, "permission_error", "No.", Kind::Permission),
        (404, "not_found_error", "model: claude-9", Kind::NotFound),
        (413, "request_too_large", "Too large.", Kind::InvalidRequest),
        (
            429,
            "rate_limit_error",
            "This request would exceed your organization's rate limit.",
            Kind::RateLimited,
        ),
        (500, "api_error", "Internal server error", Kind::Unavailable),
        (504, "timeout_error", "Timed out.", Kind::Unavailable),
        (529, "overloaded_error", "Overloaded", Kind::Unavailable),
    ] {
        let reply = Reply::json(status, error(kind, message))
            .header("request-id", "req_9")
            .header("retry-after", "2");
        let failure = read(reply).expect_err(kind);
        assert_eq!(failure.kind, expected, "{status} {kind}");
        assert_eq!(failure.code.as_deref(), Some(kind));
        assert_eq!(failure.request_id.as_deref(), Some("req_9"));
        let waits = matches!(expected, Kind::RateLimited | Kind::Unavailable);
        assert_eq!(failure.retry_after_ms, waits.then_some(2000), "{kind}");
    }
}

proptest! {
    #[test]
    fn cuts_change_nothing(cuts in prop::collection::vec(1usize..120, 0..60)) {
        let read = read(pieces(in_pieces(STREAM.as_bytes(), &cuts))).expect("a stream");
        prop_assert_eq!(read.text.as_str(), "Grüße 🦀");
        prop_assert!(read.finished && read.ended.is_ok());
    }

    /// Pieces of a stream left out, repeated and put in any order end somehow, soon, and without a panic.
    #[test]
    fn any_mix_of_pieces_ends(order in prop::collection::vec(0usize..24, 0..40), size in 1usize..160, cut in any::<bool>()) {
        let _ = read(Reply { cut, ..pieces(shuffled(STREAM.as_bytes(), size, &order)) });
    }

    #[test]
    fn any_bytes_end(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..10)) {
        let _ = read(pieces(chunks));
    }
}
