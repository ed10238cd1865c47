//! What may be named only in the room that owns it, read from the sources.

use crate::source::{File, files};

/// What to look for in code without blanks, and where it may stand. A path ends with `/` or names one file.
const NAMES: &[(&[&str], &[&str], &str)] = &[
    (
        &[
            "TcpStream",
            "TcpListener",
            "TcpSocket",
            "UdpSocket",
            "UnixStream",
            "UnixListener",
            "reqwest",
            "hyper::",
            "rustls",
        ],
        &["host/egress/"],
        "only egress opens a socket",
    ),
    (
        &["to_socket_addrs", "lookup_host"],
        &["host/egress/"],
        "only egress resolves names",
    ),
    (
        &["wasmtime"],
        &["host/sandbox/"],
        "only sandbox names wasmtime",
    ),
    (
        &["Command::new("],
        &["host/sandbox/", "host/services/", "sdk/pack/"],
        "only sandbox and services start a program; pack starts cargo",
    ),
    (
        &[
            "std::env",
            "env::var",
            "env::args",
            "env::current_",
            "env::home_dir",
            "env::temp_dir",
        ],
        &["host/cli/src/environment.rs", "sdk/pack/"],
        "the environment is read in one file of cli",
    ),
    (
        &["println!(", "print!(", "dbg!(", "stdout()", "stderr()"],
        &[
            "host/cli/src/printer.rs",
            "host/cli/src/environment.rs",
            "host/sandbox/src/compiler.rs",
            "sdk/pack/",
        ],
        "stdout and stderr have one door",
    ),
    (
        &["process::exit(", "process::abort("],
        &[],
        "main returns its exit code",
    ),
    (
        &["unsafe{", "unsafe fn", "unsafe impl"],
        &["host/sandbox/src/sandbox.rs"],
        "compiled components are loaded in sandbox and nowhere else",
    ),
    (&["todo!(", "unimplemented!("], &[], "what is there works"),
];

/// The files that may say that the perimeter is not for them, and why. Tests and build scripts need no row.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "host/cli/src/environment.rs",
        "reads arguments, variables and standard input",
    ),
    (
        "host/cli/src/paths.rs",
        "opens the files and folders that the user names",
    ),
    (
        "host/cli/src/printer.rs",
        "is the door to standard output and standard error",
    ),
    ("host/egress/src/connect.rs", "resolves names and connects"),
    ("host/sandbox/src/compiler.rs", "starts the compiler"),
    (
        "host/services/src/keeper.rs",
        "starts the server that the operator named",
    ),
    ("host/services/src/services.rs", "starts the keeper"),
    ("sdk/pack/src/cargo.rs", "pack is a tool of the author's"),
    ("sdk/pack/src/main.rs", "pack is a tool of the author's"),
    (
        "sdk/pack/src/manifests.rs",
        "pack is a tool of the author's",
    ),
    (
        "sdk/pack/src/toolchain.rs",
        "pack is a tool of the author's",
    ),
];

fn may(file: &File, places: &[&str]) -> bool {
    places.iter().any(|place| {
        if place.ends_with('/') {
            file.path.starts_with(place)
        } else {
            file.path == *place
        }
    })
}

fn shipped() -> impl Iterator<Item = File> {
    files("rs").into_iter().filter(File::ships)
}

#[test]
fn each_name_stays_in_its_room() {
    let mut faults = Vec::new();
    for file in shipped() {
        let code = file.code();
        for (names, rooms, wall) in NAMES {
            for name in names
                .iter()
                .filter(|name| names_it(&code, name) && !may(&file, rooms))
            {
                faults.push(format!("{}: {name} ({wall})", file.path));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Whether a name stands in code as a name of its own, not as the end of a longer one.
fn names_it(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|symbol| symbol.is_alphanumeric() || symbol == '_')
    })
}

#[test]
fn only_rooms_with_a_door_are_excepted_from_the_perimeter() {
    let places: Vec<&str> = EXCEPTIONS.iter().map(|(place, _)| *place).collect();
    let mut faults = Vec::new();
    for file in shipped() {
        let excepted = file.code().contains("clippy::disallowed_");
        if excepted && !may(&file, &places) {
            faults.push(format!(
                "{} excepts itself from clippy.toml's perimeter",
                file.path
            ));
        }
    }
    for (place, reason) in EXCEPTIONS {
        let needed = shipped().any(|file| {
            file.path.starts_with(place) && file.code().contains("clippy::disallowed_")
        });
        if !needed {
            faults.push(format!("{place} needs no exception any more ({reason})"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn only_tests_are_excepted_as_a_whole_by_a_clippy_toml_of_their_own() {
    let own: Vec<String> = files("toml")
        .into_iter()
        .map(|file| file.path)
        .filter(|path| path.ends_with("clippy.toml"))
        .collect();
    assert_eq!(own, ["clippy.toml", "tests/clippy.toml"]);
}
