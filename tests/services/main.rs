//! Servers that chela starts when it needs them: `localService` of the configuration, with the real program and a real server.
//!
//! The server is this test itself, started again by chela's keeper. It holds a connection to the test that wants it, over which it
//! tells its environment and by whose end the test sees its own.
#![forbid(unsafe_code)]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::disallowed_macros,
    reason = "a test is started again as a server, which says what it sees, and plays the outside world on loopback"
)]

mod server;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::ExitCode;

use chela_test_support::openai::Chat;
use chela_test_support::program::Room;
use chela_test_support::server::{Server, nobody};
use libtest_mimic::{Arguments, Trial};
use serde_json::json;

const ASK: [&str; 7] = [
    "model",
    "run",
    "--model",
    "own/gemma",
    "--prompt",
    "?",
    "--json",
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, mode, port, witness] = arguments.as_slice()
        && let Ok(mode) = mode.parse()
    {
        return server::run(mode, port, witness);
    }
    type Test = (&'static str, fn());
    let tests: [Test; 9] = [
        (
            "it_is_started_and_stopped_with_the_call",
            started_and_stopped,
        ),
        ("one_that_serves_is_used_as_it_is", used_as_it_is),
        ("two_that_need_it_share_it", shared),
        ("it_is_kept_for_whoever_comes_next", kept),
        ("it_goes_with_a_caller_that_is_killed", killed),
        ("it_sees_no_key", no_key),
        ("one_that_ends_says_why", ends),
        ("one_that_does_not_serve_is_stopped", silent),
        ("one_that_cannot_be_started_is_named", unstartable),
    ];
    let trials = tests.map(|(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

/// Where a server tells of itself.
struct Witness(TcpListener);

/// A server that has told of itself. It ends when this is dropped.
struct Seen {
    stream: BufReader<TcpStream>,
    /// Its environment, one `NAME=value` a line.
    environment: Vec<String>,
}

impl Witness {
    fn new() -> Self {
        Self(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port"))
    }

    /// The next server that was started.
    fn next(&self) -> Seen {
        let (stream, _) = self.0.accept().expect("loopback works");
        let mut stream = BufReader::new(stream);
        let mut environment = Vec::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).expect("it says what it sees");
            match line.trim_end() {
                "" => break,
                line => environment.push(line.to_owned()),
            }
        }
        Seen {
            stream,
            environment,
        }
    }

    /// Whether another one was started.
    fn has_another(&self) -> bool {
        self.0.set_nonblocking(true).expect("the socket is ours");
        self.0.accept().is_ok()
    }
}

impl Seen {
    /// Waits until it has ended.
    fn await_end(mut self) {
        let mut rest = String::new();
        self.stream.read_line(&mut rest).expect("loopback works");
        assert_eq!(rest, "", "it ends without a word");
    }

    /// Has it end.
    fn quit(mut self) {
        let _ = self.stream.get_mut().write_all(b"quit\n");
        self.await_end();
    }
}

/// A room whose provider `own` needs this server.
fn room(mode: &str, port: u16, witness: &Witness, more: &serde_json::Value) -> Room {
    let test = std::env::current_exe().expect("the system knows it");
    let told = witness
        .0
        .local_addr()
        .expect("a bound socket has an address");
    let mut service = json!({
        "command": test, "args": [mode, port.to_string(), told.port().to_string()],
        "env": {"MODEL_FOLDER": "/models"},
    });
    if let (Some(service), Some(more)) = (service.as_object_mut(), more.as_object()) {
        service.extend(more.clone());
    }
    configured(port, &service)
}

fn configured(port: u16, service: &serde_json::Value) -> Room {
    let own = json!({
        "baseUrl": format!("http://127.0.0.1:{port}/v1"), "api": "openai-completions",
        "apiKey": "${OWN_KEY}", "models": [{"id": "gemma"}], "localService": service,
    });
    // Neither the providers that are left out nor those whose key is in the file keep their variables.
    let openai = json!({"apiKey": "sk-of-the-file-0123456789"});
    let config =
        json!({"models": {"mode": "replace", "providers": {"own": own, "openai": openai}}});
    Room::new(env!("CARGO_BIN_EXE_chela"))
        .config(&config.to_string())
        .key("OPENAI_API_KEY")
        .key("OWN_KEY")
}

fn started_and_stopped() {
    let witness = Witness::new();
    let room = room("serve", nobody().port(), &witness, &json!({}));
    let run = room.run(ASK).expect_code(0);
    assert_eq!(run.json()["outputs"][0]["text"], "It serves.", "{run}");
    witness.next().await_end();
    // The next call starts another one.
    room.run(ASK).expect_code(0);
    witness.next().await_end();
}

fn used_as_it_is() {
    let server = Server::start();
    server.on("GET", "/v1/models", Chat::new("").whole()).on(
        "POST",
        "/v1/chat/completions",
        Chat::new("I was here before.").whole(),
    );
    let service = json!({"command": "/nowhere/at/all"});
    let run = configured(server.port(), &service).run(ASK).expect_code(0);
    assert_eq!(
        run.json()["outputs"][0]["text"],
        "I was here before.",
        "{run}"
    );
}

fn shared() {
    let witness = Witness::new();
    let day = json!({"idleStopMs": 86_400_000});
    let room = room("serve", nobody().port(), &witness, &day);
    let running = [room.start(ASK), room.start(ASK), room.start(ASK)];
    for one in running {
        one.finish().expect_code(0);
    }
    let seen = witness.next();
    assert!(!witness.has_another(), "one server served them all");
    seen.quit();
}

fn kept() {
    let witness = Witness::new();
    let day = json!({"idleStopMs": 86_400_000});
    let room = room("serve", nobody().port(), &witness, &day);
    room.run(ASK).expect_code(0);
    let seen = witness.next();
    room.run(ASK).expect_code(0);
    assert!(!witness.has_another(), "the same one served twice");
    seen.quit();
}

fn killed() {
    let witness = Witness::new();
    let room = room("hang", nobody().port(), &witness, &json!({}));
    let running = room.start(ASK);
    let seen = witness.next();
    running.kill();
    seen.await_end();
}

fn no_key() {
    let witness = Witness::new();
    let room = room("serve", nobody().port(), &witness, &json!({}))
        .variable("PLAIN", "seen")
        .key("GROQ_API_KEY");
    room.run(ASK).expect_code(0);
    let seen = witness.next();
    let has = |name: &str| {
        let mut lines = seen.environment.iter();
        lines.any(|line| line.starts_with(&format!("{name}=")))
    };
    assert!(has("PLAIN") && has("HOME") && has("MODEL_FOLDER"));
    assert!(!has("OPENAI_API_KEY"), "{:?}", seen.environment);
    assert!(
        !has("GROQ_API_KEY") && !has("OWN_KEY"),
        "{:?}",
        seen.environment
    );
}

fn ends() {
    let witness = Witness::new();
    let room = room("end", nobody().port(), &witness, &json!({}));
    let run = room.run(ASK).expect_code(6);
    let error = &run.json()["error"];
    assert_eq!(error["type"], "unavailable", "{run}");
    assert_eq!(error["code"], "local-service", "{run}");
    let message = error["message"].as_str().expect("it says something");
    assert!(
        message.contains("own: its server ended before it served"),
        "{run}"
    );
    assert!(message.contains("the model is missing"), "{run}");
    assert!(
        error["hint"]
            .as_str()
            .is_some_and(|hint| hint.contains("yourself"))
    );
}

fn silent() {
    let witness = Witness::new();
    let soon = json!({"readyTimeoutMs": 1500});
    let room = room("silent", nobody().port(), &witness, &soon);
    let run = room.run(ASK).expect_code(6);
    let message = run.json()["error"]["message"].to_string();
    assert!(message.contains("did not serve within"), "{run}");
    assert!(message.contains("still loading"), "{run}");
    witness.next().await_end();
}

fn unstartable() {
    let missing = Path::new("/nowhere/at/all");
    let run = configured(nobody().port(), &json!({"command": missing}))
        .run(ASK)
        .expect_code(6);
    let message = run.json()["error"]["message"].to_string();
    assert!(message.contains("/nowhere/at/all"), "{run}");
    assert!(message.contains("No such file"), "{run}");
}
