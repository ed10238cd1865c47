//! Answers in the shapes of Google's Gemini API.
//!
//! The shapes follow <https://ai.google.dev/api/generate-content>; the words are ours. Documents come with line breaks and blanks,
//! events with CRLF and without a last word, as from the API.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::openai::words;
use crate::web::Hit;

/// The id that every answer carries.
pub const RESPONSE_ID: &str = "h9cEfirstlight";

/// Generated content, to be given whole or streamed.
#[derive(Clone, Debug)]
pub struct Content {
    text: String,
    thought: Option<String>,
    picture: Option<Vec<u8>>,
    finish: String,
}

impl Content {
    /// One that says `text` and ends by itself.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            thought: None,
            picture: None,
            finish: "STOP".to_owned(),
        }
    }

    /// With a thought before the text.
    #[must_use]
    pub fn thought(mut self, thought: impl Into<String>) -> Self {
        self.thought = Some(thought.into());
        self
    }

    /// With a picture after the text.
    #[must_use]
    pub fn picture(mut self, bytes: Vec<u8>) -> Self {
        self.picture = Some(bytes);
        self
    }

    /// With another reason to finish: `MAX_TOKENS`, `SAFETY`.
    #[must_use]
    pub fn finish(mut self, reason: impl Into<String>) -> Self {
        self.finish = reason.into();
        self
    }

    /// All at once.
    #[must_use]
    pub fn whole(&self) -> Answer {
        let mut parts = Vec::new();
        if let Some(thought) = &self.thought {
            parts.push(json!({"text": thought, "thought": true}));
        }
        if !self.text.is_empty() {
            parts.push(json!({"text": self.text, "thoughtSignature": "c2lnbmVk"}));
        }
        if let Some(picture) = &self.picture {
            let data = json!({"mimeType": "image/png", "data": STANDARD.encode(picture)});
            parts.push(json!({"inlineData": data}));
        }
        let candidate = json!({
            "content": {"parts": parts, "role": "model"},
            "finishReason": self.finish,
            "index": 0,
        });
        pretty(&self.response(&candidate, true))
    }

    /// As events: one for each word, the last one empty with the signature and the reason to finish.
    #[must_use]
    pub fn events(&self) -> Vec<String> {
        let thoughts = words(self.thought.as_deref().unwrap_or_default());
        let mut parts: Vec<Value> = thoughts
            .iter()
            .map(|word| json!({"text": word, "thought": true}))
            .collect();
        parts.extend(words(&self.text).iter().map(|word| json!({"text": word})));
        let mut events: Vec<String> = parts
            .iter()
            .map(|part| {
                let candidate = json!({
                    "content": {"parts": [part], "role": "model"},
                    "finishReason": null,
                    "index": 0,
                });
                format!("data: {}\r\n\r\n", self.response(&candidate, false))
            })
            .collect();
        let last = json!({
            "content": {"parts": [{"text": "", "thoughtSignature": "c2lnbmVk"}], "role": "model"},
            "finishReason": self.finish,
            "index": 0,
        });
        events.push(format!("data: {}\r\n\r\n", self.response(&last, true)));
        events
    }

    /// Streamed, a chunk for each event.
    #[must_use]
    pub fn stream(&self) -> Answer {
        head_of_stream().chunks(self.events())
    }

    /// Streamed, and the server leaves after so many events.
    #[must_use]
    pub fn stream_cut_after(&self, events: usize) -> Answer {
        head_of_stream()
            .chunks(self.events().into_iter().take(events))
            .cut_short()
    }

    /// 11 tokens in, 4 of them cached; a token out for each word, and many for a picture.
    fn response(&self, candidate: &Value, last: bool) -> Value {
        let mut usage = json!({
            "promptTokenCount": 11,
            "totalTokenCount": 11,
            "cachedContentTokenCount": 4,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 11}],
            "serviceTier": "standard",
        });
        if last {
            let picture = if self.picture.is_some() { 1120 } else { 0 };
            let output = words(&self.text).len() + picture;
            let thoughts = words(self.thought.as_deref().unwrap_or_default()).len();
            usage["candidatesTokenCount"] = json!(output);
            if thoughts > 0 {
                usage["thoughtsTokenCount"] = json!(thoughts);
            }
            usage["totalTokenCount"] = json!(11 + output + thoughts);
        }
        json!({
            "candidates": [candidate],
            "usageMetadata": usage,
            "modelVersion": "gemini-2.5-flash",
            "responseId": RESPONSE_ID,
        })
    }
}

/// Samples of 16 bit and one channel, as they stand behind the header of a WAV file.
#[must_use]
pub fn speech(samples: &[u8], rate: u32) -> Answer {
    let kind = format!("audio/L16;codec=pcm;rate={rate}");
    let data = json!({"mimeType": kind, "data": STANDARD.encode(samples)});
    let candidate = json!({
        "content": {"parts": [{"inlineData": data}], "role": "model"},
        "finishReason": "STOP",
        "index": 0,
    });
    pretty(&json!({
        "candidates": [candidate],
        "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 48, "totalTokenCount": 56},
        "modelVersion": "gemini-3.1-flash-tts-preview",
        "responseId": RESPONSE_ID,
    }))
}

/// What a model found with a search: an answer of the snippets, each of which leans on its page. Titles are domains, and addresses
/// Google's own.
#[must_use]
pub fn grounded(pages: &[Hit<'_>]) -> Answer {
    let mut text = String::new();
    let mut chunks = Vec::new();
    let mut supports = Vec::new();
    for (index, [title, url, snippet]) in pages.iter().enumerate() {
        if !text.is_empty() {
            text.push(' ');
        }
        let start = text.len();
        text.push_str(snippet);
        chunks.push(json!({"web": {"uri": url, "title": title}}));
        supports.push(json!({
            "segment": {"startIndex": start, "endIndex": text.len(), "text": snippet},
            "groundingChunkIndices": [index],
        }));
    }
    let candidate = json!({
        "content": {"parts": [{"text": text}], "role": "model"},
        "finishReason": "STOP",
        "index": 0,
        "groundingMetadata": {
            "searchEntryPoint": {"renderedContent": "<div></div>"},
            "groundingChunks": chunks,
            "groundingSupports": supports,
            "webSearchQueries": ["lobster"],
        },
    });
    pretty(&json!({
        "candidates": [candidate],
        "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 12, "toolUsePromptTokenCount": 40},
        "modelVersion": "gemini-2.5-flash",
        "responseId": RESPONSE_ID,
    }))
}

/// An upload that may begin. The address names a server of its own, which nobody is to follow.
#[must_use]
pub fn upload_begun() -> Answer {
    let address =
        "https://uploads.invalid/upload/v1beta/files?upload_id=ABg5&upload_protocol=resumable";
    Answer::new(200).header("X-Goog-Upload-URL", address)
}

/// A file that is being looked through (`PROCESSING`), is ready (`ACTIVE`) or is no good (`FAILED`).
#[must_use]
pub fn file(state: &str) -> Answer {
    pretty(&file_value(state))
}

/// The same, as the answer to the upload itself.
#[must_use]
pub fn uploaded(state: &str) -> Answer {
    pretty(&json!({"file": file_value(state)}))
}

fn file_value(state: &str) -> Value {
    json!({
        "name": "files/f-1", "mimeType": "video/mp4", "state": state, "source": "UPLOADED",
        "uri": "https://generativelanguage.googleapis.com/v1beta/files/f-1",
    })
}

/// The operation that makes a film.
pub const OPERATION: &str = "models/veo-3.1-fast-generate-preview/operations/ab12cd";

/// The operation, not done.
#[must_use]
pub fn operation() -> Answer {
    pretty(&json!({"name": OPERATION}))
}

/// The operation, done: films to be fetched from these addresses.
#[must_use]
pub fn films(addresses: &[&str]) -> Answer {
    let samples: Vec<Value> = addresses
        .iter()
        .map(|address| json!({"video": {"uri": address}}))
        .collect();
    done(&json!({"generatedSamples": samples}))
}

/// The operation, done: the filter kept the film.
#[must_use]
pub fn film_kept(reason: &str) -> Answer {
    done(&json!({"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": [reason]}))
}

fn done(response: &Value) -> Answer {
    let kind = "type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse";
    pretty(&json!({
        "name": OPERATION,
        "done": true,
        "response": {"@type": kind, "generateVideoResponse": response},
    }))
}

/// No candidates: the prompt was refused.
#[must_use]
pub fn blocked(reason: &str) -> Answer {
    pretty(&json!({
        "promptFeedback": {"blockReason": reason},
        "usageMetadata": {"promptTokenCount": 11, "totalTokenCount": 11},
        "modelVersion": "gemini-2.5-flash",
        "responseId": RESPONSE_ID,
    }))
}

/// Vectors, in the order given.
#[must_use]
pub fn embeddings(vectors: &[Vec<f32>]) -> Answer {
    let list: Vec<Value> = vectors
        .iter()
        .map(|vector| json!({"values": vector}))
        .collect();
    pretty(&json!({"embeddings": list}))
}

/// An error with the body that the API gives it.
#[must_use]
pub fn error(status: u16, word: &str, message: &str, details: &[Value]) -> Answer {
    let mut error = json!({"code": status, "message": message, "status": word});
    if !details.is_empty() {
        error["details"] = details.into();
    }
    pretty(&json!({"error": error})).status(status)
}

/// 400: the key is wrong.
#[must_use]
pub fn key_invalid() -> Answer {
    error(
        400,
        "INVALID_ARGUMENT",
        "API key not valid. Please pass a valid API key.",
        &[json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
            "metadata": {"service": "generativelanguage.googleapis.com"},
        })],
    )
}

/// 429: too many for that period, `Minute` or `Day`.
#[must_use]
pub fn quota(period: &str, delay: &str) -> Answer {
    let message = format!(
        "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.\nPlease retry in {delay}."
    );
    error(
        429,
        "RESOURCE_EXHAUSTED",
        &message,
        &[
            json!({
                "@type": "type.googleapis.com/google.rpc.QuotaFailure",
                "violations": [{
                    "quotaMetric": "generativelanguage.googleapis.com/generate_content_requests",
                    "quotaId": format!("GenerateRequestsPer{period}PerProjectPerModel"),
                }],
            }),
            json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}),
        ],
    )
}

fn pretty(value: &Value) -> Answer {
    let body = serde_json::to_string_pretty(value).expect("a value is JSON");
    Answer::new(200)
        .header("Content-Type", "application/json; charset=UTF-8")
        .body(format!("{body}\n"))
}

fn head_of_stream() -> Answer {
    Answer::new(200)
        .header("Content-Type", "text/event-stream")
        .chunks(Vec::<Vec<u8>>::new())
}
