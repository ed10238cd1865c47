//! Who is tried, in which order, and why.

use chela_catalog::{Because, Capability, Catalog, CatalogError, Choice, Wanted};
use chela_envelope::ErrorType;

use crate::catalog;

const KEYS: &[(&str, &str)] = &[("ACME_API_KEY", "k"), ("BETA_API_KEY", "k")];

fn order(choice: &Choice<'_>) -> Vec<String> {
    let shown = choice.candidates.iter();
    shown
        .map(|candidate| {
            format!(
                "{}/{}",
                candidate.provider.id(),
                candidate.model.as_deref().unwrap_or("")
            )
        })
        .collect()
}

fn any(catalog: &Catalog, capability: Capability) -> Choice<'_> {
    catalog.choose(capability, Wanted::Any)
}

#[test]
fn rank_decides_among_the_configured() {
    let catalog = catalog("{}", KEYS);
    let choice = any(&catalog, Capability::ModelRun);
    assert_eq!(order(&choice), ["beta/beta-1", "acme/acme-large"]);
    assert_eq!(choice.candidates[0].because, Because::Rank);
    let choice = any(&catalog, Capability::ImageGenerate);
    assert_eq!(order(&choice), ["acme/acme-1"]);
    assert_eq!(choice.candidates[0].because, Because::Only);
    assert_eq!(
        order(&any(&catalog, Capability::EmbeddingCreate)),
        ["acme/acme-embed"]
    );
    assert_eq!(
        order(&any(&catalog, Capability::ImageDescribe)),
        ["acme/acme-large"]
    );
}

#[test]
fn the_demonstration_comes_only_when_nothing_else_does() {
    let alone = catalog("{}", &[]);
    let choice = any(&alone, Capability::ImageGenerate);
    assert_eq!(order(&choice), ["demo/demo-1"]);
    assert_eq!(choice.candidates[0].because, Because::Demonstration);
    let keyed = catalog("{}", KEYS);
    assert!(
        !order(&any(&keyed, Capability::ModelRun))
            .iter()
            .any(|candidate| candidate.starts_with("demo/"))
    );
    // Acme cannot change pictures, so for that there is only the demonstration.
    assert_eq!(order(&any(&keyed, Capability::ImageEdit)), ["demo/demo-1"]);
    // Who names it gets it.
    let named = catalog("{ agents: { defaults: { model: 'demo/demo-1' } } }", KEYS);
    assert_eq!(order(&any(&named, Capability::ModelRun)), ["demo/demo-1"]);
}

#[test]
fn a_configured_choice_is_all_there_is() {
    let text = "{ agents: { defaults: { model: { primary: 'acme/acme-small', fallbacks: ['local/x', 'nobody/x', 'beta/any-model'], timeoutMs: 5000 } } } }";
    let catalog = catalog(text, KEYS);
    let choice = any(&catalog, Capability::ModelRun);
    // To name one that needs no key is the word that it takes.
    assert_eq!(
        order(&choice),
        ["acme/acme-small", "local/x", "beta/any-model"]
    );
    assert_eq!(
        choice.candidates[0].because,
        Because::Primary("agents.defaults.model")
    );
    assert_eq!(
        choice.candidates[2].because,
        Because::Fallback("agents.defaults.model", 3)
    );
    assert_eq!(choice.candidates[0].timeout.unwrap().as_secs(), 5);
    // What was named and cannot be used is not passed over in silence.
    assert_eq!(choice.skipped.len(), 1);
    assert_eq!(choice.skipped[0].provider.as_str(), "nobody");
    assert_eq!(choice.skipped[0].error.error_type(), ErrorType::NotFound);
}

#[test]
fn a_choice_that_cannot_be_used_sends_nothing_to_anyone_else() {
    let text = "{ agents: { defaults: { imageGenerationModel: 'acme/acme-1' } } }";
    let catalog = catalog(text, &[("BETA_API_KEY", "k")]);
    let choice = any(&catalog, Capability::ImageGenerate);
    assert!(choice.candidates.is_empty());
    let error = choice.into_result().err().unwrap();
    assert_eq!(error.error_type(), ErrorType::Auth);
    assert!(error.to_string().contains("ACME_API_KEY"), "{error}");
}

#[test]
fn the_text_models_provider_comes_first_elsewhere() {
    let text = r#"{ agents: { defaults: { model: "mine/m" } }, models: { providers: {
        mine: { baseUrl: "http://127.0.0.1:1", models: [{ id: "m" }, { id: "eye", input: ["text", "image"] }] },
    } } }"#;
    let catalog = catalog(text, KEYS);
    let choice = any(&catalog, Capability::ImageDescribe);
    assert_eq!(order(&choice), ["mine/eye", "acme/acme-large"]);
    assert_eq!(choice.candidates[0].because, Because::TextProvider);
}

#[test]
fn a_text_model_that_sees_describes() {
    let text = "{ agents: { defaults: { model: 'acme/acme-large' } } }";
    let sees = catalog(text, KEYS);
    let choice = any(&sees, Capability::ImageDescribe);
    assert_eq!(order(&choice), ["acme/acme-large"]);
    assert_eq!(choice.candidates[0].because, Because::TextModel);
    let text =
        "{ agents: { defaults: { model: 'acme/acme-large', imageModel: 'acme/acme-small' } } }";
    let both = catalog(text, KEYS);
    assert_eq!(
        order(&any(&both, Capability::ImageDescribe)),
        ["acme/acme-small", "acme/acme-large"]
    );
}

#[test]
fn a_name_is_strict() {
    let catalog = catalog("{ agents: { defaults: { model: 'beta/beta-1' } } }", KEYS);
    let reference = "acme/unheard-of".parse().unwrap();
    let choice = catalog.choose(Capability::ModelRun, Wanted::Model(&reference));
    // A model that is in no list is passed through.
    assert_eq!(order(&choice), ["acme/unheard-of"]);
    assert_eq!(choice.candidates[0].because, Because::Named);
    let id = "acme".parse().unwrap();
    assert_eq!(
        order(&catalog.choose(Capability::ModelRun, Wanted::Provider(&id))),
        ["acme/acme-large"]
    );
}

#[test]
fn a_name_that_cannot_be_used_is_an_error_that_says_why() {
    let catalog = catalog(
        "{ models: { providers: { mine: { baseUrl: 'http://127.0.0.1:1' } } } }",
        &[("BETA_API_KEY", "k")],
    );
    let refused = |capability: Capability, id: &str| -> CatalogError {
        let id = id.parse().unwrap();
        catalog
            .choose(capability, Wanted::Provider(&id))
            .into_result()
            .err()
            .unwrap()
    };
    let error = refused(Capability::ModelRun, "amce");
    assert_eq!(error.to_string(), "there is no provider `amce`");
    assert_eq!(error.hint().as_deref(), Some("did you mean `acme`?"));
    assert_eq!(error.error_type(), ErrorType::NotFound);

    let error = refused(Capability::ModelRun, "something-else");
    assert_eq!(
        error.hint().as_deref(),
        Some(
            "there are acme, beta, demo, local, mine; others can be configured under models.providers"
        )
    );

    let error = refused(Capability::ImageGenerate, "beta");
    assert_eq!(
        error.to_string(),
        "the provider `beta` does not serve image.generate"
    );
    assert_eq!(error.hint().as_deref(), Some("these do: acme, demo, mine"));
    assert_eq!(error.error_type(), ErrorType::Unsupported);

    let error = refused(Capability::ModelRun, "acme");
    assert!(
        matches!(error, CatalogError::NoCredential { .. }),
        "{error}"
    );

    let error = refused(Capability::ImageGenerate, "mine");
    assert_eq!(
        error.to_string(),
        "the provider `mine` has no default model for image.generate"
    );
    assert_eq!(
        error.hint().as_deref(),
        Some("name one: --model mine/<model>")
    );
}

#[test]
fn nothing_configured_says_how() {
    let mut manifests = crate::manifests();
    manifests.truncate(2);
    let component = [crate::component("keyed", &manifests)];
    let catalog = Catalog::new(&component, &crate::config("{}"), &crate::environment(&[]));
    let error = any(&catalog, Capability::ModelRun)
        .into_result()
        .err()
        .unwrap();
    assert_eq!(error.to_string(), "no provider is configured for model.run");
    assert_eq!(error.error_type(), ErrorType::Auth);
    assert_eq!(
        error.hint().as_deref(),
        Some(
            "set a key (ACME_API_KEY for acme, BETA_API_KEY for beta), or configure a provider under models.providers"
        )
    );
}

#[test]
fn tools_name_who_is_asked_on_the_web_and_who_understands_media() {
    let catalog = catalog(
        r#"{ tools: {
            web: { search: { provider: "acme", timeoutSeconds: 7 } },
            media: { audio: { models: [{ provider: "beta", model: "b" }, { provider: "acme" }] } },
        } }"#,
        KEYS,
    );
    let choice = any(&catalog, Capability::WebSearch);
    let tried: Vec<&str> = choice
        .skipped
        .iter()
        .map(|skipped| skipped.provider.as_str())
        .chain(
            choice
                .candidates
                .iter()
                .map(|one| one.provider.id().as_str()),
        )
        .collect();
    assert_eq!(tried, ["acme"], "nobody besides");
    let choice = any(&catalog, Capability::AudioTranscribe);
    let skipped = choice.skipped.iter();
    let tried: Vec<(&str, Option<&str>)> = skipped
        .map(|skipped| (skipped.provider.as_str(), skipped.model.as_deref()))
        .collect();
    assert_eq!(tried, [("beta", Some("b")), ("acme", None)]);
}
