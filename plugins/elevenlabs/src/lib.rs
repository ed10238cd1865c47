//! ElevenLabs: texts as speech, the voices of an account, and recordings in words.
//!
//! Follows <https://elevenlabs.io/docs/api-reference>.
#![forbid(unsafe_code)]

mod failure;
mod speech;
mod transcription;
mod voices;

use chela_sdk::speech::Voice;
use chela_sdk::{Failure, NamedValue, Result, Speech, Transcription};
use serde_json::Value;

struct ElevenLabs;

impl Speech for ElevenLabs {
    fn synthesize(request: chela_sdk::speech::Request) -> Result<chela_sdk::speech::Response> {
        speech::synthesize(&request)
    }

    fn list_voices() -> Result<Vec<Voice>> {
        voices::list()
    }
}

impl Transcription for ElevenLabs {
    fn transcribe(
        request: chela_sdk::transcription::Request,
    ) -> Result<chela_sdk::transcription::Response> {
        transcription::transcribe(&request)
    }
}

chela_sdk::register!(ElevenLabs: speech, transcription);

/// Fields that the contract has no word for, as JSON values.
fn extra(fields: &[NamedValue]) -> Result<Vec<(&str, Value)>> {
    fields
        .iter()
        .map(
            |NamedValue { name, value }| match serde_json::from_str(value) {
                Ok(value) => Ok((name.as_str(), value)),
                Err(_) => Err(Failure::invalid_request(format!(
                    "the value of the field {name} is not JSON"
                ))),
            },
        )
        .collect()
}

/// The language alone of a tag: the API knows ISO 639 and no regions.
fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

/// A field that is text and not empty.
fn text(value: &Value, name: &str) -> Option<String> {
    let text = value.get(name)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}
