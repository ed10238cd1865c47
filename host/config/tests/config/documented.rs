//! The documented file, and the shapes it allows.

use std::time::Duration;

use chela_config::{Choice, Config, KeySource, Mode, ModelRef, Use, parse, read};

/// The block of the command contract, with what it leaves out filled in.
const DOCUMENTED: &str = r#"
{
  agents: { defaults: {
    model: { primary: "inferrs/google/gemma-4-E2B-it", fallbacks: [] },
    models: { "inferrs/google/gemma-4-E2B-it": { alias: "Gemma 4 (inferrs)" } },
    imageModel: { primary: "openai/gpt-5.4-mini" },
    imageGenerationModel: { primary: "openai/gpt-image-2", fallbacks: ["google/gemini-3.1-flash-image-preview"], timeoutMs: 180_000 },
    videoGenerationModel: "fal/fal-ai/minimax/video-01-live",
  } },
  models: {
    mode: "merge",
    providers: {
      inferrs: {
        baseUrl: "http://127.0.0.1:8080/v1",
        apiKey: "inferrs-local",                       // or "${ENV_NAME}"
        api: "openai-completions",
        timeoutSeconds: 300,
        localService: {
          command: "/absolute/path/inferrs", args: ["serve", "google/gemma-4-E2B-it"], cwd: "/tmp", env: { RUST_LOG: "info" },
          healthUrl: "http://127.0.0.1:8080/v1/models", readyTimeoutMs: 180000, idleStopMs: 0,
        },
        models: [{
          id: "google/gemma-4-E2B-it", name: "Gemma 4 E2B (inferrs)", reasoning: false, input: ["text"],
          cost: { input: 0, output: 0.5, cacheRead: 0, cacheWrite: 0 }, contextWindow: 131072, maxTokens: 4096,
          compat: { requiresStringContent: true, supportsTools: false },
        }],
      },
    },
  },
}
"#;

fn reference(text: &str) -> ModelRef {
    text.parse().unwrap()
}

#[test]
fn the_documented_file_reads_whole() {
    // JSON5 has no `_` in numbers; the documentation's own examples are JSON with comments.
    let text = DOCUMENTED.replace("180_000", "180000");
    let (config, warnings) = parse(&text, "chela.json5").unwrap();
    assert_eq!(
        config.primary(Use::ImageGeneration),
        &Choice {
            primary: Some(reference("openai/gpt-image-2")),
            fallbacks: vec![reference("google/gemini-3.1-flash-image-preview")],
            timeout: Some(Duration::from_secs(180)),
        }
    );
    assert_eq!(
        config.primary(Use::Text).primary,
        Some(reference("inferrs/google/gemma-4-E2B-it"))
    );
    assert_eq!(
        config.primary(Use::ImageDescription).primary,
        Some(reference("openai/gpt-5.4-mini"))
    );
    assert_eq!(
        config.primary(Use::VideoGeneration).primary,
        Some(reference("fal/fal-ai/minimax/video-01-live"))
    );
    assert!(config.primary(Use::Embedding).is_empty());
    assert_eq!(config.models.mode, Mode::Merge);

    let inferrs = config.provider("inferrs").unwrap();
    assert_eq!(
        inferrs.base_url.as_ref().unwrap().as_str(),
        "http://127.0.0.1:8080/v1"
    );
    assert!(
        matches!(&inferrs.api_key, Some(KeySource::Literal(key)) if key.expose() == "inferrs-local")
    );
    assert_eq!(inferrs.api(), "openai-completions");
    assert_eq!(inferrs.timeout, Some(Duration::from_secs(300)));
    assert!(!inferrs.allow_plain_http);
    let model = &inferrs.models[0];
    assert_eq!(model.id, "google/gemma-4-E2B-it");
    assert_eq!(model.input, ["text"]);
    assert_eq!(model.context_window, Some(131_072));
    assert_eq!(model.max_tokens, Some(4096));
    assert_eq!(model.cost.unwrap().output, Some(0.5));
    assert_eq!(model.compat["requiresStringContent"], true);
    assert_eq!(model.compat["supportsTools"], false);
    let service = inferrs.local_service.as_ref().unwrap();
    assert_eq!(service.args, ["serve", "google/gemma-4-E2B-it"]);
    assert_eq!(service.ready_timeout, Some(Duration::from_secs(180)));
    assert_eq!(service.idle_stop, Some(Duration::ZERO));
    assert!(warnings.is_empty(), "{warnings:?}");
    // No key shows when the configuration is printed for debugging.
    assert!(!format!("{config:?}").contains("inferrs-local"));
}

#[test]
fn nothing_configured_is_the_default() {
    for text in [
        "",
        "  \n",
        "{}",
        "{ agents: null, models: { providers: {} } }",
        "\u{feff}{}",
    ] {
        let (config, warnings) = parse(text, "chela.json5").unwrap();
        assert!(
            config.models.providers.is_empty() && warnings.is_empty(),
            "{text:?}"
        );
        assert!(config.primary(Use::Text).is_empty());
    }
    assert!(Config::default().primary(Use::Text).is_empty());
}

#[test]
fn media_models_stand_before_the_older_keys() {
    let text = r#"{ agents: { defaults: {
        imageGenerationModel: "a/old", videoGenerationModel: "a/video",
        mediaModels: { image: { primary: "a/new" } },
    } } }"#;
    let (config, warnings) = parse(text, "chela.json5").unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(
        config.primary(Use::ImageGeneration).primary,
        Some(reference("a/new"))
    );
    assert_eq!(
        config.primary(Use::VideoGeneration).primary,
        Some(reference("a/video"))
    );
}

#[test]
fn an_alias_stands_for_its_model() {
    let text = r#"{ agents: { defaults: {
        models: { "openai/gpt-5.4": { alias: "gpt" }, "inferrs/a/b": { alias: "My Model" }, "openai/gpt-4.1": {} },
        model: { primary: "GPT", fallbacks: ["my model", "openai/gpt-4.1"] },
    } } }"#;
    let (config, _) = parse(text, "chela.json5").unwrap();
    let text = config.primary(Use::Text);
    assert_eq!(text.primary, Some(reference("openai/gpt-5.4")));
    assert_eq!(
        text.fallbacks,
        [reference("inferrs/a/b"), reference("openai/gpt-4.1")]
    );
    assert_eq!(
        config.resolve(" gpt ").unwrap(),
        reference("openai/gpt-5.4")
    );
    assert_eq!(config.resolve("groq/x").unwrap(), reference("groq/x"));
    let bare = config.resolve("whisper-1").unwrap_err();
    assert_eq!(
        bare.to_string(),
        "`whisper-1` names no provider; write `<provider>/whisper-1`, such as `openai/whisper-1`"
    );
}

#[test]
fn every_form_of_a_key() {
    let key = |value: &str| {
        let text = format!("{{ models: {{ providers: {{ a: {{ apiKey: {value} }} }} }} }}");
        let (config, warnings) = parse(&text, "chela.json5").unwrap();
        assert!(warnings.is_empty(), "{warnings:?}");
        config.provider("a").unwrap().api_key.clone().unwrap()
    };
    assert!(matches!(key("\"sk-1\""), KeySource::Literal(literal) if literal.expose() == "sk-1"));
    assert!(matches!(key("\"${A_KEY}\""), KeySource::Env(name) if name == "A_KEY"));
    assert!(
        matches!(key("{ source: 'env', provider: 'default', id: 'A_KEY' }"), KeySource::Env(name) if name == "A_KEY")
    );
    assert!(
        matches!(key("{ source: 'file', path: '/run/secrets/a' }"), KeySource::File(path) if path == "/run/secrets/a")
    );
    // What cannot be looked up yet is an error only for those who need it.
    assert!(
        matches!(key("{ source: 'file', provider: 'vault', id: '/a/b' }"), KeySource::Unsupported { source, .. } if source == "file")
    );
    assert!(
        matches!(key("{ source: 'exec', provider: 'vault', id: 'a/b', command: 'x' }"), KeySource::Unsupported { source, .. } if source == "exec")
    );
}

#[test]
fn a_file_is_read_up_to_a_bound() {
    let (config, _) = read("{ models: { mode: 'replace' } }".as_bytes(), "chela.json5").unwrap();
    assert_eq!(config.models.mode, Mode::Replace);
    let error = read(std::io::repeat(b' '), "chela.json5").unwrap_err();
    assert_eq!(
        error.to_string(),
        "chela.json5 cannot be read: it is larger than 1 MiB"
    );
    let error = read(&b"{ \xff }"[..], "chela.json5").unwrap_err();
    assert_eq!(
        error.to_string(),
        "chela.json5 cannot be read: it is not UTF-8 at byte 2"
    );
}
