use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const NAMES: &[&str] = &[
    "code",
    "detail",
    "embedding",
    "error",
    "message",
    "metadata",
    "msg",
    "raw",
    "status",
    "type",
];
const WORDS: &[&str] = &["error", "429", "invalid_api_key"];

/// What was taken out, and the rest of the JSON, read in pieces of these lengths.
fn scan(text: &[u8], cuts: &[usize]) -> Option<(Vec<Taken>, Vec<u8>)> {
    let mut scanner = Scanner::new("big");
    let mut taken = Vec::new();
    let mut rest = text;
    for cut in cuts {
        let (piece, after) = rest.split_at((*cut).min(rest.len()));
        scanner
            .push(piece, &mut |value| taken.push(value))
            .then_some(())?;
        rest = after;
    }
    scanner
        .push(rest, &mut |value| taken.push(value))
        .then_some(())?;
    Some((taken, scanner.finish()))
}

#[test]
fn large_values_are_taken_out() {
    let text = br#"{"data": [{"big" : "SGVsbG8=", "said": "\"big\""}, {"big":"\/\/8"}, {"big": [1, ["]\"", {}], 2]}], "size": "big"}"#;
    let (taken, kept) = scan(text, &[]).expect("base64");
    assert_eq!(
        taken,
        [
            Taken::Bytes(b"Hello".to_vec()),
            Taken::Bytes(vec![0xff, 0xff]),
            Taken::List(br#"[1, ["]\"", {}], 2]"#.to_vec()),
        ]
    );
    assert_eq!(
        serde_json::from_slice::<Value>(&kept).expect("JSON"),
        json!({"data": [{"big": 0, "said": "\"big\""}, {"big": 1}, {"big": 2}], "size": "big"})
    );
}

#[test]
fn a_name_as_a_value_is_no_name() {
    let text = br#"{"a": ["big", "SGVsbG8="], "big": null, "b": "x", "big": {"x": ["x"]}}"#;
    let (taken, kept) = scan(text, &[]).expect("nothing is taken out");
    assert!(taken.is_empty());
    assert_eq!(kept, text);
}

#[test]
fn what_is_not_base64_is_broken_and_what_follows_is_not() {
    for value in ["****", "SGVs=G8=", "S", "SGVsbG8=SGVs", "\\u0041"] {
        let text = format!("[{{\"big\":\"{value}\"}},{{\"big\":\"SGVsbG8=\"}}]");
        for cut in 0..text.len() {
            let (taken, kept) = scan(text.as_bytes(), &[cut]).expect("it is short");
            let good = Taken::Bytes(b"Hello".to_vec());
            assert_eq!(taken, [Taken::Broken, good], "{value}");
            assert_eq!(kept, br#"[{"big":0},{"big":1}]"#);
        }
    }
}

#[test]
fn endless_json_is_refused() {
    let long = "1,".repeat(LARGEST / 2 + 1);
    for text in [format!("\"{long}\""), format!("{{\"big\":[{long}")] {
        assert_eq!(scan(text.as_bytes(), &[]), None);
    }
}

proptest! {
    #[test]
    fn cuts_change_nothing(
        values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..4),
        words in ".{0,20}",
        cuts in prop::collection::vec(0usize..40, 0..30),
    ) {
        let data: Vec<Value> = values
            .iter()
            .flat_map(|value| [json!({"said": words, "big": STANDARD.encode(value)}), json!({"big": value})])
            .collect();
        let text = json!({"data": data, "size": words}).to_string();
        let (taken, kept) = scan(text.as_bytes(), &cuts).expect("base64");
        let expected: Vec<Taken> = values
            .iter()
            .flat_map(|value| [Taken::Bytes(value.clone()), Taken::List(json!(value).to_string().into_bytes())])
            .collect();
        prop_assert_eq!(taken, expected);
        let kept: Value = serde_json::from_slice(&kept).expect("JSON");
        prop_assert_eq!(kept["size"].as_str(), Some(words.as_str()));
    }

    #[test]
    fn any_bytes_are_read(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        cuts in prop::collection::vec(0usize..20, 0..10),
    ) {
        let _ = scan(&bytes, &cuts);
    }

    #[test]
    fn any_json_is_kept(value in crate::testing::any_json(NAMES, WORDS), cuts in prop::collection::vec(0usize..20, 0..10)) {
        let text = value.to_string().replace("\"embedding\"", "\"big\"");
        let whole = scan(text.as_bytes(), &[]);
        prop_assert_eq!(&whole, &scan(text.as_bytes(), &cuts));
        if let Some((taken, kept)) = whole {
            prop_assert!(serde_json::from_slice::<Value>(&kept).is_ok());
            for value in taken {
                if let Taken::List(list) = value {
                    prop_assert!(serde_json::from_slice::<Value>(&list).is_ok());
                }
            }
        }
    }
}
