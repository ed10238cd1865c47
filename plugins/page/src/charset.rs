//! The characters of a page: <https://encoding.spec.whatwg.org> and the order of WHATWG HTML section 13.2.3.

use std::borrow::Cow;

use chela_sdk::html::{Piece, pieces};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// How much of a page is looked through for what it says of its encoding.
const HEAD: usize = 1024;

/// The page as text. A mark at its beginning wins over the server's word, that over the page's own; then it is UTF-8, or what the web was
/// written in before. What is no text in that encoding is replaced.
pub(crate) fn decode(bytes: &[u8], content_type: &str, is_html: bool) -> String {
    let (encoding, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, &bytes[length..]),
        None => {
            let declared = declared(content_type).or_else(|| {
                is_html
                    .then(|| in_head(&bytes[..bytes.len().min(HEAD)]))
                    .flatten()
            });
            (declared.unwrap_or_else(|| usual(bytes)), bytes)
        }
    };
    match encoding.decode_without_bom_handling(bytes).0 {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    }
}

/// The encoding that the field `Content-Type` names.
fn declared(content_type: &str) -> Option<&'static Encoding> {
    let value = content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then_some(value)
    })?;
    Encoding::for_label(value.trim().trim_matches(['"', '\'']).as_bytes())
}

/// The encoding that a page names at its beginning.
fn in_head(head: &[u8]) -> Option<&'static Encoding> {
    // Tags are ASCII in every encoding that can be named here.
    let head: String = head.iter().map(|byte| char::from(*byte)).collect();
    let found = pieces(&head).find_map(|piece| {
        let Piece::Open(tag) = piece else { return None };
        if !tag.is("meta") {
            return None;
        }
        tag.attribute("charset")
            .and_then(|label| Encoding::for_label(label.trim().as_bytes()))
            .or_else(|| declared(&tag.attribute("content")?))
    })?;
    // A page that can be read so far is not what these say (WHATWG HTML section 13.2.3.2).
    Some(if found == UTF_16LE || found == UTF_16BE {
        UTF_8
    } else if found == X_USER_DEFINED {
        WINDOWS_1252
    } else {
        found
    })
}

/// UTF-8 where it can be; a sequence that was cut at the end does not count against it.
fn usual(bytes: &[u8]) -> &'static Encoding {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_some() => WINDOWS_1252,
        _ => UTF_8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_the_encoding_and_what_wins() {
        let html = |bytes: &[u8], content_type: &str| decode(bytes, content_type, true);
        assert_eq!(html("grüße".as_bytes(), "text/html"), "grüße");
        assert_eq!(
            html(b"gr\xfc\xdfe", "text/html; charset=ISO-8859-1"),
            "grüße"
        );
        assert_eq!(html(b"gr\xfc\xdfe", "text/html"), "grüße");
        assert_eq!(
            html(b"<meta charset=shift_jis>\x93\xfa\x96{", "text/html"),
            "<meta charset=shift_jis>日本"
        );
        assert_eq!(
            html(
                b"<meta http-equiv=Content-Type content='text/html; charset=gb2312'>\xd6\xd0",
                ""
            ),
            "<meta http-equiv=Content-Type content='text/html; charset=gb2312'>中"
        );
        // The server's word wins over the page's, and a mark at the beginning over both.
        assert_eq!(
            html(
                "<meta charset=koi8-r>é".as_bytes(),
                "text/html; charset=\"utf-8\""
            ),
            "<meta charset=koi8-r>é"
        );
        assert_eq!(html(b"\xff\xfea\0\xe9\0", "text/html; charset=utf-8"), "aé");
        assert_eq!(html(b"\xef\xbb\xbfa", ""), "a");
        assert_eq!(html(b"a\xffb", "text/html; charset=utf-8"), "a\u{fffd}b");
        assert_eq!(
            decode("<meta charset=koi8-r>é".as_bytes(), "text/plain", false),
            "<meta charset=koi8-r>é"
        );
    }
}
