//! Every provider, every way in which a server fails: each is told apart in `error.type`, in the message and in the exit code.
//!
//! [`callers`] has a row for each provider and capability, [`faults`] a row for each failure; a new provider adds one row and is held
//! against all of the failures.
#![forbid(unsafe_code)]

mod callers;
mod faults;

use std::collections::BTreeMap;

use chela_test_support::media;
use chela_test_support::program::{Room, Run};
use chela_test_support::server::{Server, nobody};

use callers::{CALLERS, Caller};
use faults::{FAULTS, Fault};

/// How many providers are asked at a time. Most of their time they wait for their next try.
const AT_A_TIME: usize = 8;

/// A room in which this provider's base is at this place.
fn room(caller: &Caller, base: &str) -> Room {
    let provider = caller.provider;
    let more = match provider {
        "inferrs" => r#", api: "openai-completions", models: [{id: "gemma"}]"#,
        "answerers" => r#", api: "openai-responses", models: [{id: "gemma"}]"#,
        _ => "",
    };
    let config = format!(
        r#"{{models: {{providers: {{"{provider}": {{baseUrl: "{base}{}"{more}}}}}}}}}"#,
        caller.base
    );
    let room = Room::new(env!("CARGO_BIN_EXE_chela"))
        .config(&config)
        .file("memo.wav", media::wav(250))
        .file("photo.png", media::png(8, 8));
    match caller.key {
        Some(variable) => room.key(variable),
        None => room,
    }
}

/// Calls as the row says, of a server that fails as the other row says.
fn call(caller: &Caller, fault: &Fault) -> Run {
    let server = Server::start();
    let mut arguments: Vec<&str> = caller.command.to_vec();
    arguments.push("--json");
    let base = match fault.way.answer((caller.answer)()) {
        Some(answer) => {
            server.on(caller.method, caller.path, answer);
            server.url("")
        }
        None => format!("http://{}", nobody()),
    };
    if fault.name == "stalled" {
        // What compiling takes is not the server's doing.
        call(caller, &FAULTS[0]);
        arguments.extend(["--timeout-ms", "700"]);
    }
    // A page's own address is what is fetched; every other command names its provider.
    let page = format!("{base}/page");
    if caller.provider == "page" {
        arguments.extend(["--url", &page]);
    }
    room(caller, &base).run(arguments)
}

/// What this fault is to this caller: `error.type` and the exit code.
fn verdict(caller: &Caller, fault: &Fault) -> (&'static str, i32) {
    caller
        .otherwise
        .iter()
        .find(|(name, ..)| *name == fault.name)
        .map_or((fault.kind, fault.code), |(_, kind, code)| (*kind, *code))
}

/// What does not hold of a run.
fn wrong(caller: &Caller, fault: &Fault, run: &Run) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expect = |what: &str, holds: bool| {
        if !holds {
            wrong.push(format!(
                "{}: it does not hold that {what}\n{run}",
                caller.provider
            ));
        }
    };
    let envelope = run.json();
    let (kind, code) = verdict(caller, fault);
    expect(
        &format!("the exit code is {code}"),
        run.code() == Some(code),
    );
    if kind == "ok" {
        expect("it succeeds", envelope["ok"] == true);
        return wrong;
    }
    let error = &envelope["error"];
    let message = error["message"].as_str().unwrap_or_default();
    expect(&format!("error.type is {kind}"), error["type"] == kind);
    expect(
        "the message names the provider",
        message.contains(caller.provider),
    );
    expect(
        "the message tells what came",
        message.contains(&fault.way.words()),
    );
    if let Some(status) = fault.way.status() {
        expect("error.status is what came", error["status"] == status);
    }
    expect("it says what to do", error["hint"].is_string());
    let attempts = envelope["attempts"].as_array().map_or(0, Vec::len);
    expect("there is one attempt", attempts == 1);
    let attempt = &envelope["attempts"][0];
    expect(
        "the attempt says the same",
        attempt["reason"] == error["type"],
    );
    expect(
        &format!("requests: {}", fault.tries),
        attempt["requests"] == fault.tries,
    );
    wrong
}

/// Calls in the name of everyone, several at a time, and gathers what does not hold.
fn everyone(check: impl Fn(&Caller) -> Vec<String> + Sync) {
    let mut wrong = Vec::new();
    for callers in CALLERS.chunks(AT_A_TIME) {
        std::thread::scope(|scope| {
            let running: Vec<_> = callers
                .iter()
                .map(|caller| (caller, scope.spawn(|| check(caller))))
                .collect();
            for (caller, running) in running {
                wrong.extend(running.join().unwrap_or_else(|_| {
                    vec![format!(
                        "{} {:?}: see above",
                        caller.provider, caller.command
                    )]
                }));
            }
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Holds every caller against the fault of that name.
fn hold(name: &str) {
    let fault = FAULTS
        .iter()
        .find(|fault| fault.name == name)
        .expect("a row of that name");
    everyone(|caller| wrong(caller, fault, &call(caller, fault)));
}

/// A test for each row of the faults.
macro_rules! each_fault {
    ($($test:ident: $name:literal,)*) => {
        $(#[test] fn $test() { hold($name); })*

        #[test]
        fn every_fault_has_its_test() {
            let tested = [$($name),*];
            let rows: Vec<_> = FAULTS.iter().map(|fault| fault.name).collect();
            assert_eq!(tested.as_slice(), rows);
        }
    };
}

each_fault! {
    without_a_fault_every_provider_answers: "none",
    a_key_that_is_wrong: "401",
    a_key_that_may_not: "403",
    what_is_not_there: "404",
    a_server_that_waited_too_long: "408",
    too_much_at_once: "413",
    what_the_server_will_not_take: "422",
    too_often: "429",
    a_broken_server: "500",
    an_overloaded_server: "503",
    a_refusal_without_a_word: "silent",
    a_refused_connection: "refused",
    a_stalled_server: "stalled",
    an_answer_without_a_byte: "empty",
    a_web_page_in_place_of_an_answer: "html",
    an_answer_that_breaks_off: "cut",
}

#[test]
fn no_two_failures_read_alike() {
    everyone(|caller| {
        let mut told: BTreeMap<String, &str> = BTreeMap::new();
        let mut alike = Vec::new();
        for fault in FAULTS.iter().filter(|fault| fault.tries == 1) {
            let message = call(caller, fault).json()["error"]["message"].to_string();
            if let Some(other) = told.insert(message.clone(), fault.name)
                && verdict(caller, fault).0 != "ok"
            {
                let (provider, name) = (caller.provider, fault.name);
                alike.push(format!(
                    "{provider}: {other} and {name} read alike: {message}"
                ));
            }
        }
        alike
    });
}
