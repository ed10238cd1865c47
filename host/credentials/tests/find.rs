//! Where keys are looked for, and what is said of what is there.

use std::io;

use chela_config::{KeySource, LiteralKey};
use chela_credentials::{CredentialError, Environment, Lookup, MAX_KEY_SIZE, Source, find};
use chela_manifest::{Credential, Inject};

fn credential(env: &[&str]) -> Credential {
    Credential {
        env: env.iter().map(|&name| name.to_owned()).collect(),
        required: true,
        inject: Inject::Query {
            name: "key".to_owned(),
        },
    }
}

fn environment(variables: &[(&str, &str)]) -> Environment {
    Environment::new(
        variables
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned())),
    )
}

fn value(lookup: &Lookup) -> Option<&str> {
    lookup.found.as_ref().map(|found| found.secret.expose())
}

#[test]
fn variables_are_asked_in_order() {
    let both = environment(&[("B", "second"), ("A", "first")]);
    let lookup = find(&credential(&["A", "B"]), None, &both);
    assert_eq!(value(&lookup), Some("first"));
    assert_eq!(
        lookup.looked_for,
        ["environment variable A", "environment variable B"]
    );
    let lookup = find(&credential(&["B", "A"]), None, &both);
    assert_eq!(value(&lookup), Some("second"));
    assert_eq!(lookup.found.unwrap().source, Source::Env("B".to_owned()));
}

#[test]
fn an_empty_variable_is_none_and_the_next_is_asked() {
    for empty in ["", " ", "\n"] {
        let lookup = find(
            &credential(&["A", "B"]),
            None,
            &environment(&[("A", empty), ("B", "key")]),
        );
        assert_eq!(value(&lookup), Some("key"), "{empty:?}");
        let lookup = find(&credential(&["A"]), None, &environment(&[("A", empty)]));
        assert!(
            lookup.found.is_none() && lookup.error.is_none(),
            "{empty:?}"
        );
    }
}

#[test]
fn line_breaks_around_a_key_go() {
    for written in ["key\n", "key\r\n", "\tkey ", " key\n\n"] {
        let lookup = find(&credential(&["A"]), None, &environment(&[("A", written)]));
        assert_eq!(value(&lookup), Some("key"), "{written:?}");
    }
}

#[test]
fn what_cannot_be_a_key_is_named_by_place_and_not_by_value() {
    for wrong in [
        "canary\ncanary",
        "canary canary",
        "canary\u{1b}",
        "canäry",
        "canary\0",
    ] {
        let lookup = find(
            &credential(&["A", "B"]),
            None,
            &environment(&[("A", wrong), ("B", "key")]),
        );
        // The variable was meant: another one does not answer in its place.
        assert!(lookup.found.is_none());
        let said = lookup.error.unwrap().to_string();
        assert!(
            said.starts_with("environment variable A holds a character that no key has"),
            "{said}"
        );
        assert!(!said.contains("can"), "{said}");
    }
    let long = "k".repeat(MAX_KEY_SIZE + 1);
    let lookup = find(&credential(&["A"]), None, &environment(&[("A", &long)]));
    assert_eq!(
        lookup.error,
        Some(CredentialError::TooLong {
            place: "environment variable A".to_owned()
        })
    );
}

#[test]
fn a_configured_place_is_the_only_one() {
    let world = environment(&[("A", "from the manifest")]);
    let missing = KeySource::Env("MINE".to_owned());
    let lookup = find(&credential(&["A"]), Some(&missing), &world);
    assert!(lookup.found.is_none() && lookup.error.is_none());
    assert_eq!(lookup.looked_for, ["environment variable MINE"]);

    let literal = KeySource::Literal(LiteralKey::new("mine".to_owned()));
    let lookup = find(&credential(&["A"]), Some(&literal), &world);
    assert_eq!(value(&lookup), Some("mine"));
    assert_eq!(
        lookup.found.unwrap().source.to_string(),
        "apiKey in the configuration"
    );
}

#[test]
fn a_key_file_is_read_through_what_the_program_hands_down() {
    let file = KeySource::File("/run/secrets/a".to_owned());
    let handed = environment(&[]).with_files(|path| match path {
        "/run/secrets/a" => Ok(b"from-the-file\n".to_vec()),
        _ => Err(io::Error::from(io::ErrorKind::NotFound)),
    });
    let lookup = find(&credential(&["A"]), Some(&file), &handed);
    assert_eq!(value(&lookup), Some("from-the-file"));
    assert_eq!(lookup.looked_for, ["file /run/secrets/a"]);

    let lookup = find(
        &credential(&["A"]),
        Some(&KeySource::File("/other".to_owned())),
        &handed,
    );
    assert!(
        lookup
            .error
            .unwrap()
            .to_string()
            .starts_with("file /other cannot be read: ")
    );

    // A program that hands down no way to read files has none read.
    let lookup = find(
        &credential(&["A"]),
        Some(&file),
        &environment(&[("A", "key")]),
    );
    assert!(
        lookup.found.is_none() && matches!(lookup.error, Some(CredentialError::Unreadable { .. }))
    );

    let binary = environment(&[]).with_files(|_| Ok(vec![0xff, 0xfe]));
    let lookup = find(&credential(&["A"]), Some(&file), &binary);
    assert!(matches!(
        lookup.error,
        Some(CredentialError::NotAKey { .. })
    ));
}

#[test]
fn what_is_not_supported_says_what_to_write() {
    let exec = KeySource::Unsupported {
        source: "exec".to_owned(),
        help: "use a variable".to_owned(),
    };
    let lookup = find(
        &credential(&["A"]),
        Some(&exec),
        &environment(&[("A", "key")]),
    );
    assert!(lookup.found.is_none());
    assert_eq!(
        lookup.error.unwrap().to_string(),
        "apiKey with source \"exec\" is not supported by this version of chela; use a variable"
    );
}

#[test]
fn debug_of_the_environment_shows_names_alone() {
    let shown = format!("{:?}", environment(&[("A", "canary")]));
    assert!(
        shown.contains("\"A\"") && !shown.contains("canary"),
        "{shown}"
    );
}
