//! What listings print.

use chela_catalog::Capability;

use crate::catalog;

#[test]
fn a_record_holds_what_the_command_contract_asks() {
    let catalog = catalog("{}", &[("ACME_API_KEY", "canary")]);
    let records = catalog.list(Capability::ImageGenerate);
    let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
    assert_eq!(ids, ["acme", "demo"]);
    let text = serde_json::to_string(&records[0]).unwrap();
    assert_eq!(
        text,
        concat!(
            r#"{"id":"acme","label":"Acme","available":true,"discoverable":true,"configured":true,"#,
            r#""auth":{"required":true,"lookedFor":["environment variable ACME_API_KEY"],"answeredBy":"environment variable ACME_API_KEY"},"#,
            r#""selected":true,"selectedBecause":"it is the only configured provider that does this","#,
            r#""defaultModel":"acme-1","models":["acme-1"],"#,
            r#""capabilities":{"generate":{"maxCount":4,"sizes":["1024x1024"],"aspectRatios":[],"resolutions":[],"#,
            r#""formats":["png"],"backgrounds":[],"qualities":[],"moderations":[]},"edit":null},"#,
            r#""component":{"source":"bundled","version":"1.2.0","digest":"sha256:00ff","contract":"0.1"},"#,
            r#""network":["https://api.acme.example","https://*.cdn.acme.example"]}"#,
        )
    );
    assert!(!text.contains("canary"));
}

#[test]
fn one_that_cannot_be_used_says_why_and_what_to_do() {
    let records = catalog("{}", &[]).list(Capability::EmbeddingCreate);
    let text = serde_json::to_string(&records[0]).unwrap();
    assert!(
        text.contains(r#""configured":false"#) && text.contains(r#""answeredBy":null"#),
        "{text}"
    );
    assert!(
        text.contains(r#""capabilities":{"dimensions":false,"maxTexts":96}"#),
        "{text}"
    );
    assert!(
        text.ends_with(
            r#""reason":"environment variable ACME_API_KEY not found or empty","hint":"set ACME_API_KEY, or models.providers.acme.apiKey in the configuration, or run `chela model auth login --provider acme`"}"#
        ),
        "{text}"
    );
}

#[test]
fn at_most_one_is_selected_and_a_demonstration_says_what_it_is() {
    for keys in [
        &[][..],
        &[("ACME_API_KEY", "k")],
        &[("ACME_API_KEY", "k"), ("BETA_API_KEY", "k")],
    ] {
        let catalog = catalog("{}", keys);
        for capability in Capability::ALL {
            let records = catalog.list(capability);
            let selected: Vec<&str> = records
                .iter()
                .filter(|record| record.selected)
                .map(|record| record.id.as_str())
                .collect();
            let chosen = catalog.choose(capability, chela_catalog::Wanted::Any);
            let first: Vec<&str> = chosen
                .candidates
                .iter()
                .take(1)
                .map(|c| c.provider.id().as_str())
                .collect();
            assert_eq!(selected, first, "{capability}");
            for record in records {
                assert_eq!(record.selected, record.selected_because.is_some());
                assert!(record.id != "demo" || record.label == "Sketcher (demo)");
            }
        }
    }
}

#[test]
fn the_operators_own_provider_is_listed_like_any_other() {
    let text = "{ models: { providers: { mine: { baseUrl: 'http://127.0.0.1:8080/v1', models: ['m'] } } } }";
    let records = catalog(text, &[]).list(Capability::ModelRun);
    let mine = records.iter().find(|record| record.id == "mine").unwrap();
    assert!(mine.available && mine.configured && mine.selected);
    assert_eq!(mine.network, ["http://127.0.0.1:8080"]);
    assert_eq!(mine.default_model.as_deref(), Some("m"));
    assert_eq!(mine.component.as_ref().unwrap().digest, "sha256:00ff");
}

#[test]
fn models_are_listed_with_their_references() {
    let text = r#"{ agents: { defaults: { models: { "acme/acme-large": { alias: "big" } } } },
        models: { providers: { mine: { baseUrl: "http://127.0.0.1:1", models: [{ id: "google/gemma", maxTokens: 9 }] } } } }"#;
    let catalog = catalog(text, &[("ACME_API_KEY", "k")]);
    let models = catalog.models();
    let ids: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "acme/acme-large",
            "acme/acme-small",
            "acme/acme-1",
            "acme/acme-embed",
            "beta/beta-1",
            "demo/demo-1",
            "local/local-1",
            "mine/google/gemma",
        ]
    );
    assert_eq!(models.iter().filter(|model| model.selected).count(), 1);
    let large = &models[0];
    assert!(large.selected && large.configured);
    assert_eq!(large.label, "Acme Large");
    assert_eq!(large.alias.as_deref(), Some("big"));
    assert_eq!(large.capabilities, ["model"]);
    assert_eq!(models[3].dimensions, Some(8));
    // Served by two families, listed once.
    assert_eq!(models[5].capabilities, ["model", "image"]);
}

#[test]
fn a_model_is_found_by_each_of_its_names() {
    let text = r#"{ agents: { defaults: { models: { "acme/acme-large": { alias: "big" } } } },
        models: { providers: { mine: { baseUrl: "http://127.0.0.1:1", models: ["google/gemma", "beta-1"] } } } }"#;
    let catalog = catalog(text, &[]);
    let found = |name: &str| -> Vec<String> {
        catalog
            .find_models(name)
            .into_iter()
            .map(|model| model.id)
            .collect()
    };
    assert_eq!(found("acme/acme-large"), ["acme/acme-large"]);
    assert_eq!(found("big"), ["acme/acme-large"]);
    assert_eq!(found("beta-1"), ["beta/beta-1", "mine/beta-1"]);
    assert_eq!(found("google/gemma"), ["mine/google/gemma"]);
    // A provider that is known takes models that are in no list.
    assert_eq!(found("acme/unheard-of"), ["acme/unheard-of"]);
    assert!(found("unheard-of").is_empty());
    assert!(found("nobody/unheard-of").is_empty());
}
