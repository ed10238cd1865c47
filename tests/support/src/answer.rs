//! What the server says, good or bad, byte for byte.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::Request;
use crate::gate::Gate;

/// One answer. Starts as a status with an empty body; each method changes one thing about it.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<Piece>,
    framing: Framing,
    /// Sent instead of everything else.
    raw: Option<Vec<u8>>,
    /// Sent before the status line.
    preface: Vec<u8>,
}

/// A stretch of a body. Each is written and flushed on its own.
#[derive(Clone, Debug)]
enum Piece {
    Bytes(Vec<u8>),
    Gate(Gate),
    Endless(Vec<u8>),
    UntilClientLeaves,
}

/// How the end of the body is told.
#[derive(Clone, Copy, Debug)]
enum Framing {
    /// `Content-Length`, the true one unless a test says another.
    Length(Option<u64>),
    /// Chunked, one chunk for each piece; without its last chunk when cut short.
    Chunked { finished: bool },
    /// By closing the connection.
    Close,
}

impl Answer {
    /// A status and an empty body.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            framing: Framing::Length(None),
            raw: None,
            preface: Vec::new(),
        }
    }

    /// Exactly these bytes, then the connection is closed. No bytes: the server hangs up without an answer.
    #[must_use]
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            raw: Some(bytes.into()),
            ..Self::new(0)
        }
    }

    /// The connection is closed where an answer should be.
    #[must_use]
    pub fn hang_up() -> Self {
        Self::raw(Vec::new())
    }

    /// A redirect.
    #[must_use]
    pub fn redirect(status: u16, location: impl Into<String>) -> Self {
        Self::new(status).header("Location", location)
    }

    /// Status 200 and a JSON document.
    #[must_use]
    pub fn json(value: &Value) -> Self {
        Self::new(200).json_body(value)
    }

    /// Status 200 and a web page, as a captive portal or a misconfigured proxy answers.
    #[must_use]
    pub fn html(title: &str) -> Self {
        let page = format!(
            "<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
        );
        Self::new(200)
            .header("Content-Type", "text/html; charset=utf-8")
            .body(page)
    }

    /// A JSON document of what was asked: `{method, target, headers: {name: value}, body}`, the body as text.
    ///
    /// For servers that repeat a caller's key.
    #[must_use]
    pub fn echo(request: &Request) -> Self {
        let headers: serde_json::Map<_, _> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_lowercase(), Value::from(value.as_str())))
            .collect();
        Self::json(&serde_json::json!({
            "method": request.method(),
            "target": request.target(),
            "headers": headers,
            "body": String::from_utf8_lossy(request.body()),
        }))
    }

    /// Another status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Adds a header field, also a second one of the same name.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// These bytes and no others as the body.
    #[must_use]
    pub fn body(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = vec![Piece::Bytes(bytes.into())];
        self
    }

    /// A JSON document as the body.
    #[must_use]
    pub fn json_body(self, value: &Value) -> Self {
        self.header("Content-Type", "application/json")
            .body(value.to_string())
    }

    /// A chunked body with these chunks. An empty one is left out: it would end the body.
    #[must_use]
    pub fn chunks<B: Into<Vec<u8>>>(mut self, chunks: impl IntoIterator<Item = B>) -> Self {
        self.framing = Framing::Chunked { finished: true };
        self.body = chunks
            .into_iter()
            .map(|chunk| Piece::Bytes(chunk.into()))
            .collect();
        self
    }

    /// The body so far, chunked, cut into pieces of `size` bytes wherever that falls: in a character, in an event, between CR and LF.
    #[must_use]
    pub fn chunked_every(self, size: usize) -> Self {
        let bytes = self.bytes();
        let chunks: Vec<Vec<u8>> = bytes.chunks(size.max(1)).map(<[u8]>::to_vec).collect();
        self.chunks(chunks)
    }

    /// The body so far, one byte at a time, with the framing it has.
    #[must_use]
    pub fn drip(mut self) -> Self {
        self.body = self
            .bytes()
            .into_iter()
            .map(|byte| Piece::Bytes(vec![byte]))
            .collect();
        self
    }

    /// More bytes after what is there.
    #[must_use]
    pub fn then(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.body.push(Piece::Bytes(bytes.into()));
        self
    }

    /// Goes no further until the test opens the gate.
    #[must_use]
    pub fn then_wait(mut self, gate: &Gate) -> Self {
        self.body.push(Piece::Gate(gate.clone()));
        self
    }

    /// Goes no further until the client closes the connection, which [`crate::server::Server::await_departure`] reports.
    #[must_use]
    pub fn then_stall(mut self) -> Self {
        self.framing = self.framing.open_ended();
        self.body.push(Piece::UntilClientLeaves);
        self
    }

    /// Repeats these bytes until the client closes the connection.
    #[must_use]
    pub fn then_forever(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.framing = self.framing.open_ended();
        self.body.push(Piece::Endless(bytes.into()));
        self
    }

    /// The end of the body is the end of the connection.
    #[must_use]
    pub fn until_close(mut self) -> Self {
        self.framing = Framing::Close;
        self
    }

    /// A `Content-Length` that need not be true.
    #[must_use]
    pub fn declared_length(mut self, length: u64) -> Self {
        self.framing = Framing::Length(Some(length));
        self
    }

    /// Sends all that was said, promises more, and closes the connection.
    #[must_use]
    pub fn cut_short(mut self) -> Self {
        self.framing = match self.framing {
            Framing::Chunked { .. } => Framing::Chunked { finished: false },
            Framing::Length(_) | Framing::Close => {
                Framing::Length(Some(self.bytes().len() as u64 + 1))
            }
        };
        self
    }

    /// The first half of the body so far, and the framing of the whole of it; then the connection is closed.
    #[must_use]
    pub fn cut_in_half(mut self) -> Self {
        let bytes = self.bytes();
        self.framing = match self.framing {
            Framing::Chunked { .. } => Framing::Chunked { finished: false },
            Framing::Length(_) | Framing::Close => Framing::Length(Some(bytes.len() as u64)),
        };
        self.body(&bytes[..bytes.len() / 2])
    }

    /// The body so far, compressed and labelled so.
    #[must_use]
    pub fn gzip(self) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&self.bytes()).expect("memory takes it");
        let compressed = encoder.finish().expect("memory takes it");
        self.header("Content-Encoding", "gzip").body(compressed)
    }

    /// Zeroes that are small on the wire and `size` bytes once decoded.
    #[must_use]
    pub fn gzip_bomb(self, size: u64) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        io::copy(&mut io::repeat(0).take(size), &mut encoder).expect("memory takes it");
        let compressed = encoder.finish().expect("memory takes it");
        self.header("Content-Encoding", "gzip").body(compressed)
    }

    /// Bytes before the status line, such as an informational response.
    #[must_use]
    pub fn preface(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.preface = bytes.into();
        self
    }

    /// All plain bytes of the body, joined.
    fn bytes(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for piece in &self.body {
            if let Piece::Bytes(bytes) = piece {
                all.extend_from_slice(bytes);
            }
        }
        all
    }

    /// Writes it. Gives whether the connection can carry another exchange.
    ///
    /// # Errors
    /// When the client is gone.
    pub(crate) fn write(&self, to: &mut TcpStream, head_only: bool) -> io::Result<bool> {
        if let Some(raw) = &self.raw {
            to.write_all(raw)?;
            return Ok(false);
        }
        let mut head = self.preface.clone();
        write!(head, "HTTP/1.1 {} {}\r\n", self.status, reason(self.status))?;
        for (name, value) in &self.headers {
            write!(head, "{name}: {value}\r\n")?;
        }
        let has_no_body = head_only || matches!(self.status, 100..=199 | 204 | 304);
        let mut reusable = true;
        match self.framing {
            _ if has_no_body => {}
            Framing::Length(declared) => {
                let true_length = self.bytes().len() as u64;
                let length = declared.unwrap_or(true_length);
                write!(head, "Content-Length: {length}\r\n")?;
                reusable = length == true_length;
            }
            Framing::Chunked { finished } => {
                write!(head, "Transfer-Encoding: chunked\r\n")?;
                reusable = finished;
            }
            Framing::Close => {
                write!(head, "Connection: close\r\n")?;
                reusable = false;
            }
        }
        head.extend_from_slice(b"\r\n");
        to.write_all(&head)?;
        if has_no_body {
            return Ok(true);
        }
        for piece in &self.body {
            match piece {
                Piece::Bytes(bytes) => self.write_piece(to, bytes)?,
                Piece::Gate(gate) => {
                    if !gate.pass() {
                        return Ok(false);
                    }
                }
                Piece::Endless(bytes) => loop {
                    self.write_piece(to, bytes)?;
                },
                Piece::UntilClientLeaves => {
                    // The client has nothing more to say, so the end of its side is all that can come.
                    let _ = to.read(&mut [0; 64])?;
                    return Ok(false);
                }
            }
        }
        if matches!(self.framing, Framing::Chunked { finished: true }) {
            to.write_all(b"0\r\n\r\n")?;
        }
        Ok(reusable)
    }

    fn write_piece(&self, to: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
        match self.framing {
            Framing::Chunked { .. } if bytes.is_empty() => Ok(()),
            Framing::Chunked { .. } => {
                let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
                chunk.extend_from_slice(bytes);
                chunk.extend_from_slice(b"\r\n");
                to.write_all(&chunk)
            }
            Framing::Length(_) | Framing::Close => to.write_all(bytes),
        }
    }
}

impl Framing {
    /// A framing under which more can always follow.
    fn open_ended(self) -> Self {
        match self {
            Self::Length(None) => Self::Close,
            Self::Length(Some(_)) | Self::Chunked { .. } | Self::Close => self,
        }
    }
}

/// An answer, or how to make one from what was asked.
#[derive(Clone)]
pub enum Reply {
    /// Always the same.
    Fixed(Answer),
    /// Made anew for each request.
    Computed(Arc<dyn Fn(&Request) -> Answer + Send + Sync>),
}

impl Reply {
    /// An answer made from the request.
    pub fn computed(make: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        Self::Computed(Arc::new(make))
    }

    pub(crate) fn answer(&self, request: &Request) -> Answer {
        match self {
            Self::Fixed(answer) => answer.clone(),
            Self::Computed(make) => make(request),
        }
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self::Fixed(answer)
    }
}

/// The phrase for the statuses that servers send; any other goes without.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        413 => "Content Too Large",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "",
    }
}
