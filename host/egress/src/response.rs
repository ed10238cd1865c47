//! Answers: read as they come, decoded by the client, counted, and without the credential.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use reqwest::header::{DATE, HeaderMap};
use tokio::time::timeout_at;

use crate::audit::{Outcome, Record};
use crate::blob::Spool;
use crate::failure::{Stage, of_client};
use crate::limits::{MAX_READ, MAX_RESPONSE_HEADER_BYTES, MAX_RESPONSE_HEADERS};
use crate::redact::{Held, Redactor};
use crate::{Awaited, Blob, Call, EgressError, Method};

/// An answer. Dropping it closes the exchange.
pub struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    url: String,
    host: String,
    body: Option<reqwest::Response>,
    /// What was received and not read yet.
    pending: Bytes,
    redactor: Option<Arc<Redactor>>,
    held: Held,
    call: Call,
    record: Record,
    spool: Spool,
    broken: bool,
}

/// Where an answer comes from and where it belongs.
pub(crate) struct Exchange {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) host: String,
    pub(crate) redactor: Option<Arc<Redactor>>,
    pub(crate) call: Call,
    pub(crate) record: Record,
    pub(crate) spool: Spool,
}

impl Response {
    /// Takes an answer whose header has arrived.
    pub(crate) fn new(
        mut exchange: Exchange,
        body: reqwest::Response,
    ) -> Result<Self, EgressError> {
        match accept(&exchange, &body) {
            Ok(headers) => Ok(Self {
                status: body.status().as_u16(),
                headers,
                url: mask_text(exchange.redactor.as_deref(), exchange.url),
                host: exchange.host,
                body: Some(body),
                pending: Bytes::new(),
                redactor: exchange.redactor,
                held: Held::default(),
                call: exchange.call,
                record: exchange.record,
                spool: exchange.spool,
                broken: false,
            }),
            Err(error) => {
                exchange.record.finish(Outcome::Failed(error.kind()));
                Err(error)
            }
        }
    }

    /// The status code of the final answer; redirects that were followed do not show.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// All header fields, names in lower case, without the credential.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The first field of that name, compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The URL that answered, without user information and without what the credential added.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The next bytes of the decoded body: at least one and at most `max` (and at most [`MAX_READ`]), as soon as there are
    /// some. Empty is the end of a complete body.
    ///
    /// # Errors
    ///
    /// [`EgressError::BadResponse`] for a body that was cut short or cannot be decoded, [`EgressError::Timeout`] for one
    /// that is silent for too long or not done at the deadline, [`EgressError::TooLarge`] for one that goes on beyond what the
    /// call may receive. After an error the rest is gone.
    pub async fn read(&mut self, max: usize) -> Result<Bytes, EgressError> {
        while self.pending.is_empty() && self.is_open() {
            self.receive_or_break().await?;
        }
        let length = self.pending.len().min(max.clamp(1, MAX_READ));
        Ok(self.pending.split_to(length))
    }

    /// Moves what is left of the body into a blob: into memory when it is little, into a private file when it is much. Its
    /// media type is found from the bytes, then from `mime_type`, then from `Content-Type`.
    ///
    /// At most `most` bytes are kept. A body that says beforehand that it has more is not received, and one that turns out to have
    /// more is left there.
    ///
    /// # Errors
    ///
    /// As [`Response::read`], [`EgressError::MediaTooLarge`] for more than `most` bytes, and [`EgressError::Storage`] when the
    /// file cannot be written.
    pub async fn into_blob(
        mut self,
        mime_type: Option<&str>,
        most: u64,
    ) -> Result<Blob, EgressError> {
        let left = self
            .body
            .as_ref()
            .and_then(reqwest::Response::content_length);
        if self.waiting().saturating_add(left.unwrap_or_default()) > most {
            return Err(self.over(most));
        }
        let storage = |source| EgressError::Storage {
            action: "keep a downloaded file",
            source,
        };
        let mut writer = self.spool.writer();
        let mut size = 0_u64;
        loop {
            while self.pending.is_empty() && self.is_open() {
                self.receive_or_break().await?;
                // What is held back to be masked has come, too.
                if size.saturating_add(self.waiting()) > most {
                    return Err(self.over(most));
                }
            }
            let bytes = std::mem::take(&mut self.pending);
            if bytes.is_empty() {
                break;
            }
            size = size.saturating_add(bytes.len() as u64);
            writer.push(bytes).await.map_err(storage)?;
        }
        let declared = mime_type
            .filter(|given| !given.is_empty())
            .or_else(|| self.header("content-type"));
        writer.finish(declared).await.map_err(storage)
    }

    /// Whether the body goes on, or broke off and has to say so.
    fn is_open(&self) -> bool {
        self.body.is_some() || self.broken
    }

    /// Bytes that were received and not read.
    fn waiting(&self) -> u64 {
        (self.pending.len() + self.held.len()) as u64
    }

    /// Receives the next piece, or ends the exchange with what came in its place.
    async fn receive_or_break(&mut self) -> Result<(), EgressError> {
        let received = self.receive().await;
        if let Err(error) = &received {
            self.body = None;
            self.broken = true;
            self.record.finish(Outcome::Failed(error.kind()));
        }
        received
    }

    /// Receives the next piece into `pending`. Nothing is lost when this is dropped before it is done.
    async fn receive(&mut self) -> Result<(), EgressError> {
        let Some(body) = &mut self.body else {
            return Err(self.bad("it broke off before"));
        };
        let (until, deadline) = self.call.silent_until();
        let Ok(received) = timeout_at(until, body.chunk()).await else {
            return Err(EgressError::Timeout {
                host: self.host.clone(),
                within: Awaited::Body,
                silent: (!deadline).then(|| self.call.limits().idle),
            });
        };
        match received {
            Ok(Some(piece)) => {
                self.record.received(piece.len() as u64);
                self.call.count_received(piece.len() as u64, &self.host)?;
                self.pending = match &self.redactor {
                    Some(redactor) => self.held.push(redactor, piece),
                    None => piece,
                };
                Ok(())
            }
            Ok(None) => {
                self.body = None;
                if let Some(redactor) = &self.redactor {
                    self.pending = self.held.finish(redactor);
                }
                self.record.finish(Outcome::Completed);
                Ok(())
            }
            Err(error) => Err(of_client(error, &self.host, Stage::Body, None)),
        }
    }

    /// Ends the exchange because the body is not to be kept.
    fn over(&mut self, limit: u64) -> EgressError {
        let error = EgressError::MediaTooLarge {
            host: self.host.clone(),
            limit,
        };
        self.record.finish(Outcome::Failed(error.kind()));
        error
    }

    fn bad(&self, problem: &str) -> EgressError {
        EgressError::BadResponse {
            host: self.host.clone(),
            problem: problem.to_owned(),
        }
    }
}

impl fmt::Debug for Response {
    /// Without header fields and body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

/// Judges the head of an answer and gives back its fields.
fn accept(
    exchange: &Exchange,
    answer: &reqwest::Response,
) -> Result<Vec<(String, String)>, EgressError> {
    let bad = |problem: &str| EgressError::BadResponse {
        host: exchange.host.clone(),
        problem: problem.to_owned(),
    };
    if answer.status().is_informational() {
        return Err(bad("it switches to a protocol that was not asked for"));
    }
    let fields = answer.headers();
    let bytes: usize = fields
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if fields.len() > MAX_RESPONSE_HEADERS || bytes > MAX_RESPONSE_HEADER_BYTES {
        return Err(bad("its header is too large"));
    }
    // The client decodes the codings it asked for and removes the field. What is left could not be counted, nor could a
    // credential be found in it.
    let is_coded = fields
        .get_all("content-encoding")
        .iter()
        .any(|coding| coding != "identity");
    if is_coded && exchange.method != Method::Head && answer.content_length() != Some(0) {
        return Err(bad("it is in a content coding that was not asked for"));
    }
    if exchange.method != Method::Head
        && let Some(length) = answer.content_length()
    {
        exchange.call.expect_received(length, &exchange.host)?;
    }
    Ok(shown_headers(fields, exchange.redactor.as_deref()))
}

/// The fields as a component sees them.
fn shown_headers(fields: &HeaderMap, redactor: Option<&Redactor>) -> Vec<(String, String)> {
    let mut shown: Vec<_> = fields
        .iter()
        .filter(|(name, _)| !redactor.is_some_and(|redactor| redactor.finds(name.as_str())))
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), mask_text(redactor, value))
        })
        .collect();
    // RFC 9110 section 6.6.1: who has a clock adds the date that is missing. A component has none, and a wait may be given as a date.
    if !fields.contains_key(DATE) {
        let now = httpdate::fmt_http_date(SystemTime::now());
        shown.push((DATE.as_str().to_owned(), now));
    }
    shown
}

fn mask_text(redactor: Option<&Redactor>, text: String) -> String {
    match redactor {
        Some(redactor) => redactor.mask_text(text),
        None => text,
    }
}
