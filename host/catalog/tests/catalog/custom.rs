//! Providers of the operator's own.

use std::time::Duration;

use chela_catalog::{Capability, Source, Wanted};
use chela_envelope::ErrorType;

use crate::catalog;

const INFERRS: &str = r#"{
  agents: { defaults: { model: { primary: "inferrs/google/gemma-4-E2B-it" } } },
  models: { providers: { inferrs: {
    baseUrl: "http://127.0.0.1:8080/v1", apiKey: "inferrs-local", api: "openai-completions", timeoutSeconds: 300,
    compat: { maxTokensField: "max_completion_tokens", supportsTools: true },
    models: [{
      id: "google/gemma-4-E2B-it", name: "Gemma 4 E2B (inferrs)", input: ["text"], contextWindow: 131072, maxTokens: 4096,
      compat: { requiresStringContent: true, supportsTools: false },
    }, { id: "seer", input: ["text", "image"] }],
  } } },
}"#;

#[test]
fn it_is_made_from_the_template_for_its_api() {
    let catalog = catalog(INFERRS, &[]);
    let provider = catalog.provider("inferrs").unwrap();
    assert!(provider.ready().is_ok());
    assert_eq!(provider.source(), Source::Configured);
    assert_eq!(provider.label(), "inferrs");
    assert_eq!(provider.component().unwrap().id, "compatible");
    assert_eq!(provider.timeout(), Some(Duration::from_secs(300)));
    // Its models are the operator's, not the template's, and the first is the default.
    assert_eq!(
        Capability::ModelRun.default_model(provider.manifest()),
        Some("google/gemma-4-E2B-it")
    );
    assert_eq!(
        Capability::ImageDescribe.default_model(provider.manifest()),
        Some("seer")
    );
    assert_eq!(
        provider
            .model("google/gemma-4-E2B-it")
            .unwrap()
            .max_output_tokens,
        Some(4096)
    );
    // The template itself is no provider, and what it says of rank is about itself.
    assert!(catalog.provider("template").is_none());
    assert_eq!(provider.manifest().rank, 100);
    // It may be asked for what its dialect knows, with a model that the caller names.
    let reference = "inferrs/flux".parse().unwrap();
    let choice = catalog.choose(Capability::ImageGenerate, Wanted::Model(&reference));
    assert_eq!(choice.candidates[0].model.as_deref(), Some("flux"));
    // What bounds a call of the provider is no bound of what is made in several.
    assert_eq!(provider.timeout(), Some(Duration::from_secs(300)));
    assert_eq!(choice.candidates[0].timeout, None);
}

#[test]
fn settings_are_laid_over_one_another() {
    let catalog = catalog(INFERRS, &[]);
    let provider = catalog.provider("inferrs").unwrap();
    let of = |model: Option<&str>| -> Vec<(String, String)> {
        provider.settings(model).into_iter().collect()
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        of(None),
        [
            pair("maxTokensField", "\"max_completion_tokens\""),
            pair("supportsTools", "true")
        ]
    );
    assert_eq!(
        of(Some("google/gemma-4-E2B-it")),
        [
            pair("maxTokensField", "\"max_completion_tokens\""),
            pair("requiresStringContent", "true"),
            pair("supportsTools", "false"),
        ]
    );
}

#[test]
fn a_key_that_is_not_named_is_neither_looked_for_nor_needed() {
    let text =
        "{ models: { providers: { mine: { baseUrl: 'http://127.0.0.1:1', models: ['m'] } } } }";
    let catalog = catalog(text, &[("NEVER_LOOKED_AT", "key")]);
    let provider = catalog.provider("mine").unwrap();
    assert!(provider.ready().is_ok());
    assert!(provider.credentials_present().is_empty());
    assert!(
        provider.grant().unwrap().endpoints["api"]
            .credential
            .is_none()
    );
}

#[test]
fn a_key_that_is_named_is_needed() {
    let text = "{ models: { providers: { mine: { baseUrl: 'http://127.0.0.1:1', apiKey: '${MINE}', models: ['m'] } } } }";
    let error = catalog(text, &[])
        .provider("mine")
        .unwrap()
        .ready()
        .unwrap_err();
    assert_eq!(error.error_type(), ErrorType::Auth);
    assert_eq!(
        error.to_string(),
        "the provider `mine` has no credential: environment variable MINE not found or empty"
    );
    assert_eq!(
        error.hint().as_deref(),
        Some("set MINE, which models.providers.mine.apiKey names")
    );
    let found = catalog(text, &[("MINE", "key")]);
    assert_eq!(
        found
            .provider("mine")
            .unwrap()
            .auth()
            .unwrap()
            .answered_by
            .as_deref(),
        Some("environment variable MINE")
    );
}

#[test]
fn what_is_missing_is_said() {
    let text = "{ models: { providers: { mine: { models: ['m'] }, odd: { baseUrl: 'http://127.0.0.1:1', api: 'anthropic-messages' } } } }";
    let catalog = catalog(text, &[]);
    let mine = catalog.provider("mine").unwrap();
    let error = mine.ready().unwrap_err();
    assert_eq!(error.error_type(), ErrorType::Config);
    assert_eq!(
        error.to_string(),
        "the provider `mine` cannot be used: it has no base URL"
    );
    assert_eq!(
        error.hint().as_deref(),
        Some("set models.providers.mine.baseUrl in the configuration")
    );

    let odd = catalog.provider("odd").unwrap();
    assert!(!odd.status().available);
    let error = odd.ready().unwrap_err();
    assert_eq!(error.error_type(), ErrorType::Config);
    assert!(
        error
            .to_string()
            .ends_with("no component speaks its api \"anthropic-messages\""),
        "{error}"
    );
    assert_eq!(
        error.hint().as_deref(),
        Some("write one of openai-completions as models.providers.odd.api")
    );
    // It shows in the listing, where a person looks for it.
    assert!(
        catalog
            .list(Capability::ModelRun)
            .iter()
            .any(|record| record.id == "odd" && !record.available)
    );
}

#[test]
fn a_bundled_id_changes_the_bundled_provider() {
    let text = r#"{ models: { providers: { acme: {
        baseUrl: "http://127.0.0.1:9/v1", apiKey: "k", compat: { kept: 2 },
        models: [{ id: "acme-small", name: "Small", input: ["text", "image"] }, { id: "acme-new" }],
    }, demo: { baseUrl: "http://127.0.0.1:9" } } } }"#;
    let catalog = catalog(text, &[]);
    let acme = catalog.provider("acme").unwrap();
    assert_eq!(acme.source(), Source::Bundled);
    assert_eq!(acme.label(), "Acme");
    let ids: Vec<&str> = acme.manifest().models(chela_manifest::Family::Model);
    assert_eq!(ids, ["acme-large", "acme-small", "acme-new"]);
    assert_eq!(acme.model("acme-small").unwrap().input, ["text", "image"]);
    // What the configuration does not say of a model stays.
    assert_eq!(acme.model("acme-large").unwrap().context_window, Some(1000));
    assert_eq!(acme.settings(None)["kept"], "2");
    assert_eq!(acme.settings(None)["maxTokensField"], "\"max_tokens\"");
    assert_eq!(
        catalog.warnings(),
        ["models.providers.demo.baseUrl is passed over: `demo` asks no server"]
    );
}

#[test]
fn an_api_does_not_change_what_a_bundled_provider_speaks() {
    let text = |api: &str| {
        let entry = format!("{{ apiKey: 'k', api: '{api}' }}");
        format!("{{ models: {{ providers: {{ acme: {entry} }} }} }}")
    };
    let same = catalog(&text("openai-completions"), &[]);
    assert!(same.warnings().is_empty());
    let other = catalog(&text("anthropic-messages"), &[]);
    assert_eq!(
        other.warnings(),
        [
            "models.providers.acme.api is passed over: `acme` comes with chela and speaks its own dialect"
        ]
    );
    assert!(other.provider("acme").unwrap().ready().is_ok());
}

/// What the component is told to speak.
fn api(manifest: &str, text: &str) -> (Option<String>, Vec<String>) {
    let manifest = chela_manifest::Manifest::parse_toml(manifest, "provider.toml").unwrap();
    let two = [crate::component("two", &[manifest])];
    let catalog = chela_catalog::Catalog::new(&two, &crate::config(text), &crate::environment(&[]));
    let settings = catalog.provider("two").unwrap().settings(None);
    (settings.get("api").cloned(), catalog.warnings().to_vec())
}

#[test]
fn of_two_dialects_the_operator_chooses_and_a_proxy_gets_the_common_one() {
    let manifest = "id = \"two\"\nname = \"Two\"\nversion = \"1\"\ncontract = \"0.1\"\n\
         apis = [\"openai-responses\", \"openai-completions\"]\n\
         [endpoints.api]\nbase = \"https://two.example/v1\"\n[model]\n";
    for (entry, spoken) in [
        ("", "openai-responses"),
        ("baseUrl: 'https://two.example/v1/'", "openai-responses"),
        ("baseUrl: 'http://127.0.0.1:9/v1'", "openai-completions"),
        (
            "baseUrl: 'http://127.0.0.1:9/v1', api: 'openai-responses'",
            "openai-responses",
        ),
        ("api: 'openai-completions'", "openai-completions"),
        (
            "compat: { api: 'openai-completions' }",
            "openai-completions",
        ),
    ] {
        let text = format!("{{ models: {{ providers: {{ two: {{ {entry} }} }} }} }}");
        let (api, warnings) = api(manifest, &text);
        assert_eq!(api, Some(format!("{spoken:?}")), "{entry}");
        assert!(warnings.is_empty(), "{warnings:?}");
    }
    let (told, warnings) = api(
        manifest,
        "{ models: { providers: { two: { api: 'ollama' } } } }",
    );
    assert_eq!(told.as_deref(), Some("\"openai-responses\""));
    assert_eq!(
        warnings,
        [
            "models.providers.two.api is passed over: `two` comes with chela and speaks openai-responses and openai-completions"
        ]
    );
    // Without a choice nothing is said of it.
    let one = manifest.replace("apis = ", "# ");
    assert_eq!(api(&one, "{}").0, None);
}
