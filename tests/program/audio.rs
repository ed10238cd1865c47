//! Long recordings, and preferences of speech that outlive whoever writes them.

use std::fs;
use std::path::Path;

use chela_test_support::audio;
use chela_test_support::gate::Gate;
use chela_test_support::media;
use chela_test_support::program::{Room, Running};
use chela_test_support::server::{Options, Server};
use serde_json::Value;

use crate::{peak_kilobytes, room, room_with_openai};

/// The most memory that an upload may take, however long the recording is.
const MOST_KILOBYTES: u64 = 64 * 1024;

#[cfg(target_os = "linux")]
#[test]
fn a_long_recording_goes_up_in_little_memory() {
    const SIZE: u32 = 500 << 20;
    for (provider, path) in [
        ("openai", "/v1/audio/transcriptions"),
        ("deepgram", "/v1/listen"),
    ] {
        let server = Server::with(Options {
            keep_body: 1 << 10,
            ..Options::default()
        });
        // All of it has arrived when the answer waits.
        let gate = Gate::new();
        let answer = match provider {
            "openai" => audio::transcript("It was long."),
            _ => audio::deepgram("It was long."),
        };
        server.on("POST", path, answer.then_wait(&gate).then(" "));
        let config = format!(
            r#"{{models: {{providers: {{{provider}: {{baseUrl: "{}"}}}}}}}}"#,
            server.url("/v1")
        );
        let room = room()
            .config(&config)
            .key("OPENAI_API_KEY")
            .key("DEEPGRAM_API_KEY");
        media::write_large_wav(&room.work("long.wav"), SIZE).expect("there is room for nothing");
        // What compiling takes is a process of its own, and is not what is measured.
        let ask = ["audio", "transcribe", "--provider", provider];
        let running = room.start(ask.iter().chain(&["--file", "long.wav", "--json"]));
        gate.await_arrival();
        let peak = peak_kilobytes(&running);
        // All of it is there; what is checked of every file of the room need not be checked of that one.
        fs::remove_file(room.work("long.wav")).expect("it was there");
        gate.open();
        let run = running.finish().expect_code(0);
        assert_eq!(run.json()["outputs"][0]["text"], "It was long.", "{run}");
        assert!(server.only_request().body_length() >= u64::from(SIZE));
        assert!(peak < MOST_KILOBYTES, "{provider}: {peak} kB");
    }
}

/// The file of the preferences.
fn preferences(room: &Room) -> std::path::PathBuf {
    room.state().join("tts.json")
}

fn read(room: &Room) -> Value {
    let text = fs::read(preferences(room)).expect("the file is there");
    serde_json::from_slice(&text).expect("the file is whole")
}

/// Whether a process has a file open that it stages in this folder: one without a name, or with one of its own.
#[cfg(target_os = "linux")]
fn stages(running: &Running<'_>, folder: &Path) -> bool {
    let open = fs::read_dir(format!("/proc/{}/fd", running.id()));
    open.into_iter().flatten().flatten().any(|entry| {
        fs::read_link(entry.path()).is_ok_and(|target| {
            target.parent() == Some(folder)
                && !["tts.json", "tts.lock", "requests.jsonl"]
                    .iter()
                    .any(|name| target.ends_with(name))
        })
    })
}

#[cfg(target_os = "linux")]
#[test]
fn preferences_are_whole_whenever_their_writer_is_killed() {
    // Large enough that a writer is seen at work.
    let later = "x".repeat(24 << 20);
    let room = room();
    fs::create_dir_all(room.state()).expect("the room is ours");
    let folder = room.state().canonicalize().expect("it is there");
    let first = serde_json::json!({"later": later, "provider": "openai", "enabled": true});
    fs::write(preferences(&room), first.to_string()).expect("the room is ours");
    let mut caught = 0;
    for round in 0..12 {
        let provider = ["demo", "openai"][round % 2];
        let mut running = room.start(["tts", "set-provider", "--provider", provider]);
        loop {
            if stages(&running, &folder) {
                caught += 1;
                break;
            }
            if running.has_ended() {
                break;
            }
        }
        running.kill();
        let now = read(&room);
        assert_eq!(now["later"].as_str().map(str::len), Some(later.len()));
        assert!(["demo", "openai"].contains(&now["provider"].as_str().expect("a name")));
        assert_eq!(now["enabled"], true);
    }
    assert!(caught > 0, "no writer was seen at work");
    // The lock of the dead does not hold up the living.
    room.run(["tts", "set-provider", "--provider", "demo"])
        .expect_code(0);
    let now = read(&room);
    assert_eq!(now["provider"], "demo");
    assert_eq!(now["later"].as_str().map(str::len), Some(later.len()));
}

#[test]
fn of_two_that_change_preferences_neither_is_lost() {
    let room = room();
    for _ in 0..4 {
        let running = [
            room.start(["tts", "set-provider", "--provider", "openai"]),
            room.start(["tts", "enable"]),
            room.start(["tts", "set-persona", "--off"]),
        ];
        for one in running {
            one.finish().expect_code(0);
        }
        let now = read(&room);
        assert_eq!(
            (&now["provider"], &now["enabled"]),
            (&"openai".into(), &true.into())
        );
        fs::remove_file(preferences(&room)).expect("it was there");
    }
}

#[test]
fn preferences_that_are_damaged_are_told_and_left() {
    let server = Server::start();
    let room = room_with_openai(&server);
    fs::create_dir_all(room.state()).expect("the room is ours");
    fs::write(preferences(&room), "{\"provider\": ").expect("the room is ours");
    for command in [
        &["tts", "status", "--json"][..],
        &["tts", "enable", "--json"],
        &["tts", "providers", "--json"],
        &["tts", "convert", "--text", "hello", "--json"],
    ] {
        let run = room.run(command).expect_code(3);
        assert_eq!(run.json()["error"]["type"], "config", "{run}");
    }
    assert_eq!(
        fs::read_to_string(preferences(&room)).expect("it is there"),
        "{\"provider\": "
    );
    // Who is named is asked, whatever is preferred: nothing has to be read for that.
    server.on(
        "POST",
        "/v1/audio/speech",
        audio::sound("audio/mpeg", media::mp3()),
    );
    let ask = ["tts", "convert", "--provider", "openai", "--text", "hello"];
    room.run(ask.iter().chain(&["--output", "a.mp3"]))
        .expect_code(0);
}
