//! From a crate to a component, with a real cargo.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the tests of a build tool make folders, read the environment and start the tool"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use chela_manifest::{Family, exports, section};
use chela_pack::{Options, PackError, Packed, build, pack, read_manifests};

/// The root of the workspace.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("the crate is two folders below the workspace")
}

/// The target folder that the bundled providers are built in, so that dependencies are built once for both.
fn target_dir() -> PathBuf {
    let tests = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tests
        .parent()
        .expect("it is in the target folder")
        .join("guests")
}

fn options() -> Options {
    Options::new(env::vars_os()).target_dir(target_dir())
}

fn hello() -> Packed {
    build(&[root().join("examples/hello")], &options())
        .expect("the example builds")
        .remove(0)
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("it is in the folder"))
            .expect("the folder is writable");
        fs::write(path, text).expect("the folder is writable");
    }
    folder
}

const MANIFEST: &str = r#"
id = "acme"
name = "Acme"
version = "1.0.0"
contract = "0.1"
[endpoints.api]
base = "https://api.acme.example"
[search]
max-results = 5
"#;

#[test]
fn the_example_becomes_a_component_that_asks_for_the_contract_alone() {
    let packed = hello();
    assert_eq!(packed.package, "hello");
    assert_eq!(packed.digest.len(), "sha256:".len() + 64);
    assert!(
        packed.component.len() < 250_000,
        "{} bytes",
        packed.component.len()
    );
    let manifests = section::read_head(&packed.component[..4096]).unwrap();
    assert_eq!(
        manifests,
        read_manifests(&root().join("examples/hello")).unwrap()
    );
    assert_eq!(manifests, packed.manifests);
    let surface = exports::inspect(&packed.component).unwrap();
    assert_eq!(surface.families, [Family::Model]);
    assert!(
        surface
            .imports
            .iter()
            .all(|import| import.starts_with("chela:provider/")),
        "{:?}",
        surface.imports
    );
    assert!(
        surface
            .imports
            .iter()
            .any(|import| import.starts_with("chela:provider/http@"))
    );
    assert!(
        !surface
            .imports
            .iter()
            .any(|import| import.starts_with("chela:provider/log@")),
        "what is not used is not asked for"
    );
}

#[test]
fn a_component_that_does_more_or_less_than_its_manifest_says_is_refused() {
    let component = hello().component;
    let search = chela_manifest::Manifest::parse_toml(MANIFEST, "provider.toml").unwrap();
    let error = pack(&component, vec![search], "hello").unwrap_err();
    assert!(error.to_string().contains("declares [search]"), "{error}");
    let error = pack(b"\0asm\x01\0\0\0", Vec::new(), "core").unwrap_err();
    assert!(error.to_string().contains("core module"), "{error}");
}

/// A crate of a third party, outside of any workspace of chela's, in a folder of its own. Its path shows nowhere, and the same
/// sources elsewhere give the same bytes.
#[test]
fn the_folder_of_a_crate_outside_the_workspace_leaves_no_trace() {
    let sdk = root().join("sdk/rust");
    let cargo = format!(
        "[package]\nname = \"acme\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n\
         [dependencies]\nchela-sdk = {{ path = {:?} }}\n[workspace]\n",
        sdk.display().to_string()
    );
    let code = r#"
        struct Acme;
        impl chela_sdk::Search for Acme {
            fn search(request: chela_sdk::search::Request) -> chela_sdk::Result<chela_sdk::search::Response> {
                // A panic's location is where a path would show.
                assert!(request.limit < 5, "too many");
                Err(chela_sdk::Failure::internal(file!()))
            }
        }
        chela_sdk::register!(Acme: search);
    "#;
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let files = [
        ("Cargo.toml", cargo.as_str()),
        ("Cargo.lock", &lock),
        ("provider.toml", MANIFEST),
        ("src/lib.rs", code),
    ];
    let (one, two) = (folder(&files), folder(&files));
    let packed = |folder: &Path| build(&[folder], &options()).unwrap().remove(0);
    let (first, second) = (packed(one.path()), packed(two.path()));
    let path = one.path().canonicalize().unwrap();
    let path = path.to_str().unwrap().as_bytes();
    assert!(
        !first
            .component
            .windows(path.len())
            .any(|window| window == path)
    );
    assert_eq!(first.digest, second.digest);
    assert_eq!(first.component, second.component);
}

#[test]
fn what_stands_in_the_way_is_told_before_anything_is_built() {
    let library =
        "[package]\nname = \"acme\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[workspace]\n";
    let told = |files: &[(&str, &str)]| build(&[folder(files).path()], &options()).unwrap_err();
    assert!(matches!(told(&[]), PackError::NoManifest { .. }));
    assert!(matches!(
        told(&[("provider.toml", MANIFEST)]),
        PackError::NoCrate { .. }
    ));
    let both = [("provider.toml", MANIFEST), ("providers/a.toml", MANIFEST)];
    assert!(matches!(told(&both), PackError::TwoManifests { .. }));
    let error = told(&[("provider.toml", "id = \"Acme\"\n")]);
    assert!(
        matches!(error, PackError::Manifest(_)) && error.to_string().contains("provider.toml:1"),
        "{error}"
    );
    let error = told(&[
        ("provider.toml", MANIFEST),
        ("Cargo.toml", library),
        ("src/lib.rs", ""),
    ]);
    assert!(matches!(error, PackError::NotACdylib { .. }), "{error}");
    let error = told(&[("provider.toml", MANIFEST), ("Cargo.toml", "[package")]);
    assert!(matches!(error, PackError::Metadata { .. }), "{error}");
}

#[test]
fn a_crate_that_registers_nothing_and_one_that_does_not_compile_are_refused() {
    let cargo = "[package]\nname = \"acme\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n[workspace]\n";
    let told = |code: &str| {
        let files = [
            ("provider.toml", MANIFEST),
            ("Cargo.toml", cargo),
            ("src/lib.rs", code),
        ];
        build(&[folder(&files).path()], &options()).unwrap_err()
    };
    let error = told("#[unsafe(no_mangle)] pub extern \"C\" fn f() {}");
    assert!(
        matches!(
            error,
            PackError::NothingRegistered { .. } | PackError::Encode { .. }
        ),
        "{error}"
    );
    let error = told(
        "#[link(wasm_import_module = \"env\")] unsafe extern \"C\" { fn g(); }\n#[unsafe(no_mangle)] pub extern \"C\" fn f() { unsafe { g() } }",
    );
    assert!(matches!(error, PackError::Encode { .. }), "{error}");
    assert!(matches!(told("fn"), PackError::Build { .. }));
}

#[test]
fn the_program_says_what_is_wrong_and_what_to_do() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_chela-pack"))
            .args(arguments)
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, out, _) = run(&["--help"]);
    assert!(
        code == Some(0) && out.contains("Usage: chela-pack"),
        "{out}"
    );
    for wrong in [&[][..], &["--nonsense"], &["a", "b"], &["a", "-o"]] {
        let (code, out, error) = run(wrong);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{wrong:?}");
        assert!(
            error.starts_with("error: ") && error.contains("\nhint: "),
            "{error}"
        );
    }
    let empty = folder(&[]);
    let (code, _, error) = run(&[empty.path().to_str().unwrap()]);
    assert_eq!(code, Some(1));
    assert!(
        error.contains("provider.toml") && error.contains("\nhint: write one"),
        "{error}"
    );
}

#[test]
fn the_program_packs_a_component_that_was_built_elsewhere() {
    let built = hello();
    let folder = folder(&[(
        "provider.toml",
        &fs::read_to_string(root().join("examples/hello/provider.toml")).unwrap(),
    )]);
    let (input, output) = (
        folder.path().join("in.wasm"),
        folder.path().join("out.wasm"),
    );
    fs::write(&input, &built.component).unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_chela-pack"))
        .arg(folder.path())
        .arg("--component")
        .arg(&input)
        .arg("-o")
        .arg(&output)
        .output()
        .unwrap();
    assert!(status.status.success(), "{status:?}");
    assert_eq!(
        fs::read(&output).unwrap(),
        built.component,
        "packing again changes nothing"
    );
}
