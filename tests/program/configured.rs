//! What the configuration says of a provider's time holds for the whole call.

use std::time::{Duration, Instant};

use chela_test_support::answer::Answer;
use chela_test_support::gate::Gate;
use chela_test_support::server::Server;

use crate::{CHAT, room};

#[test]
fn a_provider_that_does_not_answer_within_its_seconds_is_given_up() {
    let server = Server::start();
    let gate = Gate::new();
    server.on(
        "POST",
        CHAT,
        Answer::new(200)
            .header("Content-Type", "application/json")
            .declared_length(100)
            .then("{")
            .then_wait(&gate),
    );
    let config = format!(
        r#"{{models: {{providers: {{mine: {{baseUrl: "{}", timeoutSeconds: 1, models: ["one"]}}}}}}}}"#,
        server.url("/v1")
    );
    let room = room().config(&config);
    let started = Instant::now();
    let ask = [
        "model", "run", "--model", "mine/one", "--prompt", "hi", "--json",
    ];
    let run = room.run(ask).expect_code(6);
    assert_eq!(run.json()["error"]["type"], "timeout", "{run}");
    let took = started.elapsed();
    assert!(
        took >= Duration::from_secs(1) && took < Duration::from_secs(60),
        "{took:?}"
    );
    gate.open();
}
