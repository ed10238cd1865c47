//! Deepgram: recordings and films in words.
//!
//! Follows <https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded>. The recording is the body of the request and
//! goes up from the host's file; what is asked for stands in the query.
#![forbid(unsafe_code)]

use chela_sdk::http::{self, Part, RequestBuilder};
use chela_sdk::transcription::{Request, Response, Segment, Timestamps};
use chela_sdk::{Failure, FailureKind, NamedValue, Result, Transcription, Usage};
use serde_json::Value;

struct Deepgram;

impl Transcription for Deepgram {
    fn transcribe(request: Request) -> Result<Response> {
        let (asked, ignored) = ask(&request)?;
        let response = asked.send().map_err(told_apart)?;
        let header_id = response.request_id();
        let status = response.status();
        let answer: Value = response.json()?;
        let mut response =
            read(&answer, &request).map_err(|failure| failure.with_status(status))?;
        response.request_id = response.request_id.or(header_id);
        response.ignored = ignored;
        Ok(response)
    }
}

chela_sdk::register!(Deepgram: transcription);

/// The request, and the options that had no place in it.
fn ask(request: &Request) -> Result<(RequestBuilder<'_>, Vec<String>)> {
    let mut ignored = Vec::new();
    let mut asked = http::endpoint("api")
        .post("/listen")
        .query("model", request.model.as_str())
        .query("smart_format", "true");
    asked = match &request.language {
        Some(language) => asked.query("language", language.as_str()),
        // English is what it takes for granted otherwise.
        None => asked.query("detect_language", "true"),
    };
    if request.timestamps == Timestamps::Segment || request.diarize {
        asked = asked.query("utterances", "true");
    }
    if request.diarize {
        asked = asked.query("diarize", "true");
    }
    if request.prompt.is_some() {
        ignored.push("prompt".to_owned());
    }
    if request.speaker_count.is_some() {
        ignored.push("speaker-count".to_owned());
    }
    for NamedValue { name, value } in &request.extra {
        // The answer would go elsewhere, and none come here.
        if matches!(name.as_str(), "callback" | "callback_method" | "model") {
            return Err(Failure::invalid_request(format!(
                "the field {name} cannot be set beside the request itself"
            )));
        }
        let value: Value = serde_json::from_str(value).map_err(|_| {
            Failure::invalid_request(format!("the value of the field {name} is not JSON"))
        })?;
        // A list stands for a name that is given several times: `keyterm`.
        let values = match value {
            Value::Array(values) => values,
            value => vec![value],
        };
        for value in values {
            let text = match value {
                Value::String(text) => text,
                value => value.to_string(),
            };
            asked = asked.query(name.as_str(), text);
        }
    }
    let audio = vec![Part::Blob(&request.audio)];
    Ok((asked.content(request.audio.mime_type(), audio), ignored))
}

/// Deepgram's codes in the terms of the contract, where its statuses do not say it.
fn told_apart(mut failure: Failure) -> Failure {
    match failure.code.as_deref() {
        Some("INSUFFICIENT_CREDITS" | "ASR_PAYMENT_REQUIRED" | "PROJECT_OUT_OF_CREDITS") => {
            failure.kind = FailureKind::Quota;
        }
        Some("INVALID_AUTH") => failure.kind = FailureKind::Auth,
        _ => {}
    }
    failure
}

/// What an answer says.
fn read(answer: &Value, request: &Request) -> Result<Response> {
    let bad = |message: &str| Failure::bad_response(message);
    let channels = answer
        .pointer("/results/channels")
        .and_then(Value::as_array)
        .ok_or_else(|| bad("the answer holds no transcript"))?;
    let alternatives: Vec<&Value> = channels
        .iter()
        .filter_map(|channel| channel.pointer("/alternatives/0"))
        .collect();
    let said: Vec<&str> = alternatives
        .iter()
        .filter_map(|alternative| alternative.get("transcript")?.as_str())
        .filter(|text| !text.trim().is_empty())
        .collect();
    let all = |list: Option<&Value>| -> Vec<Segment> {
        let list = list.and_then(Value::as_array);
        list.into_iter().flatten().filter_map(stretch).collect()
    };
    let mut words: Vec<Segment> = Vec::new();
    if request.timestamps == Timestamps::Word {
        words = alternatives
            .iter()
            .flat_map(|alternative| all(alternative.get("words")))
            .collect();
        // Those of a second channel were spoken at the same time.
        words.sort_by(|one, other| one.start.total_cmp(&other.start));
    }
    let duration = answer.pointer("/metadata/duration").and_then(Value::as_f64);
    let text = |pointer: &str| {
        answer
            .pointer(pointer)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    Ok(Response {
        text: said.join("\n"),
        language: text("/results/channels/0/detected_language")
            .or_else(|| request.language.clone()),
        duration,
        segments: all(answer.pointer("/results/utterances")),
        words,
        model: Some(request.model.clone()),
        usage: duration.map(|seconds| Usage {
            seconds: Some(seconds),
            ..Usage::default()
        }),
        request_id: text("/metadata/request_id"),
        ..Response::default()
    })
}

/// An utterance or a word; none without times.
fn stretch(entry: &Value) -> Option<Segment> {
    let text = ["punctuated_word", "transcript", "word"]
        .iter()
        .find_map(|name| entry.get(name)?.as_str())?;
    Some(Segment {
        start: entry.get("start")?.as_f64()?,
        end: entry.get("end")?.as_f64()?,
        text: text.to_owned(),
        speaker: entry
            .get("speaker")
            .and_then(Value::as_u64)
            .map(|number| format!("speaker {number}")),
        confidence: entry.get("confidence").and_then(Value::as_f64),
        extra: Vec::new(),
    })
}

#[cfg(test)]
mod tests;
