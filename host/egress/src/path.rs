//! What a path below an endpoint may look like.
//!
//! A server may decode a path once or several times before it takes it apart, so a path is judged in every reading: as
//! it is and after each round of percent-decoding. Only what is harmless in all of them passes. An encoded slash is
//! harmless where it does not make a dot segment, and model ids such as `google%2Fgemma` need it.

use percent_encoding::percent_decode_str;

use crate::Rule;

/// How often a path may be percent-encoded over. Decoding goes on until nothing changes; what changes for longer is
/// refused rather than followed.
const MAX_ROUNDS: usize = 4;

/// Judges a path below an endpoint: empty, or starting with one slash.
///
/// # Errors
///
/// The [`Rule`] that the path breaks.
pub fn judge_path(path: &str) -> Result<(), Rule> {
    if !path.is_empty() && !path.starts_with('/') {
        // A backslash is a slash to the URL parser, which is the better thing to say about it.
        return Err(if path.starts_with('\\') {
            Rule::PathBackslash
        } else {
            Rule::PathStart
        });
    }
    if path.contains(['?', '#']) {
        return Err(Rule::PathQuery);
    }
    let mut reading = path.to_owned();
    for _ in 0..=MAX_ROUNDS {
        judge_reading(&reading)?;
        if !reading.contains('%') {
            return Ok(());
        }
        if reading == path {
            judge_escapes(path)?;
        }
        let decoded = percent_decode_str(&reading)
            .decode_utf8()
            .map_err(|_| Rule::PathEncoding)?
            .into_owned();
        if decoded == reading {
            return Ok(());
        }
        reading = decoded;
    }
    Err(Rule::PathEncoding)
}

/// Judges one reading of the path.
fn judge_reading(path: &str) -> Result<(), Rule> {
    // C1 controls too: some servers put what they log on a terminal.
    if path.chars().any(char::is_control) {
        return Err(Rule::PathControl);
    }
    if path.contains('\\') {
        return Err(Rule::PathBackslash);
    }
    if path.starts_with("//") {
        return Err(Rule::PathAuthority);
    }
    for segment in path.split('/') {
        // What follows a semicolon is a parameter to some servers, which drop it before they look at the dots.
        let name = segment.split(';').next().unwrap_or_default();
        if matches!(name, "." | "..") {
            return Err(Rule::PathClimbs);
        }
    }
    Ok(())
}

/// Every percent sign that the caller wrote starts an escape. (One that decoding brings forth need not.)
fn judge_escapes(path: &str) -> Result<(), Rule> {
    let bytes = path.as_bytes();
    let whole = |at: usize| {
        bytes
            .get(at + 1..at + 3)
            .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    };
    if (0..bytes.len()).all(|at| bytes[at] != b'%' || whole(at)) {
        Ok(())
    } else {
        Err(Rule::PathEncoding)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_that_pass() {
        for path in [
            "",
            "/",
            "/chat/completions",
            "/models/gpt-4.1",
            "/models/google%2Fgemma-4",
            "/a//b",
            "/https://example.com/page",
            "/..a/b../...",
            "/100%25",
            "/sch%C3%B6n",
            "/schön",
            "/a b",
            "/a;v=..",
            "/@user:pass",
        ] {
            assert_eq!(judge_path(path), Ok(()), "{path:?}");
        }
    }

    #[test]
    fn paths_that_do_not() {
        for (path, rule) in [
            ("chat", Rule::PathStart),
            ("https://evil.example/", Rule::PathStart),
            ("@evil.example/", Rule::PathStart),
            (".evil.example/", Rule::PathStart),
            (":8080/", Rule::PathStart),
            ("//evil.example/", Rule::PathAuthority),
            ("/%2Fevil.example", Rule::PathAuthority),
            ("/%252Fevil.example", Rule::PathAuthority),
            ("\\\\evil.example", Rule::PathBackslash),
            ("/\\evil.example", Rule::PathBackslash),
            ("/%5cevil", Rule::PathBackslash),
            ("/%255cevil", Rule::PathBackslash),
            ("/..", Rule::PathClimbs),
            ("/.", Rule::PathClimbs),
            ("/a/../b", Rule::PathClimbs),
            ("/a/./b", Rule::PathClimbs),
            ("/a/%2e%2e/b", Rule::PathClimbs),
            ("/a/%2E./b", Rule::PathClimbs),
            ("/a/.%2e", Rule::PathClimbs),
            ("/a/%252e%252e/b", Rule::PathClimbs),
            ("/a/%25252e%25252e/b", Rule::PathClimbs),
            ("/a%2f..%2fb", Rule::PathClimbs),
            ("/a/..;x=1/b", Rule::PathClimbs),
            ("/a/..%3bx/b", Rule::PathClimbs),
            ("/a?b", Rule::PathQuery),
            ("/a#b", Rule::PathQuery),
            ("/a\r\nHost: b", Rule::PathControl),
            ("/a\0", Rule::PathControl),
            ("/a%00", Rule::PathControl),
            ("/a%0d%0aX: y", Rule::PathControl),
            ("/a%250a", Rule::PathControl),
            ("/a\u{9b}31m", Rule::PathControl),
            ("/100%", Rule::PathEncoding),
            ("/%zz", Rule::PathEncoding),
            ("/%c0%ae%c0%ae/", Rule::PathEncoding),
            ("/%ff", Rule::PathEncoding),
            ("/%2525252525252525", Rule::PathEncoding),
        ] {
            assert_eq!(judge_path(path), Err(rule), "{path:?}");
        }
    }

    proptest! {
        /// A path that passes stays below its base, whichever way it is joined, and however often it is decoded.
        #[test]
        fn what_passes_never_leaves_the_base(
            path in proptest::collection::vec(
                prop_oneof![
                    Just("/"), Just(".."), Just("."), Just("%2e"), Just("%2E"), Just("%2f"), Just("%5c"), Just("\\"), Just("%"),
                    Just("%25"), Just("25"), Just("2e"), Just("a"), Just(";"), Just("?"), Just("#"), Just("\n"), Just("%00"), Just("@"),
                    Just(":"), Just("é"), Just("%c3%a9"), Just("%c0"), Just("\t")
                ],
                0..10,
            ).prop_map(|parts| format!("/{}", parts.concat())),
        ) {
            if judge_path(&path).is_ok() {
                let base = url::Url::parse("https://api.example/v1/base").unwrap();
                let mut set = base.clone();
                set.set_path(&format!("/v1/base{path}"));
                let mut reading = path.clone();
                for _ in 0..8 {
                    let joined = base.join(&format!("/v1/base{reading}"));
                    for url in std::iter::once(set.clone()).chain(joined) {
                        prop_assert_eq!(url.host_str(), Some("api.example"));
                        prop_assert!(url.path().starts_with("/v1/base/"), "{} from {:?}", url, path);
                    }
                    reading = percent_decode_str(&reading).decode_utf8().unwrap().into_owned();
                }
            }
        }
    }
}
