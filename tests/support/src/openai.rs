//! Answers in the shapes of OpenAI's API, odd ones included.
//!
//! The shapes follow <https://platform.openai.com/docs/api-reference>; the words are ours.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::answer::Answer;

/// The request id every answer carries in its `x-request-id` field.
pub const REQUEST_ID: &str = "req_0f1e2d3c4b5a";

/// A chat completion, to be given whole or streamed.
#[derive(Clone, Debug)]
pub struct Chat {
    text: String,
    reasoning: Option<String>,
    refusal: Option<String>,
    finish: String,
    model: String,
}

impl Chat {
    /// One that says `text` and ends by itself.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            reasoning: None,
            refusal: None,
            finish: "stop".to_owned(),
            model: "gpt-5.4-2026-03-05".to_owned(),
        }
    }

    /// With reasoning shown, as servers of open models do.
    #[must_use]
    pub fn reasoning(mut self, reasoning: impl Into<String>) -> Self {
        self.reasoning = Some(reasoning.into());
        self
    }

    /// With a refusal in place of text.
    #[must_use]
    pub fn refusal(mut self, refusal: impl Into<String>) -> Self {
        self.refusal = Some(refusal.into());
        self
    }

    /// With another finish reason: `length`, `content_filter`.
    #[must_use]
    pub fn finish(mut self, reason: impl Into<String>) -> Self {
        self.finish = reason.into();
        self
    }

    /// All at once: `stream` was not asked for, or the server does not care.
    #[must_use]
    pub fn whole(&self) -> Answer {
        let mut message = json!({
            "role": "assistant",
            "content": if self.refusal.is_some() { Value::Null } else { json!(self.text) },
            "refusal": self.refusal,
            "annotations": [],
        });
        if let Some(reasoning) = &self.reasoning {
            message["reasoning_content"] = json!(reasoning);
        }
        answered().json_body(&json!({
            "id": "chatcmpl-Cfirstlight0001",
            "object": "chat.completion",
            "created": 1_795_000_000,
            "model": self.model,
            "choices": [{
                "index": 0,
                "message": message,
                "logprobs": null,
                "finish_reason": self.finish,
            }],
            "usage": self.usage(),
            "service_tier": "default",
            "system_fingerprint": null,
        }))
    }

    /// As events: a first chunk with a role and empty content, one for each word, a last one with the finish reason, then one
    /// without choices that has the usage, then `[DONE]`.
    #[must_use]
    pub fn events(&self) -> Vec<String> {
        let mut events = vec![self.event(
            &json!({"role": "assistant", "content": "", "refusal": null}),
            None,
        )];
        for word in words(self.reasoning.as_deref().unwrap_or_default()) {
            events.push(self.event(&json!({"reasoning_content": word}), None));
        }
        for word in words(self.refusal.as_deref().unwrap_or_default()) {
            events.push(self.event(&json!({"refusal": word}), None));
        }
        if self.refusal.is_none() {
            for word in words(&self.text) {
                events.push(self.event(&json!({"content": word}), None));
            }
        }
        events.push(self.event(&json!({}), Some(&self.finish)));
        events.push(self.frame(&json!([]), &self.usage()));
        events.push("data: [DONE]\n\n".to_owned());
        events
    }

    /// Streamed, a chunk for each event.
    #[must_use]
    pub fn stream(&self) -> Answer {
        self.head_of_stream().chunks(self.events())
    }

    /// Streamed, cut every `size` bytes.
    #[must_use]
    pub fn stream_cut_every(&self, size: usize) -> Answer {
        self.head_of_stream()
            .body(self.events().concat())
            .chunked_every(size)
    }

    /// Streamed with CRLF line ends, comments, an `event:` and an `id:` field, and data over two lines where JSON allows it.
    #[must_use]
    pub fn stream_in_full_dress(&self) -> Answer {
        let mut body = "\u{feff}: ready\r\n\r\n".to_owned();
        for (number, event) in self.events().iter().enumerate() {
            let data = event.trim_end().trim_start_matches("data: ");
            // A JSON text may break after its first brace; the event stream puts the two lines together again.
            let data = data
                .strip_prefix('{')
                .map_or_else(|| data.to_owned(), |rest| format!("{{\r\ndata:{rest}"));
            body.push_str(&format!(
                "event: message\r\nid: {number}\r\ndata: {data}\r\n\r\n: keep-alive\r\n\r\n"
            ));
        }
        self.head_of_stream().body(body)
    }

    /// Streamed, and the server leaves after so many events.
    #[must_use]
    pub fn stream_cut_after(&self, events: usize) -> Answer {
        self.head_of_stream()
            .chunks(self.events().into_iter().take(events))
            .cut_short()
    }

    /// The status and header of a stream, with no event yet.
    #[must_use]
    pub fn head_of_stream(&self) -> Answer {
        answered()
            .header("Content-Type", "text/event-stream; charset=utf-8")
            .header("Cache-Control", "no-cache")
            .chunks(Vec::<Vec<u8>>::new())
    }

    fn event(&self, delta: &Value, finish: Option<&str>) -> String {
        let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish});
        self.frame(&json!([choice]), &Value::Null)
    }

    fn frame(&self, choices: &Value, usage: &Value) -> String {
        let chunk = json!({
            "id": "chatcmpl-Cfirstlight0001",
            "object": "chat.completion.chunk",
            "created": 1_795_000_000,
            "model": self.model,
            "service_tier": "default",
            "system_fingerprint": "fp_0123456789",
            "choices": choices,
            "usage": usage,
            "obfuscation": "mZ3qTk9w",
        });
        format!("data: {chunk}\n\n")
    }

    /// 11 tokens in, 4 of them cached; a token out for each word.
    fn usage(&self) -> Value {
        let reasoning = words(self.reasoning.as_deref().unwrap_or_default()).len();
        let output = words(&self.text).len() + reasoning;
        json!({
            "prompt_tokens": 11,
            "completion_tokens": output,
            "total_tokens": 11 + output,
            "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": reasoning,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        })
    }
}

/// Text as a tokenizer hands it out: words with the blank before them.
pub(crate) fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let from = first.len_utf8();
        let end = rest[from..].find(' ').map_or(rest.len(), |at| from + at);
        words.push(&rest[..end]);
        rest = &rest[end..];
    }
    words
}

/// Pictures in base64, as the image endpoints answer.
#[must_use]
pub fn images(pictures: &[Vec<u8>]) -> Answer {
    let data: Vec<Value> = pictures
        .iter()
        .map(|picture| json!({"b64_json": STANDARD.encode(picture)}))
        .collect();
    answered().json_body(&json!({
        "created": 1_795_000_000,
        "background": "opaque",
        "data": data,
        "output_format": "png",
        "quality": "low",
        "size": "1024x1024",
        "usage": {
            "input_tokens": 13,
            "input_tokens_details": {"image_tokens": 0, "text_tokens": 13},
            "output_tokens": 272,
            "total_tokens": 285,
        },
    }))
}

/// Vectors, in the order given, each with its index.
#[must_use]
pub fn embeddings(vectors: &[Vec<f32>]) -> Answer {
    let data: Vec<Value> = vectors
        .iter()
        .enumerate()
        .map(|(index, vector)| json!({"object": "embedding", "index": index, "embedding": vector}))
        .collect();
    answered().json_body(&json!({
        "object": "list",
        "data": data,
        "model": "text-embedding-3-small",
        "usage": {"prompt_tokens": 5, "total_tokens": 5},
    }))
}

/// An error with the body that OpenAI gives it.
#[must_use]
pub fn error(status: u16, message: &str, kind: &str, code: Option<&str>) -> Answer {
    answered().status(status).json_body(
        &json!({"error": {"message": message, "type": kind, "param": null, "code": code}}),
    )
}

/// 401: the key is wrong. The message repeats part of the key, as OpenAI's does.
#[must_use]
pub fn unauthorized(key: &str) -> Answer {
    let message = format!(
        "Incorrect API key provided: {key}. You can find your API key in your account settings."
    );
    error(
        401,
        &message,
        "invalid_request_error",
        Some("invalid_api_key"),
    )
}

/// 429: too fast. With a `Retry-After` in seconds where one is given.
#[must_use]
pub fn rate_limited(retry_after: Option<&str>) -> Answer {
    let answer = error(
        429,
        "Rate limit reached for gpt-5.4 on requests per min (RPM): Limit 3, Used 3, Requested 1.",
        "requests",
        Some("rate_limit_exceeded"),
    );
    match retry_after {
        Some(seconds) => answer.header("Retry-After", seconds),
        None => answer,
    }
}

/// 429: spent. The same status, and waiting does not help.
#[must_use]
pub fn quota_spent() -> Answer {
    error(
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        Some("insufficient_quota"),
    )
}

/// 500: the server broke.
#[must_use]
pub fn server_error() -> Answer {
    error(
        500,
        "The server had an error while processing your request. Sorry about that!",
        "server_error",
        None,
    )
}

/// 404: no such model.
#[must_use]
pub fn model_not_found(model: &str) -> Answer {
    let message = format!("The model `{model}` does not exist or you do not have access to it.");
    error(
        404,
        &message,
        "invalid_request_error",
        Some("model_not_found"),
    )
}

/// 200 with the header fields that every answer of the API carries.
pub(crate) fn answered() -> Answer {
    Answer::new(200)
        .header("x-request-id", REQUEST_ID)
        .header("openai-processing-ms", "14")
}

#[cfg(test)]
mod tests {
    use super::{Chat, words};

    #[test]
    fn words_join_to_the_text_they_came_from() {
        for text in ["", "one", " 2 + 2  is 4. ", "żółw śpi"] {
            assert_eq!(words(text).concat(), text);
        }
    }

    #[test]
    fn a_stream_has_the_odd_chunks() {
        let events = Chat::new("a b").events();
        assert!(events[0].contains(r#""content":"""#));
        assert!(events[1].contains(r#""usage":null"#));
        assert!(events[events.len() - 2].contains(r#""choices":[]"#));
        assert_eq!(events[events.len() - 1], "data: [DONE]\n\n");
    }
}
