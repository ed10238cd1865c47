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

#[test]
fn tools_are_read_as_far_as_they_choose() {
    let text = r#"{ tools: {
        profile: "coding",
        web: {
            search: { enabled: true, provider: "brave", maxResults: 5, timeoutSeconds: 30 },
            fetch: { provider: "Firecrawl", maxChars: 50000 },
        },
        media: { audio: { enabled: true, models: [
            { provider: "openai", model: "gpt-4o-mini-transcribe", timeoutSeconds: 60 },
            { type: "cli", command: "whisper", args: [] },
            { provider: "groq" },
        ] } },
    } }"#;
    let (config, warnings) = parse(text, "chela.json5").unwrap();
    let tools = config.tools;
    assert_eq!(tools.search.provider.unwrap().as_str(), "brave");
    assert_eq!(tools.search.max_results, Some(5));
    assert_eq!(tools.search.timeout.unwrap().as_secs(), 30);
    assert_eq!(tools.fetch.provider.unwrap().as_str(), "firecrawl");
    let models: Vec<(&str, Option<&str>)> = tools
        .audio
        .iter()
        .map(|entry| (entry.provider.as_str(), entry.model.as_deref()))
        .collect();
    assert_eq!(
        models,
        [("openai", Some("gpt-4o-mini-transcribe")), ("groq", None)]
    );
    let paths: Vec<&str> = warnings
        .iter()
        .map(|warning| warning.path.as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "tools.profile",
            "tools.web.search.enabled",
            "tools.web.fetch.maxChars",
            "tools.web.fetch.provider",
            "tools.media.audio.enabled",
            "tools.media.audio.models[1]",
        ]
    );
}
