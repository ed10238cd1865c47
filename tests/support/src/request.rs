//! What the server was asked.

use std::io::{self, BufRead, Read};

use serde_json::Value;

/// The longest request head the server reads.
const HEAD_LIMIT: usize = 16 << 20;

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub struct Request {
    connection: usize,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    body_length: u64,
}

/// One field of a multipart form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormField {
    /// Its name.
    pub name: String,
    /// Its file name, where one was sent.
    pub file_name: Option<String>,
    /// Its media type, where one was sent.
    pub mime_type: Option<String>,
    /// Its value.
    pub value: Vec<u8>,
}

impl Request {
    /// Which connection it came over, counted from 0.
    #[must_use]
    pub fn connection(&self) -> usize {
        self.connection
    }

    /// The method, in the case that was sent.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The request target with its query, as sent.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The request target without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The query as sent, without the question mark.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }

    /// All header fields in the order and case that were sent.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The first header field of that name, compared without case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body, as far as the server was told to keep it.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// How long the body was, kept or not.
    #[must_use]
    pub fn body_length(&self) -> u64 {
        self.body_length
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!(
                "body is not JSON: {error}\n{}",
                String::from_utf8_lossy(&self.body)
            )
        })
    }

    /// The body as a multipart form (RFC 7578).
    ///
    /// # Panics
    /// When it is none, or is one with a mistake.
    #[must_use]
    pub fn form(&self) -> Vec<FormField> {
        let content_type = self
            .header("content-type")
            .expect("a form has a content type");
        assert!(
            content_type.starts_with("multipart/form-data"),
            "not a form: {content_type}"
        );
        let boundary = parameter(content_type, "boundary").expect("a form has a boundary");
        let delimiter = format!("\r\n--{boundary}");
        let mut whole = b"\r\n".to_vec();
        whole.extend_from_slice(&self.body);
        let mut parts = split(&whole, delimiter.as_bytes()).into_iter();
        assert_eq!(
            parts.next(),
            Some(&b""[..]),
            "nothing stands before the first field"
        );
        let mut fields = Vec::new();
        for part in parts {
            if part.starts_with(b"--") {
                return fields;
            }
            fields.push(form_field(part));
        }
        panic!("the form has no end");
    }

    /// Reads one request. `None` when the client has none.
    ///
    /// # Errors
    /// When the client leaves in the middle of one, or sends what is no HTTP.
    pub(crate) fn read(
        from: &mut impl BufRead,
        connection: usize,
        keep: usize,
    ) -> io::Result<Option<Self>> {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.trim_end().splitn(3, ' ');
        let (Some(method), Some(target), Some(_)) = (words.next(), words.next(), words.next())
        else {
            return Err(broken(&format!("request line {line:?}")));
        };
        let mut request = Self {
            connection,
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            body_length: 0,
        };
        let mut head_length = line.len();
        loop {
            line.clear();
            if from.read_line(&mut line)? == 0 {
                return Err(broken("the head ends early"));
            }
            head_length += line.len();
            if head_length > HEAD_LIMIT {
                return Err(broken("the head is too long"));
            }
            let line = line.trim_end_matches(['\r', '\n']);
            if line.is_empty() {
                break;
            }
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| broken(&format!("header line {line:?}")))?;
            request
                .headers
                .push((name.to_owned(), value.trim().to_owned()));
        }
        if request
            .header("transfer-encoding")
            .is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"))
        {
            request.read_chunks(from, keep)?;
        } else if let Some(length) = request.header("content-length") {
            let length = length
                .parse()
                .map_err(|_| broken("content-length is no number"))?;
            request.read_piece(from, length, keep)?;
        }
        Ok(Some(request))
    }

    fn read_chunks(&mut self, from: &mut impl BufRead, keep: usize) -> io::Result<()> {
        let mut line = String::new();
        loop {
            line.clear();
            from.read_line(&mut line)?;
            let size = line.trim_end().split(';').next().unwrap_or_default();
            let size = u64::from_str_radix(size, 16)
                .map_err(|_| broken(&format!("chunk size {line:?}")))?;
            self.read_piece(from, size, keep)?;
            line.clear();
            from.read_line(&mut line)?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    /// Takes `length` bytes off the wire and keeps what there is room for.
    fn read_piece(&mut self, from: &mut impl BufRead, length: u64, keep: usize) -> io::Result<()> {
        let room = keep.saturating_sub(self.body.len()) as u64;
        let mut piece = from.take(length);
        let mut taken = (&mut piece).take(room).read_to_end(&mut self.body)? as u64;
        taken += io::copy(&mut piece, &mut io::sink())?;
        self.body_length += taken;
        if taken == length {
            Ok(())
        } else {
            Err(broken("the body ends early"))
        }
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn form_field(part: &[u8]) -> FormField {
    let part = part
        .strip_prefix(b"\r\n")
        .expect("a field starts on a line of its own");
    let end = find(part, b"\r\n\r\n").expect("a field has a head");
    let head = std::str::from_utf8(&part[..end]).expect("the head of a field is text");
    let mut field = FormField {
        name: String::new(),
        file_name: None,
        mime_type: None,
        value: part[end + 4..].to_vec(),
    };
    for line in head.split("\r\n") {
        let (name, value) = line.split_once(':').expect("a header line");
        match name.to_ascii_lowercase().as_str() {
            "content-disposition" => {
                field.name = parameter(value, "name").expect("a field has a name");
                field.file_name = parameter(value, "filename");
            }
            "content-type" => field.mime_type = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    field
}

/// A parameter of a header value, quoted or not.
fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|parameter| {
        let (own, value) = parameter.trim().split_once('=')?;
        own.eq_ignore_ascii_case(name)
            .then(|| value.trim_matches('"').to_owned())
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

fn split<'a>(mut whole: &'a [u8], delimiter: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    while let Some(at) = find(whole, delimiter) {
        parts.push(&whole[..at]);
        whole = &whole[at + delimiter.len()..];
    }
    parts.push(whole);
    parts
}
