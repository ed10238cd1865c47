//! Answers that come while one reads, stall, break off, or are no longer wanted.

use chela_test_support::gate::Gate;
use chela_test_support::openai::Chat;
use chela_test_support::program::Room;
use chela_test_support::server::Server;

use crate::{ASK, CHAT, ask_json, room_with_openai};

/// A stream that stops at a gate after its first word.
fn gated(gate: &Gate) -> chela_test_support::answer::Answer {
    let chat = Chat::new("First second");
    let events = chat.events();
    let (before, after) = events.split_at(2);
    chat.head_of_stream()
        .then(before.concat())
        .then_wait(gate)
        .then(after.concat())
}

#[test]
fn text_is_shown_before_the_answer_is_complete() {
    let gate = Gate::new();
    let server = Server::start();
    server.on("POST", CHAT, gated(&gate));
    let room = room_with_openai(&server);
    let mut running = room.start(ASK);
    running.await_stdout("First");
    gate.await_arrival();
    gate.open();
    let run = running.finish().expect_code(0);
    assert_eq!(run.stdout(), "First second\n");
}

#[test]
fn an_interrupted_call_ends_with_130_and_hangs_up() {
    let server = Server::start();
    server.on(
        "POST",
        CHAT,
        Chat::new("")
            .head_of_stream()
            .then(Chat::new("First second").events()[..2].concat())
            .then_stall(),
    );
    let room = room_with_openai(&server);
    let mut running = room.start(ASK);
    running.await_stdout("First");
    running.interrupt();
    let run = running.finish();
    assert_eq!(run.code(), Some(130), "{run}");
    server.await_departure(0);
}

#[test]
fn an_interrupted_call_still_prints_its_document() {
    let server = Server::start();
    server.on("POST", CHAT, Chat::new("").head_of_stream().then_stall());
    let room = room_with_openai(&server);
    let running = room.start(ask_json());
    server.await_requests(1);
    running.interrupt();
    let run = running.finish().expect_code(130);
    let envelope = run.json();
    assert_eq!(envelope["error"]["type"], "cancelled", "{run}");
    assert_eq!(envelope["error"]["message"], "interrupted", "{run}");
    assert_eq!(
        (&envelope["provider"], &envelope["model"]),
        (&"openai".into(), &"gpt-5.4".into()),
        "{run}"
    );
    assert_eq!(envelope["attempts"][0]["requests"], 1, "{run}");
}

#[test]
fn what_came_before_an_interrupt_is_in_the_document() {
    let server = Server::start();
    let chat = Chat::new("First second");
    let before = chat.events()[..2].concat();
    server.on(
        "POST",
        CHAT,
        chat.head_of_stream().then(before).then_stall(),
    );
    let room = room_with_openai(&server);
    let mut running = room.start(ask_json().into_iter().chain(["--stream"]));
    running.await_stderr("First");
    running.interrupt();
    let run = running.finish().expect_code(130);
    assert_eq!(
        run.json()["outputs"],
        serde_json::json!([{"text": "First"}]),
        "{run}"
    );
}

#[test]
fn an_interrupt_while_the_prompt_is_read_prints_a_document() {
    let server = Server::start();
    let room = room_with_openai(&server);
    // More than a pipe holds, so that the program is known to be reading.
    let prompt = [b'x'; 128 << 10];
    let running = room.start_with_open_input(["model", "run", "--json"], &prompt);
    running.interrupt();
    let run = running.finish().expect_code(130);
    assert_eq!(run.json()["error"]["type"], "cancelled", "{run}");
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_signal_that_was_ignored_at_the_start_stays_ignored() {
    let gate = Gate::new();
    let server = Server::start();
    server.on("POST", CHAT, gated(&gate));
    let config = format!(
        r#"{{models: {{providers: {{openai: {{baseUrl: "{}"}}}}}}}}"#,
        server.url("/v1")
    );
    // What `nohup` does.
    let shell = Room::new("/bin/sh").config(&config).key("OPENAI_API_KEY");
    let program = env!("CARGO_BIN_EXE_chela");
    let line = format!("trap '' HUP; exec {program} model run --model openai/gpt-5.4 --prompt hi");
    let mut running = shell.start(["-c", &line]);
    running.await_stdout("First");
    running.signal("HUP");
    gate.open();
    let run = running.finish().expect_code(0);
    assert_eq!(run.stdout(), "First second\n");
}

#[test]
fn an_end_with_every_chunk_ends_nothing_before_the_last() {
    let chat = Chat::new("one two three");
    let every: Vec<String> = chat
        .events()
        .into_iter()
        .map(|event| event.replace("\"finish_reason\":null", "\"finish_reason\":\"stop\""))
        .collect();
    let server = Server::start();
    server.on("POST", CHAT, chat.head_of_stream().chunks(every));
    let run = room_with_openai(&server)
        .run(ask_json().into_iter().chain(["--stream"]))
        .expect_code(0);
    assert_eq!(run.json()["outputs"][0]["text"], "one two three", "{run}");
    assert!(run.json()["usage"]["outputTokens"].is_u64(), "{run}");
}

#[test]
fn an_answer_that_ended_is_not_waited_for_when_the_server_keeps_the_connection() {
    let chat = Chat::new("First second");
    let events = chat.events();
    // Up to the chunk with the finish reason: neither the usage nor `[DONE]`.
    let ended = events[..events.len() - 2].concat();
    let server = Server::start();
    server.on("POST", CHAT, chat.head_of_stream().then(ended).then_stall());
    let run = room_with_openai(&server)
        .run(ask_json().into_iter().chain(["--stream"]))
        .expect_code(0);
    let envelope = run.json();
    assert_eq!(envelope["outputs"][0]["text"], "First second", "{run}");
    assert_eq!(envelope["finishReason"], "stop", "{run}");
    server.await_departure(0);
}

#[test]
fn an_error_behind_the_end_takes_nothing_from_the_answer() {
    let chat = Chat::new("First second");
    let events = chat.events();
    let ended = events[..events.len() - 2].concat();
    let server = Server::start();
    let error = "data: {\"error\": {\"message\": \"too late\"}}\n\n";
    server.on(
        "POST",
        CHAT,
        chat.head_of_stream().chunks([ended.as_str(), error]),
    );
    let run = room_with_openai(&server)
        .run(ask_json().into_iter().chain(["--stream"]))
        .expect_code(0);
    assert_eq!(run.json()["outputs"][0]["text"], "First second", "{run}");
    assert_eq!(server.requests().len(), 1, "{run}");
}

#[test]
fn a_stalled_server_is_given_up_on_at_the_deadline() {
    let server = Server::start();
    server.on("POST", CHAT, Chat::new("").head_of_stream().then_stall());
    let room = room_with_openai(&server);
    let run = room
        .run(ask_json().into_iter().chain(["--timeout-ms", "300"]))
        .expect_code(6);
    assert_eq!(run.json()["error"]["type"], "timeout", "{run}");
    server.await_departure(0);
}

#[test]
fn an_endless_answer_ends_at_the_deadline() {
    let server = Server::start();
    server.on(
        "POST",
        CHAT,
        Chat::new("")
            .head_of_stream()
            .then_forever(": nothing\n\n".repeat(4096)),
    );
    let room = room_with_openai(&server);
    let run = room
        .run(ask_json().into_iter().chain(["--timeout-ms", "1000"]))
        .expect_code(6);
    assert_eq!(run.json()["error"]["type"], "timeout", "{run}");
    server.await_departure(0);
}

#[test]
fn a_compression_bomb_is_not_unpacked() {
    let server = Server::start();
    let bomb = chela_test_support::answer::Answer::new(200)
        .header("Content-Type", "application/json")
        .gzip_bomb(512 << 20);
    server.on("POST", CHAT, bomb);
    let run = room_with_openai(&server).run(ask_json()).expect_code(8);
    assert_eq!(run.json()["error"]["type"], "bad_response", "{run}");
}

#[test]
fn verbose_shows_what_is_tried_and_sent_and_quiet_shows_nothing_but_the_answer() {
    let server = Server::start();
    server.on("POST", CHAT, Chat::new("pong").whole());
    let room = room_with_openai(&server);
    let json = ask_json();
    let loud = room.run(json.iter().copied().chain(["-v"])).expect_code(0);
    for word in [
        "request",
        "credential=\"api-key\"",
        "status=200",
        "answered",
    ] {
        assert!(loud.stderr().contains(word), "{word}: {loud}");
    }
    let hushed = json.into_iter().chain(["--thinking", "high", "--quiet"]);
    assert_eq!(room.run(hushed).expect_code(0).stderr(), "");
}
