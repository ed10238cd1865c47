//! Texts as sound, which comes from the same method as text.
//!
//! Follows <https://ai.google.dev/gemini-api/docs/speech-generation>. The API gives samples alone; the header of a WAV file is put before
//! them here, unless samples are what was asked for.

mod voices;

use chela_dialect::loose::{object, set, text_field};
use chela_dialect::scan::{self, Taken};
use chela_sdk::http::{self, Blobs, Response as Answered};
use chela_sdk::speech::{Format, Request, Response};
use chela_sdk::{Blob, Result};
use serde_json::{Map, Value};

use crate::failure::{accept, without};
use crate::{content, method, usage};
pub(crate) use voices::list as voices;

/// Samples a second where the answer does not say it.
const USUAL_RATE: u32 = 24_000;

/// Speaks.
pub(crate) fn synthesize(request: &Request) -> Result<Response> {
    let mut ignored = Vec::new();
    if request.speed.is_some() {
        ignored.push("speed".to_owned());
    }
    if matches!(request.format, Some(format) if !matches!(format, Format::Wav | Format::Pcm)) {
        ignored.push("format".to_owned());
    }
    let response = http::endpoint("api")
        .post(method(&request.model, "generateContent"))
        .json_with_blobs(&body(request)?, &Blobs::new())
        .send_any()?;
    let spoken = collect(response, request.format == Some(Format::Pcm))?;
    Ok(Response {
        voice: request.voice.clone(),
        ignored,
        ..spoken
    })
}

/// How to say it stands before what to say, as the API's page has it: "Say cheerfully: Have a wonderful day!"
fn body(request: &Request) -> Result<Value> {
    let text = match &request.instructions {
        Some(how) => format!("{}: {}", how.trim().trim_end_matches(':'), request.text),
        None => request.text.clone(),
    };
    let mut speech = Map::new();
    if let Some(voice) = &request.voice {
        let prebuilt = object! {"voiceName": voice.as_str()};
        let voice = object! {"prebuiltVoiceConfig": prebuilt};
        set(&mut speech, "voiceConfig", voice);
    }
    if let Some(language) = &request.language {
        set(&mut speech, "languageCode", language.as_str());
    }
    let mut config = Map::new();
    let modalities = vec![Value::from("AUDIO")];
    set(&mut config, "responseModalities", modalities);
    if !speech.is_empty() {
        set(&mut config, "speechConfig", Value::Object(speech));
    }
    let turn = content::turn("user", vec![content::text_part(&text)]);
    content::request(vec![turn], config, Map::new(), &request.extra)
}

/// Reads an answer: its sound in one file.
fn collect(response: Answered, samples_alone: bool) -> Result<Response> {
    let (response, envelope) = accept(response)?;
    let mut taken_out = Vec::new();
    let kept = scan::read(response, &envelope, "data", &mut |taken| {
        taken_out.push(taken)
    })?;
    let answer = envelope.read_json(&kept)?;
    let mut sound = Vec::new();
    let mut kind = String::new();
    for inline in content::parts(&answer).filter_map(|part| part.get("inlineData")) {
        // The scanner put a number where data was.
        let number = inline
            .get("data")
            .and_then(Value::as_u64)
            .and_then(|number| usize::try_from(number).ok());
        match number.and_then(|number| taken_out.get_mut(number)) {
            Some(Taken::Bytes(bytes)) if sound.is_empty() => sound = std::mem::take(bytes),
            Some(Taken::Bytes(bytes)) => sound.append(bytes),
            _ => return Err(envelope.bad("the sound of the answer is no base64")),
        }
        if kind.is_empty() {
            kind = text_field(inline, "mimeType").unwrap_or_default();
        }
    }
    if sound.is_empty() {
        return Err(without(
            &answer,
            &content::words(&answer),
            &envelope,
            "sound",
        ));
    }
    let rate = rate_of_samples(&kind);
    if let Some(rate) = rate.filter(|_| !samples_alone) {
        let header = wav_header(sound.len(), rate);
        sound.splice(..0, header);
    }
    let request_id = envelope.request_id.clone();
    Ok(Response {
        sample_rate: rate,
        model: text_field(&answer, "modelVersion"),
        usage: answer.get("usageMetadata").and_then(usage::parse),
        request_id: request_id.or_else(|| text_field(&answer, "responseId")),
        ..Response::new(Blob::new("", &sound))
    })
}

/// Samples a second, where the media type says that there are samples alone: `audio/L16;codec=pcm;rate=24000`. They are little
/// endian whatever RFC 2586 says of that name. What has a header of its own is left as it is.
fn rate_of_samples(kind: &str) -> Option<u32> {
    let mut pieces = kind.split(';').map(str::trim);
    let essence = pieces.next().unwrap_or_default().to_ascii_lowercase();
    if !matches!(essence.as_str(), "" | "audio/l16" | "audio/pcm") {
        return None;
    }
    let told = pieces
        .filter_map(|piece| piece.split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("rate"))
        .find_map(|(_, rate)| rate.trim().parse().ok());
    Some(told.filter(|rate| *rate > 0).unwrap_or(USUAL_RATE))
}

/// What stands before samples of 16 bit and one channel in a WAV file.
fn wav_header(samples: usize, rate: u32) -> Vec<u8> {
    const BYTES: u32 = 2;
    let length = u32::try_from(samples).unwrap_or(u32::MAX);
    let mut header = b"RIFF".to_vec();
    header.extend(length.saturating_add(36).to_le_bytes());
    header.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    header.extend(rate.to_le_bytes());
    header.extend(rate.saturating_mul(BYTES).to_le_bytes());
    header.extend(b"\x02\0\x10\0data");
    header.extend(length.to_le_bytes());
    header
}

#[cfg(test)]
mod tests;
