//! What a provider may do on the network.

use chela_catalog::Catalog;
use chela_manifest::{Downloads, Inject, Manifest};

use crate::{HEAD, catalog, component, config, environment, keyed};

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

#[test]
fn a_key_in_clear_is_told_and_goes_to_no_public_address() {
    let warned = |base: &str, more: &str| {
        let text =
            format!("{{ models: {{ providers: {{ acme: {{ baseUrl: '{base}'{more} }} }} }} }}");
        let catalog = catalog(&text, &[("ACME_API_KEY", "canary")]);
        let told = catalog
            .warnings()
            .iter()
            .any(|warning| warning.contains("in clear"));
        let ready = catalog.provider("acme").unwrap().ready();
        (
            ready.map_err(|error| error.hint().unwrap_or_default()),
            told,
        )
    };
    for near in [
        "http://127.0.0.1:1/v1",
        "http://[::1]/v1",
        "http://localhost:1",
    ] {
        assert_eq!(warned(near, ""), (Ok(()), false), "{near}");
    }
    for private in [
        "http://10.0.0.1:8080/v1",
        "http://[fd00::1]/",
        "http://nas.example",
    ] {
        assert_eq!(warned(private, ""), (Ok(()), true), "{private}");
    }
    let (refused, told) = warned("http://8.8.8.8/v1", "");
    assert!(refused.unwrap_err().contains("allowPlainHttp") && !told);
    assert_eq!(
        warned("http://8.8.8.8/v1", ", allowPlainHttp: true"),
        (Ok(()), true)
    );
    assert_eq!(warned("https://8.8.8.8/v1", ""), (Ok(()), false));
}

#[test]
fn the_key_of_a_replaced_endpoint_goes_nowhere_else() {
    let manifest = format!(
        "id = \"twin\"\nname = \"Twin\"\n{HEAD}{}\
         [endpoints.upload]\nbase = \"https://upload.acme.example\"\ncredential = \"api-key\"\n\
         [model]\ndefault-model = \"m\"\n",
        keyed("ACME_API_KEY")
    );
    let manifest = Manifest::parse_toml(&manifest, "provider.toml").unwrap();
    let bundled = [component("twin", &[manifest])];
    let holds = |text: &str| {
        let variables = environment(&[("ACME_API_KEY", "canary")]);
        let catalog = Catalog::new(&bundled, &config(text), &variables);
        let grant = catalog.provider("twin").unwrap().grant().unwrap();
        ["api", "upload"].map(|name| grant.endpoints[name].credential.is_some())
    };
    assert_eq!(holds("{}"), [true, true]);
    let replaced = "{ models: { providers: { twin: { baseUrl: 'https://proxy.example/v1' } } } }";
    assert_eq!(holds(replaced), [true, false]);
}

#[test]
fn endpoints_of_one_server_move_along_with_it() {
    let manifest = format!(
        "id = \"twin\"\nname = \"Twin\"\n{HEAD}{}\
         [endpoints.upload]\nbase = \"https://api.acme.example/upload/v1\"\ncredential = \"api-key\"\n\
         [model]\ndefault-model = \"m\"\n",
        keyed("ACME_API_KEY")
    );
    let manifest = Manifest::parse_toml(&manifest, "provider.toml").unwrap();
    let bundled = [component("twin", &[manifest])];
    let upload = |base: &str| {
        let text = format!("{{ models: {{ providers: {{ twin: {{ baseUrl: '{base}' }} }} }} }}");
        let variables = environment(&[("ACME_API_KEY", "canary")]);
        let catalog = Catalog::new(&bundled, &config(&text), &variables);
        let provider = catalog.provider("twin").unwrap();
        let replaced = provider.replaced_endpoints().contains("upload");
        let grant = provider.grant().unwrap();
        grant.endpoints.get("upload").map(|endpoint| {
            let credential = endpoint.credential.is_some();
            (
                endpoint.base.to_string(),
                credential,
                endpoint.named_by_operator,
                replaced,
            )
        })
    };
    for (base, moved) in [
        (
            "http://127.0.0.1:8080/v1",
            "http://127.0.0.1:8080/upload/v1",
        ),
        (
            "https://proxy.example/acme/v1/",
            "https://proxy.example/acme/upload/v1",
        ),
    ] {
        assert_eq!(upload(base), Some((moved.to_owned(), true, true, true)));
    }
    let own = upload("https://api.acme.example/v1").expect("it is there");
    assert_eq!(
        (own.0.as_str(), own.1, own.3),
        ("https://api.acme.example/upload/v1", true, false)
    );
    // Nothing tells where it is: it is not asked at its old place.
    assert_eq!(upload("https://proxy.example/gemini"), None);
}

#[test]
fn a_server_of_ones_own_is_reached_when_it_is_named_and_not_before() {
    let catalog = catalog("{}", &[("ACME_API_KEY", "canary")]);
    let local = catalog.provider("local").unwrap();
    assert!(local.grant().is_err(), "nobody has named it");
    let grant = local.grant_by_name().unwrap();
    let endpoint = &grant.endpoints["api"];
    assert!(endpoint.named_by_operator, "loopback is within reach");
    assert!(
        endpoint.credential.is_none(),
        "who listens there is not known"
    );
    // A provider elsewhere gets no nearer by its name.
    let acme = catalog.provider("acme").unwrap().grant_by_name().unwrap();
    assert!(acme.endpoints.values().all(|one| !one.named_by_operator));
}
