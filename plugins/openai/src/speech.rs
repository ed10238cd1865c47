//! Texts as sound.
//!
//! Follows <https://platform.openai.com/docs/api-reference/audio/createSpeech>. The sound goes from the server to the host without
//! passing through here.

use chela_dialect::extra;
use chela_dialect::loose::set;
use chela_dialect::reply::{accept, read_rest};
use chela_sdk::Result;
use chela_sdk::http::{self, Blobs};
use chela_sdk::speech::{Format, Request, Response};
use serde_json::{Map, Value};

/// Samples a second of what comes without a header.
const PCM_RATE: u32 = 24_000;

/// Speaks.
pub(crate) fn synthesize(request: &Request) -> Result<Response> {
    let (fields, ignored) = fields(request)?;
    let response = http::endpoint("api")
        .post("/audio/speech")
        .json_with_blobs(&fields.into(), &Blobs::new())
        .send_any()?;
    let (response, envelope) = accept(response)?;
    match response.content_type().as_deref() {
        Some("application/json") => {
            let body = read_rest(response, Vec::new(), &envelope)?;
            envelope.read_json(&body)?;
            Err(envelope.bad("the server answered with JSON in place of sound"))
        }
        Some("text/html" | "application/xhtml+xml") => {
            Err(envelope.bad("the server answered with a web page in place of sound"))
        }
        _ => Ok(Response {
            sample_rate: (request.format == Some(Format::Pcm)).then_some(PCM_RATE),
            voice: request.voice.clone(),
            request_id: envelope.request_id,
            ignored,
            ..Response::new(response.into_any_blob("")?)
        }),
    }
}

/// A request's fields, and the options that had no place among them.
fn fields(request: &Request) -> Result<(Map<String, Value>, Vec<String>)> {
    let mut fields = Map::new();
    let mut ignored = Vec::new();
    set(&mut fields, "model", request.model.as_str());
    set(&mut fields, "input", request.text.as_str());
    if let Some(voice) = &request.voice {
        set(&mut fields, "voice", voice.as_str());
    }
    if let Some(format) = request.format {
        set(&mut fields, "response_format", name_of(format));
    }
    if let Some(speed) = request.speed {
        set(&mut fields, "speed", Value::from(speed));
    }
    match &request.instructions {
        // The API's page: "does not work with tts-1 or tts-1-hd".
        Some(_) if request.model.starts_with("tts-1") => ignored.push("instructions".to_owned()),
        Some(instructions) => set(&mut fields, "instructions", instructions.as_str()),
        None => {}
    }
    if request.language.is_some() {
        ignored.push("language".to_owned());
    }
    extra::lay_over(&mut fields, &request.extra, &["input", "stream_format"])?;
    Ok((fields, ignored))
}

fn name_of(format: Format) -> &'static str {
    match format {
        Format::Mp3 => "mp3",
        Format::Wav => "wav",
        Format::Opus => "opus",
        Format::Aac => "aac",
        Format::Flac => "flac",
        Format::Pcm => "pcm",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chela_sdk::FailureKind;
    use chela_sdk::testing::{self, Reply};
    use serde_json::json;

    fn request() -> Request {
        Request {
            model: "gpt-4o-mini-tts".into(),
            text: "Ruby is a programming language.".into(),
            voice: Some("coral".into()),
            format: Some(Format::Wav),
            speed: Some(1.5),
            instructions: Some("calmly".into()),
            language: Some("en".into()),
            extra: Vec::new(),
        }
    }

    #[test]
    fn every_option_has_its_field() {
        testing::reply(Reply::new(200, "audio/wav", "RIFF").header("x-request-id", "req_1"));
        let response = synthesize(&request()).expect("sound");
        assert_eq!(response.media.read_all(9).expect("bytes"), b"RIFF");
        assert_eq!(response.request_id.as_deref(), Some("req_1"));
        assert_eq!(response.ignored, ["language"]);
        let sent = testing::sent();
        assert_eq!(sent[0].path, "/audio/speech");
        assert_eq!(
            sent[0].json(),
            json!({"model": "gpt-4o-mini-tts", "input": "Ruby is a programming language.", "voice": "coral",
                   "response_format": "wav", "speed": 1.5, "instructions": "calmly"})
        );
    }

    #[test]
    fn older_models_are_not_told_how_to_speak() {
        let (fields, ignored) = fields(&Request {
            model: "tts-1-hd".into(),
            ..request()
        })
        .expect("sent");
        assert!(!fields.contains_key("instructions"));
        assert_eq!(ignored, ["instructions", "language"]);
    }

    #[test]
    fn samples_come_at_a_known_rate() {
        testing::reply(Reply::new(200, "audio/pcm", "abcd"));
        let response = synthesize(&Request {
            format: Some(Format::Pcm),
            ..request()
        });
        assert_eq!(response.expect("sound").sample_rate, Some(PCM_RATE));
    }

    #[test]
    fn what_is_no_sound_is_told_apart() {
        for (reply, kind) in [
            (
                Reply::json(
                    401,
                    r#"{"error": {"message": "no", "code": "invalid_api_key"}}"#,
                ),
                FailureKind::Auth,
            ),
            (
                Reply::json(
                    200,
                    r#"{"error": {"message": "no", "code": "insufficient_quota"}}"#,
                ),
                FailureKind::Quota,
            ),
            (Reply::json(200, "{}"), FailureKind::BadResponse),
            (
                Reply::new(200, "text/html; charset=utf-8", "<html>"),
                FailureKind::BadResponse,
            ),
            (Reply::json(500, ""), FailureKind::Unavailable),
        ] {
            testing::reply(reply);
            assert_eq!(synthesize(&request()).expect_err("no sound").kind, kind);
        }
    }
}
