//! Every flag of every command with values that nobody means: each is refused before anyone is asked, as an envelope under
//! `--json`. The flags are read out of `chela list`, so that a new one is tried without a word here.

use std::collections::BTreeMap;

use chela_test_support::media;
use chela_test_support::program::Room;
use chela_test_support::server::Server;
use serde_json::Value;

use crate::room_with_openai;

/// What a value is by the word that stands for it in the help.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// One of those that are listed.
    Listed,
    /// A whole number from 1.
    Whole,
    /// A number with a fraction, from 0.
    Real,
    /// A text, a name, a path.
    Words,
}

/// Values that no flag takes, whatever it is.
const NEVER: [&str; 4] = ["", " ", "\t \n", "\u{200b}"];

/// Flags that take what others do not, with the values.
const TAKEN: [(&str, &str); 3] = [
    // A temperature of 0 is the most usual one.
    ("--temperature", "0"),
    // Temperatures and ceilings are the provider's to judge.
    ("--temperature", "99999999999999999999"),
    ("--max-bytes", "9999999999999999999"),
];

fn kind(flag: &Value) -> Kind {
    if flag["accepted"]
        .as_array()
        .is_some_and(|all| !all.is_empty())
    {
        return Kind::Listed;
    }
    match flag["value"].as_str() {
        Some("N" | "MS") => Kind::Whole,
        Some("NUMBER" | "SECONDS") => Kind::Real,
        _ => Kind::Words,
    }
}

fn wrong_values(flag: &Value) -> Vec<&'static str> {
    let mut values = NEVER.to_vec();
    values.extend(match kind(flag) {
        Kind::Listed => &["frobnicate", "0"][..],
        Kind::Whole => &[
            "-1",
            "0",
            "NaN",
            "1.5",
            "+1",
            "0x10",
            "1e3",
            "9999999999999999999",
            "99999999999999999999",
        ],
        Kind::Real => &[
            "-1",
            "0",
            "NaN",
            "inf",
            "-inf",
            "one",
            "99999999999999999999",
        ],
        Kind::Words => &[],
    });
    let name = flag["name"].as_str().expect("a flag has a name");
    values.retain(|value| !TAKEN.contains(&(name, value)));
    values
}

/// What a command cannot do without, so that nothing but the value under test is wrong.
fn needed(id: &str) -> Vec<&'static str> {
    match id {
        "model.run" | "image.generate" | "video.generate" => vec!["--prompt", "x"],
        "video.describe" => vec!["--file", "a.mp4"],
        "video.cancel" | "video.resume" => vec!["job"],
        "model.inspect" => vec!["--name", "gpt-5.4"],
        "model.auth.login" | "model.auth.logout" | "tts.set-provider" => {
            vec!["--provider", "openai"]
        }
        "image.edit" => vec!["--file", "a.png", "--prompt", "x"],
        "image.describe" | "image.describe-many" => vec!["--file", "a.png"],
        "audio.transcribe" => vec!["--file", "a.wav"],
        "tts.convert" => vec!["--text", "x"],
        "tts.set-persona" => vec!["--off"],
        "web.search" => vec!["--query", "x"],
        "web.fetch" => vec!["--url", "https://example.com/"],
        "embedding.create" => vec!["--text", "x"],
        "plugin.inspect" => vec!["a.wasm"],
        "inspect" => vec!["--name", "model.run"],
        "completions" => vec!["bash"],
        _ => Vec::new(),
    }
}

/// The command with a value in a flag, in place of what it is given otherwise.
fn command(id: &str, flag: &Value, value: &str) -> Vec<String> {
    let optional = flag["value"] == "BOOL";
    let flag = flag["name"].as_str().expect("a flag has a name");
    let mut line: Vec<&str> = id.split('.').collect();
    let needed = needed(id);
    let mut rest = needed.as_slice();
    while let [name, more @ ..] = rest {
        let takes_value = name.starts_with("--") && *name != "--off";
        let (value, left) = if takes_value {
            (more.first(), &more[1..])
        } else {
            (None, more)
        };
        // `--off` and `--persona` exclude each other, and so do the two names of a model.
        let other = (id, flag) == ("tts.set-persona", "--persona")
            || (id, flag) == ("model.inspect", "--model");
        if *name != flag && !other {
            line.push(name);
            line.extend(value);
        }
        rest = left;
    }
    let mut line: Vec<String> = line.into_iter().map(str::to_owned).collect();
    if optional {
        // What may stand alone takes a value behind `=` and nowhere else.
        line.push(format!("{flag}={value}"));
    } else {
        line.extend([flag.to_owned(), value.to_owned()]);
    }
    line.push("--json".to_owned());
    line
}

fn capabilities(room: &Room) -> Vec<Value> {
    let listed = room.run(["list", "--json"]).expect_code(0).json();
    listed.as_array().expect("an array").clone()
}

fn furnished(server: &Server) -> Room {
    room_with_openai(server)
        .file("a.png", media::png(3, 2))
        .file("a.wav", media::wav(20))
        .file("a.mp4", media::mp4(8, 8, 100, 10))
        .file("a.wasm", "no component")
}

#[test]
fn values_that_nobody_means_are_refused_before_anyone_is_asked() {
    let server = Server::start();
    let room = furnished(&server);
    let mut tried: BTreeMap<String, usize> = BTreeMap::new();
    for capability in capabilities(&room) {
        let id = capability["id"].as_str().expect("an id");
        for flag in capability["flags"].as_array().expect("flags") {
            if flag["value"].is_null() {
                continue;
            }
            let name = flag["name"].as_str().expect("a name");
            for value in wrong_values(flag) {
                let line = command(id, flag, value);
                let run = room.run(&line);
                assert_eq!(run.code(), Some(2), "{line:?}\n{run}");
                let error = &run.json()["error"];
                assert_eq!(error["type"], "usage", "{line:?}\n{run}");
                // It is this value that is refused, and nothing else in the line.
                let about = name.rsplit('-').next().expect("a word");
                let message = error["message"].as_str().expect("a message");
                assert!(message.to_lowercase().contains(about), "{line:?}\n{run}");
                assert!(
                    error["hint"].as_str().is_some_and(|hint| !hint.is_empty()),
                    "{line:?}\n{run}"
                );
                *tried.entry(name.to_owned()).or_default() += 1;
            }
        }
    }
    assert!(server.requests().is_empty(), "nobody was asked");
    for name in [
        "--prompt",
        "--timeout-ms",
        "--temperature",
        "--config",
        "--voice",
    ] {
        assert!(tried.contains_key(name), "{name} was tried: {tried:?}");
    }
}

#[test]
fn switches_take_no_value_and_flags_cannot_do_without() {
    let server = Server::start();
    let room = furnished(&server);
    for capability in capabilities(&room) {
        let id = capability["id"].as_str().expect("an id");
        for flag in capability["flags"].as_array().expect("flags") {
            let name = flag["name"].as_str().expect("a name");
            let mut line: Vec<&str> = id.split('.').collect();
            let with_value = format!("{name}=true");
            if flag["value"].is_null() {
                line.extend(needed(id));
                line.extend([with_value.as_str(), "--json"]);
            } else {
                line.extend(["--json", name]);
            }
            let run = room.run(&line).expect_code(2);
            assert_eq!(run.json()["error"]["type"], "usage", "{line:?}\n{run}");
        }
    }
    assert!(server.requests().is_empty(), "nobody was asked");
}

#[test]
fn what_stands_without_a_flag_is_looked_at_too() {
    let server = Server::start();
    let room = furnished(&server);
    for line in [
        &["completions", ""][..],
        &["completions", "tcsh"],
        &["completions"],
        &["plugin", "inspect", ""],
        &["plugin", "inspect", "no-such.wasm"],
        &["plugin", "inspect", "."],
        &["man", "no", "such"],
        &["man", ""],
        &["list", "x"],
        &["model", "run", ""],
        &["tts", "convert", "x"],
        &["model", "providers", "openai"],
    ] {
        let run = room
            .run(line.iter().copied().chain(["--json"]))
            .expect_code(2);
        assert_eq!(run.json()["error"]["type"], "usage", "{line:?}\n{run}");
    }
}
