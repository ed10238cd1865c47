use chela_dialect::testing::{any_json, in_pieces, shuffled};
use chela_sdk::FailureKind as Kind;
use chela_sdk::model::{Content, Event, EventStream, FinishReason, Message, Request, Role};
use chela_sdk::testing::{self, Reply};
use chela_test_support::description::answer_fits;
use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// A stream as OpenAI writes it, with all that is of no use in it.
pub(crate) const STREAM: &str = include_str!("tests/stream.txt");

/// Names and words that matter somewhere, so that made-up events are read and not only passed over.
const NAMES: &[&str] = &[
    "annotation",
    "annotations",
    "arguments",
    "call_id",
    "code",
    "content",
    "content_index",
    "delta",
    "encrypted_content",
    "error",
    "id",
    "incomplete_details",
    "item",
    "logprobs",
    "message",
    "model",
    "name",
    "output",
    "output_index",
    "phase",
    "reason",
    "refusal",
    "response",
    "status",
    "start_index",
    "summary",
    "summary_index",
    "text",
    "type",
    "usage",
    "url",
];
const WORDS: &[&str] = &[
    "error",
    "message",
    "function_call",
    "reasoning",
    "refusal",
    "output_text",
    "completed",
    "incomplete",
    "failed",
    "max_output_tokens",
    "response.created",
    "response.completed",
    "response.failed",
    "response.incomplete",
    "response.output_item.added",
    "response.output_item.done",
    "response.output_text.delta",
    "response.output_text.done",
    "response.output_text.annotation.added",
    "response.refusal.delta",
    "response.refusal.done",
    "response.reasoning_summary_part.added",
    "response.reasoning_summary_text.delta",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "[DONE]",
    "0",
];

/// A turn of the person.
pub(crate) fn user(text: &str) -> Message {
    Message::new(Role::User, [Content::Text(text.into())])
}

/// What an answer gave: its events, as far as they are told, and how it ended.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) events: Vec<Event>,
    pub(crate) ended: Result<()>,
}

impl Read {
    pub(crate) fn text(&self) -> String {
        self.events
            .iter()
            .filter_map(|event| match event {
                Event::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn finish(&self) -> Option<&FinishReason> {
        self.events.iter().rev().find_map(|event| match event {
            Event::Finish(reason) => Some(reason),
            _ => None,
        })
    }

    pub(crate) fn told(&self) -> String {
        format!("{:?}", self.events)
    }
}

/// Asks, gets that reply, and reads it to its end.
pub(crate) fn read(reply: Reply) -> Result<Read> {
    testing::reply(reply);
    let request = Request {
        model: "gpt-5.5".into(),
        messages: vec![user("Hi")],
        incremental: true,
        ..Request::default()
    };
    let mut stream = start(&request)?;
    let mut events = Vec::new();
    loop {
        match stream.next() {
            Ok(Some(event)) => events.push(event),
            Ok(None) => {
                return Ok(Read {
                    events,
                    ended: Ok(()),
                });
            }
            Err(failure) => {
                return Ok(Read {
                    events,
                    ended: Err(failure),
                });
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
    let read = read(Reply::events(STREAM).header("x-request-id", "req_7")).expect("a stream");
    assert_eq!(read.text(), "Grüße 🦀, says the page.");
    assert!(matches!(read.finish(), Some(FinishReason::ToolCalls)));
    read.ended.as_ref().expect("it is complete");
    let told = read.told();
    for part in [
        "model: Some(\"gpt-5.5-2026-04-23\"), request-id: Some(\"req_7\")",
        "text: \"**Looking**\", opaque: None",
        "text: \"\\n\\n\"",
        "opaque: Some(\"reasoning:{\\\"encrypted_content\\\":\\\"gAAA\\\",\\\"id\\\":\\\"rs_1\\\"}\")",
        "opaque: Some(\"phase:final_answer\")",
        "id: \"call_1\", name: \"find\", arguments: \"{\\\"q\\\":\\\"é\\\"}\"",
        "url: Some(\"https://a.example/x\"), title: Some(\"A page\"), quote: None, start: Some(9), end: Some(23)",
        "input-tokens: Some(31), output-tokens: Some(60), cached-input-tokens: Some(16)",
        "reasoning-tokens: Some(40)",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    // All of it is said several times, and told once.
    for once in ["call_1", "a.example", "**Looking**", "gAAA", "Finish("] {
        assert_eq!(told.matches(once).count(), 1, "{once}\n{told}");
    }
}

/// Apart from `null` for the usage that is not known yet, which the provider gives and its description does not know.
#[test]
fn the_stream_is_such_as_the_provider_gives() {
    let lines = STREAM
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    for event in lines {
        let mut event: Value = serde_json::from_str(event).expect("it is JSON");
        if let Some(response) = event.get_mut("response").and_then(Value::as_object_mut) {
            response.retain(|name, value| name != "usage" || !value.is_null());
        }
        answer_fits("openai", "/responses stream", &event).expect("it fits");
    }
}

#[test]
fn a_stream_without_its_last_word_is_no_answer_after_all_that_arrived() {
    let end = STREAM
        .find("event: response.completed")
        .expect("it is there");
    for reply in [
        Reply::events(&STREAM[..end]),
        Reply::events(&STREAM[..end]).cut(),
        Reply::events(format!("{}data: [DONE]\n\n", &STREAM[..end])),
    ] {
        let read = read(reply).expect("it began well");
        assert_eq!(read.text(), "Grüße 🦀, says the page.");
        assert!(read.finish().is_none());
        assert_eq!(read.ended.expect_err("it was cut").kind, Kind::BadResponse);
    }
}

#[test]
fn what_follows_the_last_word_is_not_waited_for() {
    for tail in [
        "data: [DONE]\n\n",
        "data: {\"type\":\"response.failed\"}\n\n",
        "junk",
    ] {
        let read = read(Reply::events(format!("{STREAM}{tail}")).cut()).expect("a stream");
        read.ended.expect("it was complete");
    }
}

#[test]
fn answers_that_are_none_fail_at_the_start() {
    for (body, content_type) in [
        ("<!DOCTYPE html><p>Hi</p>", "text/html"),
        ("", "application/json"),
        ("", "text/event-stream"),
        ("OK", "text/plain"),
        ("{\"choices\":[]}", "application/json"),
        ("{\"output\":null}", "application/json"),
        ("{\"output\":[],\"status\":\"queued\"}", "application/json"),
        ("data: {\"type\":\n\n", "text/event-stream"),
    ] {
        let failure = read(Reply::new(200, content_type, body)).expect_err(body);
        assert_eq!(
            (failure.kind, failure.status),
            (Kind::BadResponse, Some(200)),
            "{body}"
        );
    }
}

proptest! {
    #[test]
    fn cuts_change_nothing(cuts in prop::collection::vec(1usize..400, 0..60)) {
        let whole = read(Reply::events(STREAM)).expect("a stream");
        let cut = read(pieces(in_pieces(STREAM.as_bytes(), &cuts))).expect("a stream");
        prop_assert_eq!(cut.told(), whole.told());
        prop_assert!(cut.ended.is_ok());
    }

    /// Pieces of a stream left out, repeated and put in any order end somehow, soon, and without a panic; and how the bytes arrive makes
    /// no difference.
    #[test]
    fn any_mix_of_pieces_ends(
        order in prop::collection::vec(0usize..200, 0..80),
        size in 1usize..900,
        cuts in prop::collection::vec(1usize..400, 0..30),
        cut in any::<bool>(),
    ) {
        let body = shuffled(STREAM.as_bytes(), size, &order).concat();
        same_however_it_comes(&body, &cuts, cut)?;
    }

    /// The same with whole events, which gets further.
    #[test]
    fn any_mix_of_events_ends(
        order in prop::collection::vec(0usize..40, 0..60),
        cuts in prop::collection::vec(1usize..400, 0..30),
        cut in any::<bool>(),
    ) {
        let events: Vec<&str> = STREAM.split_inclusive("\n\n").collect();
        let body: String = order.iter().filter_map(|place| events.get(*place)).copied().collect();
        same_however_it_comes(body.as_bytes(), &cuts, cut)?;
    }

    #[test]
    fn any_json_in_a_stream_ends(values in prop::collection::vec(any_json(NAMES, WORDS), 0..8)) {
        let body: String = values.iter().map(|value| format!("data: {value}\n\n")).collect();
        let _ = read(Reply::events(body));
    }

    #[test]
    fn any_whole_answer_ends(value in any_json(NAMES, WORDS)) {
        let _ = read(Reply::json(200, value.to_string()));
        let _ = read(Reply::json(200, format!("{{\"output\":[{value}]}}")));
    }
}

fn same_however_it_comes(
    body: &[u8],
    cuts: &[usize],
    cut: bool,
) -> std::result::Result<(), TestCaseError> {
    let told = |chunks: Vec<Vec<u8>>| {
        let read = read(Reply {
            cut,
            ..pieces(chunks)
        });
        match read {
            Ok(read) => (read.told(), format!("{:?}", read.ended)),
            Err(failure) => (String::new(), format!("{failure:?}")),
        }
    };
    prop_assert_eq!(told(vec![body.to_vec()]), told(in_pieces(body, cuts)));
    Ok(())
}
