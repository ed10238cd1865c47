//! Answers in the shapes of the APIs for speech, odd ones included.
//!
//! The shapes follow <https://platform.openai.com/docs/api-reference/audio>, <https://developers.deepgram.com/reference> and
//! <https://elevenlabs.io/docs/api-reference>; the words are ours.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::openai::REQUEST_ID;

/// A transcript of OpenAI's newer models: text and tokens.
#[must_use]
pub fn transcript(text: &str) -> Answer {
    openai().json_body(&json!({
        "text": text,
        "usage": {
            "type": "tokens",
            "total_tokens": 59,
            "input_tokens": 14,
            "input_token_details": {"text_tokens": 0, "audio_tokens": 14},
            "output_tokens": 45,
        },
    }))
}

/// A transcript of Whisper (`verbose_json`): every word takes half a second, and two make a segment.
#[must_use]
pub fn verbose_transcript(text: &str) -> Answer {
    let words: Vec<&str> = text.split_whitespace().collect();
    let timed = |at: usize, word: &str| json!({"word": word, "start": at as f64 / 2.0, "end": (at + 1) as f64 / 2.0});
    let segments: Vec<Value> = words
        .chunks(2)
        .enumerate()
        .map(|(id, words)| {
            json!({
                "id": id, "seek": 0, "start": id as f64, "end": id as f64 + words.len() as f64 / 2.0,
                "text": format!(" {}", words.join(" ")), "tokens": [50364], "temperature": 0.0,
                "avg_logprob": -0.28, "compression_ratio": 1.2, "no_speech_prob": 0.009,
            })
        })
        .collect();
    let timed: Vec<Value> = words
        .iter()
        .enumerate()
        .map(|(at, word)| timed(at, word))
        .collect();
    openai().json_body(&json!({
        "task": "transcribe",
        "language": "english",
        "duration": words.len() as f64 / 2.0,
        "text": text,
        "words": timed,
        "segments": segments,
        "usage": {"type": "duration", "seconds": words.len().div_ceil(2)},
    }))
}

/// A transcript of Deepgram's: one channel, one utterance, every word takes half a second.
#[must_use]
pub fn deepgram(text: &str) -> Answer {
    let spoken: Vec<&str> = text.split_whitespace().collect();
    let words: Vec<Value> = spoken
        .iter()
        .enumerate()
        .map(|(at, word)| {
            json!({
                "word": word.to_lowercase(), "start": at as f64 / 2.0, "end": (at + 1) as f64 / 2.0,
                "confidence": 0.99, "punctuated_word": word, "speaker": 0, "speaker_confidence": 0.8,
            })
        })
        .collect();
    let end = spoken.len() as f64 / 2.0;
    Answer::new(200)
        .header("dg-request-id", DEEPGRAM_ID)
        .json_body(&json!({
            "metadata": {
                "transaction_key": "deprecated", "request_id": DEEPGRAM_ID, "sha256": "0123",
                "created": "2026-01-02T03:04:05.678Z", "duration": end, "channels": 1, "models": ["30089e05"],
                "model_info": {"30089e05": {"name": "general-nova-3", "version": "2025-01-09.0", "arch": "nova-3"}},
            },
            "results": {
                "channels": [{
                    "alternatives": [{"transcript": text, "confidence": 0.98, "words": words}],
                    "detected_language": "en", "language_confidence": 0.97,
                }],
                "utterances": [{
                    "start": 0.0, "end": end, "confidence": 0.98, "channel": 0, "transcript": text,
                    "words": words, "speaker": 0, "id": "b1f2",
                }],
            },
        }))
}

/// An error of Deepgram's.
#[must_use]
pub fn deepgram_error(status: u16, code: &str, message: &str) -> Answer {
    Answer::new(status)
        .json_body(&json!({"err_code": code, "err_msg": message, "request_id": DEEPGRAM_ID}))
}

/// A transcript of ElevenLabs': every word takes half a second, with blanks of no length between them.
#[must_use]
pub fn scribe(text: &str) -> Answer {
    let mut words = Vec::new();
    for (at, word) in text.split_whitespace().enumerate() {
        let (start, end) = (at as f64 / 2.0, (at + 1) as f64 / 2.0);
        let timed = |text: &str, kind: &str, start: f64| {
            json!({
                "text": text, "type": kind, "start": start, "end": end, "speaker_id": "speaker_0", "logprob": -0.1,
            })
        };
        words.push(timed(word, "word", start));
        words.push(timed(" ", "spacing", end));
    }
    elevenlabs().json_body(&json!({
        "language_code": "eng",
        "language_probability": 0.98,
        "text": text,
        "words": words,
        "transcription_id": "t1",
        "audio_duration_secs": words.len() as f64 / 4.0,
    }))
}

/// A page of ElevenLabs' voices, by name. With another page behind it where there is a token for that.
#[must_use]
pub fn voices(names: &[&str], next: Option<&str>) -> Answer {
    let voices: Vec<Value> = names
        .iter()
        .map(|name| {
            json!({
                "voice_id": format!("id-{name}"), "name": name, "category": "premade", "description": null,
                "labels": {"accent": "american", "description": "calm", "age": "young", "gender": "female",
                           "use_case": "narration", "language": "en"},
                "preview_url": format!("https://storage.example.com/{name}.mp3"),
                "verified_languages": [{"language": "en", "model_id": "eleven_v3"}, {"language": "de", "model_id": "eleven_v3"}],
                "settings": null,
            })
        })
        .collect();
    elevenlabs().json_body(&json!({
        "voices": voices,
        "has_more": next.is_some(),
        "total_count": names.len(),
        "next_page_token": next,
    }))
}

/// Speech of ElevenLabs', with what it costs.
#[must_use]
pub fn elevenlabs_sound(content_type: &str, bytes: Vec<u8>) -> Answer {
    elevenlabs()
        .header("Content-Type", content_type)
        .header("character-cost", "5")
        .body(bytes)
}

/// An error of ElevenLabs'.
#[must_use]
pub fn elevenlabs_error(status: u16, code: &str, message: &str) -> Answer {
    Answer::new(status).json_body(&json!({"detail": {"status": code, "message": message}}))
}

/// The id of every request to Deepgram.
const DEEPGRAM_ID: &str = "a847f427-4ad5-4d67-9b95-db801e58251c";

fn elevenlabs() -> Answer {
    Answer::new(200).header("request-id", "xi_0f1e2d3c")
}

/// Sound, as all of these services answer it: bytes and a media type, which may be wrong.
#[must_use]
pub fn sound(content_type: &str, bytes: Vec<u8>) -> Answer {
    openai().header("Content-Type", content_type).body(bytes)
}

fn openai() -> Answer {
    Answer::new(200).header("x-request-id", REQUEST_ID)
}
