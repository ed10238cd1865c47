//! What went wrong with one candidate, in the terms of the envelope.

use std::time::Duration;

use chela_egress::PlannedRequest;
use chela_envelope::{DryRun, ErrorBody, ErrorType, Output, Usage};
use chela_sandbox::families::{Failure, FailureKind};
use chela_sandbox::{CallError, SandboxError};

use crate::hints;

/// A failure on its way to an attempt or to the envelope. It does not name the provider yet.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Fault {
    pub(crate) kind: ErrorType,
    /// A lower-case fragment without a full stop.
    pub(crate) message: String,
    /// What to do, where the place that failed knows better than the table in [`hints`].
    pub(crate) hint: Option<Box<str>>,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) request_id: Option<String>,
    /// No other candidate is to hear of the request, whatever the kind.
    pub(crate) ends: bool,
    /// The same provider is not to hear of the request again, whatever the kind: it may have had its effect, and be billed.
    pub(crate) once: bool,
    /// What had been produced before it failed.
    pub(crate) salvage: Box<Salvage>,
}

/// What had been produced before a failure. It was paid for, so it is not thrown away.
#[derive(Clone, Debug, Default)]
pub(crate) struct Salvage {
    pub(crate) outputs: Vec<Output>,
    pub(crate) usage: Option<Usage>,
    pub(crate) finish_reason: Option<String>,
    /// What would have been sent, before it is told in the envelope's terms.
    pub(crate) request: Option<Box<PlannedRequest>>,
    /// This is the end of a dry run, with what would have been sent.
    pub(crate) planned: Option<DryRun>,
    /// Somebody has seen a part of the answer, so that asking again would show a second beginning.
    pub(crate) shown: bool,
}

impl Fault {
    pub(crate) fn new(kind: ErrorType, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            status: None,
            code: None,
            retry_after: None,
            request_id: None,
            ends: false,
            once: false,
            salvage: Box::default(),
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorType::Usage, message)
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into().into_boxed_str());
        self
    }

    /// The deadline passed before this candidate was asked, or asked again.
    pub(crate) fn out_of_time() -> Self {
        Self::new(ErrorType::Timeout, "the call's deadline passed")
    }

    /// The end of a dry run.
    pub(crate) fn dry_run(planned: DryRun) -> Self {
        let mut fault = Self::new(ErrorType::Cancelled, "a dry run sends nothing");
        fault.salvage.planned = Some(planned);
        fault
    }

    /// The caller no longer wants it.
    pub(crate) fn interrupted() -> Self {
        Self::new(ErrorType::Cancelled, "interrupted")
    }

    /// Whether the same request to the same provider may do better in a moment.
    pub(crate) fn is_transient(&self) -> bool {
        self.kind.retryable() && !self.once && !self.salvage.shown
    }

    /// Whether no other candidate can or may do better.
    ///
    /// A refused request would be refused elsewhere or would have to be altered, and the prompt is never altered. A refusal of
    /// the content is not shopped around. Once a part of the answer was shown, a second answer must not follow it.
    pub(crate) fn is_final(&self) -> bool {
        self.ends
            || self.salvage.shown
            || matches!(
                self.kind,
                ErrorType::Usage
                    | ErrorType::InvalidRequest
                    | ErrorType::ContentFiltered
                    | ErrorType::Cancelled
            )
    }

    /// The error of the envelope, with the provider's name before the message.
    pub(crate) fn body(&self, provider: Option<&str>) -> ErrorBody {
        let message = match provider {
            // What the caller did is not the provider's doing.
            Some(_) if self.kind == ErrorType::Cancelled => self.message.clone(),
            Some(provider) if !self.message.contains(&format!("`{provider}`")) => {
                format!("{provider}: {}", self.message)
            }
            Some(_) => self.message.clone(),
            None => self.message.clone(),
        };
        let mut body = ErrorBody::new(self.kind, message);
        body.hint = self
            .hint
            .clone()
            .map(String::from)
            .or_else(|| hints::hint(self, provider));
        body.status = self.status;
        body.code.clone_from(&self.code);
        body.retry_after_ms = self
            .retry_after
            .map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        body.request_id.clone_from(&self.request_id);
        body
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        let kind = match failure.kind {
            FailureKind::Auth => ErrorType::Auth,
            FailureKind::Permission => ErrorType::Permission,
            FailureKind::NotFound => ErrorType::NotFound,
            FailureKind::RateLimited => ErrorType::RateLimited,
            FailureKind::Quota => ErrorType::Quota,
            FailureKind::InvalidRequest => ErrorType::InvalidRequest,
            FailureKind::ContentFiltered => ErrorType::ContentFiltered,
            FailureKind::EmptyOutput => ErrorType::EmptyOutput,
            FailureKind::Timeout => ErrorType::Timeout,
            FailureKind::Unavailable => ErrorType::Unavailable,
            FailureKind::BadResponse => ErrorType::BadResponse,
            FailureKind::Denied => ErrorType::Denied,
            FailureKind::Unsupported => ErrorType::Unsupported,
            FailureKind::Cancelled => ErrorType::Cancelled,
            FailureKind::Internal => ErrorType::Internal,
            FailureKind::Other => from_status(failure.status),
        };
        let message = sentence(&failure.message);
        Self {
            message: if message.is_empty() {
                format!("the call failed ({kind})")
            } else {
                message
            },
            status: failure.status,
            code: failure
                .code
                .as_deref()
                .map(short)
                .filter(|code| !code.is_empty()),
            retry_after: failure
                .retry_after_ms
                .map(Duration::from_millis)
                .filter(|wait| *wait <= LONGEST_WAIT),
            request_id: failure
                .request_id
                .as_deref()
                .map(short)
                .filter(|id| !id.is_empty()),
            ..Self::new(kind, String::new())
        }
    }
}

impl From<CallError> for Fault {
    fn from(error: CallError) -> Self {
        match error {
            CallError::DryRun(request) => {
                let mut fault = Self::dry_run(DryRun::default());
                fault.salvage.request = Some(request);
                fault
            }
            error => error.into_failure().into(),
        }
    }
}

impl From<SandboxError> for Fault {
    fn from(error: SandboxError) -> Self {
        if let SandboxError::Store(_) = error {
            return Self::new(ErrorType::Config, error.to_string())
                .hint("make room where the cache folder is, or use another one (CHELA_CACHE_DIR)");
        }
        let kind = match error {
            SandboxError::ForeignImport(_)
            | SandboxError::TooLarge { .. }
            | SandboxError::CompileTimeout { .. } => ErrorType::Denied,
            _ => ErrorType::Internal,
        };
        Self::new(kind, error.to_string())
    }
}

/// The longest wait that a server can ask for. Longer ones are a mistake in the unit or the date.
const LONGEST_WAIT: Duration = Duration::from_secs(31 * 24 * 3600);

/// The longest message of a component that is passed on, in characters. A sentence is shorter; a server's page is not.
const LONGEST_MESSAGE: usize = 600;

/// The longest word of a component that is passed on, such as a code or an id, in characters.
const LONGEST_WORD: usize = 200;

/// The longest text of a component that stands beside a result, such as a rewritten prompt, in characters.
const LONGEST_PROSE: usize = 32_000;

/// A word of a component, of a length that a word has.
pub(crate) fn short(word: &str) -> String {
    cut(word, LONGEST_WORD)
}

/// A text of a component that stands beside a result.
pub(crate) fn prose(text: &str) -> String {
    cut(text, LONGEST_PROSE)
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What a component says, on one line and of a length that a person reads.
fn sentence(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.strip_suffix('.').unwrap_or(&words);
    cut(words, LONGEST_MESSAGE)
}

/// What a status alone says, where the component has no word for the failure.
fn from_status(status: Option<u16>) -> ErrorType {
    match status {
        Some(401) => ErrorType::Auth,
        Some(403) => ErrorType::Permission,
        Some(404) => ErrorType::NotFound,
        Some(408) => ErrorType::Timeout,
        Some(429) => ErrorType::RateLimited,
        Some(400..=499) => ErrorType::InvalidRequest,
        Some(500..=599) => ErrorType::Unavailable,
        Some(_) => ErrorType::BadResponse,
        None => ErrorType::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: FailureKind, status: Option<u16>, message: &str) -> Failure {
        Failure {
            kind,
            message: message.into(),
            status,
            code: None,
            retry_after_ms: Some(1500),
            request_id: None,
            extra: Vec::new(),
        }
    }

    #[test]
    fn the_envelope_names_the_provider_once_and_keeps_what_is_known() {
        let fault = Fault::from(failure(
            FailureKind::RateLimited,
            Some(429),
            "too many\n requests.",
        ));
        let body = fault.body(Some("groq"));
        assert_eq!(body.message, "groq: too many requests");
        assert_eq!(
            (body.status, body.retry_after_ms, body.retryable),
            (Some(429), Some(1500), true)
        );
        assert!(
            body.hint.expect("there is a hint").contains("2 s"),
            "the wait is rounded up"
        );
    }

    #[test]
    fn other_is_told_by_the_status() {
        for (status, kind) in [
            (Some(418), ErrorType::InvalidRequest),
            (Some(503), ErrorType::Unavailable),
            (Some(200), ErrorType::BadResponse),
            (None, ErrorType::Internal),
        ] {
            assert_eq!(
                Fault::from(failure(FailureKind::Other, status, "x")).kind,
                kind
            );
        }
    }

    #[test]
    fn a_page_is_not_a_sentence() {
        let fault = Fault::from(failure(
            FailureKind::BadResponse,
            Some(200),
            &"ä".repeat(5000),
        ));
        assert_eq!(fault.message.chars().count(), LONGEST_MESSAGE + 1);
        assert!(
            !Fault::from(failure(FailureKind::Auth, None, " "))
                .message
                .is_empty()
        );
    }

    #[test]
    fn nothing_is_tried_again_once_a_part_was_shown() {
        let mut fault = Fault::new(ErrorType::Unavailable, "the connection was reset");
        assert!(fault.is_transient() && !fault.is_final());
        fault.salvage.shown = true;
        assert!(!fault.is_transient() && fault.is_final());
    }
}
