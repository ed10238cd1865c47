//! What is said, in words.
//!
//! Follows <https://platform.openai.com/docs/api-reference/audio/createTranscription>,
//! <https://console.groq.com/docs/api-reference#audio-transcription> and
//! <https://docs.mistral.ai/api/endpoint/audio/transcriptions>. The recording goes up from the host's file; the answer is read by its
//! fields, wherever a server puts them.

use chela_dialect::extra;
use chela_dialect::loose::{self, number_field, text_field};
use chela_dialect::reply::{accept, read_rest};
use chela_openai_dialect::usage;
use chela_sdk::http::{self, Form};
use chela_sdk::transcription::{Request, Response, Segment, Timestamps};
use chela_sdk::{Result, Usage, context};
use serde_json::Value;

/// Fields of the form that a caller cannot set beside the request.
const RESERVED: &[&str] = &["file", "stream", "response_format"];

/// Writes down what is said.
pub(crate) fn transcribe(request: &Request) -> Result<Response> {
    let dialect = Dialect::of(request);
    let (form, ignored) = form(request, dialect)?;
    let response = http::endpoint("api")
        .post("/audio/transcriptions")
        .form(form)
        .send_any()?;
    let (response, envelope) = accept(response)?;
    let body = read_rest(response, Vec::new(), &envelope)?;
    let answer = envelope.read_json(&body)?;
    // A text that is empty is an answer, and the host's to judge; none at all is another kind of document.
    if !matches!(answer.get("text"), Some(Value::String(_) | Value::Null)) {
        return Err(envelope.bad("the answer holds no transcript"));
    }
    let mut response = read(&answer, request);
    response.request_id = envelope.request_id;
    response.ignored = ignored;
    Ok(response)
}

/// What a model and its server take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    /// Whisper, at OpenAI and elsewhere: `verbose_json`, with times when asked.
    Whisper,
    /// OpenAI's models that tell speakers apart: `diarized_json`.
    Diarizing,
    /// OpenAI's other models: text alone.
    Plain,
    /// Mistral: one format, times and speakers in it when asked.
    Mistral,
}

impl Dialect {
    fn of(request: &Request) -> Self {
        let set = context::setting_text("transcription");
        if set.as_deref() == Some("\"mistral\"") {
            Self::Mistral
        } else if request.model.contains("whisper") {
            Self::Whisper
        } else if request.model.contains("diarize") {
            Self::Diarizing
        } else {
            Self::Plain
        }
    }
}

/// The form, and the options that had no place in it.
fn form(request: &Request, dialect: Dialect) -> Result<(Form<'_>, Vec<String>)> {
    let mut ignored = Vec::new();
    let mut ignore = |name: &str| ignored.push(name.to_owned());
    let granularity = match request.timestamps {
        Timestamps::None => None,
        Timestamps::Segment => Some("segment"),
        Timestamps::Word => Some("word"),
    };
    let mut form = Form::new()
        .text("model", request.model.as_str())
        .text_if("language", request.language.as_deref().map(primary));
    match (&request.prompt, dialect) {
        (None, _) => {}
        (Some(_), Dialect::Diarizing | Dialect::Mistral) => ignore("prompt"),
        (Some(prompt), _) => form = form.text("prompt", prompt.as_str()),
    }
    match dialect {
        Dialect::Whisper => {
            form = form
                .text("response_format", "verbose_json")
                .text_if("timestamp_granularities[]", granularity);
            if request.diarize {
                ignore("diarize");
            }
        }
        Dialect::Diarizing => {
            // Recordings of more than half a minute are refused without a strategy.
            form = form
                .text("response_format", "diarized_json")
                .text("chunking_strategy", "auto");
            if request.timestamps == Timestamps::Word {
                ignore("timestamps");
            }
        }
        Dialect::Plain => {
            form = form.text("response_format", "json");
            if granularity.is_some() {
                ignore("timestamps");
            }
            if request.diarize {
                ignore("diarize");
            }
        }
        Dialect::Mistral => {
            // Speakers are told by segment, so that there have to be some.
            let granularity = granularity.or_else(|| request.diarize.then_some("segment"));
            form = form
                .text_if("timestamp_granularities", granularity)
                .text_if("diarize", request.diarize.then_some("true"));
        }
    }
    if request.speaker_count.is_some() {
        ignore("speaker-count");
    }
    for (name, value) in extra::read(&request.extra)? {
        if RESERVED.contains(&name.as_str()) {
            return Err(chela_sdk::Failure::invalid_request(format!(
                "the field {name} cannot be set beside the request itself"
            )));
        }
        let text = loose::text(&value).unwrap_or_else(|| loose::write(&value));
        form = form.text(name, text);
    }
    let name = file_name(request.audio.file_name(), &request.audio.mime_type());
    Ok((form.file("file", name, &request.audio), ignored))
}

/// The language alone of a tag: these APIs know ISO 639 and no regions.
fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

/// A name by which a server knows the file's kind: its own where it says what the file is.
fn file_name(own: Option<String>, mime_type: &str) -> String {
    let extensions: &[&str] = match mime_type {
        "audio/mpeg" => &["mp3", "mpga", "mpeg"],
        "audio/wav" => &["wav"],
        "audio/ogg" => &["ogg", "oga", "opus"],
        "audio/flac" => &["flac"],
        "audio/aac" => &["aac"],
        "audio/mp4" => &["m4a", "mp4"],
        "video/mp4" => &["mp4", "m4v", "m4a"],
        "video/webm" => &["webm"],
        "video/mpeg" => &["mpeg", "mpg"],
        "video/quicktime" => &["mov"],
        "video/x-matroska" => &["mkv"],
        _ => &[],
    };
    let own = own.unwrap_or_else(|| "audio".to_owned());
    let (stem, extension) = own.rsplit_once('.').unwrap_or((&own, ""));
    match extensions.first() {
        Some(usual)
            if !extensions
                .iter()
                .any(|one| extension.eq_ignore_ascii_case(one)) =>
        {
            format!("{}.{usual}", if stem.is_empty() { "audio" } else { stem })
        }
        _ => own,
    }
}

/// What an answer says.
fn read(answer: &Value, request: &Request) -> Response {
    let stretches = |name: &str, text: &str| -> Vec<Segment> {
        let list = answer.get(name).and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(|entry| stretch(entry, text))
            .collect()
    };
    let wanted = request.timestamps != Timestamps::None || request.diarize;
    let segments = if wanted {
        stretches("segments", "text")
    } else {
        Vec::new()
    };
    let words = if request.timestamps == Timestamps::Word {
        stretches("words", "word")
    } else {
        Vec::new()
    };
    let detected = answer.pointer("/languages/0");
    Response {
        text: text_field(answer, "text").unwrap_or_default(),
        language: text_field(answer, "language").or_else(|| {
            detected.and_then(|one| text_field(one, "code").or_else(|| loose::text(one)))
        }),
        duration: number_field(answer, "duration"),
        segments,
        words,
        model: text_field(answer, "model"),
        usage: answer.get("usage").and_then(consumed),
        ..Response::default()
    }
}

/// A segment or a word; none without times.
fn stretch(entry: &Value, text: &str) -> Option<Segment> {
    Some(Segment {
        start: number_field(entry, "start")?,
        end: number_field(entry, "end")?,
        text: text_field(entry, text)
            .or_else(|| text_field(entry, "text"))?
            .trim()
            .to_owned(),
        speaker: text_field(entry, "speaker").or_else(|| text_field(entry, "speaker_id")),
        confidence: number_field(entry, "score").filter(|score| (0.0..=1.0).contains(score)),
        extra: Vec::new(),
    })
}

/// Tokens, and the seconds that Mistral counts beside them.
fn consumed(value: &Value) -> Option<Usage> {
    let mut usage = usage::parse(value)?;
    usage.seconds = usage
        .seconds
        .or_else(|| number_field(value, "prompt_audio_seconds"));
    Some(usage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chela_sdk::FailureKind;
    use chela_sdk::testing::{self, Reply, SentBody};
    use proptest::prelude::*;
    use serde_json::json;

    fn request(model: &str) -> Request {
        Request {
            model: model.into(),
            audio: testing::file("memo.m4a", "audio/mp4", b"sound"),
            language: Some("pt-BR".into()),
            prompt: Some("names".into()),
            timestamps: Timestamps::None,
            diarize: false,
            speaker_count: None,
            extra: Vec::new(),
        }
    }

    fn answered(request: &Request, body: &Value) -> (Result<Response>, Vec<(String, String)>) {
        testing::reply(Reply::json(200, body.to_string()));
        let response = transcribe(request);
        let sent = testing::sent().remove(0);
        assert_eq!(sent.path, "/audio/transcriptions");
        let SentBody::Form(fields) = sent.body else {
            panic!("a form is sent")
        };
        let fields = fields
            .into_iter()
            .map(|field| {
                let value = String::from_utf8(field.value).expect("text");
                (field.name, field.file_name.unwrap_or(value))
            })
            .collect();
        (response, fields)
    }

    fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
        fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    #[test]
    fn a_plain_model_gives_text() {
        let (response, sent) = answered(
            &request("gpt-4o-transcribe"),
            &json!({"text": "hello", "usage": {"type": "tokens", "input_tokens": 14, "output_tokens": 45, "total_tokens": 59,
                    "input_token_details": {"text_tokens": 0, "audio_tokens": 14}}}),
        );
        let response = response.expect("a transcript");
        assert_eq!(response.text, "hello");
        assert_eq!(response.usage.expect("counts").input_tokens, Some(14));
        assert_eq!(
            pairs(&sent),
            [
                ("model", "gpt-4o-transcribe"),
                ("language", "pt"),
                ("prompt", "names"),
                ("response_format", "json"),
                ("file", "memo.m4a"),
            ]
        );
    }

    #[test]
    fn whisper_tells_times() {
        let answer = json!({"task": "transcribe", "language": "english", "duration": "2.5", "text": "hello there",
            "segments": [{"id": 0, "seek": 0, "start": 0.0, "end": 2.5, "text": " hello there", "tokens": [1],
                          "avg_logprob": -0.2, "no_speech_prob": 0.01}],
            "words": [{"word": "hello", "start": 0.0, "end": 1.0}, {"word": "there", "start": 1.0, "end": 2.5}]});
        let wanted = Request {
            timestamps: Timestamps::Word,
            ..request("whisper-1")
        };
        let (response, sent) = answered(&wanted, &answer);
        let response = response.expect("a transcript");
        assert_eq!(response.language.as_deref(), Some("english"));
        assert_eq!(response.duration, Some(2.5));
        assert_eq!((response.segments.len(), response.words.len()), (1, 2));
        assert_eq!(response.segments[0].text, "hello there");
        assert!(pairs(&sent).contains(&("timestamp_granularities[]", "word")));
        assert!(pairs(&sent).contains(&("response_format", "verbose_json")));
        // What was not asked for is not there, although the server gives it.
        let (response, _) = answered(&request("whisper-1"), &answer);
        assert!(response.expect("a transcript").segments.is_empty());
    }

    #[test]
    fn speakers_are_told_apart_by_the_model_that_can() {
        let wanted = Request {
            diarize: true,
            ..request("gpt-4o-transcribe-diarize")
        };
        let (response, sent) = answered(
            &wanted,
            &json!({"task": "transcribe", "duration": 27.4, "text": "Agent: hi", "usage": {"type": "duration", "seconds": 27},
                "segments": [{"type": "transcript.text.segment", "id": "seg_001", "start": 0.0, "end": 5.2, "text": "hi", "speaker": "A"}]}),
        );
        let response = response.expect("a transcript");
        assert_eq!(response.segments[0].speaker.as_deref(), Some("A"));
        assert_eq!(response.usage.expect("counts").seconds, Some(27.0));
        assert_eq!(response.ignored, ["prompt"]);
        assert!(pairs(&sent).contains(&("response_format", "diarized_json")));
        assert!(pairs(&sent).contains(&("chunking_strategy", "auto")));
        let plain = Request {
            diarize: true,
            timestamps: Timestamps::Segment,
            ..request("gpt-4o-transcribe")
        };
        let (response, _) = answered(&plain, &json!({"text": "hi"}));
        assert_eq!(
            response.expect("a transcript").ignored,
            ["timestamps", "diarize"]
        );
    }

    #[test]
    fn mistral_is_asked_in_its_own_words() {
        testing::set("transcription", "mistral");
        let wanted = Request {
            diarize: true,
            ..request("voxtral-mini-latest")
        };
        let (response, sent) = answered(
            &wanted,
            &json!({"model": "voxtral-mini-2507", "text": "hi", "language": null,
                "segments": [{"type": "transcription_segment", "text": "hi", "start": 0.1, "end": 1, "score": null, "speaker_id": "speaker_1"}],
                "usage": {"prompt_audio_seconds": 203, "prompt_tokens": 4, "total_tokens": 3264, "completion_tokens": 635}}),
        );
        let response = response.expect("a transcript");
        assert_eq!(response.segments[0].speaker.as_deref(), Some("speaker_1"));
        assert_eq!(response.usage.expect("counts").seconds, Some(203.0));
        assert_eq!(response.ignored, ["prompt"]);
        assert_eq!(
            pairs(&sent),
            [
                ("model", "voxtral-mini-latest"),
                ("language", "pt"),
                ("timestamp_granularities", "segment"),
                ("diarize", "true"),
                ("file", "memo.m4a"),
            ]
        );
    }

    #[test]
    fn a_file_goes_under_a_name_that_says_what_it_is() {
        for (own, mime_type, sent) in [
            (Some("memo.M4A"), "audio/mp4", "memo.M4A"),
            (Some("notes.txt"), "audio/wav", "notes.wav"),
            (Some("memo"), "audio/mpeg", "memo.mp3"),
            (None, "audio/ogg", "audio.ogg"),
            (Some(".wav"), "audio/flac", "audio.flac"),
            (Some("a.amr"), "audio/amr", "a.amr"),
        ] {
            assert_eq!(file_name(own.map(str::to_owned), mime_type), sent);
        }
    }

    #[test]
    fn what_is_no_transcript_is_told_apart() {
        for (reply, kind) in [
            (Reply::json(200, "{}"), FailureKind::BadResponse),
            (Reply::json(200, "[]"), FailureKind::BadResponse),
            (
                Reply::new(200, "text/html", "<html>"),
                FailureKind::BadResponse,
            ),
            (
                Reply::json(200, r#"{"text": "a"#).cut(),
                FailureKind::BadResponse,
            ),
            (
                Reply::json(429, r#"{"error": {"message": "slow"}}"#),
                FailureKind::RateLimited,
            ),
            (Reply::json(413, ""), FailureKind::InvalidRequest),
        ] {
            testing::reply(reply);
            assert_eq!(
                transcribe(&request("whisper-1")).expect_err("none").kind,
                kind
            );
        }
    }

    fn any_answer() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<f64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        let name = prop::sample::select(vec![
            "text",
            "segments",
            "words",
            "word",
            "start",
            "end",
            "speaker",
            "language",
            "languages",
            "usage",
            "duration",
            "error",
            "code",
        ]);
        leaf.prop_recursive(4, 32, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
                prop::collection::vec((name.clone(), inner), 0..6).prop_map(|fields| {
                    let fields = fields
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), value));
                    Value::Object(fields.collect())
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_answer_is_read_or_refused(answer in any_answer(), cut in 0usize..200) {
            let wanted = Request {
                timestamps: Timestamps::Word,
                ..request("whisper-1")
            };
            let text = answer.to_string();
            let cut = text.floor_char_boundary(cut);
            for body in [&text[..], &text[..cut]] {
                testing::reply(Reply::json(200, body));
                if let Ok(response) = transcribe(&wanted) {
                    let times = response.segments.iter().chain(&response.words);
                    prop_assert!(times.clone().all(|one| one.start.is_finite() && one.end.is_finite()));
                }
            }
        }
    }
}
