//! Dry runs: a component runs for real, and nothing leaves the program but what it shows.

use std::fs;

use chela_test_support::media;
use chela_test_support::program::{CANARY, Room};
use chela_test_support::server::Server;
use serde_json::{Value, json};

use crate::{CHAT, ask_json, room, room_with_openai};

/// Runs dry, with all that has to hold of it, and gives the requests that it shows.
fn dry(room: &Room, server: &Server, command: &[&str]) -> Vec<Value> {
    let before = files(room);
    let run = room
        .run(command.iter().chain(&["--dry-run", "--json"]))
        .expect_code(0);
    let document = run.json();
    assert_eq!(document["ok"], true, "{run}");
    assert_eq!(document["outputs"], json!([]), "{run}");
    assert_eq!(document["attempts"], json!([]), "{run}");
    assert_eq!(server.connections(), 0, "nothing is sent\n{run}");
    assert_eq!(files(room), before, "nothing is written\n{run}");
    assert!(!room.state().join("requests.jsonl").exists(), "{run}");
    let requests = document["dryRun"]["requests"].as_array().expect("a list");
    requests.clone()
}

/// What lies in the working folder and in the media folder.
fn files(room: &Room) -> Vec<std::ffi::OsString> {
    let folders = [room.work(""), room.state().join("media")];
    let mut names: Vec<_> = folders
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    names.sort();
    names
}

#[test]
fn a_question_is_shown_as_it_would_be_sent() {
    let server = Server::start();
    let room = room_with_openai(&server);
    let requests = dry(&room, &server, &crate::ASK);
    assert_eq!(
        requests,
        [json!({
            "method": "POST",
            "url": server.url(CHAT),
            "headers": {"authorization": "Bearer <api-key>", "content-type": "application/json"},
            "body": {
                "size": requests[0]["body"]["size"],
                "json": {"model": "gpt-5.4", "messages": [{"role": "user", "content": "What is 2 + 2?"}], "stream": false},
            },
            "credential": {
                "name": "api-key", "missing": false, "source": "environment variable OPENAI_API_KEY",
                "lookedFor": requests[0]["credential"]["lookedFor"],
            },
        })]
    );
    // What is sent is what was shown.
    server.on(
        "POST",
        CHAT,
        chela_test_support::openai::Chat::new("4").whole(),
    );
    room.run(ask_json()).expect_code(0);
    let sent = server.only_request();
    assert_eq!(sent.json(), requests[0]["body"]["json"]);
    assert_eq!(Value::from(sent.body_length()), requests[0]["body"]["size"]);
    assert_eq!(
        sent.header("content-type"),
        requests[0]["headers"]["content-type"].as_str()
    );
    assert_eq!(
        sent.header("authorization")
            .map(|value| value.replace(CANARY, "<api-key>"))
            .as_deref(),
        requests[0]["headers"]["authorization"].as_str()
    );
}

#[test]
fn media_is_shown_by_its_size_and_type() {
    let server = Server::start();
    let picture = media::png(8, 8);
    let shown = format!("<{} bytes of image/png>", picture.len());
    let room = room_with_openai(&server)
        .file("a.png", &picture)
        .file("b.wav", media::wav(200));
    let describe = [
        "image",
        "describe",
        "--model",
        "openai/gpt-5.4",
        "--file",
        "a.png",
        "--output",
        "words.txt",
    ];
    let requests = dry(&room, &server, &describe);
    let content = requests[0]["body"]["json"]["messages"][0]["content"].to_string();
    assert!(content.contains(&format!("base64,{shown}")), "{content}");
    let edit = [
        "image",
        "edit",
        "--model",
        "openai/gpt-image-1.5",
        "--file",
        "a.png",
        "--prompt",
        "smaller",
        "--output",
        "out.png",
        "--count",
        "3",
    ];
    let requests = dry(&room, &server, &edit);
    let form = requests[0]["body"]["form"].as_array().expect("a form");
    assert!(
        form.iter()
            .any(|field| field["value"] == shown && field["fileName"] == "a.png"),
        "{form:?}"
    );
    assert_eq!(
        requests[0]["headers"]["content-type"],
        "multipart/form-data"
    );
    let transcribe = [
        "audio",
        "transcribe",
        "--provider",
        "openai",
        "--file",
        "b.wav",
    ];
    let requests = dry(&room, &server, &transcribe);
    let form = requests[0]["body"]["form"].to_string();
    assert!(form.contains("bytes of audio/"), "{form}");
}

#[test]
fn every_command_that_sends_something_can_be_run_dry() {
    let server = Server::start();
    let room = room_with_openai(&server)
        .key("BRAVE_API_KEY")
        .key("ELEVENLABS_API_KEY")
        .file("a.png", media::png(8, 8))
        .file("b.png", media::png(4, 4));
    for (command, count, url) in [
        (
            &[
                "image",
                "generate",
                "--model",
                "openai/gpt-image-2",
                "--prompt",
                "x",
            ][..],
            1,
            "/images/generations",
        ),
        (
            &[
                "image",
                "describe-many",
                "--model",
                "openai/gpt-5.4",
                "--file",
                "a.png",
                "--file",
                "b.png",
            ],
            2,
            "/chat/completions",
        ),
        (
            &[
                "tts",
                "convert",
                "--provider",
                "openai",
                "--text",
                "hello",
                "--output",
                "a.mp3",
            ],
            1,
            "/audio/speech",
        ),
        (&["tts", "voices", "--provider", "elevenlabs"], 1, "/voices"),
        (
            &["embedding", "create", "--provider", "openai", "--text", "a"],
            1,
            "/embeddings",
        ),
        (
            &["web", "search", "--provider", "brave", "--query", "a"],
            1,
            "https://api.search.brave.com/",
        ),
        (
            &["video", "generate", "--provider", "google", "--prompt", "a"],
            1,
            ":predictLongRunning",
        ),
        // No name is resolved: nobody is asked for the address of this one.
        (
            &["web", "fetch", "--url", "https://name.invalid/page"],
            1,
            "https://name.invalid/page",
        ),
    ] {
        let requests = dry(&room, &server, command);
        assert_eq!(requests.len(), count, "{command:?}");
        let shown = requests[0]["url"].as_str().expect("a URL");
        assert!(shown.contains(url), "{shown}");
    }
}

#[test]
fn a_key_that_is_missing_is_named_and_keeps_nobody_from_looking() {
    let server = Server::start();
    let config = format!(
        r#"{{models: {{providers: {{google: {{baseUrl: "{}"}}}}}}}}"#,
        server.url("/v1beta")
    );
    let room = room().config(&config);
    let ask = ["model", "run", "--provider", "google", "--prompt", "hi"];
    let requests = dry(&room, &server, &ask);
    let credential = &requests[0]["credential"];
    assert_eq!(credential["missing"], true, "{requests:#?}");
    assert!(
        credential["lookedFor"]
            .to_string()
            .contains("GEMINI_API_KEY")
    );
    let run = room.run(ask.iter().chain(&["--dry-run"])).expect_code(0);
    assert!(run.stdout().starts_with("POST http"), "{run}");
    assert!(run.stderr().contains("nothing was sent"), "{run}");
    assert!(
        run.stderr().contains("is missing") && run.stderr().contains("GEMINI_API_KEY"),
        "{run}"
    );
    // Without the flag it is what it was.
    room.run(ask).expect_code(4);
}

#[test]
fn who_asks_no_server_shows_nothing_and_stores_nothing() {
    let server = Server::start();
    let room = room();
    let requests = dry(
        &room,
        &server,
        &[
            "image", "generate", "--prompt", "a square", "--output", "out.png",
        ],
    );
    assert!(requests.is_empty());
    let run = room
        .run([
            "model",
            "run",
            "--prompt",
            "Reply with exactly: pong",
            "--dry-run",
        ])
        .expect_code(0);
    assert_eq!(run.stdout(), "", "{run}");
    assert!(run.stderr().contains("asks no server"), "{run}");
}

#[test]
fn what_is_wrong_before_a_request_is_wrong_in_a_dry_run_too() {
    let server = Server::start();
    let room = room_with_openai(&server);
    let run = room
        .run([
            "model",
            "run",
            "--model",
            "nobody/x",
            "--prompt",
            "hi",
            "--dry-run",
            "--json",
        ])
        .expect_code(5);
    assert_eq!(run.json()["error"]["type"], "not_found", "{run}");
}

#[test]
fn a_proxy_that_would_be_used_is_shown() {
    let proxy = Server::start();
    let config =
        r#"{models: {providers: {acme: {baseUrl: "https://10.9.8.7/v1", models: ["acme-1"]}}}}"#;
    let room = room()
        .config(config)
        .variable(
            "https_proxy",
            proxy
                .url("")
                .replace("http://", "http://ada:hunter-2-hunter@"),
        )
        .secret("hunter-2-hunter");
    let requests = dry(
        &room,
        &proxy,
        &["model", "run", "--model", "acme/acme-1", "--prompt", "hi"],
    );
    assert_eq!(requests[0]["proxy"], proxy.url(""));
}
