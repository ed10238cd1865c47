use chela_sdk::testing::{self, Reply};
use chela_sdk::{Blob, FailureKind};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn request() -> Request {
    Request {
        model: "gemini-3-flash-preview".into(),
        audio: Blob::new("audio/mpeg", b"hi!"),
        language: None,
        prompt: None,
        timestamps: Timestamps::None,
        diarize: false,
        speaker_count: None,
        extra: Vec::new(),
    }
}

fn timed() -> Request {
    Request {
        timestamps: Timestamps::Segment,
        ..request()
    }
}

/// An answer in which the model wrote that.
fn written(text: &str) -> Reply {
    let body = json!({"candidates": [{"content": {"parts": [{"text": "hm", "thought": true}, {"text": text}], "role": "model"},
            "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 90, "candidatesTokenCount": 12}, "modelVersion": "gemini-3-flash-preview", "responseId": "r-1"});
    Reply::json(200, body.to_string())
}

#[test]
fn a_transcript_is_what_was_said_and_nothing_else() {
    testing::reply(written(
        "{\"language\": \"en\", \"text\": \"Hello there. Yes.\"}",
    ));
    let asked = Request {
        language: Some("en".into()),
        prompt: Some("Rumpelstiltskin".into()),
        ..request()
    };
    let response = transcribe(&asked).expect("a transcript");
    assert_eq!(response.text, "Hello there. Yes.");
    assert_eq!(response.language.as_deref(), Some("en"));
    assert_eq!(response.request_id.as_deref(), Some("r-1"));
    assert!(response.segments.is_empty() && response.ignored.is_empty());
    let sent = testing::sent();
    assert_eq!(
        sent[0].path,
        "/models/gemini-3-flash-preview:generateContent"
    );
    let body = sent[0].json();
    let parts = &body["contents"][0]["parts"];
    assert_eq!(
        parts[0],
        json!({"inlineData": {"mimeType": "audio/mpeg", "data": "aGkh"}})
    );
    let task = parts[1]["text"].as_str().expect("words");
    assert!(
        task.contains("`en`") && task.contains("Rumpelstiltskin"),
        "{task}"
    );
    assert!(!task.contains("MM:SS"), "{task}");
    assert_eq!(
        body["generationConfig"],
        json!({"responseMimeType": "application/json", "responseJsonSchema": {"type": "object", "required": ["language", "text"],
            "properties": {"language": {"type": "string", "description": "the language spoken, as a BCP 47 tag"}, "text": {"type": "string"}}}})
    );
}

#[test]
fn segments_are_given_where_they_are_asked_for() {
    testing::reply(written(
        r#"{"language": "en", "segments": [
            {"begin": "00:00.500", "end": "00:02", "speaker": "A", "text": "Hello there."},
            {"begin": "00:02", "end": 3.5, "speaker": "A", "text": " How are you? "},
            {"begin": "1:00:00", "end": "01:00:01,25", "speaker": "B", "text": "Well."},
            {"begin": "x", "end": "y", "speaker": "B", "text": " "}]}"#,
    ));
    let asked = Request {
        diarize: true,
        speaker_count: Some(2),
        ..timed()
    };
    let response = transcribe(&asked).expect("a transcript");
    assert_eq!(response.text, "Hello there. How are you?\nWell.");
    let told: Vec<_> = response
        .segments
        .iter()
        .map(|one| (one.start, one.end, one.speaker.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            (0.5, 2.0, Some("A")),
            (2.0, 3.5, Some("A")),
            (3600.0, 3601.25, Some("B"))
        ]
    );
    let body = testing::sent()[0].json();
    let task = body["contents"][0]["parts"][1]["text"].as_str();
    assert!(task.expect("words").contains("2 people speak"));
    let form = &body["generationConfig"]["responseJsonSchema"]["properties"]["segments"]["items"];
    assert_eq!(form["required"], json!(["begin", "end", "text", "speaker"]));
}

#[test]
fn words_are_not_timed_and_that_is_told() {
    testing::reply(written("{\"language\": \"en\", \"text\": \"Hello.\"}"));
    let asked = Request {
        timestamps: Timestamps::Word,
        ..request()
    };
    let response = transcribe(&asked).expect("a transcript");
    assert_eq!(response.ignored, ["timestamps"]);
    assert!(response.segments.is_empty() && response.words.is_empty());
}

#[test]
fn silence_is_no_words() {
    testing::reply(written("{\"language\": \"\", \"text\": \"\"}"));
    let response = transcribe(&request()).expect("an answer");
    assert_eq!((response.text.as_str(), response.language), ("", None));
    testing::reply(written("{\"language\": \"\", \"segments\": []}"));
    assert_eq!(transcribe(&timed()).expect("an answer").text, "");
}

#[test]
fn what_is_no_transcript_is_told_apart() {
    crate::tests::tells_apart(&|| transcribe(&request()).map(drop));
    let ended = |reason: &str| {
        let body = json!({"candidates": [{"content": {"parts": [{"text": "{\"language\": \"en\", \"text\": \"and so"}]},
            "finishReason": reason}]});
        Reply::json(200, body.to_string())
    };
    for (reply, kind) in [
        (ended("MAX_TOKENS"), FailureKind::BadResponse),
        (ended("STOP"), FailureKind::BadResponse),
        (
            written("Here is the transcript: hello"),
            FailureKind::BadResponse,
        ),
        (written("[1]"), FailureKind::BadResponse),
        (
            Reply::json(
                200,
                "{\"candidates\": [{\"finishReason\": \"RECITATION\"}]}",
            ),
            FailureKind::ContentFiltered,
        ),
        (
            Reply::json(200, "{\"promptFeedback\": {\"blockReason\": \"OTHER\"}}"),
            FailureKind::ContentFiltered,
        ),
        (
            Reply::json(200, "{\"candidates\": [{\"finishReason\": \"STOP\"}]}"),
            FailureKind::EmptyOutput,
        ),
    ] {
        testing::reply(reply);
        assert_eq!(transcribe(&request()).expect_err("none").kind, kind);
    }
    for broken in [
        "{\"language\": \"en\", \"text\": \"Hello.\"}",
        "{\"segments\": [{\"text\": \"Hello.\", \"begin\": \"soon\", \"end\": \"00:01\"}]}",
        "{\"segments\": [{\"text\": \"Hello.\", \"begin\": \"00:01\", \"end\": -1}]}",
    ] {
        testing::reply(written(broken));
        let failure = transcribe(&timed()).expect_err(broken);
        assert_eq!(failure.kind, FailureKind::BadResponse, "{broken}");
    }
}

proptest! {
    #[test]
    fn any_json_is_read(value in crate::tests::any_json()) {
        let segments = json!({"segments": [{"text": "x", "begin": value.clone(), "end": 1}, value.clone()]});
        for reply in [
            Reply::json(200, value.to_string()),
            written(&value.to_string()),
            written(&json!({"language": value.clone(), "text": value.clone()}).to_string()),
            written(&segments.to_string()),
        ] {
            testing::reply(reply);
            if let Ok(response) = transcribe(&timed()) {
                prop_assert!(response.segments.iter().all(|one| one.start.is_finite() && one.end.is_finite()));
            }
        }
    }

    #[test]
    fn any_time_is_read_or_refused(text in "[0-9:., -]{0,14}") {
        let said = json!({"begin": text});
        if let Some(seconds) = time(&said, "begin") {
            prop_assert!(seconds.is_finite() && seconds >= 0.0);
        }
    }

    #[test]
    fn a_time_that_is_written_is_the_one_that_is_read(hours in 0u32..100, minutes in 0u32..60, thousandths in 0u32..60_000) {
        let written = format!("{hours:02}:{minutes:02}:{:02}.{:03}", thousandths / 1000, thousandths % 1000);
        let seconds = f64::from(hours * 3600 + minutes * 60) + f64::from(thousandths) / 1000.0;
        let read = time(&json!({"begin": written}), "begin").expect("a time");
        prop_assert!((read - seconds).abs() < 1e-6);
    }
}
