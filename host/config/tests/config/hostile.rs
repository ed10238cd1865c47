//! Files that nobody meant.

use chela_config::parse;
use proptest::prelude::*;

#[test]
fn depth_does_not_reach_the_stack() {
    for open in ["[", "{a:", "{ models: { providers: { a: { compat: {a:"] {
        let error = parse(&open.repeat(100_000), "chela.json5").unwrap_err();
        assert!(error.to_string().contains("nests too deep"), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in any::<String>()) {
        drop(parse(&text, "chela.json5"));
    }

    /// Text that is made of the right pieces gets further in.
    #[test]
    fn no_near_miss_panics(pieces in proptest::collection::vec(
        prop::sample::select(vec![
            "{", "}", "[", "]", ":", ",", "agents", "models", "providers", "a", "defaults", "model", "'a/b'", "\"${X}\"",
            "apiKey", "baseUrl", "'http://127.0.0.1'", "1", "-1e999", "NaN", "0x", "true", "null", "\n", "//", "/*", "\\u", "'",
        ]),
        0..40,
    )) {
        let text = pieces.concat();
        if let Err(error) = parse(&text, "chela.json5") {
            prop_assert!(!error.to_string().contains('\n'));
            prop_assert!(!error.problem().is_empty());
        }
    }
}
