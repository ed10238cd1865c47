//! What is said, in words.
//!
//! Follows <https://elevenlabs.io/docs/api-reference/speech-to-text/convert>. The recording goes up from the host's file.

use chela_sdk::http::{self, Form};
use chela_sdk::transcription::{Request, Response, Segment, Timestamps};
use chela_sdk::{Failure, Result, Usage};
use serde_json::Value;

use crate::failure::told_apart;
use crate::{extra, primary, text};

/// Writes down what is said.
pub(crate) fn transcribe(request: &Request) -> Result<Response> {
    let timed = request.timestamps != Timestamps::None || request.diarize;
    let mut form = Form::new()
        .text("model_id", request.model.as_str())
        .text_if("language_code", request.language.as_deref().map(primary))
        .text(
            "timestamps_granularity",
            if timed { "word" } else { "none" },
        )
        .text_if("diarize", request.diarize.then_some("true"))
        .text_if(
            "num_speakers",
            request.speaker_count.map(|count| count.to_string()),
        );
    for (name, value) in extra(&request.extra)? {
        // Another recording, an answer that goes elsewhere, or one of another shape.
        if matches!(
            name,
            "file" | "webhook" | "cloud_storage_url" | "source_url" | "use_multi_channel"
        ) {
            return Err(Failure::invalid_request(format!(
                "the field {name} cannot be set beside the request itself"
            )));
        }
        let value = match value {
            Value::String(text) => text,
            value => value.to_string(),
        };
        form = form.text(name, value);
    }
    let name = request
        .audio
        .file_name()
        .unwrap_or_else(|| "audio".to_owned());
    let response = http::endpoint("api")
        .post("/v1/speech-to-text")
        .form(form.file("file", name, &request.audio))
        .send()
        .map_err(told_apart)?;
    let request_id = response.request_id();
    let answer: Value = response.json()?;
    let said = match answer.get("text") {
        Some(Value::String(said)) => said.clone(),
        _ => return Err(Failure::bad_response("the answer holds no transcript")),
    };
    let words = words(&answer);
    let duration = answer.get("audio_duration_secs").and_then(Value::as_f64);
    Ok(Response {
        text: said,
        language: text(&answer, "language_code"),
        duration,
        segments: if timed { sentences(&words) } else { Vec::new() },
        words: if request.timestamps == Timestamps::Word {
            words
                .into_iter()
                .filter(|word| !word.text.trim().is_empty())
                .collect()
        } else {
            Vec::new()
        },
        model: Some(request.model.clone()),
        usage: duration.map(|seconds| Usage {
            seconds: Some(seconds),
            ..Usage::default()
        }),
        request_id: request_id.or_else(|| text(&answer, "transcription_id")),
        ignored: request.prompt.iter().map(|_| "prompt".to_owned()).collect(),
        ..Response::default()
    })
}

/// Words and the blanks between them, those that have times.
fn words(answer: &Value) -> Vec<Segment> {
    let list = answer.get("words").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|entry| {
            Some(Segment {
                start: entry.get("start")?.as_f64()?,
                end: entry.get("end")?.as_f64()?,
                text: entry.get("text")?.as_str()?.to_owned(),
                speaker: text(entry, "speaker_id"),
                confidence: None,
                extra: Vec::new(),
            })
        })
        .collect()
}

/// Words put together to sentences: one ends with its full stop, or where somebody else speaks.
fn sentences(words: &[Segment]) -> Vec<Segment> {
    let mut sentences: Vec<Segment> = Vec::new();
    let mut open = false;
    for word in words {
        let blank = word.text.trim().is_empty();
        match sentences.last_mut() {
            Some(last) if open && (blank || last.speaker == word.speaker) => {
                last.text.push_str(&word.text);
                if !blank {
                    last.end = word.end;
                }
            }
            _ if blank => continue,
            _ => sentences.push(word.clone()),
        }
        open = !word
            .text
            .trim_end()
            .ends_with(['.', '!', '?', '…', '。', '！', '？'])
            || (blank && open);
    }
    for sentence in &mut sentences {
        sentence.text = sentence.text.trim().to_owned();
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use chela_sdk::FailureKind;
    use chela_sdk::testing::{self, Reply, SentBody};
    use proptest::prelude::*;
    use serde_json::json;

    fn request() -> Request {
        Request {
            model: "scribe_v2".into(),
            audio: testing::file("memo.m4a", "audio/mp4", b"sound"),
            language: Some("en-GB".into()),
            prompt: None,
            timestamps: Timestamps::None,
            diarize: false,
            speaker_count: None,
            extra: Vec::new(),
        }
    }

    fn answer() -> Value {
        let word = |text: &str, kind: &str, start: f64, end: f64, who: &str| json!({"text": text, "type": kind, "start": start, "end": end, "speaker_id": who, "logprob": -0.1});
        json!({"language_code": "eng", "language_probability": 0.98, "text": "Hello there. Yes. (laughs)", "words": [
            word("Hello", "word", 0.1, 0.5, "speaker_0"), word(" ", "spacing", 0.5, 0.6, "speaker_0"),
            word("there.", "word", 0.6, 1.0, "speaker_0"), word(" ", "spacing", 1.0, 1.1, "speaker_0"),
            word("Yes.", "word", 1.1, 1.5, "speaker_1"), word(" ", "spacing", 1.5, 1.6, "speaker_1"),
            word("(laughs)", "audio_event", 1.6, 2.0, "speaker_1"),
        ], "transcription_id": "t1", "audio_duration_secs": 2.25})
    }

    #[test]
    fn words_become_sentences_of_one_speaker_each() {
        testing::reply(Reply::json(200, answer().to_string()));
        let wanted = Request {
            timestamps: Timestamps::Word,
            diarize: true,
            speaker_count: Some(2),
            ..request()
        };
        let response = transcribe(&wanted).expect("a transcript");
        let told: Vec<_> = response
            .segments
            .iter()
            .map(|one| (one.text.as_str(), one.speaker.as_deref(), one.end))
            .collect();
        assert_eq!(
            told,
            [
                ("Hello there.", Some("speaker_0"), 1.0),
                ("Yes.", Some("speaker_1"), 1.5),
                ("(laughs)", Some("speaker_1"), 2.0),
            ]
        );
        assert_eq!(response.words.len(), 4);
        assert_eq!(response.request_id.as_deref(), Some("t1"));
        let sent = testing::sent().remove(0);
        assert_eq!(sent.path, "/v1/speech-to-text");
        let SentBody::Form(fields) = sent.body else {
            panic!("a form is sent")
        };
        let fields: Vec<_> = fields
            .iter()
            .map(|field| (field.name.as_str(), String::from_utf8_lossy(&field.value)))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            fields,
            [
                "model_id=scribe_v2",
                "language_code=en",
                "timestamps_granularity=word",
                "diarize=true",
                "num_speakers=2",
                "file=sound",
            ]
        );
    }

    #[test]
    fn text_alone_has_no_times() {
        testing::reply(Reply::json(200, answer().to_string()));
        let response = transcribe(&request()).expect("a transcript");
        assert!(response.segments.is_empty() && response.words.is_empty());
        assert_eq!(response.duration, Some(2.25));
    }

    #[test]
    fn what_is_no_transcript_is_told_apart() {
        for (reply, kind) in [
            (Reply::json(200, "{}"), FailureKind::BadResponse),
            (
                Reply::new(200, "text/html", "<html>"),
                FailureKind::BadResponse,
            ),
            (
                Reply::json(
                    422,
                    r#"{"detail": [{"loc": ["body", "model_id"], "msg": "field required", "type": "missing"}]}"#,
                ),
                FailureKind::InvalidRequest,
            ),
        ] {
            testing::reply(reply);
            assert_eq!(transcribe(&request()).expect_err("none").kind, kind);
        }
    }

    proptest! {
        #[test]
        fn any_cut_and_any_change_is_read_or_refused(cut in 0usize..1200, at in 0usize..1200, byte: u8) {
            let text = answer().to_string().into_bytes();
            let mut changed = text.clone();
            let at = at % changed.len();
            changed[at] = byte;
            for body in [text[..cut.min(text.len())].to_vec(), changed] {
                testing::reply(Reply::json(200, body));
                let _ = transcribe(&Request { diarize: true, ..request() });
            }
        }
    }
}
