use chela_sdk::FailureKind;
use chela_sdk::testing::{self, Reply};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn request(format: Option<Format>) -> Request {
    Request {
        model: "gemini-3.1-flash-tts-preview".into(),
        text: "Have a wonderful day!".into(),
        voice: Some("Kore".into()),
        format,
        speed: None,
        instructions: None,
        language: None,
        extra: Vec::new(),
    }
}

fn answer(parts: &Value) -> String {
    json!({"candidates": [{"content": {"parts": parts, "role": "model"}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 48}, "modelVersion": "gemini-3.1-flash-tts-preview",
        "responseId": "r-1"})
    .to_string()
}

fn samples(kind: &str, data: &str) -> Value {
    json!([{"inlineData": {"mimeType": kind, "data": data}}])
}

fn bytes(response: &Response) -> Vec<u8> {
    response
        .media
        .read_all(1 << 20)
        .expect("memory can be read")
}

#[test]
fn samples_become_a_file() {
    let parts = samples("audio/L16;codec=pcm;rate=16000", "AQACAA==");
    testing::reply(Reply::json(200, answer(&parts)));
    let response = synthesize(&request(None)).expect("sound");
    let file = bytes(&response);
    assert_eq!(file.len(), 48);
    assert_eq!((&file[..4], &file[8..16]), (&b"RIFF"[..], &b"WAVEfmt "[..]));
    let number = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().expect("four"));
    assert_eq!((number(4), number(24), number(28)), (40, 16_000, 32_000));
    assert_eq!((&file[36..40], number(40)), (&b"data"[..], 4));
    assert_eq!(file[44..], [1, 0, 2, 0]);
    assert_eq!(response.sample_rate, Some(16_000));
    assert_eq!(response.voice.as_deref(), Some("Kore"));
    assert_eq!(response.request_id.as_deref(), Some("r-1"));
    assert_eq!(response.usage.expect("counts").output_tokens, Some(48));
    let sent = testing::sent();
    assert_eq!(
        sent[0].path,
        "/models/gemini-3.1-flash-tts-preview:generateContent"
    );
    assert_eq!(
        sent[0].json(),
        json!({"contents": [{"role": "user", "parts": [{"text": "Have a wonderful day!"}]}],
            "generationConfig": {"responseModalities": ["AUDIO"],
                "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}}}})
    );
}

#[test]
fn samples_alone_are_given_where_they_are_wanted() {
    let pieces = json!([
        {"text": "thinking", "thought": true},
        {"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": "AQAC"}},
        {"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": "AA=="}},
    ]);
    testing::reply(Reply::json(200, answer(&pieces)));
    let response = synthesize(&request(Some(Format::Pcm))).expect("sound");
    assert_eq!(bytes(&response), [1, 0, 2, 0]);
    assert_eq!(response.sample_rate, Some(24_000));
    assert!(response.ignored.is_empty());
}

#[test]
fn a_file_of_its_own_is_left_as_it_is() {
    testing::reply(Reply::json(200, answer(&samples("audio/mpeg", "SUQz"))));
    let response = synthesize(&request(Some(Format::Mp3))).expect("sound");
    assert_eq!(bytes(&response), b"ID3");
    assert_eq!(response.sample_rate, None);
    assert_eq!(response.ignored, ["format"]);
}

#[test]
fn how_to_speak_stands_before_what_to_say() {
    testing::reply(Reply::json(200, answer(&samples("audio/L16", "AQA="))));
    let asked = Request {
        instructions: Some("Say cheerfully: ".into()),
        language: Some("en-GB".into()),
        speed: Some(2.0),
        ..request(Some(Format::Wav))
    };
    let response = synthesize(&asked).expect("sound");
    assert_eq!(response.ignored, ["speed"]);
    assert_eq!(response.sample_rate, Some(24_000));
    let sent = testing::sent()[0].json();
    assert_eq!(
        sent["contents"][0]["parts"][0]["text"],
        "Say cheerfully: Have a wonderful day!"
    );
    assert_eq!(
        sent["generationConfig"]["speechConfig"]["languageCode"],
        "en-GB"
    );
}

#[test]
fn what_is_no_sound_is_told_apart() {
    crate::tests::tells_apart(&|| synthesize(&request(None)).map(drop));
    let ended = |reason: &str| json!({"candidates": [{"finishReason": reason}]});
    for (body, kind) in [
        (
            json!({"promptFeedback": {"blockReason": "SAFETY"}}),
            FailureKind::ContentFiltered,
        ),
        (ended("PROHIBITED_CONTENT"), FailureKind::ContentFiltered),
        // What the API does now and then, and says itself that one may ask again.
        (ended("OTHER"), FailureKind::EmptyOutput),
        (
            json!({"candidates": [{"content": {"parts": [{"text": "Sure!"}]}}]}),
            FailureKind::EmptyOutput,
        ),
        (
            json!({"candidates": [{"content": {"parts": samples("audio/L16", "***")}}]}),
            FailureKind::BadResponse,
        ),
        (
            json!({"candidates": [{"content": {"parts": samples("audio/L16", "")}}]}),
            FailureKind::EmptyOutput,
        ),
        (
            json!({"candidates": [{"content": {"parts": [{"inlineData": {"data": null}}]}}]}),
            FailureKind::BadResponse,
        ),
    ] {
        testing::reply(Reply::json(200, body.to_string()));
        let failure = synthesize(&request(None)).expect_err("none");
        assert_eq!(failure.kind, kind, "{body}");
    }
}

#[test]
fn there_are_thirty_voices_and_the_usual_one_is_among_them() {
    let voices = voices();
    let mut names: Vec<_> = voices.iter().map(|voice| voice.id.clone()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 30);
    assert!(names.contains(&"Kore".to_owned()));
}

proptest! {
    #[test]
    fn any_json_is_read(value in crate::tests::any_json()) {
        for body in [value.to_string(), answer(&json!([value])), answer(&value)] {
            testing::reply(Reply::json(200, body));
            let _ = synthesize(&request(None));
        }
    }

    #[test]
    fn any_cut_is_read_or_refused(cut in 0usize..400, size in 1usize..80, order in prop::collection::vec(0usize..8, 0..12)) {
        let whole = answer(&samples("audio/L16;codec=pcm;rate=24000", "AQACAAMABAA=")).into_bytes();
        let cut = cut.min(whole.len());
        testing::reply(Reply { cut: true, ..chunked(vec![whole[..cut].to_vec()]) });
        prop_assert!(synthesize(&request(None)).is_err());
        testing::reply(chunked(chela_dialect::testing::shuffled(&whole, size, &order)));
        let _ = synthesize(&request(None));
        let pieces = whole.chunks(size).map(<[u8]>::to_vec).collect();
        testing::reply(chunked(pieces));
        prop_assert_eq!(bytes(&synthesize(&request(None)).expect("sound")).len(), 52);
    }

    #[test]
    fn any_kind_has_a_rate_or_a_header_of_its_own(kind in ".{0,40}") {
        prop_assert_ne!(rate_of_samples(&kind), Some(0));
    }
}

fn chunked(chunks: Vec<Vec<u8>>) -> Reply {
    Reply {
        chunks,
        ..Reply::json(200, "")
    }
}
