//! The vocabulary of cases: what the provider's server answers, and what lies in files.

use std::str::FromStr;

use chela_test_support::answer::Answer;
use chela_test_support::anthropic;
use chela_test_support::audio;
use chela_test_support::google;
use chela_test_support::media;
use chela_test_support::ollama;
use chela_test_support::openai::{self, Chat};
use chela_test_support::responses::Response;
use chela_test_support::{video, web};

/// An answer from its words, such as `chat "It is 4."`.
pub(crate) fn answer(words: &[String]) -> Result<Answer, String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Ok(match words.as_slice() {
        ["gzip", rest @ ..] => answer(&owned(rest))?.gzip(),
        ["retry-after", seconds, rest @ ..] => {
            answer(&rest.iter().map(|&word| word.to_owned()).collect::<Vec<_>>())?
                .header("Retry-After", *seconds)
        }
        // The web: each page that was found is a title, an address and a snippet.
        ["brave", hits @ ..] => web::brave(found(hits)?),
        ["brave-error", status, code, detail] => web::brave_error(number(status)?, code, detail),
        ["tavily", hits @ ..] => web::tavily(None, found(hits)?),
        ["tavily-answer", summary, hits @ ..] => web::tavily(Some(summary), found(hits)?),
        ["tavily-error", status, message] => web::tavily_error(number(status)?, message),
        ["searxng", hits @ ..] => web::searxng(found(hits)?),
        ["searxng-silent", engine, why] => web::searxng_silent(engine, why),
        ["duckduckgo", hits @ ..] => web::duckduckgo(found(hits)?),
        ["duckduckgo-puzzle"] => web::duckduckgo_puzzle(),
        ["firecrawl-search", hits @ ..] => web::firecrawl_search(found(hits)?),
        ["firecrawl-page", status, title, content] => {
            web::firecrawl_page(number(status)?, title, content)
        }
        ["firecrawl-error", status, message] => web::firecrawl_error(number(status)?, message),
        ["page", content_type, body] => web::page(content_type, *body),
        ["page-bytes", content_type, hex] => web::page(content_type, bytes(hex)?),
        ["page-deep", levels, open] => {
            let close = open.replace('<', "</");
            let levels = number(levels)?;
            let page = format!("{}deep{}", open.repeat(levels), close.repeat(levels));
            web::page("text/html", page)
        }
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
        ["anthropic", rest @ ..] => anthropic_answer(rest)?,
        ["responses", rest @ ..] => responses_answer(rest)?,
        ["ollama", rest @ ..] => ollama_answer(rest)?,
        ["google", rest @ ..] => google_answer(rest)?,
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
        // Films.
        ["video", status, percent] => video::job(status, number(percent)?),
        ["video-failed", code, message] => video::failed(code, message),
        ["video-content", content_type, rest @ ..] => {
            video::content(content_type, file(&owned(rest))?)
        }
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

/// A response of OpenAI's API.
fn responses_answer(words: &[&str]) -> Result<Answer, String> {
    Ok(match words {
        ["whole", text] => Response::new(*text).whole(),
        ["whole-reasoning", summary, text] => Response::new(*text).reasoning(*summary).whole(),
        ["incomplete", reason, text] => Response::new(*text).incomplete(*reason).whole(),
        ["stream", text] => Response::new(*text).stream(),
        ["stream-reasoning", summary, text] => Response::new(*text).reasoning(*summary).stream(),
        ["stream-cut", events, text] => Response::new(*text).stream_cut_after(number(events)?),
        ["stream-failed", code, message, text] => Response::new(*text).stream_failed(code, message),
        other => return Err(format!("no such response: {other:?}")),
    })
}

/// An answer of Anthropic's API.
fn anthropic_answer(words: &[&str]) -> Result<Answer, String> {
    use anthropic::Message;
    Ok(match words {
        ["message", text] => Message::new(*text).whole(),
        ["message-stop", reason, text] => Message::new(*text).stop(*reason).whole(),
        ["message-thinking", thinking, text] => Message::new(*text).thinking(*thinking).whole(),
        ["message-tool", name, arguments] => Message::new(*arguments).tool(*name).whole(),
        ["stream", text] => Message::new(*text).stream(),
        ["stream-thinking", thinking, text] => Message::new(*text).thinking(*thinking).stream(),
        ["stream-cut", events, text] => Message::new(*text).stream_cut_after(number(events)?),
        ["stream-error", events, kind, message, text] => {
            Message::new(*text).stream_error_after(number(events)?, kind, message)
        }
        ["error", status, kind, message] => anthropic::error(number(status)?, kind, message),
        ["error-after", seconds, status, kind, message] => {
            anthropic::error(number(status)?, kind, message).header("Retry-After", *seconds)
        }
        other => return Err(format!("no such answer of Anthropic's: {other:?}")),
    })
}

/// An answer of Google's API.
fn google_answer(words: &[&str]) -> Result<Answer, String> {
    use google::Content;
    Ok(match words {
        ["content", text] => Content::new(*text).whole(),
        ["content-finish", reason, text] => Content::new(*text).finish(*reason).whole(),
        ["content-thought", thought, text] => Content::new(*text).thought(*thought).whole(),
        ["stream", text] => Content::new(*text).stream(),
        ["stream-thought", thought, text] => Content::new(*text).thought(*thought).stream(),
        ["stream-cut", events, text] => Content::new(*text).stream_cut_after(number(events)?),
        ["blocked", reason] => google::blocked(reason),
        ["speech", milliseconds] => google::speech(&media::wav(number(milliseconds)?)[44..], 8000),
        ["grounded", pages @ ..] => google::grounded(found(pages)?),
        ["upload-begun"] => google::upload_begun(),
        ["uploaded", state] => google::uploaded(state),
        ["file", state] => google::file(state),
        ["operation"] => google::operation(),
        ["films", addresses @ ..] => google::films(addresses),
        ["film-kept", reason] => google::film_kept(reason),
        ["image", width, height, text] => Content::new(*text)
            .picture(media::png(number(width)?, number(height)?))
            .whole(),
        ["embeddings", vectors @ ..] => {
            let vectors: Result<Vec<Vec<f32>>, String> = vectors
                .iter()
                .map(|vector| vector.split(',').map(number).collect())
                .collect();
            google::embeddings(&vectors?)
        }
        ["error", status, word, message] => google::error(number(status)?, word, message, &[]),
        ["key-invalid"] => google::key_invalid(),
        ["quota", period, delay] => google::quota(period, delay),
        other => return Err(format!("no such answer of Google's: {other:?}")),
    })
}

/// An answer of Ollama's API.
fn ollama_answer(words: &[&str]) -> Result<Answer, String> {
    use ollama::Chat;
    Ok(match words {
        ["chat", text] => Chat::new(*text).whole(),
        ["chat-done", reason, text] => Chat::new(*text).done(*reason).whole(),
        ["chat-thinking", thinking, text] => Chat::new(*text).thinking(*thinking).whole(),
        ["stream", text] => Chat::new(*text).stream(),
        ["stream-thinking", thinking, text] => Chat::new(*text).thinking(*thinking).stream(),
        ["stream-cut", lines, text] => Chat::new(*text).stream_cut_after(number(lines)?),
        ["stream-error", lines, message, text] => {
            Chat::new(*text).stream_error_after(number(lines)?, message)
        }
        ["embeddings", vectors @ ..] => {
            let vectors: Result<Vec<Vec<f32>>, String> = vectors
                .iter()
                .map(|vector| vector.split(',').map(number).collect())
                .collect();
            ollama::embeddings(&vectors?)
        }
        ["error", status, message] => ollama::error(number(status)?, message),
        ["error-after", seconds, status, message] => {
            ollama::error(number(status)?, message).header("Retry-After", *seconds)
        }
        other => return Err(format!("no such answer of Ollama's: {other:?}")),
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
        ["mp4", width, height, milliseconds] => {
            media::mp4(number(width)?, number(height)?, number(milliseconds)?, 64)
        }
        ["mp4-cut", width, height, milliseconds] => {
            let mut bytes = media::mp4(number(width)?, number(height)?, number(milliseconds)?, 64);
            bytes.truncate(bytes.len() - 2);
            bytes
        }
        ["text", text] => text.as_bytes().to_vec(),
        ["bytes", hex] => bytes(hex)?,
        ["empty"] => Vec::new(),
        other => return Err(format!("no such file: {other:?}")),
    })
}

fn bytes(hex: &str) -> Result<Vec<u8>, String> {
    (0..hex.len() / 2)
        .map(|at| {
            u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).map_err(|error| error.to_string())
        })
        .collect()
}

/// Words by three: title, address, snippet.
fn found<'a>(words: &'a [&'a str]) -> Result<&'a [web::Hit<'a>], String> {
    match words.as_chunks() {
        (hits, []) => Ok(hits),
        _ => Err(format!("a title, an address and a snippet each: {words:?}")),
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn number<N: FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("not a number: {text}"))
}
