//! What went wrong, read from an answer that is not the one asked for.
//!
//! Follows <https://platform.openai.com/docs/guides/error-codes>. Servers agree on little here: the
//! error may be an object, a string, a list of field errors, plain text or a web page, with any status; its code may be
//! a word or a number. The words decide before the status does, because a proxy that answers 400 for a wrong key
//! still says `invalid_api_key`.

use chela_sdk::http::Response;
use chela_sdk::{Failure, FailureKind, Result};
use serde_json::Value;

use crate::loose::{self, text, text_field};
use crate::reply::first_character;
use crate::retry;
use crate::sentence;
use words::{
    GENERAL, TELLING, by_status, speaks_of_a_wrong_key, speaks_of_an_empty_account,
    speaks_of_money, told,
};

/// What is known of an answer beside its body.
#[derive(Clone, Debug, Default)]
pub struct Envelope {
    /// The HTTP status.
    pub status: u16,
    /// How long the headers ask callers to wait, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// The request id from the headers.
    pub request_id: Option<String>,
}

impl Envelope {
    /// What a response says of itself.
    pub fn of(response: &Response) -> Self {
        Self {
            status: response.status(),
            retry_after_ms: response.retry_after_ms(),
            request_id: response
                .header("mistral-correlation-id")
                .or_else(|| response.request_id()),
        }
    }

    /// A failure of this answer, without a code of the provider's.
    pub fn failure(&self, kind: FailureKind, message: impl Into<String>) -> Failure {
        Failure {
            kind,
            message: message.into(),
            status: (self.status != 0).then_some(self.status),
            code: None,
            retry_after_ms: None,
            request_id: self.request_id.clone(),
            extra: Vec::new(),
        }
    }

    /// The failure that an error answer stands for. `body` is its text, or the start of it.
    pub fn refusal(&self, body: &str) -> Failure {
        let body = body.trim_start_matches('\u{feff}').trim();
        match loose::read(body.as_bytes()) {
            Some(value) => self.json_failure(&value),
            None => self.text_failure(body),
        }
    }

    /// The answer as JSON, when it is that and no error in the clothes of an answer.
    pub fn read_json(&self, body: &[u8]) -> Result<Value> {
        let value = loose::read(body).ok_or_else(|| self.unreadable(body))?;
        match error_in(&value) {
            Some(_) => Err(self.json_failure(&value)),
            None => Ok(value),
        }
    }

    /// The failure for a body that is not JSON, of an answer that began well.
    fn unreadable(&self, body: &[u8]) -> Failure {
        self.bad(match first_character(body) {
            None => "the answer is empty",
            Some(b'<') => "the server answered with a web page in place of JSON",
            Some(_) => "the answer is not JSON",
        })
    }

    /// A failure for an answer that cannot be used.
    pub fn bad(&self, message: &str) -> Failure {
        self.failure(FailureKind::BadResponse, message)
    }

    /// The failure for what a model said in place of an answer.
    pub fn refused(&self, said: &str) -> Failure {
        let said = sentence::first(said);
        self.failure(
            FailureKind::ContentFiltered,
            format!("the model refused: {said}"),
        )
    }

    /// The failure that a JSON error stands for.
    pub fn json_failure(&self, value: &Value) -> Failure {
        let said = Said::find(value);
        let message = said.message.unwrap_or_default();
        let words: Vec<String> = [&said.code, &said.kind]
            .into_iter()
            .flatten()
            .map(|word| word.to_ascii_lowercase())
            .collect();
        let waits = self
            .retry_after_ms
            .or_else(|| retry::from_message(&message));
        let kind = self.judge(&words, said.code.as_deref(), &message, waits.is_some());
        let shown = sentence::first(&message);
        Failure {
            message: if shown.is_empty() {
                self.silent(&words)
            } else {
                shown
            },
            code: said.code.or(said.kind).map(|code| sentence::word(&code)),
            retry_after_ms: if waiting_helps(kind) { waits } else { None },
            ..self.failure(kind, "")
        }
    }

    /// The failure that a web page, plain text or nothing at all stands for.
    fn text_failure(&self, body: &str) -> Failure {
        let page = first_character(body.as_bytes()) == Some(b'<');
        let kind = self.judge(
            &[],
            None,
            if page { "" } else { body },
            self.retry_after_ms.is_some(),
        );
        let shown = if page {
            String::new()
        } else {
            sentence::first(body)
        };
        let message = match (page, shown.is_empty()) {
            (true, _) => format!("the server answered HTTP {} with a web page", self.status),
            (false, true) => self.silent(&[]),
            (false, false) => shown,
        };
        Failure {
            retry_after_ms: self.retry_after_ms.filter(|_| waiting_helps(kind)),
            ..self.failure(kind, message)
        }
    }

    /// The kind, from the most telling sign to the least.
    fn judge(
        &self,
        words: &[String],
        code: Option<&str>,
        message: &str,
        told_to_wait: bool,
    ) -> FailureKind {
        if let Some(kind) = told(words, TELLING) {
            return kind;
        }
        // Inside an answer with status 200, some servers put the status they mean into the code.
        let inner = code.and_then(|code| code.parse::<u16>().ok());
        let status = match (self.status, inner) {
            (200..=299, Some(inner @ 400..=599)) => inner,
            (status, _) => status,
        };
        let lower = message.to_ascii_lowercase();
        match status {
            // Anthropic's word for an account without money, under the status of a wrong request.
            400 if speaks_of_an_empty_account(&lower) => FailureKind::Quota,
            200..=299 => told(words, GENERAL).unwrap_or(FailureKind::BadResponse),
            429 if !told_to_wait && speaks_of_money(&lower) => FailureKind::Quota,
            400 if speaks_of_a_wrong_key(&lower) => FailureKind::Auth,
            _ => by_status(status),
        }
    }

    /// What to say of a server that says nothing.
    fn silent(&self, words: &[String]) -> String {
        match words.first() {
            Some(word) => format!(
                "the server answered HTTP {} ({})",
                self.status,
                sentence::word(word)
            ),
            None => format!("the server answered HTTP {} without a reason", self.status),
        }
    }
}

/// The error inside a JSON answer, when it holds one.
pub fn error_in(answer: &Value) -> Option<&Value> {
    let holds = |value: &Value| match value.get("error") {
        Some(Value::Object(error)) => !error.is_empty(),
        Some(Value::String(error)) => !error.is_empty(),
        _ => value.get("object").and_then(Value::as_str) == Some("error"),
    };
    match answer {
        // Google's server of this dialect wraps its errors in a list of one.
        Value::Array(list) => list.first().filter(|first| holds(first)),
        _ => holds(answer).then_some(answer),
    }
}

fn waiting_helps(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::RateLimited | FailureKind::Unavailable | FailureKind::Timeout
    )
}

/// What an error says, wherever it says it.
#[derive(Default)]
struct Said {
    message: Option<String>,
    code: Option<String>,
    kind: Option<String>,
}

impl Said {
    fn find(value: &Value) -> Self {
        let outer = match value {
            Value::Array(list) => list.first().unwrap_or(value),
            _ => value,
        };
        let inner = match outer.get("error") {
            Some(error @ Value::Object(_)) => error,
            _ => outer,
        };
        Self {
            message: Self::message(outer, inner),
            code: text_field(inner, "code").or_else(|| text_field(outer, "code")),
            kind: text_field(inner, "type")
                .or_else(|| text_field(inner, "status"))
                .or_else(|| text_field(outer, "type"))
                .filter(|kind| kind != "error"),
        }
    }

    fn message(outer: &Value, inner: &Value) -> Option<String> {
        // OpenRouter says "Provider returned error" and keeps what that provider said beside it.
        if let Some(raw) = inner.pointer("/metadata/raw").and_then(Value::as_str)
            && !raw.trim_start().starts_with(['{', '[', '<'])
            && !raw.trim().is_empty()
        {
            return Some(raw.to_owned());
        }
        ["message", "error", "detail", "msg", "error_description"]
            .iter()
            .flat_map(|name| [inner.get(name), outer.get(name)])
            .flatten()
            .find_map(said_in)
            .or_else(|| outer.as_str().map(str::to_owned))
            .filter(|message| !message.trim().is_empty())
    }
}

/// A message, or the first of a list of field errors as FastAPI servers and Mistral write them.
fn said_in(value: &Value) -> Option<String> {
    match value {
        Value::Array(list) => list.first().and_then(said_in),
        Value::Object(_) => {
            let message = ["msg", "message", "detail"]
                .iter()
                .find_map(|name| said_in(value.get(name)?))?;
            let place = value.get("loc").and_then(Value::as_array).map(|path| {
                let steps = path.iter().filter_map(text);
                steps.fold(String::new(), |path, step| {
                    sentence::joined(path, ".", &step)
                })
            });
            Some(match place {
                Some(place) if !place.is_empty() => format!("{place}: {message}"),
                _ => message,
            })
        }
        _ => text(value).filter(|text| !text.is_empty()),
    }
}

mod words;

#[cfg(test)]
mod tests;
