//! What the operator's surroundings say of the network: proxies, certificates, and how long a server may be silent.

use chela_test_support::answer::Answer;
use chela_test_support::openai::Chat;
use chela_test_support::program::{CANARY, Room};
use chela_test_support::server::{Server, deaf};

use crate::{CHAT, ask_json, room, room_with_openai};

/// A server in a private network that is not there, so that only a proxy can reach it. An address, because a test asks no resolver.
const FAR: &str = "10.9.8.7";

fn room_with_far_server(scheme: &str, key: bool) -> Room {
    let key = if key { "${ACME_KEY}" } else { "" };
    let key = if key.is_empty() {
        String::new()
    } else {
        format!("apiKey: \"{key}\",")
    };
    let config = format!(
        r#"{{models: {{providers: {{acme: {{baseUrl: "{scheme}://{FAR}/v1", {key} models: ["acme-1"]}}}}}}}}"#
    );
    room().config(&config).key("ACME_KEY")
}

const ASK_FAR: [&str; 7] = [
    "model",
    "run",
    "--model",
    "acme/acme-1",
    "--prompt",
    "hi",
    "--json",
];

#[test]
fn a_plain_request_goes_through_the_proxy_and_the_record_says_so() {
    let proxy = Server::start();
    let url = format!("http://{FAR}{CHAT}");
    proxy.on("POST", &url, Chat::new("through").whole());
    let with_password = proxy
        .url("")
        .replace("http://", "http://ada:hunter-2-hunter@");
    let room = room_with_far_server("http", false)
        .variable("http_proxy", with_password)
        .secret("hunter-2-hunter");
    let run = room.run(ASK_FAR.iter().chain(&["-v"])).expect_code(0);
    assert_eq!(run.json()["outputs"][0]["text"], "through", "{run}");
    let record = std::fs::read_to_string(room.state().join("requests.jsonl")).expect("it is kept");
    let line: serde_json::Value = serde_json::from_str(record.trim()).expect("it is one line");
    assert_eq!(line["proxy"], proxy.url(""), "{record}");
    assert_eq!(line["address"], serde_json::Value::Null, "{record}");
    assert!(proxy.only_request().header("proxy-authorization").is_some());
}

#[test]
fn a_tunnel_is_asked_for_and_a_refusal_is_the_proxys() {
    let proxy = Server::start();
    proxy.on("CONNECT", &format!("{FAR}:443"), Answer::new(407));
    let room = room_with_far_server("https", true).variable("HTTPS_PROXY", proxy.url(""));
    let run = room.run(ASK_FAR).expect_code(6);
    let error = run.json()["error"].clone();
    assert_eq!(error["type"], "unavailable", "{run}");
    let message = error["message"].as_str().expect("a sentence");
    assert!(
        message.contains("the proxy wants a user name and a password"),
        "{run}"
    );
    // What it heard is where to connect, and nothing of the request.
    for request in proxy.requests() {
        assert!(
            request
                .headers()
                .iter()
                .all(|(_, value)| !value.contains(CANARY))
        );
    }
}

#[test]
fn a_key_does_not_go_through_a_proxy_in_clear() {
    let proxy = Server::start();
    let room = room_with_far_server("http", true).variable("all_proxy", proxy.url(""));
    let run = room.run(ASK_FAR).expect_code(9);
    assert_eq!(run.json()["error"]["code"], "proxy-in-clear", "{run}");
    assert_eq!(proxy.connections(), 0);
}

#[test]
fn what_is_excepted_and_this_machine_are_reached_without_a_proxy() {
    let (server, proxy) = (Server::start(), Server::start());
    server.on("POST", CHAT, Chat::new("direct").whole());
    let mut room = room_with_openai(&server);
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        room = room
            .variable(name, proxy.url(""))
            .variable(&name.to_uppercase(), proxy.url(""))
            .variable("no_proxy", "");
    }
    let run = room.run(ask_json()).expect_code(0);
    assert_eq!(run.json()["outputs"][0]["text"], "direct", "{run}");
    assert_eq!((server.requests().len(), proxy.connections()), (1, 0));
}

#[test]
fn a_variable_that_names_no_proxy_is_a_mistake_of_the_configuration() {
    let room = room_with_far_server("https", true)
        .variable("HTTPS_PROXY", "gopher://ada:hunter-2-hunter@proxy.example")
        .secret("hunter-2-hunter");
    let run = room.run(ASK_FAR).expect_code(3);
    let error = run.json()["error"].clone();
    assert_eq!(error["type"], "config", "{run}");
    assert!(
        error["message"]
            .as_str()
            .expect("a sentence")
            .contains("HTTPS_PROXY"),
        "{run}"
    );
    assert!(error["hint"].is_string(), "{run}");
    // Who asks nobody needs none.
    room.run(["model", "providers", "--json"]).expect_code(0);
}

#[test]
fn certificates_that_cannot_be_had_are_a_mistake_of_the_configuration() {
    let server = Server::start();
    for (name, value) in [
        ("SSL_CERT_FILE", "empty.pem"),
        ("SSL_CERT_FILE", "missing.pem"),
        ("SSL_CERT_FILE", ""),
        ("SSL_CERT_DIR", "missing"),
    ] {
        let room = room_with_openai(&server)
            .file("empty.pem", "")
            .variable(name, value);
        let run = room.run(ask_json()).expect_code(3);
        let error = run.json()["error"].clone();
        assert!(
            error["message"]
                .as_str()
                .expect("a sentence")
                .contains(name),
            "{run}"
        );
        assert!(
            error["hint"].as_str().expect("a hint").contains(name),
            "{run}"
        );
    }
    assert_eq!(server.connections(), 0);
}

/// A provider whose server may be silent for one second.
fn room_with_impatience(server: &Server) -> Room {
    let config = format!(
        r#"{{models: {{providers: {{openai: {{baseUrl: "{}", idleTimeoutSeconds: 1}}}}}}}}"#,
        server.url("/v1")
    );
    room().config(&config).key("OPENAI_API_KEY")
}

/// The first events of a stream, with text in them.
fn beginning_of_an_answer() -> Answer {
    let chat = Chat::new("It is four, and has been so for a long time.");
    let events = chat.events().into_iter().take(4);
    events.fold(chat.head_of_stream(), Answer::then)
}

#[test]
fn a_stream_that_falls_silent_ends_and_what_came_is_kept() {
    let server = Server::start();
    server.on("POST", CHAT, beginning_of_an_answer().then_stall());
    let room = room_with_impatience(&server);
    let run = room
        .run(ask_json().iter().chain(&["--stream"]))
        .expect_code(6);
    let document = run.json();
    assert_eq!(document["error"]["type"], "timeout", "{run}");
    let message = document["error"]["message"].as_str().expect("a sentence");
    assert!(
        message.contains("fell silent in the middle of its answer, for 1 s"),
        "{run}"
    );
    let hint = document["error"]["hint"].as_str().expect("a hint");
    assert!(
        hint.contains("models.providers.openai.idleTimeoutSeconds"),
        "{run}"
    );
    assert!(
        document["outputs"][0]["text"]
            .as_str()
            .expect("what came")
            .starts_with("It"),
        "{run}"
    );
    assert_eq!(
        server.requests().len(),
        1,
        "what was shown is not asked for again"
    );
}

#[test]
fn an_answer_that_never_begins_is_not_waited_for_until_the_deadline() {
    let deaf = deaf();
    let address = deaf.local_addr().expect("it is bound");
    let config = format!(
        r#"{{models: {{providers: {{openai: {{baseUrl: "http://{address}/v1", idleTimeoutSeconds: 1}}}}}}}}"#
    );
    let room = room().config(&config).key("OPENAI_API_KEY");
    let run = room.run(ask_json()).expect_code(6);
    let document = run.json();
    let message = document["error"]["message"].as_str().expect("a sentence");
    assert!(message.contains("gave no answer for 1 s"), "{run}");
    assert_eq!(document["attempts"][0]["reason"], "timeout", "{run}");
    assert_eq!(document["attempts"][0]["requests"], 3, "{run}");
}

#[test]
fn a_download_that_falls_silent_ends_and_leaves_nothing() {
    let server = Server::start();
    server.on(
        "POST",
        "/v1/audio/speech",
        Answer::new(200)
            .header("content-type", "audio/mpeg")
            .body(chela_test_support::media::mp3())
            .declared_length(1 << 20)
            .then_stall(),
    );
    let ask = [
        "tts",
        "convert",
        "--provider",
        "openai",
        "--text",
        "hello",
        "--output",
        "a.mp3",
        "--json",
    ];
    let room = room_with_impatience(&server);
    let run = room.run(ask).expect_code(6);
    assert_eq!(run.json()["error"]["type"], "timeout", "{run}");
    assert!(!room.work("a.mp3").exists());
}

/// The deadline of the whole call keeps what came, too.
#[test]
fn a_stream_at_the_deadline_keeps_what_came() {
    let server = Server::start();
    server.on("POST", CHAT, beginning_of_an_answer().then_stall());
    let room = room_with_openai(&server);
    let run = room
        .run(
            ask_json()
                .iter()
                .chain(&["--stream", "--timeout-ms", "900"]),
        )
        .expect_code(6);
    let document = run.json();
    assert_eq!(document["error"]["type"], "timeout", "{run}");
    assert!(
        document["outputs"][0]["text"]
            .as_str()
            .expect("what came")
            .starts_with("It"),
        "{run}"
    );
}
