//! Requests that go nowhere, and answers that were queued.

use crate::bindings::base::chela::provider::http::{Body, Header, Method, Part, Request, Target};
use crate::{Blob, Failure, FailureKind, Result};
use std::cell::RefCell;
use std::collections::VecDeque;

thread_local! {
    static PAUSES: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    static REPLIES: RefCell<VecDeque<Reply>> = const { RefCell::new(VecDeque::new()) };
    static SENT: RefCell<Vec<Sent>> = const { RefCell::new(Vec::new()) };
}

/// Queues the answer to this thread's next request that has none yet.
pub fn reply(reply: Reply) {
    REPLIES.with_borrow_mut(|replies| replies.push_back(reply));
}

/// Takes what this thread sent so far, oldest first.
pub fn sent() -> Vec<Sent> {
    SENT.take()
}

/// Takes the pauses that this thread made so far, in milliseconds, oldest first. None was waited for.
pub fn pauses() -> Vec<u32> {
    PAUSES.take()
}

pub(crate) fn pause(milliseconds: u32) {
    PAUSES.with_borrow_mut(|pauses| pauses.push(milliseconds));
}

/// An answer to come.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Header fields, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body in the pieces it arrives in.
    pub chunks: Vec<Vec<u8>>,
    /// The connection breaks after the last piece.
    pub cut: bool,
}

impl Reply {
    /// An answer of that kind with this body.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self {
            status,
            headers,
            chunks: vec![body.into()],
            cut: false,
        }
    }

    /// An answer in JSON.
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, "application/json", body)
    }

    /// A stream of server-sent events.
    pub fn events(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, "text/event-stream", body)
    }

    /// Adds a header field.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// Breaks the connection after the body.
    #[must_use]
    pub fn cut(mut self) -> Self {
        self.cut = true;
        self
    }
}

/// A request that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The method.
    pub method: Method,
    /// The endpoint's name; empty for a download.
    pub endpoint: String,
    /// The path below the endpoint; the URL of a download.
    pub path: String,
    /// The query.
    pub query: Vec<(String, String)>,
    /// Header fields, names as they were given.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: SentBody,
}

impl Sent {
    /// The body, which has to be JSON.
    ///
    /// # Panics
    ///
    /// When it is none; this is for tests.
    pub fn json(&self) -> serde_json::Value {
        let SentBody::Bytes(bytes) = &self.body else {
            panic!("the body is no sequence of bytes: {:?}", self.body)
        };
        serde_json::from_slice(bytes).expect("the body is JSON")
    }
}

/// A body that was sent, blobs put in as the host would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SentBody {
    /// No body.
    None,
    /// Bytes.
    Bytes(Vec<u8>),
    /// A form.
    Form(Vec<SentField>),
}

/// A field of a form that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentField {
    /// The name.
    pub name: String,
    /// The file name, a blob's own where the field has none.
    pub file_name: Option<String>,
    /// The media type, a blob's own where the field has none.
    pub mime_type: Option<String>,
    /// The value.
    pub value: Vec<u8>,
}

/// A response of the queue.
#[derive(Debug)]
pub(crate) struct Response {
    reply: Reply,
    pending: RefCell<VecDeque<Vec<u8>>>,
}

impl Response {
    pub(crate) fn status(&self) -> u16 {
        self.reply.status
    }

    pub(crate) fn headers(&self) -> Vec<Header> {
        let headers = self.reply.headers.iter().cloned();
        headers
            .map(|(name, value)| Header { name, value })
            .collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let found = self
            .reply
            .headers
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone())
    }

    pub(crate) fn url(&self) -> String {
        "https://test.invalid/".to_owned()
    }

    pub(crate) fn read(&self, max: u32) -> Result<Vec<u8>> {
        let mut pending = self.pending.borrow_mut();
        while let Some(mut chunk) = pending.pop_front() {
            if chunk.len() > max as usize {
                pending.push_front(chunk.split_off(max as usize));
            }
            if !chunk.is_empty() {
                return Ok(chunk);
            }
        }
        if self.reply.cut {
            Err(Failure::bad_response("the body was cut short"))
        } else {
            Ok(Vec::new())
        }
    }

    pub(crate) fn into_blob(self, mime_type: &str) -> Result<Blob> {
        let declared = self.header("content-type").unwrap_or_default();
        let mut bytes = Vec::new();
        loop {
            let chunk = self.read(u32::MAX)?;
            if chunk.is_empty() {
                return Ok(Blob::new(
                    if mime_type.is_empty() {
                        &declared
                    } else {
                        mime_type
                    },
                    &bytes,
                ));
            }
            bytes.extend_from_slice(&chunk);
        }
    }
}

pub(crate) fn send(request: &Request<'_>) -> Result<Response> {
    let (endpoint, path, query) = match &request.target {
        Target::Endpoint(target) => {
            let query = target
                .query
                .iter()
                .map(|one| (one.name.clone(), one.value.clone()))
                .collect();
            (target.endpoint.clone(), target.path.clone(), query)
        }
        Target::Url(url) => (String::new(), url.clone(), Vec::new()),
    };
    let headers = request
        .headers
        .iter()
        .map(|one| (one.name.clone(), one.value.clone()))
        .collect();
    let body = match &request.body {
        Body::None => SentBody::None,
        Body::Parts(parts) => SentBody::Bytes(parts.iter().flat_map(bytes_of).collect()),
        Body::Form(fields) => SentBody::Form(
            fields
                .iter()
                .map(|field| {
                    let blob = match &field.value {
                        Part::Blob(blob) | Part::Base64(blob) => Some(blob),
                        Part::Bytes(_) => None,
                    };
                    SentField {
                        name: field.name.clone(),
                        file_name: field.file_name.clone().or_else(|| blob?.file_name()),
                        mime_type: field.mime_type.clone().or_else(|| Some(blob?.mime_type())),
                        value: bytes_of(&field.value),
                    }
                })
                .collect(),
        ),
    };
    SENT.with_borrow_mut(|sent| {
        sent.push(Sent {
            method: request.method,
            endpoint,
            path,
            query,
            headers,
            body,
        });
    });
    let reply = REPLIES.with_borrow_mut(VecDeque::pop_front);
    let reply = reply.ok_or_else(|| {
        Failure::new(
            FailureKind::Unavailable,
            "no answer was queued for the request",
        )
    })?;
    Ok(Response {
        pending: RefCell::new(reply.chunks.clone().into()),
        reply,
    })
}

fn bytes_of(part: &Part<'_>) -> Vec<u8> {
    let whole = |blob: &Blob| blob.read_all(u64::MAX).expect("memory can be read");
    match part {
        Part::Bytes(bytes) => bytes.clone(),
        Part::Blob(blob) => whole(blob),
        Part::Base64(blob) => base64(&whole(blob)),
    }
}

/// RFC 4648 section 4, padded.
fn base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let word = group
            .iter()
            .chain(&[0, 0])
            .take(3)
            .fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        for digit in 0..4 {
            let used = digit <= group.len();
            text.push(if used {
                DIGITS[(word >> (18 - 6 * digit)) as usize & 63]
            } else {
                b'='
            });
        }
    }
    text
}
