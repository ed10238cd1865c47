//! Answers as they come from the host, before anything is made of them.

use chela_sdk::Result;
use chela_sdk::http::Response;

use crate::failure::Envelope;

/// How much is asked of the host at once.
const CHUNK: u32 = 256 << 10;

/// How much of a refusal's body is read.
const REFUSAL: usize = 64 << 10;

/// The longest body that is read whole.
const LARGEST: usize = 16 << 20;

/// The response when it says success, with what it says of itself; the failure that it stands for otherwise.
pub fn accept(response: Response) -> Result<(Response, Envelope)> {
    let envelope = Envelope::of(&response);
    if (200..=299).contains(&envelope.status) {
        return Ok((response, envelope));
    }
    Err(envelope.refusal(&beginning(response)))
}

/// As much of a refusal's body as any message takes. What breaks off or stalls in it is a refusal all the same.
fn beginning(mut response: Response) -> String {
    let mut body = Vec::new();
    while body.len() < REFUSAL {
        match response.read(CHUNK) {
            Ok(chunk) if !chunk.is_empty() => body.extend_from_slice(&chunk),
            _ => break,
        }
    }
    String::from_utf8_lossy(&body).into_owned()
}

/// The rest of a body behind what was read of it.
pub fn read_rest(
    mut response: Response,
    mut body: Vec<u8>,
    envelope: &Envelope,
) -> Result<Vec<u8>> {
    loop {
        let chunk = response.read(CHUNK)?;
        if chunk.is_empty() {
            return Ok(body);
        }
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST {
            return Err(envelope.bad("the answer is longer than any answer of its kind"));
        }
    }
}

/// The first character that is neither blank nor a byte order mark: what shows whether a body is JSON, a page or a stream.
pub fn first_character(body: &[u8]) -> Option<u8> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    body.iter()
        .copied()
        .find(|byte| !byte.is_ascii_whitespace())
}
