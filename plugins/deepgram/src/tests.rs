//! Answers as Deepgram's pages describe them.

use super::*;
use chela_sdk::testing::{self, Reply, SentBody};
use proptest::prelude::*;
use serde_json::json;

fn request() -> Request {
    Request {
        model: "nova-3".into(),
        audio: testing::file("memo.wav", "audio/wav", b"sound"),
        language: None,
        prompt: None,
        timestamps: Timestamps::None,
        diarize: false,
        speaker_count: None,
        extra: Vec::new(),
    }
}

fn answer() -> Value {
    json!({
        "metadata": {"transaction_key": "deprecated", "request_id": "a847f427-4ad5-4d67-9b95-db801e58251c",
                     "sha256": "154e291ecfa8be6ab8343560bcc109008fa7853eb5372533e8efdefc9b504c33",
                     "created": "2024-05-12T18:57:13.426Z", "duration": 25.933313, "channels": 1, "models": ["30089e05"]},
        "results": {
            "channels": [{"detected_language": "en", "language_confidence": 0.98, "alternatives": [{
                "transcript": "Yeah. As much as.", "confidence": 0.99,
                "words": [
                    {"word": "yeah", "start": 0.08, "end": 0.32, "confidence": 0.99, "punctuated_word": "Yeah."},
                    {"word": "as", "start": 0.32, "end": 0.79, "confidence": 0.99, "punctuated_word": "As", "speaker": 0},
                ]}]}],
            "utterances": [{"start": 0.08, "end": 0.79, "confidence": 0.99, "channel": 0, "transcript": "Yeah. As much as.",
                            "words": [], "speaker": 0, "id": "u"}],
        },
    })
}

#[test]
fn the_recording_is_the_body_and_the_rest_is_the_query() {
    testing::reply(Reply::json(200, answer().to_string()));
    let wanted = Request {
        language: Some("en-GB".into()),
        prompt: Some("names".into()),
        diarize: true,
        extra: vec![NamedValue {
            name: "keyterm".into(),
            value: r#"["Ada", "Lovelace"]"#.into(),
        }],
        ..request()
    };
    let response = Deepgram::transcribe(wanted).expect("a transcript");
    let sent = testing::sent().remove(0);
    assert_eq!(sent.path, "/listen");
    let query: Vec<String> = sent
        .query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(
        query,
        [
            "model=nova-3",
            "smart_format=true",
            "language=en-GB",
            "utterances=true",
            "diarize=true",
            "keyterm=Ada",
            "keyterm=Lovelace",
        ]
    );
    assert!(
        sent.headers
            .contains(&("content-type".into(), "audio/wav".into()))
    );
    assert_eq!(sent.body, SentBody::Bytes(b"sound".to_vec()));
    assert_eq!(response.ignored, ["prompt"]);
    assert_eq!(response.segments[0].speaker.as_deref(), Some("speaker 0"));
    assert_eq!(
        response.request_id.as_deref(),
        Some("a847f427-4ad5-4d67-9b95-db801e58251c")
    );
}

#[test]
fn an_answer_is_not_sent_elsewhere() {
    let wanted = Request {
        extra: vec![NamedValue {
            name: "callback".into(),
            value: r#""https://evil.example/""#.into(),
        }],
        ..request()
    };
    let failure = Deepgram::transcribe(wanted).expect_err("it comes here");
    assert_eq!(failure.kind, FailureKind::InvalidRequest);
    assert!(testing::sent().is_empty());
}

#[test]
fn text_language_words_and_length_are_read() {
    testing::reply(Reply::json(200, answer().to_string()));
    let wanted = Request {
        timestamps: Timestamps::Word,
        ..request()
    };
    let response = Deepgram::transcribe(wanted).expect("a transcript");
    assert_eq!(response.text, "Yeah. As much as.");
    assert_eq!(response.language.as_deref(), Some("en"));
    assert_eq!(response.duration, Some(25.933313));
    assert_eq!(response.words[0].text, "Yeah.");
    let query = testing::sent().remove(0).query;
    assert!(query.contains(&("detect_language".into(), "true".into())));
}

#[test]
fn failures_are_told_apart() {
    for (status, body, kind, word) in [
        (
            401,
            r#"{"err_code": "INVALID_AUTH", "err_msg": "Invalid credentials.", "request_id": "x"}"#,
            FailureKind::Auth,
            "Invalid credentials",
        ),
        (
            402,
            r#"{"err_code": "ASR_PAYMENT_REQUIRED", "err_msg": "Project does not have enough credits"}"#,
            FailureKind::Quota,
            "credits",
        ),
        (
            429,
            r#"{"err_code": "TOO_MANY_REQUESTS", "err_msg": "Too many requests. Please try again later"}"#,
            FailureKind::RateLimited,
            "Too many",
        ),
        (
            400,
            r#"{"category": "INVALID_JSON", "message": "Invalid JSON submitted.", "details": "x", "request_id": "y"}"#,
            FailureKind::InvalidRequest,
            "Invalid JSON",
        ),
        (
            402,
            r#"{"category": "INSUFFICIENT_CREDITS", "message": "The project is spent.", "details": "x", "request_id": "y"}"#,
            FailureKind::Quota,
            "spent",
        ),
        (503, "", FailureKind::Unavailable, "503"),
    ] {
        testing::reply(Reply::json(status, body));
        let failure = Deepgram::transcribe(request()).expect_err(body);
        assert_eq!(failure.kind, kind, "{body}");
        assert_eq!(failure.code.is_some(), body.contains("_"), "{body}");
        assert_eq!(failure.request_id.is_some(), body.contains("request_id"));
        assert!(failure.message.contains(word), "{}", failure.message);
    }
    for reply in [
        Reply::json(200, "{}"),
        Reply::json(200, r#"{"request_id": "accepted"}"#),
        Reply::new(200, "text/html", "<html>"),
        Reply::json(200, r#"{"results": {"chan"#).cut(),
    ] {
        testing::reply(reply);
        let failure = Deepgram::transcribe(request()).expect_err("no transcript");
        assert_eq!(failure.kind, FailureKind::BadResponse);
    }
}

proptest! {
    #[test]
    fn any_cut_and_any_change_is_read_or_refused(cut in 0usize..2000, at in 0usize..2000, byte: u8) {
        let text = answer().to_string().into_bytes();
        let mut changed = text.clone();
        let at = at % changed.len();
        changed[at] = byte;
        for body in [text[..cut.min(text.len())].to_vec(), changed] {
            testing::reply(Reply::json(200, body));
            let wanted = Request { timestamps: Timestamps::Word, ..request() };
            let _ = Deepgram::transcribe(wanted);
        }
    }
}
