//! What came of a command, as a case shows it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use chela_test_support::program::{CANARY, Room, Run};
use chela_test_support::server::Server;
use chela_test_support::{Request, golden};

/// The names of the fields of a request's header that a case shows.
const SHOWN_FIELDS: [&str; 9] = [
    "anthropic-version",
    "authorization",
    "content-type",
    "openai-organization",
    "user-agent",
    "x-api-key",
    "x-goog-api-key",
    "x-subscription-token",
    "xi-api-key",
];

/// Files in the working folder and the media folder, with their length.
pub(crate) fn files(room: &Room) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    let mut folders = vec![room.work(""), room.state().join("media")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let length = entry
                    .metadata()
                    .map(|metadata| metadata.len())
                    .unwrap_or_default();
                found.insert(path.to_string_lossy().into_owned(), length);
            }
        }
    }
    found
}

/// Everything that a command did.
pub(crate) fn show(
    run: &Run,
    room: &Room,
    requests: &[Request],
    before: &BTreeMap<String, u64>,
) -> String {
    let mut text = String::new();
    if let Ok(stdout) = std::str::from_utf8(run.stdout_bytes()) {
        section(&mut text, "stdout", stdout);
    } else {
        section(
            &mut text,
            "stdout",
            &format!(
                "{}, {} bytes\n",
                kind(run.stdout_bytes()),
                run.stdout_bytes().len()
            ),
        );
    }
    section(&mut text, "stderr", run.stderr());
    for request in requests {
        section(&mut text, "request", &show_request(request));
    }
    let mut made = String::new();
    for (path, length) in files(room) {
        match before.get(&path) {
            None => {
                let bytes = fs::read(&path).unwrap_or_default();
                let _ = writeln!(made, "{path}: {}", kind(&bytes));
            }
            Some(old) if *old != length => {
                let _ = writeln!(made, "{path}: changed");
            }
            Some(_) => {}
        }
    }
    section(&mut text, "files", &made);
    text
}

fn section(text: &mut String, name: &str, content: &str) {
    if content.is_empty() {
        return;
    }
    let _ = writeln!(text, "--- {name}");
    text.push_str(content);
    if !content.ends_with('\n') {
        // A line that does not end is worth seeing.
        text.push_str("[no line end]\n");
    }
}

fn show_request(request: &Request) -> String {
    let mut text = format!("{} {}\n", request.method(), request.target());
    for (name, value) in request.headers() {
        if SHOWN_FIELDS.contains(&name.to_ascii_lowercase().as_str()) {
            let value = value.split("; boundary=").next().unwrap_or_default();
            let _ = writeln!(text, "{}: {value}", name.to_ascii_lowercase());
        }
    }
    let content_type = request.header("content-type").unwrap_or_default();
    if content_type.starts_with("multipart/form-data") {
        for field in request.form() {
            let mut value = String::from_utf8(field.value.clone())
                .unwrap_or_else(|bytes| format!("[{} bytes]", bytes.as_bytes().len()));
            for (what, part) in [("named", field.file_name), ("as", field.mime_type)] {
                if let Some(part) = part {
                    let _ = write!(value, " {what} {part}");
                }
            }
            let _ = writeln!(text, "{} = {value}", field.name);
        }
    } else if content_type.starts_with("application/json") {
        let json = shorten(request.json());
        let _ = writeln!(
            text,
            "{}",
            serde_json::to_string_pretty(&json).expect("a value is JSON")
        );
    } else if !request.body().is_empty() {
        let _ = writeln!(text, "[{} bytes]", request.body_length());
    }
    text
}

/// The least characters of a text that is taken for data when nothing else is in it.
const LEAST_DATA: usize = 100;

/// Data URLs, and data in base64, without the data.
fn shorten(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::String(text) if text.starts_with("data:") => {
            let head = text.split(',').next().unwrap_or_default();
            Value::String(format!(
                "{head},[{} characters]",
                text.len() - head.len() - 1
            ))
        }
        Value::String(text)
            if text.len() > LEAST_DATA
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)) =>
        {
            Value::String(format!("[{} characters]", text.len()))
        }
        Value::Array(items) => items.into_iter().map(shorten).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name, shorten(value)))
            .collect(),
        other => other,
    }
}

/// What bytes are, as far as cases care.
fn kind(bytes: &[u8]) -> String {
    if let [b'R', b'I', b'F', b'F', .., _] = bytes {
        return "WAV".to_owned();
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return format!("text {text:?}");
    }
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    match decoder.read_header_info() {
        Ok(header) => format!("PNG {}x{}", header.width, header.height),
        Err(_) if bytes.starts_with(&[0xff, 0xd8]) => "JPEG".to_owned(),
        Err(_) if bytes.starts_with(&[0xff, 0xf3]) => "MP3".to_owned(),
        Err(_) if bytes.starts_with(b"OggS") => "Ogg".to_owned(),
        Err(_) => "binary".to_owned(),
    }
}

/// Names in place of what differs from run to run.
pub(crate) fn normalise(text: &str, room: &Room, server: &Server) -> String {
    let names = [
        (server.address().to_string(), "[server]".to_owned()),
        (CANARY.to_owned(), "[key]".to_owned()),
    ];
    let text = room.normalise(text, &names);
    let digit = |symbol: char| symbol.is_ascii_digit();
    let text = golden::mask(&text, "\"durationMs\": ", digit, 1, "[ms]");
    let text = golden::mask(
        &text,
        "sha256:",
        |symbol| symbol.is_ascii_hexdigit(),
        64,
        "[digest]",
    );
    // Names of media that chela chose: capability, date, time, a short id.
    let generated = |symbol: char| symbol.is_ascii_alphanumeric() || symbol == '-';
    ["image-generate-", "image-edit-", "tts-convert-"]
        .iter()
        .fold(text, |text, capability| {
            golden::mask(&text, capability, generated, 20, "[name]")
        })
}
