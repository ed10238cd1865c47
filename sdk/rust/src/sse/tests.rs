//! The rules of the WHATWG's stream, and that no cut and no bytes matter.

use super::{Decoder, Event, Events};
use crate::{Failure, FailureKind, Result};
use proptest::prelude::*;

fn event(name: &str, data: &str) -> Event {
    Event {
        name: name.to_owned(),
        data: data.to_owned(),
    }
}

/// The events of bytes that arrive in these pieces, and the failure that ended them.
fn decode<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    limit: usize,
) -> (Vec<Event>, Option<Failure>) {
    let mut decoder = Decoder::with_limit(limit);
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        loop {
            match decoder.next() {
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(failure) => return (events, Some(failure)),
            }
        }
    }
    match decoder.finish() {
        Ok(last) => events.extend(last),
        Err(failure) => return (events, Some(failure)),
    }
    (events, None)
}

fn all(text: &str) -> Vec<Event> {
    decode([text.as_bytes()], 1 << 20).0
}

#[test]
fn fields_make_events() {
    assert_eq!(all("data: a\n\n"), [event("message", "a")]);
    assert_eq!(
        all("data:a\ndata:  b\ndata\n\n"),
        [event("message", "a\n b\n")]
    );
    assert_eq!(
        all("event: ping\ndata: {}\n\ndata: x\n\n"),
        [event("ping", "{}"), event("message", "x")]
    );
    assert_eq!(
        all("id: 1\nretry: 9\nunknown: x\ndata: a:b\n\n"),
        [event("message", "a:b")]
    );
    assert_eq!(
        all("data:\n\n"),
        [event("message", "")],
        "empty data is data"
    );
}

#[test]
fn what_has_no_data_is_no_event() {
    assert_eq!(all(""), []);
    assert_eq!(all(": keep-alive\n\n\n\n"), []);
    assert_eq!(
        all("event: ping\n\ndata: a\n\n"),
        [event("message", "a")],
        "the name goes with its event"
    );
    assert_eq!(all("Data: a\ndat: b\n\n"), [], "names of fields are exact");
}

#[test]
fn lines_end_in_any_way() {
    for end in ["\n", "\r\n", "\r"] {
        let text = format!("data: a{end}data: b{end}{end}data: c{end}{end}");
        assert_eq!(
            all(&text),
            [event("message", "a\nb"), event("message", "c")],
            "{end:?}"
        );
    }
    assert_eq!(
        all("data: a\r\n\rdata: b\n\r\n"),
        [event("message", "a"), event("message", "b")]
    );
}

#[test]
fn a_byte_order_mark_stands_only_at_the_start() {
    assert_eq!(all("\u{feff}data: a\n\n"), [event("message", "a")]);
    assert_eq!(
        all("data: a\n\n\u{feff}data: b\n\n"),
        [event("message", "a")]
    );
}

#[test]
fn the_last_event_needs_no_empty_line() {
    assert_eq!(
        all("data: a\n\ndata: [DONE]"),
        [event("message", "a"), event("message", "[DONE]")]
    );
    assert_eq!(all("data: a\n"), [event("message", "a")]);
}

#[test]
fn a_character_cut_in_two_is_whole_again() {
    let text = "data: Größe 𝄞\n\n".as_bytes();
    for cut in 0..=text.len() {
        let (events, _) = decode([&text[..cut], &text[cut..]], 1 << 20);
        assert_eq!(events, [event("message", "Größe 𝄞")], "cut at {cut}");
    }
    assert_eq!(
        decode([b"data: \xff\n\n".as_slice()], 99).0,
        [event("message", "\u{fffd}")]
    );
}

#[test]
fn an_endless_line_and_endless_data_are_stopped() {
    let line = [b"data: ".as_slice(), &[b'a'; 200]].concat();
    assert_eq!(
        decode([line.as_slice()], 100).1.unwrap().kind,
        FailureKind::BadResponse
    );
    let many = b"data: 0123456789\n".repeat(20);
    assert!(
        decode([many.as_slice()], 100)
            .1
            .unwrap()
            .message
            .contains("100 bytes")
    );
    assert!(
        decode([b"data: a\n\n".repeat(100).as_slice()], 100)
            .1
            .is_none(),
        "many short ones are fine"
    );
}

#[test]
fn a_stream_cut_short_fails_after_its_events() {
    let mut pieces = vec![
        Err(Failure::bad_response("cut")),
        Ok(b"data: a\n\ndata: b".to_vec()),
    ];
    let source = move || -> Result<Vec<u8>> { pieces.pop().unwrap_or_else(|| Ok(Vec::new())) };
    let mut events = Events::new(source);
    assert_eq!(events.next().unwrap(), Some(event("message", "a")));
    assert_eq!(events.next().unwrap_err().message, "cut");
}

/// Text with what matters in it.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"data: ".to_vec()),
        Just(b"data".to_vec()),
        Just(b"event: x".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\n\n".to_vec()),
        Just(b":".to_vec()),
        Just("\u{feff}ü𝄞".as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn pieces_of_any_size_give_the_same_events(bytes in stream(), sizes in prop::collection::vec(1_usize..9, 1..20), limit in 5_usize..60) {
        let whole = decode([bytes.as_slice()], limit);
        let mut rest = bytes.as_slice();
        let mut pieces = Vec::new();
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        prop_assert_eq!(decode(pieces, limit), whole);
    }

    #[test]
    fn what_is_written_by_the_rules_reads_back(data in prop::collection::vec("[^\r\n]{0,20}", 1..5), name in "[a-z]{1,8}") {
        let mut text = format!("event: {name}\r\n");
        for line in &data {
            text.push_str(&format!("data: {line}\n"));
        }
        text.push('\r');
        prop_assert_eq!(all(&text), [event(&name, &data.join("\n"))]);
    }
}
