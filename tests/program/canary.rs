//! A key goes to the server that it is for, and comes out nowhere, however hard that server tries to hand it back.
//!
//! That no output and no file holds it is checked on every run by `Room::run`; the servers here make that hard.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chela_test_support::answer::Answer;
use chela_test_support::openai::Chat;
use chela_test_support::program::CANARY;
use chela_test_support::server::Server;

use crate::{ASK, CHAT, ask_json, room, room_with_openai};

#[test]
fn the_key_arrives_where_it_belongs() {
    let server = Server::start();
    server.on("POST", CHAT, Chat::new("4").whole());
    room_with_openai(&server).run(ask_json()).expect_code(0);
    assert_eq!(
        server.only_request().header("authorization"),
        Some(&*format!("Bearer {CANARY}"))
    );
}

/// Runs a question against a server that answers this, as text and as JSON.
fn survives(answer: impl Fn() -> Answer) {
    let server = Server::start();
    server.on("POST", CHAT, answer());
    let room = room_with_openai(&server);
    for arguments in [ASK.to_vec(), ask_json()] {
        let run = room.run(arguments);
        assert!(run.code().is_some_and(|code| code < 128), "{run}");
    }
}

#[test]
fn a_server_that_says_the_key() {
    survives(|| Chat::new(format!("your key is {CANARY}, is it not")).whole());
    survives(|| Chat::new(format!("your key is {CANARY}, is it not")).stream());
    survives(|| Chat::new("4").reasoning(CANARY).stream());
}

#[test]
fn a_server_that_says_the_key_in_pieces() {
    for size in [1, 7, 40] {
        survives(|| Chat::new(format!("{CANARY} and again {CANARY}")).stream_cut_every(size));
    }
}

#[test]
fn a_server_that_says_the_key_compressed() {
    survives(|| Chat::new(format!("your key is {CANARY}")).whole().gzip());
}

#[test]
fn a_server_that_says_the_key_in_base64() {
    for before in ["", "x", "xx"] {
        let encoded = STANDARD.encode(format!("{before}Bearer {CANARY}"));
        survives(|| Chat::new(encoded.as_str()).whole());
    }
}

#[test]
fn a_server_that_repeats_the_request() {
    let server = Server::start();
    server.on_request("POST", CHAT, |request| Answer::echo(request).status(400));
    let room = room_with_openai(&server);
    room.run(ASK).expect_code(5);
    room.run(ask_json()).expect_code(5);
}

#[test]
fn a_server_that_says_the_key_in_its_header() {
    survives(|| {
        Chat::new("4")
            .whole()
            .header("X-Request-Id", CANARY)
            .header("X-Api-Key", CANARY)
    });
    survives(|| {
        Answer::new(429)
            .header("Retry-After", CANARY)
            .header("X-Request-Id", CANARY)
    });
}

#[test]
fn a_server_that_sends_the_key_on() {
    let other = Server::start();
    for status in [301, 302, 303, 307, 308] {
        let server = Server::start();
        server.on("POST", CHAT, Answer::redirect(status, other.url("/take")));
        let run = room_with_openai(&server).run(ask_json());
        assert_ne!(run.code(), Some(0), "{run}");
    }
    assert!(
        other.requests().is_empty(),
        "a private address that nobody named was asked"
    );
}

#[test]
fn a_key_of_another_provider_stays_at_home() {
    let server = Server::start();
    server.on("POST", CHAT, Chat::new("4").whole());
    let room = room_with_openai(&server)
        .variable("GROQ_API_KEY", "gsk-another-key-0123456789")
        .secret("gsk-another-key-0123456789");
    room.run(ask_json()).expect_code(0);
    let seen = server.only_request();
    assert!(
        seen.headers()
            .iter()
            .all(|(_, value)| !value.contains("gsk-another-key"))
    );
}

#[test]
fn a_key_in_the_configuration_stays_there() {
    let server = Server::start();
    server.on("POST", CHAT, Chat::new("4").whole());
    let config = format!(
        r#"{{models: {{providers: {{openai: {{baseUrl: "{}", apiKey: "{CANARY}"}}}}}}}}"#,
        server.url("/v1")
    );
    let room = room().config(&config);
    room.run(ask_json()).expect_code(0);
    room.run(["model", "providers", "--json"]).expect_code(0);
    room.run(["model", "providers"]).expect_code(0);
    assert_eq!(
        server.only_request().header("authorization"),
        Some(&*format!("Bearer {CANARY}"))
    );
}

/// This machine has no proxy: a key for a server on it goes to that server alone.
#[test]
fn a_proxy_in_the_environment_sees_nothing_of_what_stays_on_this_machine() {
    let proxy = Server::start();
    let server = Server::start();
    server.on("POST", CHAT, Chat::new("4").whole());
    let mut room = room_with_openai(&server);
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        room = room.variable(name, proxy.url(""));
    }
    room.run(ask_json()).expect_code(0);
    assert_eq!(proxy.connections(), 0);
}
