//! Takes credentials out of what comes back.
//!
//! A server may repeat the credential it was sent: an error page that shows the request, a debug header, a redirect. The
//! [`Redactor`] masks it with as many `*` as it has bytes, in any letter case, and also where it stands in base64 (standard and
//! URL-safe, in each of the three alignments), in hexadecimal, percent-encoded or escaped for JSON, or in base64 that
//! was then percent-encoded or escaped. It works on a stream.
//!
//! **What is held back between two pieces tells nothing about the secret.** Holding exactly what could be the start of a match
//! would let a component that has a server repeat its guesses find the key byte by byte, from the lengths of what it reads.
//! So the cut depends on the bytes that came and on the order of magnitude of the secret's length alone: no spelling of a
//! secret holds a space, a line end, a control character or a byte beyond ASCII, so everything up to the last of those is
//! decided, and of what follows all but the last few kilobytes. Lines and events flow; the end of a long unbroken line waits.
//!
//! This is a net under honest mistakes. A server that wants to give the credential away has it already and can spell it
//! in a way that nobody foresees.
//!
//! Secrets of fewer than [`MIN_SECRET`] bytes are not masked. They are placeholders (`ollama`, `none`) that stand in
//! ordinary answers too, and masking something short would tell a component that guesses when it guessed right.

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bytes::Bytes;

/// The fewest bytes of a secret that is masked.
pub const MIN_SECRET: usize = 8;

/// The fewest bytes of an unbroken run that are held back, so that keys of all usual lengths are alike.
const LEAST_HOLD: usize = 4096;

/// Masks a set of secrets.
pub(crate) struct Redactor {
    automaton: AhoCorasick,
    /// How many bytes at the end of an unbroken run are held back; no spelling is longer.
    hold: usize,
}

impl Redactor {
    /// A redactor for these secrets; none when there is nothing to mask.
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut patterns = BTreeSet::new();
        let mut longest = 0;
        for secret in secrets {
            debug_assert!(
                secret.bytes().all(|byte| byte.is_ascii_graphic()),
                "a credential is visible ASCII"
            );
            if secret.len() >= MIN_SECRET {
                add_spellings(secret.as_bytes(), &mut patterns);
                longest = longest.max(secret.len());
            }
        }
        if patterns.is_empty() {
            return None;
        }
        let patterns: Vec<Box<[u8]>> = patterns.into_iter().collect();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(&patterns)
            .expect("a few spellings of a few credentials fit an automaton");
        // Base64 makes four of three, and `\u0000` six of one.
        let hold = (longest.div_ceil(3) * 4 * 6)
            .next_power_of_two()
            .max(LEAST_HOLD);
        debug_assert!(patterns.iter().all(|pattern| pattern.len() <= hold));
        Some(Self { automaton, hold })
    }

    /// Masks what is whole. None when there was nothing to mask.
    pub(crate) fn mask(&self, whole: &[u8]) -> Option<Vec<u8>> {
        if !self.automaton.is_match(whole) {
            return None;
        }
        let mut masked = whole.to_vec();
        for found in self.automaton.find_overlapping_iter(whole) {
            masked[found.range()].fill(b'*');
        }
        Some(masked)
    }

    /// Masks a text.
    pub(crate) fn mask_text(&self, text: String) -> String {
        match self.mask(text.as_bytes()) {
            // A match may begin or end inside a character, when a secret does; nothing of it is left then either.
            Some(masked) => String::from_utf8_lossy(&masked).into_owned(),
            None => text,
        }
    }

    /// Whether there is something to mask.
    pub(crate) fn finds(&self, text: &str) -> bool {
        self.automaton.is_match(text)
    }

    /// How many bytes from the front no later byte can make part of a match, judged without a look at the secrets.
    fn decided(&self, bytes: &[u8]) -> usize {
        let from = bytes.len().saturating_sub(self.hold);
        bytes[from..]
            .iter()
            .rposition(|byte| !byte.is_ascii_graphic())
            .map_or(from, |at| from + at + 1)
    }
}

/// The state of a [`Redactor`] between two pieces of a stream.
#[derive(Default)]
pub(crate) struct Held {
    /// What a match could begin in, as it came.
    tail: Vec<u8>,
    /// How many bytes at the front of it belong to a match that began before it.
    masked: usize,
}

impl Held {
    /// How many bytes are held back.
    pub(crate) fn len(&self) -> usize {
        self.tail.len()
    }

    /// Takes the next piece and gives back what is decided, masked. The piece itself comes back when nothing in it has
    /// to be masked or held back.
    pub(crate) fn push(&mut self, redactor: &Redactor, piece: Bytes) -> Bytes {
        if self.tail.is_empty() && !redactor.automaton.is_match(&piece) {
            let cut = redactor.decided(&piece);
            self.tail.extend_from_slice(&piece[cut..]);
            return piece.slice(..cut);
        }
        let mut raw = std::mem::take(&mut self.tail);
        raw.extend_from_slice(&piece);
        let cut = redactor.decided(&raw);
        let mut decided = raw[..cut].to_vec();
        let already = std::mem::take(&mut self.masked);
        decided[..already.min(cut)].fill(b'*');
        let mut masked_to = already;
        for found in redactor.automaton.find_overlapping_iter(&raw) {
            if found.start() < cut {
                decided[found.start()..found.end().min(cut)].fill(b'*');
                masked_to = masked_to.max(found.end());
            }
        }
        self.masked = masked_to.saturating_sub(cut);
        self.tail = raw.split_off(cut);
        decided.into()
    }

    /// Gives back what was held, when nothing follows.
    pub(crate) fn finish(&mut self, redactor: &Redactor) -> Bytes {
        let mut tail = std::mem::take(&mut self.tail);
        let already = std::mem::take(&mut self.masked);
        let raw = tail.clone();
        for found in redactor.automaton.find_overlapping_iter(&raw) {
            tail[found.range()].fill(b'*');
        }
        tail[..already].fill(b'*');
        tail.into()
    }
}

/// Every spelling of a secret that is masked, in lower case.
fn add_spellings(secret: &[u8], patterns: &mut BTreeSet<Box<[u8]>>) {
    let mut spellings = vec![secret.to_vec(), hex(secret)];
    for alignment in 0..3 {
        spellings.push(base64_inner(secret, alignment, &STANDARD_NO_PAD));
        spellings.push(base64_inner(secret, alignment, &URL_SAFE_NO_PAD));
    }
    for spelling in spellings {
        for escaped in [
            percent(&spelling, |b| {
                b.is_ascii_alphanumeric() || b"-._~".contains(&b)
            }),
            // What JavaScript's encodeURI and most path encoders leave alone.
            percent(&spelling, |b| {
                b.is_ascii_alphanumeric() || b"-._~!*'();/?:@&=+$,#".contains(&b)
            }),
            json(&spelling, false, b""),
            json(&spelling, true, b""),
            json(&spelling, false, b"<>&"),
            json(&spelling, true, b"<>&'"),
            json(&spelling, false, b"/+=<>&'"),
        ] {
            patterns.insert(escaped.to_ascii_lowercase().into());
        }
        patterns.insert(spelling.to_ascii_lowercase().into());
    }
}

/// The characters of a base64 text that are decided by the secret alone when `alignment` bytes (modulo 3) stand before it.
fn base64_inner(secret: &[u8], alignment: usize, engine: &impl base64::Engine) -> Vec<u8> {
    let mut aligned = vec![0; alignment];
    aligned.extend_from_slice(secret);
    let encoded = engine.encode(&aligned);
    let first = (8 * alignment).div_ceil(6);
    let last = 8 * aligned.len() / 6;
    encoded.as_bytes()[first..last].to_vec()
}

fn hex(secret: &[u8]) -> Vec<u8> {
    secret
        .iter()
        .flat_map(|byte| format!("{byte:02x}").into_bytes())
        .collect()
}

fn percent(spelling: &[u8], plain: impl Fn(u8) -> bool) -> Vec<u8> {
    let encode = |&byte: &u8| {
        if plain(byte) {
            vec![byte]
        } else {
            format!("%{byte:02x}").into_bytes()
        }
    };
    spelling.iter().flat_map(encode).collect()
}

/// RFC 8259 section 7. Encoders escape more than they must: PHP writes `\/`, Go and others write some characters (`also`) as `\u003c`.
fn json(spelling: &[u8], slash: bool, also: &[u8]) -> Vec<u8> {
    let escape = |&byte: &u8| match byte {
        b'"' | b'\\' => vec![b'\\', byte],
        b'/' if slash => b"\\/".to_vec(),
        b'\t' => b"\\t".to_vec(),
        b'\n' => b"\\n".to_vec(),
        b'\r' => b"\\r".to_vec(),
        _ if byte < 0x20 || byte == 0x7f || also.contains(&byte) => {
            format!("\\u{byte:04x}").into_bytes()
        }
        _ => vec![byte],
    };
    spelling.iter().flat_map(escape).collect()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "sk-canary/+0123456789=abc";

    fn mask(text: &str) -> String {
        Redactor::new([SECRET]).unwrap().mask_text(text.to_owned())
    }

    #[test]
    fn the_secret_is_masked_in_its_length() {
        assert_eq!(
            mask(&format!("a {SECRET} b")),
            format!("a {} b", "*".repeat(SECRET.len()))
        );
        assert_eq!(mask(&SECRET.to_uppercase()), "*".repeat(SECRET.len()));
        assert_eq!(mask("nothing here"), "nothing here");
    }

    #[test]
    fn spellings_are_masked() {
        for spelling in [
            "sk-canary%2F%2B0123456789%3Dabc",
            "sk-canary%2f%2b0123456789%3dabc",
            "sk-canary\\/+0123456789=abc",
            "sk-canary\\u002F\\u002b0123456789\\u003Dabc",
            "sk-canary/+0123456789=abc",
        ] {
            assert_eq!(
                mask(&format!("<{spelling}>")),
                format!("<{}>", "*".repeat(spelling.len())),
                "{spelling}"
            );
        }
        let hex: String = SECRET.bytes().map(|b| format!("{b:02X}")).collect();
        assert_eq!(mask(&hex), "*".repeat(hex.len()));
    }

    #[test]
    fn base64_is_masked_at_every_alignment() {
        for before in ["", "a", "ab", "Bearer ", "user:", "0123456789"] {
            for after in ["", "x", "xy", "xyz"] {
                let text = format!("{before}{SECRET}{after}");
                for encoded in [STANDARD.encode(&text), URL_SAFE.encode(&text)] {
                    let masked = mask(&encoded);
                    let stars = masked.bytes().filter(|&b| b == b'*').count();
                    // Of the secret's 200 bits, at most the ten in the two border characters are left.
                    assert!(stars * 6 >= SECRET.len() * 8 - 10, "{text}: {masked}");
                    assert_eq!(masked.len(), encoded.len());
                }
            }
        }
    }

    #[test]
    fn short_secrets_are_left_alone() {
        assert!(Redactor::new(["ollama", "", "1234567"]).is_none());
        assert!(Redactor::new(["12345678"]).is_some());
    }

    #[test]
    fn lines_flow_and_what_follows_the_last_of_them_waits() {
        let redactor = Redactor::new(["sk-canary-00"]).unwrap();
        let mut held = Held::default();
        assert_eq!(
            held.push(&redactor, Bytes::from_static(b"data: {}\n\n")),
            "data: {}\n\n"
        );
        assert_eq!(held.push(&redactor, Bytes::from_static(b"x sk-can")), "x ");
        assert_eq!(
            held.push(&redactor, Bytes::from_static(b"t\n")),
            "sk-cant\n"
        );
        assert_eq!(held.push(&redactor, Bytes::from_static(b"\n sk-")), "\n ");
        assert_eq!(held.push(&redactor, Bytes::from_static(b"canary-00!")), "");
        assert_eq!(held.finish(&redactor), "************!");
    }

    #[test]
    fn an_unbroken_run_flows_but_for_its_end() {
        let redactor = Redactor::new(["sk-canary-00"]).unwrap();
        let mut held = Held::default();
        let run = vec![b'a'; 3 * LEAST_HOLD];
        let out = held.push(&redactor, run.into());
        assert_eq!(out.len(), 2 * LEAST_HOLD);
        assert_eq!(held.finish(&redactor).len(), LEAST_HOLD);
    }

    #[test]
    fn overlapping_secrets_are_masked_together() {
        let redactor = Redactor::new(["abcdefgh", "efghijkl"]).unwrap();
        assert_eq!(redactor.mask(b"xabcdefghijkly").unwrap(), b"x************y");
        let mut held = Held::default();
        let mut out = Vec::new();
        for byte in b"xabcdefghijkly" {
            out.extend_from_slice(&held.push(&redactor, Bytes::copy_from_slice(&[*byte])));
        }
        out.extend_from_slice(&held.finish(&redactor));
        assert_eq!(out, b"x************y");
    }

    /// Text that is full of beginnings, endings and spellings of the secrets.
    fn text_about(secrets: Vec<String>) -> impl Strategy<Value = (Vec<String>, Vec<u8>)> {
        let pieces = {
            let secrets = secrets.clone();
            proptest::collection::vec(
                (0..secrets.len(), 0..9_usize, 0..100_usize, "[ -~]{0,6}").prop_map(
                    move |(which, how, cut, noise)| {
                        let secret = &secrets[which];
                        let at = cut % (secret.len() + 1);
                        match how {
                            0 | 1 => secret.clone(),
                            2 => secret[..at].to_owned(),
                            3 => secret[at..].to_owned(),
                            4 => STANDARD.encode(format!("{noise}{secret}")),
                            5 => URL_SAFE.encode(format!("{secret}{noise}")),
                            6 => String::from_utf8(hex(secret.as_bytes())).unwrap(),
                            7 => String::from_utf8(percent(secret.as_bytes(), |b| {
                                b.is_ascii_alphanumeric()
                            }))
                            .unwrap(),
                            _ => noise,
                        }
                    },
                ),
                0..12,
            )
        };
        (
            Just(secrets),
            pieces.prop_map(|pieces| pieces.concat().into_bytes()),
        )
    }

    proptest! {
        /// However a body is cut into pieces, what comes out is the whole body masked, and holds no secret.
        #[test]
        fn any_chunking_gives_the_masked_whole(
            (secrets, body) in proptest::collection::vec("[ab/+-]{8,12}|[!-)+-~]{8,40}", 1..3).prop_flat_map(text_about),
            cuts in proptest::collection::vec(0..400_usize, 0..40),
        ) {
            let redactor = Redactor::new(secrets.iter().map(String::as_str)).unwrap();
            let whole = redactor.mask(&body).unwrap_or_else(|| body.clone());
            let mut cuts: Vec<usize> = cuts.into_iter().filter(|&cut| cut < body.len()).collect();
            cuts.sort_unstable();
            cuts.push(body.len());
            let (mut held, mut out, mut from) = (Held::default(), Vec::new(), 0);
            for cut in cuts {
                out.extend_from_slice(&held.push(&redactor, Bytes::copy_from_slice(&body[from..cut])));
                prop_assert!(held.tail.len() <= redactor.hold);
                from = cut;
            }
            out.extend_from_slice(&held.finish(&redactor));
            prop_assert_eq!(&out, &whole);
            let lower = out.to_ascii_lowercase();
            for secret in &secrets {
                let secret = secret.to_ascii_lowercase();
                prop_assert!(!lower.windows(secret.len()).any(|window| window == secret.as_bytes()));
            }
        }

        /// What a reader gets and when tells it nothing about a secret that it guesses at.
        #[test]
        fn the_lengths_of_the_pieces_do_not_depend_on_the_secret(
            guess in "[!-~]{8,40}", pieces in proptest::collection::vec("[!-~ \n]{0,12}", 0..20), at in 0..40_usize,
        ) {
            let other: String = guess.bytes().map(|byte| if byte == b'~' { '!' } else { char::from(byte + 1) }).collect();
            let start = &guess[..at.min(guess.len() - 1)];
            let lengths = |secret: &str| {
                let redactor = Redactor::new([secret]).unwrap();
                let mut held = Held::default();
                let mut lengths: Vec<usize> = pieces
                    .iter()
                    .flat_map(|piece| [format!("{piece}{start}"), "\n".to_owned()])
                    .map(|piece| held.push(&redactor, piece.into()).len())
                    .collect();
                lengths.push(held.finish(&redactor).len());
                lengths
            };
            prop_assert_eq!(lengths(&guess), lengths(&other));
        }
    }
}
