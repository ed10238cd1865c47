//! What a call costs inside the program: a guest call, the events of a stream, a request through egress.
//!
//! `cargo bench --package chela --bench inner`; `tests/bench/run.sh` keeps the report. Ratios within one run are worth quoting.
#![forbid(unsafe_code)]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark builds its guests"
)]

#[path = "../sandbox/house.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod house;

use std::hint::black_box;
use std::time::Duration;

use chela_egress::{Body, Call, CallLimits, Method, Request, Target};
use chela_sandbox::families::model::{Content, Event, Message, Request as Ask, Role};
use chela_sandbox::{ComponentBytes, Limits};
use chela_test_support::answer::Answer;
use chela_test_support::openai;
use chela_test_support::server::Server;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

const TIME: Duration = Duration::from_secs(60);

/// As the program has it: one thread.
fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

fn bundled(id: &str) -> ComponentBytes {
    let found = chela_bundled::components()
        .iter()
        .find(|component| component.id == id);
    let component = found.expect("it is bundled");
    ComponentBytes {
        digest: component.digest.into(),
        bytes: component.bytes.into(),
    }
}

/// A component that answers at once: what is measured is a store, an instance, and one call through it.
fn guest_call(criterion: &mut Criterion) {
    let runtime = runtime();
    let house = house::House::new();
    let component = runtime.block_on(house.load(&house::guest("answers")));
    let provider = house::provider(Limits::default());
    criterion.bench_function("guest call, instance included", |bencher| {
        bencher.iter(|| {
            runtime
                .block_on(house::ask(&component, "x", provider.clone(), TIME))
                .expect("it answers")
        });
    });
}

/// A stream of the bundled component, from a server on loopback to events in the host.
fn stream_events(criterion: &mut Criterion) {
    const PIECES: usize = 2_000;
    let runtime = runtime();
    let house = house::House::new();
    let component = runtime.block_on(house.load(&bundled("openai-compatible")));
    let server = Server::start();
    let text = "word ".repeat(PIECES);
    server.on(
        "POST",
        "/v1/chat/completions",
        openai::Chat::new(text.trim_end()).stream(),
    );
    let provider = house::provider_at(&server, Limits::default());
    let request = Ask {
        model: "m".into(),
        messages: vec![Message {
            role: Role::User,
            content: vec![Content::Text("go".into())],
            extra: Vec::new(),
        }],
        incremental: true,
        ..Ask::default()
    };
    let read = async || {
        let call = Call::new(Instant::now() + TIME, CallLimits::default());
        let instance = component
            .instantiate(provider.clone(), call)
            .expect("it is made ready");
        let mut stream = instance
            .start_model(request.clone())
            .await
            .expect("it starts");
        let mut pieces = 0;
        while let Some(event) = stream.next().await.expect("it goes on") {
            pieces += usize::from(matches!(black_box(event), Event::Text(_)));
        }
        pieces
    };
    let pieces = runtime.block_on(read());
    let mut group = criterion.benchmark_group("stream");
    group.throughput(Throughput::Elements(pieces as u64));
    group.bench_function("events from server to host", |bencher| {
        bencher.iter(|| runtime.block_on(read()));
    });
    group.finish();
}

/// One request on a connection that is open: judged, sent, read, recorded.
fn request(criterion: &mut Criterion) {
    let runtime = runtime();
    let server = Server::start();
    server.on("GET", "/v1/hello", Answer::new(200).body("hello"));
    let egress = house::provider_at(&server, Limits::default()).egress;
    criterion.bench_function("request through egress", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let call = Call::new(Instant::now() + TIME, CallLimits::default());
                let target = Target::Endpoint {
                    endpoint: "api".into(),
                    path: "/hello".into(),
                    query: vec![],
                };
                let request = Request {
                    method: Method::Get,
                    target,
                    headers: vec![],
                    body: Body::None,
                };
                let mut response = egress.send(request, &call).await.expect("it answers");
                while !response.read(1 << 16).await.expect("it is read").is_empty() {}
            });
        });
    });
}

criterion_group!(benches, guest_call, stream_events, request);
criterion_main!(benches);
