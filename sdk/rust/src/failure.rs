//! How a call fails, in the terms a caller acts on.

pub use crate::bindings::base::chela::provider::types::{Failure, FailureKind};

/// What every call of a provider gives back.
pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// A failure of that kind. The message is one sentence for a person: lower case, no full stop, no secret. The host adds which
    /// provider it was.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            status: None,
            code: None,
            retry_after_ms: None,
            request_id: None,
            extra: Vec::new(),
        }
    }

    /// The provider refuses this request as it is.
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(FailureKind::InvalidRequest, message)
    }

    /// The provider cannot do what is asked at all, with any values.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Unsupported, message)
    }

    /// The provider refuses the content, before or after generating.
    pub fn content_filtered(message: impl Into<String>) -> Self {
        Self::new(FailureKind::ContentFiltered, message)
    }

    /// The provider answered properly and there is nothing in the answer.
    pub fn empty_output(message: impl Into<String>) -> Self {
        Self::new(FailureKind::EmptyOutput, message)
    }

    /// The answer cannot be read: wrong shape, a web page, a stream cut short.
    pub fn bad_response(message: impl Into<String>) -> Self {
        Self::new(FailureKind::BadResponse, message)
    }

    /// A fault in the component itself.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Internal, message)
    }

    /// Adds the HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Adds the provider's own code.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Adds how long the server asks callers to wait, in milliseconds.
    #[must_use]
    pub fn with_retry_after_ms(mut self, milliseconds: u64) -> Self {
        self.retry_after_ms = Some(milliseconds);
        self
    }

    /// Adds the provider's id for the request.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }
}
