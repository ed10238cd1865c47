//! The whole program where order, timing or a stubborn server matter: what a case under `tests/cli` cannot say.
#![forbid(unsafe_code)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test looks at the files of its room"
)]

mod audio;
mod canary;
mod configured;
mod cost;
mod descriptions;
mod dry_run;
mod files;
mod flags;
mod listing;
mod network;
mod partial;
mod plugin;
mod streaming;
mod video;
mod waiting;

use std::fs;

use chela_test_support::program::{Room, Running};
use chela_test_support::server::Server;

/// A room for the program that was built with this test.
fn room() -> Room {
    Room::new(env!("CARGO_BIN_EXE_chela"))
}

/// A room with a key for OpenAI, whose base URL is the server's.
fn room_with_openai(server: &Server) -> Room {
    let config = format!(
        r#"{{models: {{providers: {{openai: {{baseUrl: "{}"}}}}}}}}"#,
        server.url("/v1")
    );
    room().config(&config).key("OPENAI_API_KEY")
}

/// The chat endpoint below that base URL.
const CHAT: &str = "/v1/chat/completions";

/// A question for a model of that provider.
const ASK: [&str; 6] = [
    "model",
    "run",
    "--model",
    "openai/gpt-5.4",
    "--prompt",
    "What is 2 + 2?",
];

/// The question as it goes with `--json`.
fn ask_json() -> Vec<&'static str> {
    ASK.iter().copied().chain(["--json"]).collect()
}

/// The most memory that a process had, in kilobytes.
#[cfg(target_os = "linux")]
fn peak_kilobytes(running: &Running<'_>) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", running.id())).expect("it runs");
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .expect("the system counts memory");
    let kilobytes = peak.trim().trim_end_matches("kB").trim();
    kilobytes.parse().expect("a number")
}
