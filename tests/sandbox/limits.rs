//! One hostile guest for each limit: how it ends, and that the others are as before.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chela_egress::limits::{ASKED_BEYOND, REFUSALS_RECORDED};
use chela_egress::{AuditEvent, AuditSink, CallLimits, EgressOptions};
use chela_sandbox::families::FailureKind;
use chela_sandbox::{CallError, Component, Imports, LimitKind, Limits, Provider};
use chela_test_support::answer::Answer;
use chela_test_support::server::Server;

use crate::house::{
    House, LONG, ask, guest, guest_with_wasi, provider, provider_at, provider_at_url, provider_of,
};

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
        limit_of("hands_over_media_without_end", "1048576", limits).await,
        LimitKind::Media
    );
}

#[tokio::test]
async fn media_of_no_bytes_is_not_free() {
    let limits = Limits {
        media_bytes: 10 << 20,
        ..Limits::default()
    };
    assert_eq!(
        limit_of("hands_over_media_without_end", "0", limits).await,
        LimitKind::Media
    );
}

/// What comes of keeping an answer as media when a mebibyte may be kept.
async fn keeping(answer: Answer) -> Result<Option<String>, CallError> {
    let server = Server::start();
    server.on("GET", "/v1/large", answer);
    let house = House::new();
    let component = house.load(&guest("keeps_an_answer")).await;
    let limits = Limits {
        media_bytes: 1 << 20,
        ..Limits::default()
    };
    let provider = provider_at(&server, limits);
    let kept = ask(&component, "/large", provider, Duration::from_secs(20)).await;
    house.is_as_before().await;
    kept.map(|response| response.answer)
}

#[tokio::test]
async fn an_answer_is_kept_up_to_the_limit_of_media_and_not_first_and_judged_then() {
    let kept = keeping(Answer::new(200).body(vec![1; 1 << 20])).await;
    assert_eq!(kept.expect("it fits").as_deref(), Some("1048576"));
    // The first says that it has more; the second has, and says nothing; neither ever ends.
    for answer in [
        Answer::new(200).declared_length(10 << 20).then_stall(),
        Answer::new(200)
            .chunks([vec![1; (1 << 20) + 1]])
            .then_stall(),
    ] {
        let error = keeping(answer).await.expect_err("it is stopped");
        assert!(
            matches!(error, CallError::Limit(LimitKind::Media)),
            "{error}"
        );
    }
}

#[tokio::test]
async fn asking_for_what_is_refused_is_stopped_and_fills_no_record() {
    #[derive(Default)]
    struct Lines(AtomicU64, AtomicU64);

    impl AuditSink for Lines {
        fn record(&self, event: &AuditEvent) {
            self.0.fetch_add(1, Ordering::Relaxed);
            self.1.fetch_add(event.count, Ordering::Relaxed);
        }
    }

    let lines = Arc::new(Lines::default());
    let options = EgressOptions {
        audit: Arc::<Lines>::clone(&lines),
        ..EgressOptions::default()
    };
    let house = House::new();
    let component = house.load(&guest("asks_again_and_again")).await;
    let provider = provider_of(options, Limits::default());
    let error = ask(&component, "nowhere", provider, Duration::from_secs(60))
        .await
        .expect_err("it is stopped");
    assert!(
        matches!(error, CallError::Limit(LimitKind::Requests)),
        "{error}"
    );
    assert_eq!(error.into_failure().kind, FailureKind::Denied);
    let asked = u64::from(CallLimits::default().requests + ASKED_BEYOND);
    assert_eq!(
        (
            lines.0.load(Ordering::Relaxed),
            lines.1.load(Ordering::Relaxed)
        ),
        (u64::from(REFUSALS_RECORDED) + 1, asked)
    );
    house.is_as_before().await;
}

#[tokio::test]
async fn a_flood_of_log_is_dropped_and_the_call_goes_on() {
    let house = House::new();
    let component = house.load(&guest("floods_the_log")).await;
    let log = GuestLog::default();
    let _listening = tracing::subscriber::set_default(log.clone());
    for (limits, lines) in [
        (Limits::default(), 1000..=1000),
        (
            Limits {
                log_lines: 10,
                ..Limits::default()
            },
            10..=10,
        ),
        (
            Limits {
                log_bytes: 1000,
                ..Limits::default()
            },
            // In lines of some twenty.
            40..=60,
        ),
    ] {
        let answer = ask(&component, "100000", provider(limits), LONG)
            .await
            .expect("it answers");
        assert_eq!(answer.answer.as_deref(), Some("done"));
        let mut written = std::mem::take(&mut *log.lines());
        assert_eq!(
            written.pop().as_deref(),
            Some("further log lines of this call are dropped")
        );
        assert!(lines.contains(&written.len()), "{} lines", written.len());
        assert!(written.iter().map(String::len).sum::<usize>() <= limits.log_bytes);
        assert!(!written.concat().contains(char::is_control));
    }
}

/// What components wrote to the log, on this thread.
#[derive(Clone, Default)]
struct GuestLog(Arc<Mutex<Vec<String>>>);

impl GuestLog {
    fn lines(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().expect("no test panicked with it")
    }
}

impl tracing::Subscriber for GuestLog {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "chela::guest"
    }

    fn event(&self, event: &tracing::Event<'_>) {
        struct Message(String);

        impl tracing::field::Visit for Message {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                if field.name() == "message" {
                    self.0 = format!("{value:?}");
                }
            }
        }

        let mut message = Message(String::new());
        event.record(&mut message);
        self.lines().push(message.0);
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
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

/// A server that takes connections and never says a word.
struct Silent(std::net::TcpListener);

impl Silent {
    fn start() -> Self {
        Self(std::net::TcpListener::bind("127.0.0.1:0").expect("a port"))
    }

    fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().expect("an address"))
    }
}

/// What a component ends with that has half a second, and does not end by itself.
async fn past_the_deadline(component: &Component, query: &str, provider: Provider) -> CallError {
    let asked = ask(component, query, provider, Duration::from_millis(500));
    tokio::time::timeout(Duration::from_secs(10), asked)
        .await
        .expect("the deadline holds")
        .expect_err("it is stopped")
}

#[tokio::test]
async fn waiting_for_a_silent_server_is_stopped_by_the_deadline() {
    let silent = Silent::start();
    let house = House::new();
    let provider = || provider_at_url(&silent.url(), Limits::default());
    let honest = house.load(&guest("waits_for_the_server")).await;
    let error = past_the_deadline(&honest, "/", provider()).await;
    assert_eq!(error.into_failure().kind, FailureKind::Timeout);
    // One that takes no notice of the failure and asks again.
    let stubborn = house.load(&guest("asks_again_and_again")).await;
    let error = past_the_deadline(&stubborn, "api", provider()).await;
    assert!(
        matches!(error, CallError::Limit(LimitKind::Deadline)),
        "{error}"
    );
    house.is_as_before().await;
}

#[tokio::test]
async fn sleeping_is_stopped_by_the_deadline() {
    let house = House::new();
    let component = house
        .sandbox
        .load(&guest_with_wasi("sleeps"), Imports::ContractAndEmptyWasi)
        .await
        .expect("it loads");
    let awake = ask(&component, "0", provider(Limits::default()), LONG).await;
    assert_eq!(awake.expect("it wakes").answer.as_deref(), Some("awake"));
    let error = past_the_deadline(&component, "3600", provider(Limits::default())).await;
    assert!(
        matches!(error, CallError::Limit(LimitKind::Deadline)),
        "{error}"
    );
    house.is_as_before().await;
}

#[tokio::test]
async fn pausing_between_requests_is_stopped_by_the_deadline() {
    let house = House::new();
    let component = house.load(&guest("pauses")).await;
    // Time that is waited is not time that is computed.
    let limits = Limits {
        guest_time: Duration::from_millis(200),
        ..Limits::default()
    };
    let awake = ask(&component, "400", provider(limits), LONG).await;
    assert_eq!(awake.expect("it wakes").answer.as_deref(), Some("awake"));
    let endless = u32::MAX.to_string();
    let error = past_the_deadline(&component, &endless, provider(Limits::default())).await;
    assert!(
        matches!(error, CallError::Limit(LimitKind::Deadline)),
        "{error}"
    );
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
