//! What can go wrong between a request and its answer.

use std::fmt;
use std::io;
use std::time::Duration;

use thiserror::Error;

use crate::{PlannedRequest, Rule};

/// What a caller does next depends on this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Egress refused, by this rule. Trying again gives the same.
    Denied(Rule),
    /// The credential cannot be sent as it is. Trying again gives the same.
    Credential,
    /// The server could not be reached, or closed before it answered. Another time may do.
    Unavailable,
    /// The deadline passed, or the server fell silent.
    Timeout,
    /// The answer cannot be read: not HTTP, cut short, badly encoded, redirected in circles.
    BadResponse,
    /// The answer is larger than the call may receive or keep.
    TooLarge,
    /// A blob could not be read or kept: a fault on this machine.
    Storage,
    /// Nothing is sent in a dry run.
    DryRun,
}

/// A failed request. Messages name the host, never a path, a query or a credential.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EgressError {
    /// The request, or a redirect of it, is not allowed. Nothing was sent to the place it names.
    #[error("{0}")]
    Denied(Denial),

    /// The credential of that name has a character that cannot be sent, or its manifest entry names a field that none may own.
    #[error("the credential `{name}` cannot be sent: {problem}")]
    Credential {
        /// The credential's name in the manifest.
        name: String,
        /// What is wrong with it, without any part of it.
        problem: &'static str,
    },

    /// No connection, or one that closed before an answer.
    #[error("{host} cannot be reached: {problem}")]
    Unavailable {
        /// Host and port.
        host: String,
        /// What happened.
        problem: String,
    },

    /// Time was up: the deadline of the call passed, or the server was silent for longer than it may.
    #[error("{host} {}", awaited(*.within, *.silent))]
    Timeout {
        /// Host and port.
        host: String,
        /// What was waited for.
        within: Awaited,
        /// How long the server was silent; none where it is the deadline that passed.
        silent: Option<Duration>,
    },

    /// An answer that cannot be read.
    #[error("the answer of {host} cannot be read: {problem}")]
    BadResponse {
        /// Host and port.
        host: String,
        /// What is wrong with it.
        problem: String,
    },

    /// An answer that is too large.
    #[error("the answer of {host} is larger than the {limit} bytes that a call may receive")]
    TooLarge {
        /// Host and port.
        host: String,
        /// The most bytes that the call may receive.
        limit: u64,
    },

    /// An answer that was to be kept as media, and is too large for that.
    #[error(
        "the answer of {host} is larger than the {limit} bytes of media that the call may still keep"
    )]
    MediaTooLarge {
        /// Host and port.
        host: String,
        /// The most bytes that were to be kept.
        limit: u64,
    },

    /// This is a dry run, and the request is what would have been sent. Nothing was.
    #[error("a dry run sends nothing")]
    DryRun(Box<PlannedRequest>),

    /// The store of media failed.
    #[error("cannot {action}: {source}")]
    Storage {
        /// What was being done.
        action: &'static str,
        /// What the operating system says.
        source: io::Error,
    },
}

/// What of an answer is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// Its head.
    Head,
    /// More of its body.
    Body,
}

fn awaited(within: Awaited, silent: Option<Duration>) -> String {
    match (within, silent) {
        (Awaited::Head, None) => "did not begin to answer before the deadline".into(),
        (Awaited::Body, None) => "did not finish its answer before the deadline".into(),
        (Awaited::Head, Some(time)) => format!("gave no answer for {}", seconds(time)),
        (Awaited::Body, Some(time)) => {
            format!(
                "fell silent in the middle of its answer, for {}",
                seconds(time)
            )
        }
    }
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}

impl EgressError {
    /// What a caller does next depends on this.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Denied(denial) => ErrorKind::Denied(denial.rule),
            Self::Credential { .. } => ErrorKind::Credential,
            Self::Unavailable { .. } => ErrorKind::Unavailable,
            Self::Timeout { .. } => ErrorKind::Timeout,
            Self::BadResponse { .. } => ErrorKind::BadResponse,
            Self::TooLarge { .. } | Self::MediaTooLarge { .. } => ErrorKind::TooLarge,
            Self::Storage { .. } => ErrorKind::Storage,
            Self::DryRun(_) => ErrorKind::DryRun,
        }
    }

    /// The rule, where egress refused.
    pub fn rule(&self) -> Option<Rule> {
        match self {
            Self::Denied(denial) => Some(denial.rule),
            _ => None,
        }
    }
}

/// A refusal: what was refused and by which rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The rule that refused.
    pub rule: Rule,
    /// What was asked for, as far as it may be shown: an endpoint's name, or scheme, host and port.
    pub subject: Option<String>,
}

impl Denial {
    /// A refusal by `rule` of what `subject` names.
    pub(crate) fn new(rule: Rule, subject: impl Into<String>) -> Self {
        Self {
            rule,
            subject: Some(subject.into()),
        }
    }
}

impl From<Rule> for Denial {
    fn from(rule: Rule) -> Self {
        Self {
            rule,
            subject: None,
        }
    }
}

impl From<Denial> for EgressError {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subject {
            Some(subject) => write!(
                f,
                "the request to {subject} was refused: {}",
                self.rule.says()
            ),
            None => write!(f, "the request was refused: {}", self.rule.says()),
        }
    }
}
