//! Manifests for a contract that is not known yet: listed, not understood.

use chela_manifest::{Family, Manifest};

fn read(rest: &str) -> Result<Manifest, chela_manifest::ManifestError> {
    Manifest::from_json(
        format!(r#"{{"id":"acme","name":"Acme","version":"2","contract":"0.2"{rest}}}"#).as_bytes(),
    )
}

#[test]
fn keys_that_are_not_known_are_passed_over() {
    let manifest =
        read(r#","signing":{"scheme":"sigv4"},"model":{"default-model":"m","realtime":true}"#)
            .unwrap();
    assert!(!manifest.contract.is_supported());
    assert_eq!(manifest.families(), [Family::Model]);
    assert_eq!(manifest.default_model(Family::Model), Some("m"));
}

#[test]
fn what_is_known_but_written_otherwise_leaves_the_head() {
    let manifest =
        read(r#","endpoints":["https://acme.example"],"model":{"default-model":"m"}"#).unwrap();
    assert_eq!(manifest.name, "Acme");
    assert_eq!(manifest.families(), []);
    assert!(manifest.endpoints.is_empty());
}

#[test]
fn the_head_itself_is_held_to_the_rules() {
    assert!(
        Manifest::from_json(br#"{"id":"A/B","name":"Acme","version":"2","contract":"0.2"}"#)
            .is_err()
    );
    assert!(
        Manifest::from_json(br#"{"id":"acme","name":"\u001b[2J","version":"2","contract":"0.2"}"#)
            .is_err()
    );
}

#[test]
fn nothing_is_passed_over_for_the_contract_that_is_known() {
    let known =
        br#"{"id":"acme","name":"Acme","version":"2","contract":"0.1","model":{"realtime":true}}"#;
    assert!(Manifest::from_json(known).is_err());
}
