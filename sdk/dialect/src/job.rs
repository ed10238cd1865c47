//! Jobs: work that is handed in, asked after and fetched.

use serde_json::Value;

/// The longest id of a job. Real ones have some seventy characters.
const LONGEST_ID: usize = 256;

/// Whether a text can be the id of a job, and with that one part of a path. It came from a server, or from a file that outlived the
/// process.
pub fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
        && text.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

/// A length in seconds without the fraction that it does not have: most servers take whole numbers and no others.
pub fn seconds(length: f64) -> Value {
    if length.fract() == 0.0 && (0.0..1e9).contains(&length) {
        Value::from(length as u64)
    } else {
        Value::from(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn ids_are_one_part_of_a_path() {
        for id in [
            "video_68d7512d07848190b3e45da0ecbebcde",
            "17f20503-6c24-4c16-946b-35dbbce2af2f",
            "a",
        ] {
            assert!(is_id(id), "{id}");
        }
        let long = "a".repeat(LONGEST_ID + 1);
        for none in ["", ".", "..", "a/b", "a?b", "a%2fb", "a b", "ä", &long] {
            assert!(!is_id(none), "{none}");
        }
    }

    #[test]
    fn a_whole_length_has_no_fraction() {
        assert_eq!(seconds(5.0), json!(5));
        assert_eq!(seconds(2.5), json!(2.5));
        assert_eq!(seconds(f64::NAN), Value::Null);
    }

    proptest! {
        #[test]
        fn an_id_never_leaves_its_place(text in "\\PC{0,40}|[./a-z]{0,8}") {
            if is_id(&text) {
                prop_assert!(!text.contains(['/', '?', '#', '%', '\\']) && text != "." && text != "..");
            }
        }
    }
}
