//! A component that traps while it is in a host call: each of them, in two ways.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chela_sandbox::{CallError, Limits};
use chela_test_support::answer::Answer;
use chela_test_support::server::Server;

use crate::house::{House, ask, guest, provider_at};

/// Every function of the contract that a component imports.
const CALLS: &[&str] = &[
    "context.provider-id",
    "context.setting",
    "context.credential-present",
    "context.endpoint-replaced",
    "log.write",
    "media.new",
    "media.mime-type",
    "media.size",
    "media.file-name",
    "media.read",
    "media.drop",
    "http.send",
    "http.status",
    "http.headers",
    "http.header",
    "http.url",
    "http.read",
    "http.into-blob",
    "http.drop",
];

/// Those in which there is nothing to trap over: a number goes in, and nothing comes out. What one may do with them `limits` shows.
const HARMLESS: &[&str] = &["http.pause"];

/// Those whose answer needs memory of the component.
const ANSWERED_IN_MEMORY: &[&str] = &[
    "context.provider-id",
    "context.setting",
    "media.mime-type",
    "media.read",
    "http.send",
    "http.headers",
    "http.header",
    "http.url",
    "http.read",
];

/// Holds each call against a component that traps in it, and the same process against another component afterwards.
async fn each_traps(calls: &[&str], how: &str) {
    let server = Server::start();
    server.on(
        "GET",
        "/v1/trap",
        Answer::new(200).header("x-note", "a").body("an answer"),
    );
    let house = House::new();
    let component = house.load(&guest("traps_inside_host_calls")).await;
    for call in calls {
        let mut provider = provider_at(&server, Limits::default());
        provider.settings = Arc::new(BTreeMap::from([("x-note".into(), "1".into())]));
        let query = format!("{call} {how}");
        let outcome = ask(&component, &query, provider, Duration::from_secs(60)).await;
        match outcome {
            Err(CallError::Trap(_)) => {}
            other => panic!("{query} ended otherwise: {other:?}"),
        }
    }
    house.is_as_before().await;
}

#[tokio::test]
async fn nonsense_in_a_host_call_ends_the_call_and_nothing_else() {
    each_traps(CALLS, "nonsense").await;
}

#[tokio::test]
async fn a_trap_while_the_host_answers_ends_the_call_and_nothing_else() {
    each_traps(ANSWERED_IN_MEMORY, "memory").await;
}

/// A function that the contract gains is to be added to the list above, and to the guest.
#[test]
fn the_list_has_every_function_of_the_contract() {
    let wit = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit");
    let mut functions = 0;
    for interface in ["context", "log", "media", "http"] {
        let text = std::fs::read_to_string(format!("{wit}/{interface}.wit")).expect("readable");
        let code = text.lines().filter(|line| !line.trim().starts_with("//"));
        for line in code {
            let constructor = line.trim().starts_with("constructor(");
            let resource = line.trim().starts_with("resource ");
            functions += usize::from(line.contains("func(") || constructor || resource);
        }
    }
    let listed = CALLS.len() + HARMLESS.len();
    assert_eq!(listed, functions, "a resource counts for its drop");
}
