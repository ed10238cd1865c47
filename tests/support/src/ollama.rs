//! Answers in the shapes of Ollama's API.
//!
//! The shapes follow <https://docs.ollama.com/api>; the words are ours.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::openai::words;

/// A chat answer, to be given whole or streamed.
#[derive(Clone, Debug)]
pub struct Chat {
    text: String,
    thinking: Option<String>,
    done: String,
}

impl Chat {
    /// One that says `text` and ends by itself.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            thinking: None,
            done: "stop".to_owned(),
        }
    }

    /// With thinking before the text.
    #[must_use]
    pub fn thinking(mut self, thinking: impl Into<String>) -> Self {
        self.thinking = Some(thinking.into());
        self
    }

    /// With another reason to end: `length`, `load`.
    #[must_use]
    pub fn done(mut self, reason: impl Into<String>) -> Self {
        self.done = reason.into();
        self
    }

    /// All at once.
    #[must_use]
    pub fn whole(&self) -> Answer {
        let mut message = json!({"role": "assistant", "content": self.text});
        if let Some(thinking) = &self.thinking {
            message["thinking"] = json!(thinking);
        }
        Answer::new(200)
            .header("Content-Type", "application/json; charset=utf-8")
            .body(self.last(&message).to_string())
    }

    /// As lines: one for each word, the last one with the counts.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = words(self.thinking.as_deref().unwrap_or_default())
            .iter()
            .map(|word| json!({"role": "assistant", "content": "", "thinking": word}))
            .chain(
                words(&self.text)
                    .iter()
                    .map(|word| json!({"role": "assistant", "content": word})),
            )
            .map(|message| {
                let line = json!({"model": "llama3.2", "created_at": "2026-11-21T00:00:00.123456789Z", "message": message, "done": false});
                format!("{line}\n")
            })
            .collect();
        let last = self.last(&json!({"role": "assistant", "content": ""}));
        lines.push(format!("{last}\n"));
        lines
    }

    /// Streamed, a chunk for each line.
    #[must_use]
    pub fn stream(&self) -> Answer {
        head_of_stream().chunks(self.lines())
    }

    /// Streamed, and the server leaves after so many lines.
    #[must_use]
    pub fn stream_cut_after(&self, lines: usize) -> Answer {
        head_of_stream()
            .chunks(self.lines().into_iter().take(lines))
            .cut_short()
    }

    /// Streamed, with an error in the place of what follows so many lines.
    #[must_use]
    pub fn stream_error_after(&self, lines: usize, message: &str) -> Answer {
        let error = format!("{}\n", json!({"error": message}));
        let said = self.lines().into_iter().take(lines);
        head_of_stream().chunks(said.chain([error]))
    }

    /// 11 tokens in, one out for each word.
    fn last(&self, message: &Value) -> Value {
        let output =
            words(&self.text).len() + words(self.thinking.as_deref().unwrap_or_default()).len();
        json!({
            "model": "llama3.2",
            "created_at": "2026-11-21T00:00:00.123456789Z",
            "message": message,
            "done": true,
            "done_reason": self.done,
            "total_duration": 5_191_566_416_u64,
            "load_duration": 2_154_458_u64,
            "prompt_eval_count": 11,
            "prompt_eval_duration": 383_809_000,
            "eval_count": output,
            "eval_duration": 4_799_921_000_u64,
        })
    }
}

/// Vectors, in the order given.
#[must_use]
pub fn embeddings(vectors: &[Vec<f32>]) -> Answer {
    Answer::json(&json!({
        "model": "nomic-embed-text",
        "embeddings": vectors,
        "total_duration": 14_143_917,
        "load_duration": 1_019_500,
        "prompt_eval_count": 5,
    }))
}

/// An error with the body that the API gives it.
#[must_use]
pub fn error(status: u16, message: &str) -> Answer {
    Answer::new(status)
        .header("Content-Type", "application/json; charset=utf-8")
        .body(json!({"error": message}).to_string())
}

fn head_of_stream() -> Answer {
    Answer::new(200)
        .header("Content-Type", "application/x-ndjson")
        .chunks(Vec::<Vec<u8>>::new())
}
