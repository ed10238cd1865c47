//! What a provider may do on the network.

use chela_manifest::{Downloads, Inject};

use crate::catalog;

#[test]
fn a_bundled_provider_gets_its_own_servers_and_its_own_key() {
    let catalog = catalog(
        "{}",
        &[("ACME_API_KEY", "canary"), ("BETA_API_KEY", "other")],
    );
    let provider = catalog.provider("acme").unwrap();
    let grant = provider.grant().unwrap();
    assert_eq!(grant.provider.as_str(), "acme");
    let api = &grant.endpoints["api"];
    assert_eq!(api.base.as_str(), "https://api.acme.example/v1");
    assert!(!api.named_by_operator && !api.plain_http_credential);
    let credential = api.credential.as_ref().unwrap();
    assert_eq!(credential.name, "api-key");
    assert_eq!(credential.secret.expose(), "canary");
    assert_eq!(
        credential.inject,
        Inject::Header {
            name: "Authorization".to_owned(),
            format: "Bearer {}".to_owned()
        }
    );
    assert!(matches!(&grant.downloads, Downloads::Origins(origins) if origins.len() == 1));
    assert!(provider.replaced_endpoints().is_empty());
    assert_eq!(
        provider
            .credentials_present()
            .into_iter()
            .collect::<Vec<_>>(),
        ["api-key"]
    );
}

#[test]
fn a_base_url_of_the_operator_takes_the_place_of_the_manifests() {
    let text = "{ models: { providers: { acme: { baseUrl: 'http://10.0.0.1:8080/proxy', apiKey: 'mine', allowPlainHttp: true } } } }";
    let catalog = catalog(text, &[("ACME_API_KEY", "canary")]);
    let provider = catalog.provider("acme").unwrap();
    let grant = provider.grant().unwrap();
    let api = &grant.endpoints["api"];
    assert_eq!(api.base.as_str(), "http://10.0.0.1:8080/proxy");
    assert!(api.named_by_operator && api.plain_http_credential);
    // The key that was meant for the manifest's server is not sent to another one in place of the one configured for it.
    assert_eq!(api.credential.as_ref().unwrap().secret.expose(), "mine");
    assert_eq!(
        provider
            .replaced_endpoints()
            .into_iter()
            .collect::<Vec<_>>(),
        ["api"]
    );
}

#[test]
fn the_manifests_own_base_url_replaces_nothing() {
    let text = "{ models: { providers: { acme: { baseUrl: 'https://api.acme.example/v1/' } } } }";
    let catalog = catalog(text, &[("ACME_API_KEY", "canary")]);
    let provider = catalog.provider("acme").unwrap();
    assert!(provider.replaced_endpoints().is_empty());
    assert!(provider.grant().unwrap().endpoints["api"].named_by_operator);
}

#[test]
fn what_is_not_configured_is_granted_nothing() {
    let catalog = catalog("{}", &[]);
    for id in ["acme", "local"] {
        assert!(catalog.provider(id).unwrap().grant().is_err(), "{id}");
    }
    let demo = catalog.provider("demo").unwrap().grant().unwrap();
    assert!(demo.endpoints.is_empty() && demo.downloads.is_none());
}
