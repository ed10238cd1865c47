//! Texts as sound.
//!
//! Follows <https://elevenlabs.io/docs/api-reference/text-to-speech/convert>. The sound goes from the server to the host without passing
//! through here.

use chela_sdk::http;
use chela_sdk::speech::{Format, Request, Response};
use chela_sdk::{Failure, Result, Usage};
use serde_json::{Map, Value, json};

use crate::failure::told_apart;
use crate::{extra, primary};

/// Samples a second of what comes without compression. More takes a plan that most accounts do not have.
const RATE: u32 = 24_000;

/// Speaks.
pub(crate) fn synthesize(request: &Request) -> Result<Response> {
    let voice = request.voice.as_deref().ok_or_else(|| {
        Failure::invalid_request("no voice is named, and each account has its own")
    })?;
    if voice.contains(['/', '?', '#', '\\']) || voice.starts_with('.') {
        return Err(Failure::invalid_request(format!(
            "`{voice}` is not the id of a voice"
        )));
    }
    let mut ignored = Vec::new();
    let mut asked = http::endpoint("api").post(format!("/v1/text-to-speech/{voice}"));
    match request.format.map(name_of) {
        None => {}
        Some(Some(format)) => asked = asked.query("output_format", format),
        Some(None) => ignored.push("format".to_owned()),
    }
    if request.instructions.is_some() {
        ignored.push("instructions".to_owned());
    }
    let response = asked.json(&fields(request)?).send().map_err(told_apart)?;
    let cost = response
        .header("character-cost")
        .and_then(|cost| cost.trim().parse().ok());
    let request_id = response.request_id();
    Ok(Response {
        sample_rate: matches!(request.format, Some(Format::Pcm | Format::Wav)).then_some(RATE),
        voice: Some(voice.to_owned()),
        usage: cost.map(|characters| Usage {
            characters: Some(characters),
            ..Usage::default()
        }),
        request_id,
        ignored,
        ..Response::new(response.into_blob("").map_err(told_apart)?)
    })
}

fn fields(request: &Request) -> Result<Value> {
    let mut fields = Map::new();
    fields.insert("text".into(), request.text.as_str().into());
    fields.insert("model_id".into(), request.model.as_str().into());
    if let Some(language) = &request.language {
        fields.insert("language_code".into(), primary(language).into());
    }
    if let Some(speed) = request.speed {
        fields.insert("voice_settings".into(), json!({ "speed": speed }));
    }
    for (name, value) in extra(&request.extra)? {
        if name == "text" {
            return Err(Failure::invalid_request(
                "the field text cannot be set beside the request itself",
            ));
        }
        match (fields.get_mut(name), value) {
            // Settings of the voice stand beside the speed, which is one of them.
            (Some(Value::Object(there)), Value::Object(more)) => there.extend(more),
            (_, value) => {
                fields.insert(name.to_owned(), value);
            }
        }
    }
    Ok(Value::Object(fields))
}

/// The API's word for a format: codec, samples a second, bits. None for one that it does not have.
fn name_of(format: Format) -> Option<&'static str> {
    match format {
        Format::Mp3 => Some("mp3_44100_128"),
        Format::Wav => Some("wav_24000"),
        Format::Opus => Some("opus_48000_128"),
        Format::Pcm => Some("pcm_24000"),
        Format::Aac | Format::Flac => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chela_sdk::testing::{self, Reply};
    use chela_sdk::{FailureKind, NamedValue};

    fn request() -> Request {
        Request {
            model: "eleven_multilingual_v2".into(),
            text: "Hello.".into(),
            voice: Some("pMsXgVXv3BLzUgSXRplE".into()),
            format: Some(Format::Pcm),
            speed: Some(1.1),
            instructions: None,
            language: Some("en-GB".into()),
            extra: Vec::new(),
        }
    }

    #[test]
    fn every_option_has_its_place() {
        let reply = Reply::new(200, "audio/pcm", "abcd")
            .header("request-id", "r1")
            .header("character-cost", "6");
        testing::reply(reply);
        let response = synthesize(&request()).expect("sound");
        assert_eq!(response.sample_rate, Some(RATE));
        assert_eq!(response.usage.expect("cost").characters, Some(6));
        assert_eq!(response.request_id.as_deref(), Some("r1"));
        let sent = testing::sent().remove(0);
        assert_eq!(sent.path, "/v1/text-to-speech/pMsXgVXv3BLzUgSXRplE");
        assert_eq!(
            sent.query,
            [("output_format".to_owned(), "pcm_24000".to_owned())]
        );
        assert_eq!(
            sent.json(),
            json!({"text": "Hello.", "model_id": "eleven_multilingual_v2", "language_code": "en",
                   "voice_settings": {"speed": 1.1}})
        );
    }

    #[test]
    fn settings_of_the_voice_go_along_with_the_speed() {
        testing::reply(Reply::new(200, "audio/pcm", "abcd"));
        let field = |name: &str, value: &str| NamedValue {
            name: name.into(),
            value: value.into(),
        };
        let wanted = Request {
            extra: vec![
                field("seed", "42"),
                field("voice_settings", r#"{"stability": 0.5}"#),
            ],
            ..request()
        };
        synthesize(&wanted).expect("sound");
        let sent = testing::sent().remove(0).json();
        assert_eq!(sent["seed"], 42);
        assert_eq!(
            sent["voice_settings"],
            json!({"speed": 1.1, "stability": 0.5})
        );
    }

    #[test]
    fn a_format_that_it_does_not_have_is_not_asked_for() {
        testing::reply(Reply::new(200, "audio/mpeg", "abcd"));
        let wanted = Request {
            format: Some(Format::Flac),
            ..request()
        };
        assert_eq!(synthesize(&wanted).expect("sound").ignored, ["format"]);
        assert!(testing::sent().remove(0).query.is_empty());
    }

    #[test]
    fn a_voice_is_no_path() {
        for voice in ["../user", "a/b", "a?b", ""] {
            let wanted = Request {
                voice: Some(voice.into()),
                ..request()
            };
            // Nothing is queued: what were sent would be unavailable.
            let failure = synthesize(&wanted).expect_err(voice);
            if !voice.is_empty() {
                assert_eq!(failure.kind, FailureKind::InvalidRequest, "{voice}");
            }
        }
    }

    #[test]
    fn what_is_no_sound_is_told_apart() {
        for (reply, kind) in [
            (
                Reply::json(200, r#"{"detail": {"status": "x", "message": "y"}}"#),
                FailureKind::BadResponse,
            ),
            (
                Reply::new(200, "text/html", "<html>"),
                FailureKind::BadResponse,
            ),
            (
                Reply::json(
                    401,
                    r#"{"detail": {"status": "quota_exceeded", "message": "spent"}}"#,
                ),
                FailureKind::Quota,
            ),
        ] {
            testing::reply(reply);
            assert_eq!(synthesize(&request()).expect_err("none").kind, kind);
        }
    }
}
