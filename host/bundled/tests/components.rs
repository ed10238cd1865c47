//! What is bundled is small, and can do nothing but what the contract gives.

use chela_manifest::{exports, section};

/// The most a bundled component may have, in bytes.
const LIMIT: usize = 250_000;

#[test]
fn every_component_imports_the_contract_and_nothing_else() {
    for component in chela_bundled::components() {
        let surface = exports::inspect(component.bytes).expect("it is a component");
        let foreign: Vec<_> =
            surface.imports.iter().filter(|import| !import.starts_with("chela:provider/")).collect();
        assert!(foreign.is_empty(), "{} imports {foreign:?}", component.id);
    }
}

#[test]
fn every_component_is_small() {
    for component in chela_bundled::components() {
        assert!(component.bytes.len() < LIMIT, "{} has {} bytes", component.id, component.bytes.len());
    }
}

#[test]
fn every_component_carries_manifests_that_fit_it() {
    for component in chela_bundled::components() {
        let manifests = section::read_head(component.bytes).expect("manifests are at the head");
        assert!(!manifests.is_empty(), "{}", component.id);
        let surface = exports::inspect(component.bytes).expect("it is a component");
        exports::check_all(&surface, &manifests).expect("they fit");
    }
}

#[test]
fn the_providers_are_those_that_readme_names() {
    let ids: Vec<String> = chela_bundled::components()
        .iter()
        .flat_map(|component| section::read_head(component.bytes).expect("manifests are at the head"))
        .filter(|manifest| manifest.template_for.is_empty())
        .map(|manifest| manifest.id.to_string())
        .collect();
    assert_eq!(ids, ["demo", "cerebras", "groq", "mistral", "openai"]);
}
