//! What bytes are, found from the bytes.
//!
//! A file's name and a server's `Content-Type` are claims. A format with a signature is recognised by it; text, which has none,
//! is recognised by being text, before any signature is looked at: the shortest signatures are two letters long, and a
//! note that begins with `BM` is no bitmap.

/// How many bytes of the beginning are looked at.
pub const HEAD: usize = 8 * 1024;

/// The longest type there is: two names of RFC 6838 section 4.2 and the slash between them.
const LONGEST: usize = 127 + 1 + 127;

/// What is said of bytes that nothing is known about.
pub const OCTET_STREAM: &str = "application/octet-stream";

/// The media type of what begins with `head`: up to [`HEAD`] bytes, more are not looked at. None when the format is not
/// known. Text is at least `text/plain`.
pub fn sniff(head: &[u8]) -> Option<&'static str> {
    let (head, whole) = (&head[..head.len().min(HEAD)], head.len() < HEAD);
    if head.is_empty() {
        return None;
    }
    if let Some(text) = as_text(head, whole) {
        return Some(sniff_text(text));
    }
    match infer::get(head) {
        Some(found) => Some(registered(found.mime_type())),
        None if is_film(head) => Some("video/mp4"),
        None => is_mpeg_frame(head).then_some("audio/mpeg"),
    }
}

/// Whether bytes begin as a film of the brands that came later (ISO/IEC 14496-12 annex E, 23000-19), which streaming services and
/// encoders write.
fn is_film(head: &[u8]) -> bool {
    let brand = head.get(4..12).and_then(|kind| kind.strip_prefix(b"ftyp"));
    brand.is_some_and(|brand| {
        brand.starts_with(b"iso")
            || matches!(brand, b"cmfc" | b"cmf2" | b"cmff" | b"M4V " | b"M4VH")
    })
}

/// Whether bytes begin with the header of an MPEG audio frame of layer III (ISO/IEC 11172-3 section 2.4.1.3, 13818-3), in any of
/// its versions, with or without a checksum: an MP3 file need not have a tag before it.
fn is_mpeg_frame(head: &[u8]) -> bool {
    let [0xff, second, third, _, ..] = head else {
        return false;
    };
    let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
    let (bit_rate, sample_rate) = (third >> 4, third >> 2 & 3);
    second >> 5 == 7 && version != 1 && layer == 1 && bit_rate != 15 && sample_rate != 3
}

/// The media type of bytes that begin with `head` and are said to be `declared`.
///
/// A signature decides. Where there is none, the claim does, as far as it is one and does not call text a picture, a sound
/// or a film. What is left is [`OCTET_STREAM`].
pub fn media_type(head: &[u8], declared: Option<&str>) -> String {
    let declared = declared
        .map(essence)
        .filter(|declared| is_media_type(declared));
    match (sniff(head), declared) {
        (Some(found), Some(declared)) if is_textual(found) && is_textual(&declared) => declared,
        (Some(found), _) => found.to_owned(),
        (None, Some(declared)) => declared,
        (None, None) => OCTET_STREAM.to_owned(),
    }
}

/// The type without parameters, in lower case; nothing for what is too long to be one.
fn essence(declared: &str) -> String {
    let essence = declared.split(';').next().unwrap_or_default().trim();
    if essence.len() > LONGEST {
        return String::new();
    }
    essence.to_ascii_lowercase()
}

/// Whether it is `type/subtype` of RFC 6838 section 4.2, in lower case and without parameters.
pub fn is_media_type(text: &str) -> bool {
    let name = |name: &str| {
        (1..=127).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$&-^_.+".contains(&b))
            && name.starts_with(|c: char| c.is_ascii_alphanumeric())
    };
    text.split_once('/')
        .is_some_and(|(kind, subtype)| name(kind) && name(subtype))
}

/// Whether a type is carried in text. SVG is, and it is not offered as a mere claim, because it is a picture too.
fn is_textual(mime: &str) -> bool {
    let Some((kind, subtype)) = mime.split_once('/') else {
        return false;
    };
    match kind {
        "text" => true,
        "application" => {
            subtype.ends_with("json")
                || subtype.ends_with("xml")
                || matches!(
                    subtype,
                    "javascript"
                        | "ecmascript"
                        | "x-www-form-urlencoded"
                        | "yaml"
                        | "x-yaml"
                        | "toml"
                        | "x-subrip"
                        | "sql"
                        | "graphql"
                        | "rtf"
                        | "x-ndjson"
                        | "jsonl"
                )
        }
        _ => false,
    }
}

/// The bytes as text without control characters (but the usual white space and escape), if they are that. `whole` says that
/// they do not go on, so that they may not end inside a character.
fn as_text(head: &[u8], whole: bool) -> Option<&str> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() && !whole => {
            std::str::from_utf8(&head[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let binary =
        |c: char| c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r' | '\x0c' | '\x1b');
    (!text.contains(binary)).then_some(text)
}

/// Formats that are text.
fn sniff_text(text: &str) -> &'static str {
    if text.starts_with("%PDF-") {
        return "application/pdf";
    }
    if text.starts_with("{\\rtf") {
        return "application/rtf";
    }
    let text = text.trim_start();
    let starts = |prefix: &str| {
        text.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    if text.starts_with('<') {
        if starts("<!doctype html") {
            return "text/html";
        }
        let root = root_element(text);
        let is = |name: &str| root.is_some_and(|root| root.eq_ignore_ascii_case(name));
        if is("svg") {
            return "image/svg+xml";
        }
        if [
            "html", "head", "body", "title", "script", "div", "p", "h1", "meta",
        ]
        .into_iter()
        .any(is)
        {
            return "text/html";
        }
        if starts("<?xml") {
            return "application/xml";
        }
    }
    let closes = |c: char| text.trim_end().ends_with(c);
    let begins_json = |open: char, next: fn(char) -> bool| {
        text.strip_prefix(open)
            .is_some_and(|rest| rest.trim_start().starts_with(next))
    };
    // A note may begin with a bracket. One that begins with a bracket and a value and ends with a bracket is rare.
    let value = |c: char| c.is_ascii_digit() || "{[\"]-tfn".contains(c);
    if begins_json('{', |c| matches!(c, '"' | '}')) || (begins_json('[', value) && closes(']')) {
        return "application/json";
    }
    "text/plain"
}

/// The name of the first element, past declarations, comments and a document type.
fn root_element(mut text: &str) -> Option<&str> {
    loop {
        text = text.trim_start();
        let end = if text.starts_with("<!--") {
            text.find("-->")? + 3
        } else if text.starts_with("<?") {
            text.find("?>")? + 2
        } else if text.starts_with("<!") {
            text.find('>')? + 1
        } else {
            break;
        };
        text = &text[end..];
    }
    let name = text.strip_prefix('<')?;
    let end = name.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))?;
    // An SVG may be written with a namespace prefix.
    Some(name[..end].rsplit(':').next().unwrap_or_default())
}

/// The registered name of what has a nickname.
fn registered(mime: &'static str) -> &'static str {
    match mime {
        "audio/m4a" => "audio/mp4",
        "audio/x-wav" => "audio/wav",
        "audio/x-flac" => "audio/flac",
        "audio/x-aiff" => "audio/aiff",
        // RFC 7845 section 9: Opus in a file is Ogg.
        "audio/opus" => "audio/ogg",
        "video/x-m4v" => "video/mp4",
        "text/xml" => "application/xml",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures() {
        for (head, expected) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "image/jpeg"),
            (b"GIF89a\x01\0\x01\0\x80\0\0", "image/gif"),
            (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
            (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
            (b"ID3\x03\0\0\0\0\0\0", "audio/mpeg"),
            (b"\xff\xfb\x90\xc4\0\0", "audio/mpeg"),
            (b"\xff\xf3\x64\xc4\0\0", "audio/mpeg"),
            (b"\xff\xfa\x90\xc4\0\0", "audio/mpeg"),
            (b"\xff\xe3\x18\xc4\0\0", "audio/mpeg"),
            (b"OggS\0\x02\0\0", "audio/ogg"),
            (
                b"OggS\0\x02\0\0\0\0\0\0\0\0\x9e\x14\0\0\0\0\0\0\x98\x54\x8b\x9c\x01\x13OpusHead",
                "audio/ogg",
            ),
            (b"fLaC\0\0\0\x22", "audio/flac"),
            (b"\0\0\0\x18ftypisom\0\0\0\0isomiso2", "video/mp4"),
            (b"\0\0\0\x18ftypiso9\0\0\0\0iso9cmfc", "video/mp4"),
            (b"\0\0\0\x18ftypcmfc\0\0\0\0cmfciso6", "video/mp4"),
            (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "application/pdf"),
            (b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0", "image/bmp"),
            (b"PK\x03\x04\x14\0\0\0", "application/zip"),
        ] {
            assert_eq!(sniff(head), Some(expected));
        }
        assert_eq!(sniff(b"\0\0\0\x18ftypzzzz\0\0\0\0"), None);
        assert_eq!(sniff(b"\x00\x01\x02\x03\xfe"), None);
        // The byte order mark of UTF-16, and headers with values that are reserved.
        for head in [
            &b"\xff\xfeh\0i\0"[..],
            b"\xff\xea\x90\xc4",
            b"\xff\xe3\xf0\xc4",
        ] {
            assert_eq!(sniff(head), None, "{head:?}");
        }
        assert_eq!(sniff(b""), None);
    }

    #[test]
    fn text_is_text_whatever_it_begins_with() {
        for (head, expected) in [
            ("BM is a note", "text/plain"),
            ("MZ", "text/plain"),
            ("{\"error\": 1}", "application/json"),
            (" [1, 2]\n", "application/json"),
            ("[note] remember", "text/plain"),
            ("{curly}", "text/plain"),
            ("<!DOCTYPE html><html>", "text/html"),
            ("\n<html lang=en>", "text/html"),
            (
                "<?xml version=\"1.0\"?>\n<!-- x --><svg xmlns=\"a\">",
                "image/svg+xml",
            ),
            ("<svg/>", "image/svg+xml"),
            ("<!doctype html><svg>", "text/html"),
            ("<?xml version=\"1.0\"?><rss>", "application/xml"),
            ("<3 you", "text/plain"),
            ("%PDF-1.4\n1 0 obj", "application/pdf"),
            ("\u{feff}text", "text/plain"),
            ("\x1b[31mred", "text/plain"),
            ("grüße", "text/plain"),
        ] {
            assert_eq!(sniff(head.as_bytes()), Some(expected), "{head:?}");
        }
    }

    #[test]
    fn text_may_be_cut_inside_a_character_only_where_the_head_ends() {
        let mut long = "é".repeat(HEAD).into_bytes();
        assert_eq!(sniff(&long), Some("text/plain"));
        long.insert(0, b'a');
        assert_eq!(sniff(&long), Some("text/plain"));
        assert_eq!(sniff(b"caf\xc3"), None);
    }

    #[test]
    fn a_claim_decides_only_where_the_bytes_do_not() {
        const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        for (head, declared, expected) in [
            (PNG, Some("image/jpeg"), "image/png"),
            (PNG, None, "image/png"),
            (b"{\"error\":1}", Some("image/png"), "application/json"),
            (b"a,b\n1,2\n", Some("Text/CSV; charset=utf-8"), "text/csv"),
            (b"plain", Some("nonsense"), "text/plain"),
            (b"plain", Some("audio/mpeg"), "text/plain"),
            (b"\x01\x02\xff", Some("audio/pcm;rate=24000"), "audio/pcm"),
            (b"\x01\x02\xff", Some("a b/c"), OCTET_STREAM),
            (b"\x01\x02\xff", None, OCTET_STREAM),
            (b"", Some("video/mp4"), "video/mp4"),
            (b"", None, OCTET_STREAM),
        ] {
            assert_eq!(media_type(head, declared), expected);
        }
    }
}
