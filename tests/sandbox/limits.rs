//! One hostile guest for each limit: how it ends, and that the others are as before.

use std::time::Duration;

use chela_sandbox::families::FailureKind;
use chela_sandbox::{CallError, LimitKind, Limits};
use chela_test_support::answer::Answer;
use chela_test_support::server::Server;

use crate::house::{House, ask, guest, provider, provider_at};

/// Asks a guest that hits a limit, and says which.
async fn limit_of(name: &str, query: &str, limits: Limits) -> LimitKind {
    let house = House::new();
    let error = house
        .ask(name, query, limits)
        .await
        .expect_err("it is stopped");
    house.is_as_before().await;
    match error {
        CallError::Limit(limit) => limit,
        other => panic!("{name} ended otherwise: {other}"),
    }
}

fn brief() -> Limits {
    Limits {
        guest_time: Duration::from_millis(200),
        ..Limits::default()
    }
}

#[tokio::test]
async fn computing_without_end_is_stopped_by_guest_time() {
    assert_eq!(
        limit_of("computes_without_end", "x", brief()).await,
        LimitKind::GuestTime
    );
}

#[tokio::test]
async fn calling_the_host_without_end_is_stopped_by_guest_time() {
    assert_eq!(
        limit_of("floods_the_host", "x", brief()).await,
        LimitKind::GuestTime
    );
}

#[tokio::test]
async fn recursion_is_stopped_by_the_stack() {
    assert_eq!(
        limit_of("recurses_without_end", "x", Limits::default()).await,
        LimitKind::Stack
    );
}

#[tokio::test]
async fn allocation_is_stopped_by_memory() {
    assert_eq!(
        limit_of("allocates_without_end", "x", Limits::default()).await,
        LimitKind::Memory
    );
}

#[tokio::test]
async fn tables_are_stopped_by_their_elements() {
    let limits = Limits {
        table_elements: 1,
        ..Limits::default()
    };
    assert_eq!(limit_of_answering(limits).await, LimitKind::Tables);
}

#[tokio::test]
async fn instances_are_counted() {
    let limits = Limits {
        instances: 0,
        ..Limits::default()
    };
    assert_eq!(limit_of_answering(limits).await, LimitKind::Instances);
}

#[tokio::test]
async fn memories_are_counted() {
    let limits = Limits {
        memories: 0,
        ..Limits::default()
    };
    assert_eq!(limit_of_answering(limits).await, LimitKind::Instances);
}

/// What stops the well-behaved guest under limits that are too tight for any.
async fn limit_of_answering(limits: Limits) -> LimitKind {
    limit_of("answers", "x", limits).await
}

#[tokio::test]
async fn a_huge_list_is_stopped_at_the_border() {
    let limits = Limits {
        host_call_bytes: 1 << 20,
        ..Limits::default()
    };
    assert_eq!(
        limit_of("passes_a_huge_list", "2000000", limits).await,
        LimitKind::HostCallSize
    );
    let fits = House::new()
        .ask("passes_a_huge_list", "500000", limits)
        .await
        .expect("it fits");
    assert_eq!(fits.answer.as_deref(), Some("500000"));
}

#[tokio::test]
async fn ten_thousand_handles_are_too_many() {
    assert_eq!(
        limit_of("holds_ten_thousand_handles", "x", Limits::default()).await,
        LimitKind::Handles
    );
}

#[tokio::test]
async fn media_is_stopped_by_its_bytes_even_when_handles_are_closed() {
    let limits = Limits {
        media_bytes: 10 << 20,
        ..Limits::default()
    };
    assert_eq!(
        limit_of("hands_over_media_without_end", "x", limits).await,
        LimitKind::Media
    );
}

#[tokio::test]
async fn a_flood_of_log_is_dropped_and_the_call_goes_on() {
    let house = House::new();
    let answer = house
        .ask("floods_the_log", "100000", Limits::default())
        .await
        .expect("it answers");
    assert_eq!(answer.answer.as_deref(), Some("done"));
}

#[tokio::test]
async fn a_panic_ends_the_call_and_nothing_else() {
    let house = House::new();
    let error = house
        .ask("panics", "x", Limits::default())
        .await
        .expect_err("it panics");
    assert!(matches!(error, CallError::Trap(_)), "{error}");
    assert_eq!(error.into_failure().kind, FailureKind::Internal);
    house.is_as_before().await;
}

#[tokio::test]
async fn a_server_that_stalls_is_stopped_by_the_deadline() {
    let server = Server::start();
    server.on("GET", "/v1/stalls", Answer::new(200).then_stall());
    let house = House::new();
    let component = house.load(&guest("waits_for_the_server")).await;
    let provider = provider_at(&server, Limits::default());
    let error = ask(&component, "/stalls", provider, Duration::from_millis(300))
        .await
        .expect_err("it is stopped");
    assert_eq!(error.into_failure().kind, FailureKind::Timeout);
    house.is_as_before().await;
}

#[tokio::test]
async fn the_deadline_holds_while_the_component_computes() {
    let house = House::new();
    let component = house.load(&guest("computes_without_end")).await;
    let outcome = ask(
        &component,
        "x",
        provider(Limits::default()),
        Duration::from_millis(100),
    )
    .await
    .expect_err("it is stopped");
    assert!(
        matches!(outcome, CallError::Limit(LimitKind::Deadline)),
        "{outcome}"
    );
}

#[tokio::test]
async fn waiting_for_a_server_is_not_the_components_time() {
    let server = Server::start();
    server.on(
        "GET",
        "/v1/slow",
        Answer::new(200).body("x".repeat(60)).drip(),
    );
    let house = House::new();
    let component = house.load(&guest("tells_all_it_sees")).await;
    let limits = Limits {
        guest_time: Duration::from_millis(200),
        ..Limits::default()
    };
    ask(
        &component,
        "/slow",
        provider_at(&server, limits),
        Duration::from_secs(30),
    )
    .await
    .expect("it answers");
}
