//! The body of a page: what kind it is, and its bytes up to a limit.

use chela_sdk::Result;
use chela_sdk::http::Response;

use crate::no_text;

/// The most bytes of a page that are read. A book of 800 pages is shorter.
const MOST: usize = 4 << 20;

/// How much is asked of the host at once.
const CHUNK: u32 = 256 << 10;

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A page for a browser.
    Html,
    /// Text as it is: plain text, Markdown, JSON, XML.
    Text,
}

impl Kind {
    /// What the server says it is; text where it says nothing, until the bytes are seen.
    ///
    /// # Errors
    ///
    /// `unsupported` for pictures, archives and other files.
    pub(crate) fn declared(mime_type: Option<&str>) -> Result<Self> {
        match mime_type {
            Some("text/html" | "application/xhtml+xml") => Ok(Self::Html),
            None => Ok(Self::Text),
            Some(kind) if is_text(kind) => Ok(Self::Text),
            Some(kind) => Err(no_text(kind)),
        }
    }

    /// What it is by its first bytes.
    ///
    /// # Errors
    ///
    /// `unsupported` for bytes that are no text in any encoding of the web.
    pub(crate) fn held_against(self, bytes: &[u8]) -> Result<Self> {
        let start = &bytes[..bytes.len().min(1024)];
        let is_wide = start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff");
        if start.contains(&0) && !is_wide {
            return Err(no_text("a file of bytes"));
        }
        if start.starts_with(b"%PDF-") {
            return Err(no_text("a PDF"));
        }
        let trimmed = start.trim_ascii_start();
        let begins = |with: &[u8]| {
            trimmed
                .get(..with.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(with))
        };
        if begins(b"<!doctype html") || begins(b"<html") {
            return Ok(Self::Html);
        }
        Ok(self)
    }
}

fn is_text(kind: &str) -> bool {
    kind.starts_with("text/")
        || kind.ends_with("+json")
        || kind.ends_with("+xml") && kind != "image/svg+xml"
        || matches!(
            kind,
            "application/json"
                | "application/x-ndjson"
                | "application/jsonl"
                | "application/xml"
                | "application/javascript"
                | "application/x-javascript"
                | "application/ecmascript"
                | "application/yaml"
                | "application/x-yaml"
                | "application/toml"
                | "application/sql"
                | "application/x-sh"
                | "image/svg+xml"
        )
}

/// The bytes up to the limit, and whether there are more.
///
/// # Errors
///
/// What the host says of a body that was cut short or stalls.
pub(crate) fn read(response: &mut Response) -> Result<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    loop {
        let chunk = response.read(CHUNK)?;
        if chunk.is_empty() {
            return Ok((bytes, false));
        }
        let room = MOST - bytes.len();
        if chunk.len() > room {
            bytes.extend_from_slice(&chunk[..room]);
            return Ok((bytes, true));
        }
        bytes.extend_from_slice(&chunk);
    }
}
