//! What is passed over, with its path.

use chela_config::{Warning, parse};

fn warnings(text: &str) -> Vec<String> {
    let (_, warnings) = parse(text, "chela.json5").unwrap();
    warnings.iter().map(Warning::to_string).collect()
}

#[test]
fn unknown_keys_are_named_with_their_path() {
    let text = r#"{
        $schema: "https://acme.example/schema.json",
        gateway: { port: 18789 },
        agents: { defaults: { workspace: "~/x", model: { primary: "a/b", temperature: 1 } }, list: [] },
        models: { providers: { acme: {
            baseURL: "https://acme.example", headers: {}, models: [{ id: "m", maxToken: 3, cost: { in: 1 } }],
        } } },
    }"#;
    assert_eq!(
        warnings(text),
        [
            "`gateway` is not a key that chela knows and is passed over",
            "`agents.list` is not a key that chela knows and is passed over",
            "`agents.defaults.workspace` is not a key that chela knows and is passed over",
            "`agents.defaults.model.temperature` is not a key that chela knows and is passed over",
            "`models.providers.acme.baseURL` is not a key that chela knows and is passed over; did you mean `baseUrl`?",
            "`models.providers.acme.headers` is not a key that chela knows and is passed over",
            "`models.providers.acme.models[0].maxToken` is not a key that chela knows and is passed over; did you mean `maxTokens`?",
            "`models.providers.acme.models[0].cost.in` is not a key that chela knows and is passed over",
        ]
    );
}

#[test]
fn what_is_read_otherwise_than_written_says_so() {
    let text = r#"{
        agents: { defaults: { models: { "openai/*": {}, "gpt": {} }, model: { primary: "a/b", fallbacks: ["a/b", "a/c"] } } },
        models: { providers: { LMStudio: { models: [{ id: "m", input: ["text", "smell"] }] } } },
    }"#;
    let (config, warnings) = parse(text, "chela.json5").unwrap();
    let paths: Vec<&str> = warnings
        .iter()
        .map(|warning| warning.path.as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "agents.defaults.models.gpt",
            "agents.defaults.model.fallbacks[0]",
            "models.providers.LMStudio",
            "models.providers.LMStudio.models[0].input[1]",
        ]
    );
    assert_eq!(
        config.provider("lmstudio").unwrap().models[0].input,
        ["text"]
    );
}
