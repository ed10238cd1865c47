//! What a call cost, where the operator said what the model costs.

use chela_test_support::openai::{Chat, embeddings};
use chela_test_support::server::Server;
use serde_json::Value;

use crate::{CHAT, ask_json, room};

/// Asks a model with this `cost` in the configuration, and gives the envelope.
fn with_cost(cost: &str) -> Value {
    let server = Server::start();
    server.on("POST", CHAT, Chat::new("4").whole());
    let config = format!(
        r#"{{models: {{providers: {{openai: {{baseUrl: "{}", models: [{{id: "gpt-5.4", {cost}}}]}}}}}}}}"#,
        server.url("/v1")
    );
    let room = room().config(&config).key("OPENAI_API_KEY");
    room.run(ask_json()).expect_code(0).json()
}

#[test]
fn prices_that_are_known_give_a_cost() {
    let document = with_cost("cost: {input: 2.5, output: 10, cacheRead: 0.25, cacheWrite: 0}");
    let tokens = |name: &str| document["usage"][name].as_u64().unwrap_or_default() as f64;
    let cached = tokens("cachedInputTokens");
    let expected =
        ((tokens("inputTokens") - cached) * 2.5 + cached * 0.25 + tokens("outputTokens") * 10.0)
            / 1e6;
    let cost = document["costUsd"].as_f64().expect("there is one");
    assert!(
        expected > 0.0 && (cost - expected).abs() < 1e-12,
        "{document:#}"
    );
}

#[test]
fn nothing_is_made_up() {
    for unknown in ["", "cost: {}", "cost: {input: 2.5}", "cost: {output: 10}"] {
        let document = with_cost(unknown);
        assert_eq!(document.get("costUsd"), None, "{unknown}: {document:#}");
    }
    // An operator who runs a model at home means it.
    let document = with_cost("cost: {input: 0, output: 0, cacheRead: 0, cacheWrite: 0}");
    assert_eq!(document["costUsd"], 0.0, "{document:#}");
}

#[test]
fn a_vector_costs_what_its_text_does() {
    let server = Server::start();
    server.on("POST", "/v1/embeddings", embeddings(&[vec![0.5, 0.25]]));
    let config = format!(
        r#"{{models: {{providers: {{openai: {{baseUrl: "{}", models: [{{id: "text-embedding-3-small", cost: {{input: 0.02}}}}]}}}}}}}}"#,
        server.url("/v1")
    );
    let ask = [
        "embedding",
        "create",
        "--model",
        "openai/text-embedding-3-small",
        "--text",
        "a",
        "--json",
    ];
    let run = room()
        .config(&config)
        .key("OPENAI_API_KEY")
        .run(ask)
        .expect_code(0);
    let document = run.json();
    let tokens = document["usage"]["inputTokens"]
        .as_f64()
        .expect("they are told");
    let cost = document["costUsd"].as_f64().expect("there is one");
    assert!((cost - tokens * 0.02 / 1e6).abs() < 1e-12, "{run}");
}
