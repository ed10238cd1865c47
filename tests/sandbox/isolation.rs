//! What a component can see: no key, no file, no variable.

use std::time::Duration;

use chela_sandbox::{Imports, Limits, SandboxError};
use chela_test_support::answer::{Answer, Reply};
use chela_test_support::server::Server;

use crate::house::{CANARY, House, ask, guest, guest_with_wasi, provider_at};

const TIME: Duration = Duration::from_secs(60);

/// A server that repeats all it was sent, in its headers and its body.
fn echo() -> Server {
    let server = Server::start();
    server.on(
        "GET",
        "/v1/echo",
        Reply::computed(|request| {
            let key = request
                .header("authorization")
                .unwrap_or_default()
                .to_owned();
            Answer::new(200)
                .header("x-key", key.clone())
                .body(format!("you sent {key}"))
        }),
    );
    server
}

/// What a guest that looks everywhere tells.
async fn all_that_is_seen(house: &House, component: &chela_sandbox::Component) -> String {
    let server = echo();
    let provider = provider_at(&server, Limits::default());
    let seen = ask(component, "/echo", provider, TIME)
        .await
        .expect("it answers")
        .answer
        .expect("it tells");
    assert_eq!(
        server.only_request().header("authorization"),
        Some(format!("Bearer {CANARY}").as_str()),
        "the server does get the key"
    );
    house.is_as_before().await;
    seen
}

#[tokio::test]
async fn a_component_sees_no_key_even_when_the_server_repeats_it() {
    let house = House::new();
    let component = house.load(&guest("tells_all_it_sees")).await;
    let seen = all_that_is_seen(&house, &component).await;
    assert!(!seen.contains(CANARY), "{seen}");
    assert!(seen.contains("present true"), "{seen}");
    assert!(seen.contains("you sent Bearer ***"), "{seen}");
    assert!(seen.contains("status 200"), "{seen}");
}

#[tokio::test]
async fn wasi_has_nothing_in_it() {
    let house = House::new();
    let component = house
        .sandbox
        .load(
            &guest_with_wasi("tells_all_it_sees"),
            Imports::ContractAndEmptyWasi,
        )
        .await
        .expect("it loads");
    let seen = all_that_is_seen(&house, &component).await;
    assert!(!seen.contains(CANARY), "{seen}");
    for line in [
        "OPENAI_API_KEY Err(NotPresent)",
        "HOME Err(NotPresent)",
        "PATH Err(NotPresent)",
    ] {
        assert!(seen.contains(line), "{seen}");
    }
    assert!(seen.contains("file Err("), "{seen}");
}

#[tokio::test]
async fn wasi_is_refused_where_only_the_contract_is_allowed() {
    let house = House::new();
    let refused = house
        .sandbox
        .load(&guest_with_wasi("answers"), Imports::Contract)
        .await;
    assert!(
        matches!(refused, Err(SandboxError::ForeignImport(import)) if import.starts_with("wasi:"))
    );
}
