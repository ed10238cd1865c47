//! The vocabulary of cases: what the provider's server answers, and what lies in files.

use std::str::FromStr;

use chela_test_support::answer::Answer;
use chela_test_support::audio;
use chela_test_support::media;
use chela_test_support::openai::{self, Chat};

/// An answer from its words, such as `chat "It is 4."`.
pub(crate) fn answer(words: &[String]) -> Result<Answer, String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Ok(match words.as_slice() {
        ["gzip", rest @ ..] => answer(&owned(rest))?.gzip(),
        // Chat completions, whole and streamed.
        ["chat", text] => Chat::new(*text).whole(),
        ["chat-finish", reason, text] => Chat::new(*text).finish(*reason).whole(),
        ["chat-reasoning", reasoning, text] => Chat::new(*text).reasoning(*reasoning).whole(),
        ["chat-refusal", refusal] => Chat::new("").refusal(*refusal).whole(),
        ["chat-cut", text] => Chat::new(*text).whole().cut_short(),
        ["stream", text] => Chat::new(*text).stream(),
        ["stream-finish", reason, text] => Chat::new(*text).finish(*reason).stream(),
        ["stream-reasoning", reasoning, text] => Chat::new(*text).reasoning(*reasoning).stream(),
        ["stream-every", size, text] => Chat::new(*text).stream_cut_every(number(size)?),
        ["stream-full-dress", text] => Chat::new(*text).stream_in_full_dress(),
        ["stream-cut", events, text] => Chat::new(*text).stream_cut_after(number(events)?),
        // Pictures and vectors.
        ["images", count, width, height] => {
            openai::images(&vec![
                media::png(number(width)?, number(height)?);
                number(count)?
            ])
        }
        ["image-of-text", text] => openai::images(&[text.as_bytes().to_vec()]),
        ["images-none"] => openai::images(&[]),
        ["embeddings", vectors @ ..] => {
            let vectors: Result<Vec<Vec<f32>>, String> = vectors
                .iter()
                .map(|vector| vector.split(',').map(number).collect())
                .collect();
            openai::embeddings(&vectors?)
        }
        // Speech and transcripts.
        ["transcript", text] => audio::transcript(text),
        ["transcript-verbose", text] => audio::verbose_transcript(text),
        ["deepgram", text] => audio::deepgram(text),
        ["deepgram-error", status, code, message] => {
            audio::deepgram_error(number(status)?, code, message)
        }
        ["scribe", text] => audio::scribe(text),
        ["voices", next, names @ ..] => {
            audio::voices(names, Some(*next).filter(|next| *next != "end"))
        }
        ["elevenlabs-sound", content_type, rest @ ..] => {
            audio::elevenlabs_sound(content_type, file(&owned(rest))?)
        }
        ["elevenlabs-error", status, code, message] => {
            audio::elevenlabs_error(number(status)?, code, message)
        }
        ["sound", content_type, rest @ ..] => audio::sound(content_type, file(&owned(rest))?),
        // Everything that goes wrong.
        ["unauthorized", key] => openai::unauthorized(key),
        ["rate-limited"] => openai::rate_limited(None),
        ["rate-limited", seconds] => openai::rate_limited(Some(seconds)),
        ["quota-spent"] => openai::quota_spent(),
        ["server-error"] => openai::server_error(),
        ["model-not-found", model] => openai::model_not_found(model),
        ["error", status, message, kind] => openai::error(number(status)?, message, kind, None),
        ["error", status, message, kind, code] => {
            openai::error(number(status)?, message, kind, Some(code))
        }
        ["redirect", status, location] => Answer::redirect(number(status)?, *location),
        ["html", status, title] => Answer::html(title).status(number(status)?),
        ["text", status, text] => Answer::new(number(status)?)
            .header("Content-Type", "text/plain")
            .body(text.as_bytes()),
        ["empty", status] => Answer::new(number(status)?),
        ["hang-up"] => Answer::hang_up(),
        other => return Err(format!("no such answer: {other:?}")),
    })
}

/// The bytes of a file from its words, such as `png 8 8`.
pub(crate) fn file(words: &[String]) -> Result<Vec<u8>, String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Ok(match words.as_slice() {
        ["png", width, height] => media::png(number(width)?, number(height)?),
        ["jpeg"] => media::jpeg(),
        ["wav", milliseconds] => media::wav(number(milliseconds)?),
        ["wav-cut", milliseconds] => {
            let mut bytes = media::wav(number(milliseconds)?);
            bytes.truncate(bytes.len() - 2);
            bytes
        }
        ["mp3"] => media::mp3(),
        ["ogg"] => media::ogg(),
        ["text", text] => text.as_bytes().to_vec(),
        ["bytes", hex] => (0..hex.len() / 2)
            .map(|at| {
                u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).map_err(|error| error.to_string())
            })
            .collect::<Result<_, _>>()?,
        ["empty"] => Vec::new(),
        other => return Err(format!("no such file: {other:?}")),
    })
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn number<N: FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("not a number: {text}"))
}
