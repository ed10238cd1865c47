//! A response, read as far as one likes.

use super::{Refusal, date, error_in, refusal, transport};
use crate::chunks::Chunks;
use crate::{Blob, Failure, Result, ndjson, sse};
use serde::de::DeserializeOwned;

/// How much is asked of the host at once. A stream's pieces come as they arrive, whatever this says.
const CHUNK: u32 = 256 << 10;

/// The longest body that [`Response::bytes`] and its like take into the component's memory: 64 MiB.
const BODY: usize = 64 << 20;

/// How much of a refusal's body is read: enough for any message.
const REFUSAL: usize = 64 << 10;

/// Where servers put the id of a request, most specific first.
const REQUEST_IDS: [&str; 8] = [
    "x-request-id",
    "request-id",
    "dg-request-id",
    "x-amzn-requestid",
    "apim-request-id",
    "x-goog-request-id",
    "x-trace-id",
    "cf-ray",
];

/// A response. Its body is read by pulling; dropping it closes the exchange.
#[derive(Debug)]
pub struct Response(transport::Response);

impl Response {
    pub(super) fn new(response: transport::Response) -> Self {
        Self(response)
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.0.status()
    }

    /// The first header field of that name, compared without case.
    pub fn header(&self, name: &str) -> Option<String> {
        self.0.header(name)
    }

    /// All header fields in the order of their arrival, names in lower case.
    pub fn headers(&self) -> Vec<(String, String)> {
        self.0
            .headers()
            .into_iter()
            .map(|header| (header.name, header.value))
            .collect()
    }

    /// The media type without its parameters, in lower case.
    pub fn content_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(refusal::essence(&value))
    }

    /// The URL that answered.
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// The provider's id for the request, for its support.
    pub fn request_id(&self) -> Option<String> {
        REQUEST_IDS
            .iter()
            .find_map(|name| self.header(name))
            .filter(|id| !id.is_empty())
    }

    /// How long the server asks callers to wait, in milliseconds: `retry-after-ms`, or `Retry-After` in seconds or as a date,
    /// which is held against the response's own `Date`, a component having no clock.
    pub fn retry_after_ms(&self) -> Option<u64> {
        if let Some(milliseconds) = self
            .header("retry-after-ms")
            .and_then(|value| value.trim().parse().ok())
        {
            return Some(milliseconds);
        }
        date::retry_after_ms(&self.header("retry-after")?, self.header("date").as_deref())
    }

    /// The response itself when it says success (2xx).
    ///
    /// # Errors
    ///
    /// Any other status, as [`Refusal`] reads it, with code, request id and the time to wait.
    pub fn error_for_status(self) -> Result<Self> {
        let status = self.status();
        if (200..300).contains(&status) {
            return Ok(self);
        }
        // A refusal whose body cannot be read to its end is a refusal all the same.
        let mut body = Vec::new();
        while body.len() < REFUSAL {
            match self.0.read(CHUNK) {
                Ok(chunk) if !chunk.is_empty() => body.extend_from_slice(&chunk),
                _ => break,
            }
        }
        body.truncate(REFUSAL);
        let content_type = self.header("content-type");
        let mut failure = Refusal {
            status,
            content_type: content_type.as_deref(),
            body: &body,
        }
        .failure();
        failure.retry_after_ms = self.retry_after_ms();
        failure.request_id = self.request_id().or(failure.request_id);
        Err(failure)
    }

    /// The next bytes of the body, as soon as there are some; none at its end.
    ///
    /// # Errors
    ///
    /// A body that was cut short, or stalls.
    pub fn read(&mut self, max: u32) -> Result<Vec<u8>> {
        self.0.read(max)
    }

    /// The whole body, at most 64 MiB.
    ///
    /// # Errors
    ///
    /// A body that is longer, was cut short, or stalls.
    pub fn bytes(mut self) -> Result<Vec<u8>> {
        self.collect(BODY)
    }

    /// The whole body as text; what is not UTF-8 in it is replaced.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    pub fn text(self) -> Result<String> {
        let bytes = self.bytes()?;
        Ok(String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    /// The whole body, read as JSON.
    ///
    /// # Errors
    ///
    /// [`FailureKind::BadResponse`](crate::FailureKind::BadResponse) for a web page, an empty body and JSON of another shape;
    /// where such JSON holds an `error` object, that error, as [`error_in`] reads it.
    pub fn json<T: DeserializeOwned>(mut self) -> Result<T> {
        let body = self.collect(BODY)?;
        serde_json::from_slice(&body).map_err(|error| self.unreadable(&body, &error))
    }

    /// The body as server-sent events.
    ///
    /// # Errors
    ///
    /// [`FailureKind::BadResponse`](crate::FailureKind::BadResponse) for a web page. A server that answers plain JSON although
    /// it was asked to stream is for the caller to see: [`content_type`](Self::content_type).
    pub fn events(self) -> Result<sse::Events<Self>> {
        self.refuse_page()?;
        Ok(sse::Events::new(self))
    }

    /// The body as JSON values, one a line.
    ///
    /// # Errors
    ///
    /// [`FailureKind::BadResponse`](crate::FailureKind::BadResponse) for a web page.
    pub fn lines(self) -> Result<ndjson::Values<Self>> {
        self.refuse_page()?;
        Ok(ndjson::Values::new(self))
    }

    /// Moves the body into a blob, past the component. An empty `mime_type` lets the host find it from the bytes.
    ///
    /// # Errors
    ///
    /// [`FailureKind::BadResponse`](crate::FailureKind::BadResponse) for a web page or JSON where media was to come, a body that
    /// was cut short, or stalls.
    pub fn into_blob(mut self, mime_type: &str) -> Result<Blob> {
        self.refuse_page()?;
        if self
            .content_type()
            .is_some_and(|kind| kind == "application/json")
        {
            let body = self.collect(REFUSAL)?;
            let told = serde_json::from_slice(&body)
                .ok()
                .and_then(|value| error_in(&value));
            return Err(self.identified(told.unwrap_or_else(|| {
                Failure::bad_response("the server answered JSON in the place of media")
            })));
        }
        transport::Response::into_blob(self.0, mime_type)
    }

    /// Moves the body into a blob, past the component, whatever it is said to be: for a caller that judged the response itself.
    ///
    /// # Errors
    ///
    /// A body that was cut short, or stalls.
    pub fn into_any_blob(self, mime_type: &str) -> Result<Blob> {
        transport::Response::into_blob(self.0, mime_type)
    }

    fn refuse_page(&self) -> Result<()> {
        match self.content_type().as_deref() {
            Some("text/html" | "application/xhtml+xml") => {
                Err(self.identified(Failure::bad_response("the server answered with a web page")))
            }
            _ => Ok(()),
        }
    }

    fn collect(&mut self, limit: usize) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let chunk = self.0.read(CHUNK)?;
            if chunk.is_empty() {
                return Ok(body);
            }
            if body.len() + chunk.len() > limit {
                return Err(self.identified(Failure::bad_response(format!(
                    "the answer is longer than {limit} bytes"
                ))));
            }
            body.extend_from_slice(&chunk);
        }
    }

    /// Says what came in the place of the JSON that was expected.
    fn unreadable(&self, body: &[u8], error: &serde_json::Error) -> Failure {
        let told = serde_json::from_slice(body)
            .ok()
            .and_then(|value| error_in(&value));
        self.identified(told.unwrap_or_else(|| {
            refusal::unreadable(self.header("content-type").as_deref(), body, error)
        }))
    }

    fn identified(&self, mut failure: Failure) -> Failure {
        failure.status = failure.status.or(Some(self.status()));
        failure.request_id = self.request_id().or(failure.request_id);
        failure
    }
}

impl Chunks for Response {
    fn next_chunk(&mut self) -> Result<Vec<u8>> {
        self.0.read(CHUNK)
    }
}
