//! Listing starts and compiles no component; running compiles each once.

use std::collections::BTreeMap;
use std::fs;
use std::time::SystemTime;

use chela_test_support::program::Room;

use crate::room;

/// Every command that tells and does not do.
const TELLING: [&[&str]; 11] = [
    &["--version"],
    &["--help"],
    &["list"],
    &["inspect", "--name", "image.generate"],
    &["model", "list"],
    &["model", "inspect", "--model", "demo/demo-1"],
    &["model", "providers"],
    &["image", "providers"],
    &["embedding", "providers"],
    &["web", "providers"],
    &["model", "run", "--prompt", " "],
];

/// Compiled components, by file name, with when they were written. The locks beside them are none.
fn compiled(room: &Room) -> BTreeMap<String, SystemTime> {
    let entries = fs::read_dir(room.cache().join("compiled"))
        .into_iter()
        .flatten()
        .flatten();
    entries
        .filter(|entry| {
            entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "bin")
        })
        .map(|entry| {
            let written = entry
                .metadata()
                .and_then(|metadata| metadata.modified())
                .expect("a file was written some time");
            (entry.file_name().to_string_lossy().into_owned(), written)
        })
        .collect()
}

#[test]
fn telling_compiles_nothing_and_leaves_nothing() {
    let room = room().with_own_cache();
    for arguments in TELLING {
        room.run(arguments);
        if arguments[0] != "--version" && arguments[0] != "--help" {
            room.run(arguments.iter().chain(&["--json"]));
        }
    }
    assert!(!room.cache().exists(), "a cache was made");
    assert!(!room.state().exists(), "a state folder was made");
}

#[test]
fn telling_works_where_no_component_can_be_started() {
    // Without a place for compiled code the sandbox does not start, so what works here started no component.
    let room = room().file("no-folder", "").with_own_cache();
    let room = {
        let path = room.work("no-folder");
        room.variable("CHELA_CACHE_DIR", path)
    };
    for arguments in TELLING
        .iter()
        .filter(|arguments| arguments[0] != "model" || arguments[1] != "run")
    {
        room.run(*arguments).expect_code(0);
    }
    let run = room
        .run([
            "model",
            "run",
            "--model",
            "demo/demo-1",
            "--prompt",
            "hi",
            "--json",
        ])
        .expect_code(3);
    assert_eq!(run.json()["error"]["type"], "config", "{run}");
}

#[test]
fn a_component_is_compiled_once() {
    let room = room().with_own_cache();
    let ask = [
        "model",
        "run",
        "--model",
        "demo/demo-1",
        "--prompt",
        "Reply with exactly: pong",
    ];
    assert_eq!(room.run(ask).expect_code(0).stdout(), "pong\n");
    let first = compiled(&room);
    assert_eq!(first.len(), 1, "{first:?}");
    room.run(ask).expect_code(0);
    room.run([
        "embedding",
        "create",
        "--model",
        "demo/demo-1",
        "--text",
        "a",
    ])
    .expect_code(0);
    assert_eq!(compiled(&room), first, "it was compiled again");
}

#[test]
fn tampered_compiled_code_is_not_run() {
    let room = room().with_own_cache();
    let ask = [
        "model",
        "run",
        "--model",
        "demo/demo-1",
        "--prompt",
        "Reply with exactly: pong",
    ];
    room.run(ask).expect_code(0);
    let name = compiled(&room)
        .into_keys()
        .next()
        .expect("one was compiled");
    let path = room.cache().join("compiled").join(name);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert_eq!(room.run(ask).expect_code(0).stdout(), "pong\n");
    assert_ne!(
        fs::read(&path).unwrap(),
        bytes,
        "what was tampered with is replaced"
    );
}
