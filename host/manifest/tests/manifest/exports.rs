//! Components held against their manifests.

use chela_manifest::exports::{check, check_all, inspect};
use chela_manifest::{Family, Manifest, ManifestError, section};
use wasm_encoder::{
    Component, ComponentExportKind, ComponentExportSection, ComponentImportSection,
    ComponentTypeRef, ComponentTypeSection, InstanceType, Module, ModuleSection,
    NestedComponentSection,
};

/// A component with empty instances as imports, the first of which it gives back under each exported name.
fn component(imports: &[&str], exports: &[&str]) -> Component {
    let mut component = Component::new();
    let mut types = ComponentTypeSection::new();
    types.instance(&InstanceType::new());
    component.section(&types);
    let mut section = ComponentImportSection::new();
    for name in imports {
        section.import(*name, ComponentTypeRef::Instance(0));
    }
    component.section(&section);
    let mut section = ComponentExportSection::new();
    for name in exports {
        section.export(*name, ComponentExportKind::Instance, 0, None);
    }
    component.section(&section);
    component
}

fn bytes(imports: &[&str], exports: &[&str]) -> Vec<u8> {
    component(imports, exports).finish()
}

fn manifest(families: &str) -> Manifest {
    let text =
        format!("id = \"acme\"\nname = \"Acme\"\nversion = \"1\"\ncontract = \"0.1\"\n{families}");
    Manifest::parse_toml(&text, "provider.toml").unwrap()
}

const HTTP: &str = "chela:provider/http@0.1.0";
const MODEL: &str = "chela:provider/model@0.1.0";
const SEARCH: &str = "chela:provider/search@0.1.3";

#[test]
fn the_outside_is_read() {
    let surface = inspect(&bytes(
        &[HTTP, "wasi:io/poll@0.2.6"],
        &[SEARCH, MODEL, "extra"],
    ))
    .unwrap();
    assert_eq!(surface.imports, [HTTP, "wasi:io/poll@0.2.6"]);
    assert_eq!(surface.exports, [SEARCH, MODEL, "extra"]);
    assert_eq!(surface.families, [Family::Model, Family::Search]);
    assert_eq!(surface.contract.unwrap().to_string(), "0.1");
    check_all(&surface, &[manifest("[model]\n[search]\n")]).unwrap();
}

#[test]
fn what_is_nested_does_not_count() {
    let inner = component(&["evil:sockets/tcp@1.0.0"], &["chela:provider/image@0.1.0"]);
    let mut outer = component(&[HTTP], &[MODEL]);
    outer.section(&NestedComponentSection(&inner));
    outer.section(&ModuleSection(&Module::new()));
    let mut exports = ComponentExportSection::new();
    exports.export(
        "chela:provider/embedding@0.1.0",
        ComponentExportKind::Instance,
        0,
        None,
    );
    outer.section(&exports);
    let surface = inspect(&outer.finish()).unwrap();
    assert_eq!(surface.imports, [HTTP]);
    assert_eq!(surface.families, [Family::Model, Family::Embedding]);
}

#[test]
fn embedding_manifests_leaves_a_valid_component() {
    let component = bytes(&[HTTP], &[MODEL]);
    let packed = section::embed(&component, &[manifest("[model]\n")]).unwrap();
    wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all())
        .validate_all(&packed)
        .unwrap();
    assert_eq!(inspect(&packed).unwrap(), inspect(&component).unwrap());
}

#[test]
fn foreign_imports_are_named() {
    for foreign in [
        "evil:sockets/tcp@1.0.0",
        "chela:other/http@0.1.0",
        "wasi-evil:io/poll@0.2.0",
        "env",
        "chela:provider/http",
    ] {
        let surface = inspect(&bytes(&[HTTP, foreign], &[MODEL])).unwrap();
        let error = check(&surface, &manifest("[model]\n")).unwrap_err();
        assert_eq!(error, ManifestError::ForeignImport(foreign.to_owned()));
        assert!(
            error
                .to_string()
                .contains(&format!("imports `{foreign}`, which no provider gets")),
            "{error}"
        );
    }
}

#[test]
fn a_newer_contract_is_named() {
    let surface = inspect(&bytes(
        &["chela:provider/http@0.2.0"],
        &["chela:provider/model@0.2.0"],
    ))
    .unwrap();
    assert_eq!(surface.contract.unwrap().to_string(), "0.2");
    let error = check(&surface, &manifest("[model]\n"))
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "the component wants version 0.2 of chela:provider and this chela serves 0.1; \
         use a chela that serves 0.2, or a build of the component for 0.1"
    );
    // The manifest's own claim counts as much.
    let surface = inspect(&bytes(&[HTTP], &[MODEL])).unwrap();
    let newer =
        Manifest::from_json(br#"{"id":"acme","name":"Acme","version":"1","contract":"0.3"}"#)
            .unwrap();
    assert!(matches!(
        check(&surface, &newer),
        Err(ManifestError::UnsupportedContract { .. })
    ));
}

#[test]
fn families_are_held_against_exports() {
    let surface = inspect(&bytes(&[HTTP], &[MODEL, SEARCH])).unwrap();
    // One manifest of several may declare less than the component exports; all together may not.
    check(&surface, &manifest("[model]\n")).unwrap();
    assert_eq!(
        check_all(&surface, &[manifest("[model]\n")]).unwrap_err(),
        ManifestError::UndeclaredExport {
            family: Family::Search
        }
    );
    let mut other = manifest("[search]\n");
    other.id = "other".parse().unwrap();
    check_all(&surface, &[manifest("[model]\n"), other]).unwrap();
    let error = check(
        &surface,
        &manifest("[model]\n[fetch]\nformats = [\"text\"]\n"),
    )
    .unwrap_err();
    assert_eq!(
        error,
        ManifestError::MissingExport {
            provider: "acme".to_owned(),
            family: Family::Fetch
        }
    );
    assert_eq!(
        check_all(&surface, &[]).unwrap_err(),
        ManifestError::NoManifest
    );
}

#[test]
fn what_is_no_component_is_refused() {
    assert!(
        inspect(b"")
            .unwrap_err()
            .to_string()
            .contains("magic bytes")
    );
    assert!(
        inspect(&Module::new().finish())
            .unwrap_err()
            .to_string()
            .contains("core module")
    );
    let mut cut = bytes(&[HTTP], &[MODEL]);
    cut.truncate(cut.len() - 3);
    assert!(
        matches!(inspect(&cut), Err(ManifestError::Damaged(_))),
        "{:?}",
        inspect(&cut)
    );
}
