//! Available and configured, each with why not.

use chela_bundled::BundledComponent;
use chela_catalog::{Capability, Catalog, CatalogError, Status, Wanted};
use chela_config::Config;
use chela_credentials::Environment;
use chela_envelope::ErrorType;
use chela_manifest::Manifest;

use crate::{catalog, component, config, environment};

fn status(catalog: &Catalog, id: &str) -> Status {
    catalog.provider(id).unwrap().status()
}

#[test]
fn a_key_configures() {
    let status = status(&catalog("{}", &[("ACME_API_KEY", "canary")]), "acme");
    assert_eq!(
        status,
        Status {
            available: true,
            configured: true,
            reason: None,
            hint: None
        }
    );
}

#[test]
fn a_missing_key_names_what_was_looked_for() {
    for empty in [&[][..], &[("ACME_API_KEY", "")]] {
        let catalog = catalog("{}", empty);
        let status = status(&catalog, "acme");
        assert!(status.available && !status.configured);
        assert_eq!(
            status.reason.as_deref(),
            Some("environment variable ACME_API_KEY not found or empty")
        );
        assert_eq!(
            status.hint.as_deref(),
            Some(
                "set ACME_API_KEY, or models.providers.acme.apiKey in the configuration, or run `chela model auth login --provider acme`"
            )
        );
        let error = catalog.provider("acme").unwrap().ready().unwrap_err();
        assert_eq!(error.error_type(), ErrorType::Auth);
        assert_eq!(
            error.to_string(),
            "the provider `acme` has no credential: environment variable ACME_API_KEY not found or empty"
        );
    }
}

#[test]
fn a_key_that_is_none_shows_no_part_of_itself() {
    let catalog = catalog("{}", &[("ACME_API_KEY", "canary canary")]);
    let status = status(&catalog, "acme");
    assert!(!status.configured);
    let said = format!(
        "{status:?} {:?}",
        catalog.provider("acme").unwrap().ready().unwrap_err()
    );
    assert!(
        said.contains("environment variable ACME_API_KEY holds a character that no key has"),
        "{said}"
    );
    assert!(!said.contains("canary"), "{said}");
}

#[test]
fn a_provider_without_endpoints_is_always_configured() {
    assert!(status(&catalog("{}", &[]), "demo").configured);
}

#[test]
fn nothing_is_sent_without_a_key_or_a_setting() {
    let unset = status(&catalog("{}", &[]), "local");
    assert!(unset.available && !unset.configured);
    assert_eq!(
        unset.hint.as_deref(),
        Some(
            "write --provider local, or set models.providers.local.baseUrl, such as \"http://127.0.0.1:11434/\""
        )
    );
    let named = catalog(
        "{ models: { providers: { local: { baseUrl: 'http://127.0.0.1:11434' } } } }",
        &[],
    );
    assert!(status(&named, "local").configured);
    // A base URL alone does not stand in for a key that is needed.
    let proxied = catalog(
        "{ models: { providers: { acme: { baseUrl: 'http://127.0.0.1:1' } } } }",
        &[],
    );
    assert!(!status(&proxied, "acme").configured);
}

#[test]
fn a_key_that_is_not_needed_does_not_stand_in_for_a_setting() {
    let manifest = Manifest::parse_toml(
        "id = \"own\"\nname = \"Own\"\nversion = \"1\"\ncontract = \"0.1\"\n\
         [endpoints.api]\nbase = \"http://127.0.0.1:11434\"\ncredential = \"api-key\"\n\
         [credentials.api-key]\nenv = [\"OWN_KEY\"]\nrequired = false\ninject = { header = \"Authorization\", format = \"Bearer {}\" }\n\
         [model]\ndefault-model = \"own-1\"\n",
        "provider.toml",
    )
    .unwrap();
    let bundled = [component("own", &[manifest])];
    let variables = environment(&[("OWN_KEY", "canary")]);
    let unset = Catalog::new(&bundled, &config("{}"), &variables);
    assert!(!status(&unset, "own").configured);
    let named = "{ models: { providers: { own: { baseUrl: 'http://127.0.0.1:11434' } } } }";
    let named = Catalog::new(&bundled, &config(named), &variables);
    assert!(status(&named, "own").configured);
    let grant = named.provider("own").unwrap().grant().unwrap();
    assert!(grant.endpoints["api"].credential.is_some(), "it goes along");
}

#[test]
fn a_place_that_is_not_supported_is_a_fault_of_the_configuration() {
    let text =
        "{ models: { providers: { acme: { apiKey: { source: 'exec', command: 'pass' } } } } }";
    let catalog = catalog(text, &[("ACME_API_KEY", "key")]);
    let error = catalog.provider("acme").unwrap().ready().unwrap_err();
    assert_eq!(error.error_type(), ErrorType::Config);
    assert!(
        error
            .to_string()
            .contains("apiKey with source \"exec\" is not supported"),
        "{error}"
    );
    assert!(
        error.hint().unwrap().contains("environment variable"),
        "{error}"
    );
}

#[test]
fn a_newer_contract_is_listed_with_the_version_it_wants() {
    let json =
        br#"{"id":"next","name":"Next","version":"2","contract":"0.2","endpoints":[],"image":{}}"#;
    // Embedding checks nothing of it that a newer host would not understand.
    let size = u8::try_from(json.len() + 15).unwrap();
    let mut bytes = chela_manifest::section::COMPONENT_PREAMBLE.to_vec();
    bytes.extend([0, size | 0x80, 0]);
    bytes.truncate(9);
    let mut length = json.len() + 15;
    while length >= 0x80 {
        bytes.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    bytes.push(u8::try_from(length).unwrap());
    bytes.push(14);
    bytes.extend(b"chela:provider");
    bytes.extend(json);
    let next = [BundledComponent {
        id: "next",
        bytes: bytes.leak(),
        digest: "sha256:00",
        families: &[],
        providers: &[],
    }];
    let catalog = Catalog::new(&next, &Config::default(), &Environment::default());
    let status = status(&catalog, "next");
    assert!(!status.available);
    assert_eq!(
        status.reason.as_deref(),
        Some("it wants version 0.2 of the contract chela:provider, and this chela serves 0.1")
    );
    // What it serves is not understood, so it is listed everywhere.
    assert_eq!(catalog.list(Capability::ImageGenerate)[0].id, "next");
    let id = "next".parse().unwrap();
    let error = catalog
        .choose(Capability::ImageGenerate, Wanted::Provider(&id))
        .into_result()
        .err()
        .unwrap();
    assert!(
        matches!(error, CatalogError::NotAvailable { .. }),
        "{error}"
    );
    assert_eq!(error.error_type(), ErrorType::Unsupported);
}

#[test]
fn a_component_that_does_not_read_is_passed_over_and_named() {
    for (bytes, said) in [
        (&b"<html>"[..], "this is not a WebAssembly component"),
        (b"\0asm\x01\0\0\0", "it is a core module"),
        (b"\0asm\x0d\0\x01\0\x01\x00", "carries no provider manifest"),
    ] {
        let broken = [BundledComponent {
            id: "broken",
            bytes: bytes.to_vec().leak(),
            digest: "sha256:00",
            families: &[],
            providers: &[],
        }];
        let catalog = Catalog::new(&broken, &Config::default(), &Environment::default());
        assert_eq!(catalog.providers().count(), 0);
        let warning = &catalog.warnings()[0];
        assert!(
            warning.starts_with("the component broken is passed over: ") && warning.contains(said),
            "{warning}"
        );
    }
}

#[test]
fn an_id_belongs_to_who_came_first() {
    let twice = [crate::bundled()[0], crate::bundled()[0]];
    let catalog = Catalog::new(&twice, &Config::default(), &Environment::default());
    assert_eq!(catalog.providers().count(), 1);
    assert!(catalog.warnings()[0].contains("declares the provider `demo`, which is there already"));
}

#[test]
fn replace_keeps_only_what_is_named() {
    let text = "{ models: { mode: 'replace', providers: { beta: { apiKey: 'k' }, mine: { baseUrl: 'http://127.0.0.1:1' } } } }";
    let catalog = catalog(text, &[("ACME_API_KEY", "key")]);
    let ids: Vec<&str> = catalog
        .providers()
        .map(|provider| provider.id().as_str())
        .collect();
    assert_eq!(ids, ["beta", "mine"]);
}

#[test]
fn who_names_a_provider_without_a_key_may_ask_it() {
    let catalog = catalog("{}", &[]);
    let local = catalog.provider("local").unwrap();
    assert!(local.ready().is_err() && local.grant().is_err());
    assert!(local.ready_by_name().is_ok() && local.grant_by_name().is_ok());
    // A key that is needed is needed by name too.
    assert!(catalog.provider("acme").unwrap().grant_by_name().is_err());
    let id = "local".parse().unwrap();
    let chosen = catalog
        .choose(Capability::ModelRun, Wanted::Provider(&id))
        .into_result()
        .unwrap();
    let base = &chosen[0].grant().unwrap().endpoints["api"].base;
    assert_eq!(base.as_str(), "http://127.0.0.1:11434/");
    let any = catalog
        .choose(Capability::ModelRun, Wanted::Any)
        .into_result()
        .unwrap();
    assert!(
        any.iter()
            .all(|candidate| candidate.provider.id().as_str() != "local")
    );
}

/// `seek` has no usual place; `reader` reads what its caller names.
fn web(variables: &[(&str, &str)], config: &str) -> Catalog {
    let head = "version = \"1.0.0\"\ncontract = \"0.1\"\n";
    let seek = format!(
        "id = \"seek\"\nname = \"Seek\"\n{head}[endpoints.api]\nbase-env = [\"SEEK_BASE_URL\"]\n[search]\n"
    );
    let reader = format!(
        "id = \"reader\"\nname = \"Reader\"\n{head}[endpoints.site]\n[downloads]\norigins = [\"public\"]\n[fetch]\nformats = [\"text\"]\n"
    );
    let manifests: Vec<_> = [seek, reader]
        .iter()
        .map(|text| Manifest::parse_toml(text, "provider.toml").unwrap())
        .collect();
    let component = component("web", &manifests);
    let environment = Environment::new(
        variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    Catalog::new(&[component], &crate::config(config), &environment)
}

#[test]
fn a_variable_names_a_base_url_and_the_configuration_wins() {
    let base = |catalog: &Catalog| {
        let grant = catalog.provider("seek").unwrap().grant().unwrap();
        let endpoint = &grant.endpoints["api"];
        assert!(endpoint.named_by_operator);
        endpoint.base.to_string()
    };
    let unset = status(&web(&[("SEEK_BASE_URL", " ")], "{}"), "seek");
    assert_eq!(
        (unset.configured, unset.hint.as_deref()),
        (
            false,
            Some("set SEEK_BASE_URL, or models.providers.seek.baseUrl in the configuration")
        )
    );
    let variable = [("SEEK_BASE_URL", "http://127.0.0.1:8080/x")];
    assert_eq!(base(&web(&variable, "{}")), "http://127.0.0.1:8080/x");
    let configured = "{ models: { providers: { seek: { baseUrl: 'http://127.0.0.1:9' } } } }";
    assert_eq!(base(&web(&variable, configured)), "http://127.0.0.1:9/");
    for wrong in [
        "localhost:8080",
        "ftp://a.example",
        "https://u:p@a.example",
        "https://a.example/?q",
    ] {
        let status = status(&web(&[("SEEK_BASE_URL", wrong)], "{}"), "seek");
        assert!(!status.available, "{wrong}");
        assert!(status.reason.unwrap().contains("SEEK_BASE_URL"), "{wrong}");
    }
}

#[test]
fn a_reader_of_public_pages_needs_nothing_and_learns_the_site_it_is_given() {
    let plain = web(&[], "{}");
    let reader = plain.provider("reader").unwrap();
    assert!(reader.status().configured);
    assert!(reader.grant().unwrap().endpoints.is_empty());
    assert!(reader.settings(None).is_empty());
    let given = web(
        &[],
        "{ models: { providers: { reader: { baseUrl: 'http://10.0.0.1/wiki' } } } }",
    );
    let reader = given.provider("reader").unwrap();
    assert!(reader.grant().unwrap().endpoints["site"].named_by_operator);
    assert_eq!(reader.settings(None)["baseUrl"], "\"http://10.0.0.1/wiki\"");
}
