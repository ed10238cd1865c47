//! `chela plugin inspect`: what a component asks for is shown, and what is none is refused in one sentence.

use serde_json::{Value, json};

use crate::room;

const MODULE: &[u8] = b"\0asm\x01\0\0\0";
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// A component with nothing in it but this manifest, which no packer would have put there.
fn with_manifest(manifest: &Value) -> Vec<u8> {
    const NAME: &str = "chela:provider";
    let manifest = manifest.to_string();
    let mut section = vec![u8::try_from(NAME.len()).expect("a short name")];
    section.extend_from_slice(NAME.as_bytes());
    section.extend_from_slice(manifest.as_bytes());
    let mut component = COMPONENT.to_vec();
    component.push(0);
    let mut length = section.len();
    while length >= 0x80 {
        component.push(u8::try_from(length & 0x7f).expect("seven bits") | 0x80);
        length >>= 7;
    }
    component.push(u8::try_from(length).expect("seven bits"));
    component.extend(section);
    component
}

fn manifest(origin: &str) -> Value {
    json!({
        "id": "acme",
        "name": "Acme",
        "version": "1.0.0",
        "contract": "0.1",
        "downloads": { "origins": [origin] },
        "search": {},
    })
}

/// The error of inspecting these bytes, as an envelope, which is also held against the sentence in text mode.
fn refused(bytes: &[u8], code: i32) -> Value {
    let room = room().file("acme.wasm", bytes);
    let text = room
        .run(["plugin", "inspect", "acme.wasm"])
        .expect_code(code);
    let run = room
        .run(["plugin", "inspect", "acme.wasm", "--json"])
        .expect_code(code);
    let error = run.json()["error"].clone();
    let message = error["message"].as_str().expect("a sentence");
    let hint = error["hint"].as_str().expect("a hint");
    assert_eq!(text.stderr(), format!("error: {message}\nhint: {hint}\n"));
    assert_eq!(text.stdout(), "");
    error
}

#[test]
fn what_a_bundled_component_asks_for_is_shown() {
    let found = chela_bundled::components()
        .iter()
        .find(|component| component.id == "openai");
    let component = found.expect("it is bundled");
    let room = room().file("it.wasm", component.bytes);
    let run = room
        .run(["plugin", "inspect", "it.wasm", "--json"])
        .expect_code(0);
    let record = run.json();
    assert_eq!(record["digest"], component.digest);
    let providers = record["providers"].as_array().expect("an array");
    let openai = providers
        .iter()
        .find(|provider| provider["id"] == "openai")
        .expect("it is in there");
    assert_eq!(
        openai["endpoints"]["api"]["base"],
        "https://api.openai.com/v1"
    );
    let imports = record["imports"].as_array().expect("an array");
    assert!(imports.iter().all(|import| {
        import
            .as_str()
            .is_some_and(|name| name.starts_with("chela:provider/"))
    }));
    let text = room.run(["plugin", "inspect", "it.wasm"]).expect_code(0);
    assert!(
        text.stdout().contains("api-key: OPENAI_API_KEY"),
        "{}",
        text.stdout()
    );
}

#[test]
fn what_is_no_component_is_refused() {
    for bytes in [&b"just words"[..], b"", MODULE, &COMPONENT[..6]] {
        assert_eq!(refused(bytes, 2)["type"], "usage", "{bytes:?}");
    }
    let message = refused(b"just words", 2)["message"].to_string();
    assert!(message.contains("not a WebAssembly component"), "{message}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let run = room()
        .run(["plugin", "inspect", "nowhere.wasm", "--json"])
        .expect_code(2);
    assert!(
        run.json()["error"]["message"]
            .to_string()
            .contains("nowhere.wasm")
    );
}

#[test]
fn a_component_without_a_manifest_is_refused() {
    assert_eq!(refused(COMPONENT, 3)["type"], "config");
}

#[test]
fn a_manifest_that_asks_for_everything_is_told_what_to_write() {
    let error = refused(&with_manifest(&manifest("*")), 3);
    assert_eq!(error["type"], "config");
    let told = error.to_string();
    assert!(told.contains("downloads.origins"), "{told}");
    assert!(
        told.contains("public"),
        "the hint names what to write: {told}"
    );
}

#[test]
fn a_manifest_that_promises_what_the_component_does_not_export_is_refused() {
    let error = refused(&with_manifest(&manifest("https://acme.example")), 3);
    assert!(
        error["message"]
            .to_string()
            .contains("does not export chela:provider/search"),
        "{error}"
    );
}
