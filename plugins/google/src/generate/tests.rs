use chela_dialect::testing::{in_pieces, shuffled};
use chela_sdk::FailureKind as Kind;
use chela_sdk::model::{Content, Event, EventStream, FinishReason, Message, Role, ThinkingLevel};
use chela_sdk::testing::{self, Reply};
use proptest::prelude::*;
use serde_json::json;

use super::*;

const STREAM: &str = concat!(
    "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"Hm\",\"thought\": true}],\"role\": \"model\"},\"finishReason\": null,\"index\": 0}],\"usageMetadata\": {\"promptTokenCount\": 9},\"modelVersion\": \"gemini-x\",\"responseId\": \"r-1\"}\r\n\r\n",
    "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"Grüße \"}],\"role\": \"model\"},\"index\": 0}],\"modelVersion\": \"gemini-x\",\"responseId\": \"r-1\"}\r\n\r\n",
    "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"🦀\"}],\"role\": \"model\"},\"index\": 0}],\"modelVersion\": \"gemini-x\",\"responseId\": \"r-1\"}\r\n\r\n",
    "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"\",\"thoughtSignature\": \"c2ln\"}],\"role\": \"model\"},\"finishReason\": \"STOP\",\"index\": 0}],\"usageMetadata\": {\"promptTokenCount\": 9,\"candidatesTokenCount\": 3,\"thoughtsTokenCount\": 5},\"modelVersion\": \"gemini-x\",\"responseId\": \"r-1\"}\r\n\r\n",
);

const WHOLE: &str = "{\n  \"candidates\": [\n    {\"content\": {\"parts\": [{\"text\": \"Grüße 🦀\"}], \"role\": \"model\"}, \"finishReason\": \"STOP\"}\n  ],\n  \"modelVersion\": \"gemini-x\"\n}\n";

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

fn request(incremental: bool) -> Request {
    Request {
        model: "gemini-x".into(),
        messages: vec![Message::new(Role::User, [Content::Text("Hi".into())])],
        incremental,
        ..Request::default()
    }
}

fn read(reply: Reply, incremental: bool) -> Result<Read> {
    testing::reply(reply);
    let mut stream = start(&request(incremental))?;
    let mut events = Vec::new();
    let ended = loop {
        match stream.next() {
            Ok(Some(event)) => events.push(event),
            Ok(None) => break Ok(()),
            Err(failure) => break Err(failure),
        }
    };
    Ok(Read { events, ended })
}

fn pieces(chunks: Vec<Vec<u8>>) -> Reply {
    Reply {
        chunks,
        ..Reply::events("")
    }
}

#[test]
fn an_answer_is_read_streamed_and_whole_whatever_was_asked() {
    let listed = format!("[{WHOLE}\n]");
    for body in [STREAM, WHOLE, &listed] {
        for incremental in [true, false] {
            let read = read(Reply::events(body), incremental).expect("an answer");
            assert_eq!((read.text().as_str(), read.finished()), ("Grüße 🦀", true));
            read.ended.expect("it is complete");
        }
    }
    let sent = testing::sent();
    assert_eq!(sent[0].path, "/models/gemini-x:streamGenerateContent");
    assert_eq!(sent[0].query, [("alt".to_owned(), "sse".to_owned())]);
    assert_eq!(sent[1].path, "/models/gemini-x:generateContent");
    assert!(sent[1].query.is_empty());
}

#[test]
fn thoughts_signatures_and_counts_come_through() {
    let read = read(Reply::events(STREAM), true).expect("a stream");
    let [
        Event::Answerer(who),
        Event::Reasoning(thought),
        Event::Text(_),
        Event::Text(_),
        Event::Reasoning(signed),
        Event::Usage(usage),
        Event::Finish(FinishReason::Stop),
    ] = &read.events[..]
    else {
        panic!("{:?}", read.events)
    };
    assert_eq!(
        (who.model.as_deref(), who.request_id.as_deref()),
        (Some("gemini-x"), Some("r-1"))
    );
    assert_eq!((thought.text.as_str(), &thought.opaque), ("Hm", &None));
    assert_eq!(
        (signed.text.as_str(), signed.opaque.as_deref()),
        ("", Some("c2ln"))
    );
    assert_eq!(
        (usage.output_tokens, usage.reasoning_tokens),
        (Some(8), Some(5))
    );
}

#[test]
fn calls_media_and_sources_come_whole() {
    let body = json!({"candidates": [{"content": {"parts": [
        {"functionCall": {"id": "c1", "name": "find", "args": {"q": 1}}, "thoughtSignature": "c2ln"},
        {"functionCall": {"name": "list"}},
        {"inlineData": {"mimeType": "image/png", "data": "aGkh"}},
    ], "role": "model"}, "finishReason": "STOP", "groundingMetadata": {"groundingChunks": [{"web": {"uri": "https://a.example", "title": "A"}}]}}]});
    let read = read(Reply::json(200, body.to_string()), false).expect("an answer");
    let [
        Event::Answerer(_),
        Event::ToolCall(find),
        Event::ToolCall(list),
        Event::Media(_),
        Event::Citation(page),
        Event::Finish(FinishReason::ToolCalls),
    ] = &read.events[..]
    else {
        panic!("{:?}", read.events)
    };
    assert_eq!(
        (find.id.as_str(), find.arguments.as_str()),
        ("c1", "{\"q\":1}")
    );
    assert_eq!(
        (find.extra[0].name.as_str(), find.extra[0].value.as_str()),
        ("thoughtSignature", "\"c2ln\"")
    );
    assert_eq!((list.id.as_str(), list.arguments.as_str()), ("", "{}"));
    assert_eq!(page.url.as_deref(), Some("https://a.example"));
}

#[test]
fn what_is_filtered_and_what_is_cut_is_told_apart() {
    for (word, reason) in [
        ("STOP", FinishReason::Stop),
        ("MAX_TOKENS", FinishReason::Length),
        ("SAFETY", FinishReason::ContentFilter),
        ("RECITATION", FinishReason::ContentFilter),
        ("SPII", FinishReason::ContentFilter),
        (
            "MALFORMED_FUNCTION_CALL",
            FinishReason::Other("MALFORMED_FUNCTION_CALL".into()),
        ),
    ] {
        let body =
            json!({"candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": word}]});
        let read = read(Reply::json(200, body.to_string()), false).expect(word);
        let Some(Event::Finish(told)) = read.events.last() else {
            panic!("{word}: {:?}", read.events)
        };
        assert_eq!(format!("{told:?}"), format!("{reason:?}"));
    }
    let blocked = json!({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 4}});
    for body in [blocked.to_string(), format!("data: {blocked}\r\n\r\n")] {
        let read = read(Reply::events(body), true);
        let failure = match read {
            Ok(read) => read.ended.expect_err("blocked"),
            Err(failure) => failure,
        };
        assert_eq!(
            (failure.kind, failure.code.as_deref()),
            (Kind::ContentFiltered, Some("SAFETY"))
        );
    }
}

#[test]
fn a_stream_that_breaks_off_says_so() {
    let early = STREAM.rfind("data: ").expect("there");
    for reply in [
        Reply::events(&STREAM[..early]),
        Reply::events(&STREAM[..early]).cut(),
    ] {
        let read = read(reply, true).expect("it began well");
        assert_eq!((read.text().as_str(), read.finished()), ("Grüße 🦀", false));
        assert_eq!(read.ended.expect_err("it was cut").kind, Kind::BadResponse);
    }
    let read = read(Reply::events(STREAM).cut(), true).expect("it began well");
    assert!(read.finished() && read.ended.is_ok());
}

#[test]
fn answers_that_are_none_fail_at_the_start() {
    let overloaded = "{\"error\":{\"code\":503,\"message\":\"The model is overloaded.\",\"status\":\"UNAVAILABLE\"}}";
    for (status, body, kind) in [
        (200, "", Kind::BadResponse),
        (200, "<html>", Kind::BadResponse),
        (200, "{}", Kind::BadResponse),
        (200, "[]", Kind::BadResponse),
        (
            200,
            "{\"usageMetadata\":{\"promptTokenCount\":3}}",
            Kind::EmptyOutput,
        ),
        (200, overloaded, Kind::Unavailable),
        (503, overloaded, Kind::Unavailable),
        (
            429,
            "[{\"error\":{\"code\":429,\"message\":\"Slow down.\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"retryDelay\":\"3s\"}]}}]",
            Kind::RateLimited,
        ),
        (
            401,
            "{\"error\":{\"code\":401,\"status\":\"UNAUTHENTICATED\"}}",
            Kind::Auth,
        ),
    ] {
        for incremental in [true, false] {
            let failure = read(Reply::json(status, body), incremental).expect_err(body);
            assert_eq!(failure.kind, kind, "{status} {body}");
            if kind == Kind::RateLimited {
                assert_eq!(failure.retry_after_ms, Some(3000));
            }
        }
    }
}

#[test]
fn thinking_goes_by_family_and_not_to_just_any_server() {
    let asked = |model: &str| {
        testing::reply(Reply::json(200, WHOLE));
        let request = Request {
            model: model.into(),
            thinking: Some(ThinkingLevel::Low),
            ..request(false)
        };
        start(&request).expect("an answer");
        testing::sent()[0].json()["generationConfig"]["thinkingConfig"].take()
    };
    let families = json!([{"models": ["a"], "levels": {"low": "low"}}, {"models": ["b"], "levels": {"low": 2048}}, {"models": ["c"]}]);
    testing::set("families", families);
    assert_eq!(
        asked("a-1"),
        json!({"thinkingLevel": "low", "includeThoughts": true})
    );
    assert_eq!(
        asked("b-1"),
        json!({"thinkingBudget": 2048, "includeThoughts": true})
    );
    assert_eq!(asked("c-1"), json!(null));
    testing::replace_endpoint("api");
    assert_eq!(asked("a-1"), json!(null));
}

proptest! {
    #[test]
    fn cuts_change_nothing(cuts in prop::collection::vec(1usize..120, 0..60)) {
        let read = read(pieces(in_pieces(STREAM.as_bytes(), &cuts)), true).expect("a stream");
        let text = read.text();
        prop_assert_eq!(text.as_str(), "Grüße 🦀");
        prop_assert!(read.finished() && read.ended.is_ok());
    }

    /// Pieces of a stream left out, repeated and put in any order end somehow, soon, and without a panic.
    #[test]
    fn any_mix_of_pieces_ends(order in prop::collection::vec(0usize..24, 0..40), size in 1usize..160, cut in any::<bool>(), incremental in any::<bool>()) {
        let _ = read(Reply { cut, ..pieces(shuffled(STREAM.as_bytes(), size, &order)) }, incremental);
    }

    #[test]
    fn any_bytes_end(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..10)) {
        let _ = read(pieces(chunks), true);
    }

    #[test]
    fn any_json_ends(values in prop::collection::vec(crate::tests::any_json(), 0..6)) {
        let streamed: String = values.iter().map(|value| format!("data: {value}\r\n\r\n")).collect();
        let _ = read(Reply::events(streamed), true);
        let whole = json!({"candidates": values});
        if let Ok(read) = read(Reply::json(200, whole.to_string()), false) {
            let ends = read.events.iter().filter(|event| matches!(event, Event::Finish(_))).count();
            prop_assert!(ends <= 1);
        }
    }
}
