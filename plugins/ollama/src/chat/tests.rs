use chela_dialect::testing::{in_pieces, shuffled};
use chela_sdk::FailureKind as Kind;
use chela_sdk::model::{Content, Event, EventStream, FinishReason, Message, Role};
use chela_sdk::testing::{self, Reply};
use proptest::prelude::*;

use super::*;

const STREAM: &str = concat!(
    "{\"model\":\"m-1\",\"created_at\":\"2026-01-01T00:00:00Z\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"Hm\"},\"done\":false}\n",
    "{\"model\":\"m-1\",\"created_at\":\"2026-01-01T00:00:00Z\",\"message\":{\"role\":\"assistant\",\"content\":\"Grüße \"},\"done\":false}\n",
    "{\"model\":\"m-1\",\"created_at\":\"2026-01-01T00:00:00Z\",\"message\":{\"role\":\"assistant\",\"content\":\"🦀\"},\"done\":false}\n",
    "{\"model\":\"m-1\",\"created_at\":\"2026-01-01T00:00:00Z\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"total_duration\":1,\"prompt_eval_count\":9,\"eval_count\":3}\n",
);

const WHOLE: &str = "{\"model\":\"m-1\",\"message\":{\"role\":\"assistant\",\"content\":\"Grüße 🦀\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":9,\"eval_count\":3}";

/// What an answer gave, and how it ended.
#[derive(Debug)]
struct Read {
    events: Vec<Event>,
    ended: Result<()>,
}

impl Read {
    fn text(&self) -> String {
        let texts = self.events.iter().filter_map(|event| match event {
            Event::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    fn finished(&self) -> bool {
        self.events
            .iter()
            .any(|event| matches!(event, Event::Finish(_)))
    }
}

fn read(reply: Reply, incremental: bool) -> Result<Read> {
    testing::reply(reply);
    let request = Request {
        model: "m".into(),
        messages: vec![Message::new(Role::User, [Content::Text("Hi".into())])],
        incremental,
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

fn lines(body: &str) -> Reply {
    Reply::new(200, "application/x-ndjson", body)
}

fn pieces(chunks: Vec<Vec<u8>>) -> Reply {
    Reply {
        chunks,
        ..lines("")
    }
}

#[test]
fn an_answer_is_read_streamed_and_whole_whatever_was_asked() {
    for body in [STREAM, WHOLE] {
        for incremental in [true, false] {
            let read = read(lines(body), incremental).expect("an answer");
            assert_eq!((read.text().as_str(), read.finished()), ("Grüße 🦀", true));
            read.ended.expect("it is complete");
            let [.., Event::Usage(usage), Event::Finish(FinishReason::Stop)] = &read.events[..]
            else {
                panic!("{:?}", read.events)
            };
            assert_eq!(
                (usage.input_tokens, usage.output_tokens),
                (Some(9), Some(3))
            );
        }
    }
    assert_eq!(testing::sent()[0].path, "/api/chat");
}

#[test]
fn calls_come_whole() {
    let body = concat!(
        "{\"message\":{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"id\":\"call_1\",\"function\":{\"index\":0,\"name\":\"find\",\"arguments\":{\"q\":1}}},{\"function\":{\"name\":\"list\",\"arguments\":{}}}]},\"done\":false}\n",
        "{\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\"}\n",
    );
    let given = read(lines(body), true).expect("an answer");
    let [
        Event::Answerer(_),
        Event::ToolCall(find),
        Event::ToolCall(list),
        Event::Finish(FinishReason::ToolCalls),
    ] = &given.events[..]
    else {
        panic!("{:?}", given.events)
    };
    assert_eq!(
        (find.id.as_str(), find.arguments.as_str()),
        ("call_1", "{\"q\":1}")
    );
    assert_eq!((list.id.as_str(), list.arguments.as_str()), ("", "{}"));
}

#[test]
fn what_breaks_off_or_breaks_says_so() {
    let early = STREAM.rfind("{\"model\"").expect("there");
    for reply in [lines(&STREAM[..early]), lines(&STREAM[..early]).cut()] {
        let read = read(reply, true).expect("it began well");
        assert_eq!((read.text().as_str(), read.finished()), ("Grüße 🦀", false));
        assert_eq!(read.ended.expect_err("it was cut").kind, Kind::BadResponse);
    }
    let body = format!("{}{{\"error\":\"the runner stopped\"}}\n", &STREAM[..early]);
    let read = read(lines(&body), true).expect("it began well");
    assert_eq!(read.ended.expect_err("an error").kind, Kind::Unavailable);
}

#[test]
fn answers_that_are_none_fail_at_the_start() {
    for (status, body, kind) in [
        (200, "", Kind::BadResponse),
        (200, "<html>", Kind::BadResponse),
        (200, "Ollama is running", Kind::BadResponse),
        (200, "{\"done\":\n", Kind::BadResponse),
        (200, "{\"error\":\"it broke\"}", Kind::Unavailable),
        (404, "{\"error\":\"model 'm' not found\"}", Kind::NotFound),
        (500, "{\"error\":\"it broke\"}", Kind::Unavailable),
        (429, "{\"error\":\"slow down\"}", Kind::RateLimited),
        (401, "{\"error\":\"unauthorized\"}", Kind::Auth),
    ] {
        for incremental in [true, false] {
            let failure = read(Reply::json(status, body), incremental).expect_err(body);
            assert_eq!(failure.kind, kind, "{status} {body}");
        }
    }
}

proptest! {
    #[test]
    fn cuts_change_nothing(cuts in prop::collection::vec(1usize..90, 0..60)) {
        let read = read(pieces(in_pieces(STREAM.as_bytes(), &cuts)), true).expect("a stream");
        let text = read.text();
        prop_assert_eq!(text.as_str(), "Grüße 🦀");
        prop_assert!(read.finished() && read.ended.is_ok());
    }

    /// Pieces of a stream left out, repeated and put in any order end somehow, soon, and without a panic.
    #[test]
    fn any_mix_of_pieces_ends(order in prop::collection::vec(0usize..24, 0..40), size in 1usize..120, cut in any::<bool>(), incremental in any::<bool>()) {
        let _ = read(Reply { cut, ..pieces(shuffled(STREAM.as_bytes(), size, &order)) }, incremental);
    }

    #[test]
    fn any_bytes_end(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..10)) {
        let _ = read(pieces(chunks), true);
    }

    #[test]
    fn any_json_in_a_stream_ends(values in prop::collection::vec(crate::tests::any_json(), 0..6), incremental in any::<bool>()) {
        let body: String = values.iter().map(|value| format!("{value}\n")).collect();
        let _ = read(lines(&body), incremental);
    }
}
