//! Request bodies, sent as they are read: a file of any size passes in pieces of some hundred kilobytes.
//!
//! The length of every body is known before it is sent, base64 and form borders included, because many servers
//! refuse chunked uploads. A body is made of blobs and bytes that do not change, so a redirect can send it again.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http_body::{Frame, SizeHint};
use tokio::task::JoinHandle;

use crate::limits::{MAX_FORM_NAME_BYTES, MAX_PARTS};
use crate::mime::is_media_type;
use crate::{Blob, Body, Call, FormField, Part, Rule};

/// How much of a blob is read at a time. A multiple of three, so that base64 of a piece has no padding but at the end.
const CHUNK: usize = 96 * 1024;

/// Bodies up to this size are sent in one piece, together with the request's head where the system allows.
const ONE_PIECE: u64 = 64 * 1024;

/// A body whose length and type are known. It can be sent more than once.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    parts: Arc<[Part]>,
    length: u64,
    /// `Content-Type`, where egress decides it.
    pub(crate) content_type: Option<String>,
}

impl Plan {
    /// Plans a body. None for no body.
    ///
    /// # Errors
    ///
    /// [`Rule::RequestParts`] for too many parts or fields, [`Rule::FormField`] for a field that cannot be written.
    pub(crate) fn new(body: Body) -> Result<Option<Self>, Rule> {
        let count = match &body {
            Body::None => 0,
            Body::Parts(parts) => parts.len(),
            Body::Form(fields) => fields.len(),
        };
        if count > MAX_PARTS {
            return Err(Rule::RequestParts);
        }
        let (parts, content_type) = match body {
            Body::None => return Ok(None),
            Body::Parts(parts) => (parts, None),
            Body::Form(fields) => {
                let boundary = boundary();
                (
                    form(&fields, &boundary)?,
                    Some(format!("multipart/form-data; boundary={boundary}")),
                )
            }
        };
        let length = parts
            .iter()
            .try_fold(0_u64, |sum, part| sum.checked_add(encoded_length(part)))
            .ok_or(Rule::RequestSize)?;
        Ok(Some(Self {
            parts: parts.into(),
            length,
            content_type,
        }))
    }

    /// Bytes that will be sent.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The body in the client's form. What is sent is counted into `call` and into `sent`.
    pub(crate) fn to_client(&self, call: &Call, sent: &Arc<AtomicU64>) -> reqwest::Body {
        let in_memory = |part: &Part| match part {
            Part::Bytes(_) => true,
            Part::Blob(blob) | Part::Base64(blob) => blob.in_memory().is_some(),
        };
        let parts = if self.length <= ONE_PIECE && self.parts.iter().all(in_memory) {
            VecDeque::from([Part::Bytes(self.in_one_piece())])
        } else {
            self.parts.iter().cloned().collect()
        };
        reqwest::Body::wrap(Encoder {
            parts,
            offset: 0,
            reading: None,
            left: self.length,
            call: call.clone(),
            sent: Arc::clone(sent),
        })
    }

    fn in_one_piece(&self) -> Bytes {
        if let [Part::Bytes(bytes)] = &*self.parts {
            return bytes.clone();
        }
        let mut whole = BytesMut::with_capacity(usize::try_from(self.length).unwrap_or_default());
        for part in &*self.parts {
            match part {
                Part::Bytes(bytes) => whole.extend_from_slice(bytes),
                Part::Blob(blob) => {
                    whole.extend_from_slice(blob.in_memory().expect("it was asked before"));
                }
                Part::Base64(blob) => {
                    let encoded = STANDARD.encode(blob.in_memory().expect("it was asked before"));
                    whole.extend_from_slice(encoded.as_bytes());
                }
            }
        }
        whole.freeze()
    }
}

/// The length of a part as it is sent. Saturates where no length fits, which is far above every limit.
fn encoded_length(part: &Part) -> u64 {
    match part {
        Part::Bytes(bytes) => bytes.len() as u64,
        Part::Blob(blob) => blob.size(),
        Part::Base64(blob) => blob.size().div_ceil(3).saturating_mul(4),
    }
}

/// A boundary that no component and no file can foresee.
fn boundary() -> String {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random).expect("the system has random numbers");
    random.iter().fold("chela-".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The parts of a form (RFC 7578).
fn form(fields: &[FormField], boundary: &str) -> Result<Vec<Part>, Rule> {
    let mut parts = Vec::with_capacity(fields.len() * 2 + 1);
    let mut border = String::new();
    for field in fields {
        let _ = write!(
            border,
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"",
            quoted(&field.name)?
        );
        let blob = match &field.value {
            Part::Bytes(_) => None,
            Part::Blob(blob) | Part::Base64(blob) => Some(blob),
        };
        if let Some(name) = field
            .file_name
            .as_deref()
            .or_else(|| blob.and_then(Blob::file_name))
        {
            let _ = write!(border, "; filename=\"{}\"", quoted(name)?);
        }
        if let Some(mime_type) = field
            .mime_type
            .as_deref()
            .or_else(|| blob.map(Blob::mime_type))
        {
            let _ = write!(border, "\r\nContent-Type: {}", parameterised(mime_type)?);
        }
        border.push_str("\r\n\r\n");
        parts.push(Part::Bytes(std::mem::take(&mut border).into()));
        parts.push(field.value.clone());
        border.push_str("\r\n");
    }
    let _ = write!(border, "--{boundary}--\r\n");
    parts.push(Part::Bytes(border.into()));
    Ok(parts)
}

/// A name between quotation marks, escaped as browsers do it and servers expect it (WHATWG HTML, multipart form data).
/// Line ends are refused rather than escaped, with all control characters: no provider has a use for them.
fn quoted(name: &str) -> Result<String, Rule> {
    if name.len() > MAX_FORM_NAME_BYTES || name.chars().any(char::is_control) {
        return Err(Rule::FormField);
    }
    Ok(name.replace('"', "%22"))
}

/// A media type, perhaps with parameters, that cannot end its line.
fn parameterised(mime_type: &str) -> Result<&str, Rule> {
    if mime_type.len() > MAX_FORM_NAME_BYTES {
        return Err(Rule::FormField);
    }
    let essence = mime_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let printable = mime_type.bytes().all(|b| (0x20..0x7f).contains(&b));
    if is_media_type(&essence) && printable {
        Ok(mime_type)
    } else {
        Err(Rule::FormField)
    }
}

/// Reads and encodes the parts one after the other, as fast as the connection takes them: one piece is in memory, and
/// the next one is read when that is gone.
struct Encoder {
    parts: VecDeque<Part>,
    /// Where in the first part.
    offset: u64,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
    /// Bytes that are still to be sent.
    left: u64,
    call: Call,
    sent: Arc<AtomicU64>,
}

impl Encoder {
    /// A piece of a file that was read.
    fn take_read(&mut self, read: &Bytes) -> Bytes {
        self.offset += read.len() as u64;
        let encode = matches!(self.parts.front(), Some(Part::Base64(_)));
        self.next_if_done();
        if encode {
            STANDARD.encode(read).into()
        } else {
            read.clone()
        }
    }

    fn next_if_done(&mut self) {
        let size = match self.parts.front() {
            Some(Part::Bytes(bytes)) => bytes.len() as u64,
            Some(Part::Blob(blob) | Part::Base64(blob)) => blob.size(),
            None => return,
        };
        if self.offset >= size {
            self.parts.pop_front();
            self.offset = 0;
        }
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            if let Some(reading) = &mut self.reading {
                let read = ready!(Pin::new(reading).poll(cx));
                self.reading = None;
                return Poll::Ready(Some(match read {
                    Ok(Ok(read)) => Ok(self.take_read(&read)),
                    Ok(Err(error)) => Err(error),
                    Err(error) => Err(io::Error::other(error)),
                }));
            }
            let (blob, offset) = match self.parts.front() {
                None => return Poll::Ready(None),
                Some(Part::Bytes(bytes)) => {
                    let bytes = bytes.clone();
                    self.parts.pop_front();
                    if bytes.is_empty() {
                        continue;
                    }
                    return Poll::Ready(Some(Ok(bytes)));
                }
                Some(Part::Blob(blob) | Part::Base64(blob)) if blob.size() == 0 => {
                    self.parts.pop_front();
                    continue;
                }
                Some(Part::Blob(blob) | Part::Base64(blob)) => (blob.clone(), self.offset),
            };
            if blob.in_memory().is_some() {
                let read = blob.read_blocking(offset, CHUNK);
                return Poll::Ready(Some(read.map(|read| self.take_read(&read))));
            }
            self.reading = Some(tokio::task::spawn_blocking(move || {
                blob.read_blocking(offset, CHUNK)
            }));
        }
    }
}

impl http_body::Body for Encoder {
    type Data = Bytes;
    type Error = BlobError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BlobError>>> {
        let piece = ready!(self.poll_piece(cx));
        Poll::Ready(piece.map(|piece| {
            let piece = piece.map_err(BlobError)?;
            self.left = self.left.saturating_sub(piece.len() as u64);
            self.call.count_sent(piece.len() as u64);
            self.sent.fetch_add(piece.len() as u64, Ordering::Relaxed);
            Ok(Frame::data(piece))
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// A blob could not be read while it was sent. Found again in the client's error.
#[derive(Debug, thiserror::Error)]
#[error("a blob cannot be read: {0}")]
pub(crate) struct BlobError(#[source] pub(crate) io::Error);

#[cfg(test)]
mod tests {
    #![expect(
        clippy::disallowed_methods,
        reason = "a test has the authority to make a temporary folder"
    )]

    use std::time::Duration;

    use http_body::Body as _;
    use proptest::prelude::*;
    use tokio::time::Instant;

    use super::*;
    use crate::CallLimits;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(future)
    }

    /// Sends a body and gives back the pieces.
    async fn pieces(body: Body) -> (Vec<Bytes>, Plan, u64) {
        let plan = Plan::new(body).unwrap().unwrap();
        let call = Call::new(
            Instant::now() + Duration::from_secs(60),
            CallLimits::default(),
        );
        let mut sent = plan.to_client(&call, &Arc::default());
        assert_eq!(sent.size_hint().exact(), Some(plan.length()));
        let mut pieces = Vec::new();
        while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut sent).poll_frame(cx)).await
        {
            pieces.push(frame.unwrap().into_data().unwrap());
        }
        (pieces, plan, call.bytes_sent())
    }

    async fn whole(body: Body) -> Vec<u8> {
        let (pieces, plan, counted) = pieces(body).await;
        let whole = pieces.concat();
        assert_eq!(
            whole.len() as u64,
            plan.length(),
            "the promised length is kept"
        );
        assert_eq!(counted, plan.length());
        whole
    }

    async fn in_file(bytes: &[u8]) -> Blob {
        let folder = cap_tempfile::tempdir(cap_std::ambient_authority()).unwrap();
        io::Write::write_all(&mut folder.create("f").unwrap(), bytes).unwrap();
        Blob::from_file(folder.open("f").unwrap().into_std(), None).unwrap()
    }

    #[test]
    fn parts_follow_one_another() {
        block_on(async {
            let blob = Blob::from_bytes("", Bytes::from_static(b"hello"));
            let body = Body::Parts(vec![
                Part::Bytes("{\"a\":\"".into()),
                Part::Base64(blob.clone()),
                Part::Bytes("\",\"b\":\"".into()),
                Part::Bytes(Bytes::new()),
                Part::Blob(blob),
                Part::Base64(Blob::from_bytes("", Bytes::new())),
                Part::Bytes("\"}".into()),
            ]);
            assert_eq!(whole(body).await, b"{\"a\":\"aGVsbG8=\",\"b\":\"hello\"}");
        });
    }

    #[test]
    fn a_form_is_written_to_the_letter() {
        block_on(async {
            let png = Blob::from_bytes("", Bytes::from_static(b"\x89PNG\r\n\x1a\n"))
                .with_file_name("a\"b.png");
            let field = |name: &str, value| FormField {
                name: name.into(),
                file_name: None,
                mime_type: None,
                value,
            };
            let body = Body::Form(vec![
                field("prompt", Part::Bytes("a cät".into())),
                field("image[]", Part::Blob(png.clone())),
                FormField {
                    name: "f".into(),
                    file_name: Some("x.txt".into()),
                    mime_type: Some("text/plain; charset=utf-8".into()),
                    value: Part::Base64(png),
                },
            ]);
            let (pieces, plan, _) = pieces(body.clone()).await;
            let boundary = plan
                .content_type
                .as_deref()
                .unwrap()
                .strip_prefix("multipart/form-data; boundary=")
                .unwrap();
            assert_eq!(boundary.len(), 38);
            assert_eq!(pieces.len(), 1, "what is small is sent in one piece");
            let text = String::from_utf8_lossy(&pieces[0]).replace(boundary, "B");
            assert_eq!(
                text,
                "--B\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na cät\r\n\
                 --B\r\nContent-Disposition: form-data; name=\"image[]\"; filename=\"a%22b.png\"\r\nContent-Type: image/png\r\n\r\n\
                 \u{fffd}PNG\r\n\x1a\n\r\n\
                 --B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
                 iVBORw0KGgo=\r\n--B--\r\n"
            );
            let other = Plan::new(body).unwrap().unwrap();
            assert_ne!(
                other.content_type, plan.content_type,
                "a boundary cannot be foreseen"
            );
        });
    }

    #[test]
    fn a_form_field_cannot_end_its_line() {
        let field = |name: &str, file: Option<&str>, mime: Option<&str>| {
            Plan::new(Body::Form(vec![FormField {
                name: name.into(),
                file_name: file.map(Into::into),
                mime_type: mime.map(Into::into),
                value: Part::Bytes(Bytes::new()),
            }]))
            .map(drop)
        };
        assert_eq!(field("a", Some("b"), Some("image/png")), Ok(()));
        for bad in [
            field("a\r\nX: y", None, None),
            field("a", Some("b\nc"), None),
            field("a", Some("b\0"), None),
            field("a", None, Some("image/png\r\nX: y")),
            field("a", None, Some("png")),
            field("a", None, Some("image/png; a=\u{e9}")),
        ] {
            assert_eq!(bad, Err(Rule::FormField));
        }
    }

    #[test]
    fn a_large_file_is_never_in_memory_whole() {
        block_on(async {
            let folder = cap_tempfile::tempdir(cap_std::ambient_authority()).unwrap();
            let file = folder.create("sparse").unwrap();
            file.set_len(20_000_001).unwrap();
            let blob = Blob::from_file(folder.open("sparse").unwrap().into_std(), None).unwrap();
            let (pieces, plan, _) = pieces(Body::Parts(vec![
                Part::Base64(blob.clone()),
                Part::Blob(blob),
            ]))
            .await;
            assert_eq!(plan.length(), 26_666_668 + 20_000_001);
            assert_eq!(
                pieces.iter().map(|piece| piece.len() as u64).sum::<u64>(),
                plan.length()
            );
            assert!(pieces.iter().all(|piece| piece.len() <= 128 * 1024));
        });
    }

    #[test]
    fn a_file_that_shrinks_ends_the_body_with_an_error() {
        block_on(async {
            let folder = cap_tempfile::tempdir(cap_std::ambient_authority()).unwrap();
            let file = folder.create("f").unwrap();
            file.set_len(300_000).unwrap();
            let blob = Blob::from_file(folder.open("f").unwrap().into_std(), None).unwrap();
            file.set_len(100_000).unwrap();
            let plan = Plan::new(Body::Parts(vec![Part::Blob(blob)]))
                .unwrap()
                .unwrap();
            let mut sent = plan.to_client(
                &Call::new(Instant::now(), CallLimits::default()),
                &Arc::default(),
            );
            let mut last = Ok(());
            while let Some(frame) =
                std::future::poll_fn(|cx| Pin::new(&mut sent).poll_frame(cx)).await
            {
                last = frame.map(drop);
                if last.is_err() {
                    break;
                }
            }
            assert!(last.is_err());
        });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Base64 as it is streamed is base64 of the whole, from memory and from a file, at every length.
        #[test]
        fn streamed_base64_is_whole_base64(length in prop_oneof![0..400_usize, (CHUNK - 4)..(CHUNK + 4), (2 * CHUNK)..(3 * CHUNK)]) {
            block_on(async {
                let bytes: Vec<u8> = (0..length).map(|i| (i * 7 + i / 256) as u8).collect();
                let expected = STANDARD.encode(&bytes).into_bytes();
                let memory = Blob::from_bytes("", bytes.clone().into());
                assert!(whole(Body::Parts(vec![Part::Base64(memory)])).await == expected);
                let file = in_file(&bytes).await;
                assert!(whole(Body::Parts(vec![Part::Base64(file.clone()), Part::Bytes(",".into()), Part::Blob(file)])).await
                    == [&expected[..], b",", &bytes].concat());
            });
        }
    }
}
