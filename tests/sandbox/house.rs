//! What these tests share: guests, built once, and a sandbox around them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, DirBuilder, DirBuilderExt};
use chela_credentials::Environment;
use chela_egress::{
    Call, CallLimits, CredentialGrant, Egress, EgressOptions, EndpointGrant, Grant,
};
use chela_manifest::{Downloads, Inject};
use chela_sandbox::families::search::{Request, Response};
use chela_sandbox::{
    CallError, CompilerCommand, Component, ComponentBytes, Imports, Limits, Provider, Sandbox,
    SandboxError, SandboxOptions, SealingKey,
};
use chela_test_support::server::Server;
use tempfile::TempDir;
use tokio::time::Instant;

/// The key that must never be seen.
pub(crate) const CANARY: &str = "sk-canary-0123456789abcdef";

/// Long enough for any call that is meant to end by itself or by another limit.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// The guest of that name as a core module, built with all others at the first request.
fn module(target: &str, name: &str) -> Vec<u8> {
    static BUILT: [OnceLock<PathBuf>; 2] = [OnceLock::new(), OnceLock::new()];
    let slot = &BUILT[usize::from(target == "wasm32-wasip2")];
    let folder = slot.get_or_init(|| build(target));
    std::fs::read(folder.join(format!("{name}.wasm"))).expect("the guest was built")
}

fn build(target: &str) -> PathBuf {
    add_target(target);
    // Beside the program's own target folder, which the outer build may hold locked.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guests");
    let mut build = Command::new(env!("CARGO"));
    build.args([
        "build",
        "--examples",
        "--package",
        "chela-test-guests",
        "--profile",
        "guest",
    ]);
    build
        .args(["--target", target, "--target-dir"])
        .arg(&folder);
    build.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_") && name != "CARGO_HOME"
            || name.starts_with("RUSTC")
            || name == "RUSTFLAGS"
        {
            build.env_remove(&*name);
        }
    }
    assert!(
        build.status().expect("cargo runs").success(),
        "the guests build for {target}"
    );
    folder.join(target).join("guest/examples")
}

/// Lets rustup bring the target where it is missing, so that the tests need no step of their own.
fn add_target(target: &str) {
    let asked = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", target])
        .output();
    let folder = String::from_utf8(asked.expect("rustc runs").stdout).expect("a path");
    if !Path::new(folder.trim()).is_dir() {
        let added = Command::new("rustup")
            .args(["target", "add", target])
            .status()
            .expect("rustup runs");
        assert!(added.success(), "rustup adds {target}");
    }
}

/// The guest of that name as a component.
pub(crate) fn guest(name: &str) -> ComponentBytes {
    let component =
        chela_pack::encode(&module(chela_pack::TARGET, name), name).expect("it is a component");
    ComponentBytes {
        digest: format!("sha256:{name}"),
        bytes: component.into(),
    }
}

/// The guest of that name with the standard library's WASI imports, as third-party toolchains make them.
pub(crate) fn guest_with_wasi(name: &str) -> ComponentBytes {
    let target = "wasm32-wasip2";
    ComponentBytes {
        digest: format!("sha256:{name}-wasi"),
        bytes: module(target, name).into(),
    }
}

/// A sandbox with folders of its own.
pub(crate) struct House {
    pub(crate) sandbox: Sandbox,
    pub(crate) folder: TempDir,
}

impl House {
    pub(crate) fn new() -> Self {
        Self::with_compiler(CompilerCommand {
            program: env!("CARGO_BIN_EXE_chela").into(),
            args: vec!["__compile".into()],
        })
    }

    pub(crate) fn with_compiler(compiler: CompilerCommand) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let sandbox = Self::sandbox(folder.path(), compiler).expect("a sandbox");
        Self { sandbox, folder }
    }

    /// A sandbox on existing folders, as the next process would make it.
    pub(crate) fn sandbox(
        folder: &Path,
        compiler: CompilerCommand,
    ) -> Result<Sandbox, SandboxError> {
        let compiled = private_folder(&folder.join("compiled"));
        let key = SealingKey::load_or_create(&private_folder(&folder.join("state")))?;
        Sandbox::new(SandboxOptions {
            compiled,
            key,
            compiler,
        })
    }

    pub(crate) async fn load(&self, component: &ComponentBytes) -> Component {
        self.sandbox
            .load(component, Imports::Contract)
            .await
            .expect("it loads")
    }

    /// Loads a guest and asks it once, under these limits.
    pub(crate) async fn ask(
        &self,
        name: &str,
        query: &str,
        limits: Limits,
    ) -> Result<Response, CallError> {
        let component = self.load(&guest(name)).await;
        ask(&component, query, provider(limits), LONG).await
    }

    /// That others are as before: a well-behaved guest in the same sandbox still answers.
    pub(crate) async fn is_as_before(&self) {
        let answer = self
            .ask("answers", "still here", Limits::default())
            .await
            .expect("it answers");
        assert_eq!(answer.answer.as_deref(), Some("still here"));
    }
}

/// Asks a component once.
pub(crate) async fn ask(
    component: &Component,
    query: &str,
    provider: Provider,
    time: Duration,
) -> Result<Response, CallError> {
    let call = Call::new(Instant::now() + time, CallLimits::default());
    let request = Request {
        query: query.into(),
        limit: 1,
        freshness: None,
        region: None,
        language: None,
        include_domains: vec![],
        exclude_domains: vec![],
        extra: vec![],
    };
    component
        .instantiate(provider, call)
        .expect("it is made ready")
        .search(request)
        .await
}

/// A provider without a way out.
pub(crate) fn provider(limits: Limits) -> Provider {
    provider_of(EgressOptions::default(), limits)
}

/// The same, with what a process gives to egress.
pub(crate) fn provider_of(options: EgressOptions, limits: Limits) -> Provider {
    with_grant(options, limits, BTreeMap::new())
}

/// A provider whose endpoint is that server, with the canary as its key.
pub(crate) fn provider_at(server: &Server, limits: Limits) -> Provider {
    provider_at_url(&server.url("/v1"), limits)
}

/// The same for a URL.
pub(crate) fn provider_at_url(url: &str, limits: Limits) -> Provider {
    let inject = Inject::Header {
        name: "authorization".into(),
        format: "Bearer {}".into(),
    };
    let variable = "CANARY".to_owned();
    let asked = chela_manifest::Credential {
        env: vec![variable.clone()],
        required: true,
        inject: inject.clone(),
    };
    let found = chela_credentials::find(
        &asked,
        None,
        &Environment::new([(variable, CANARY.to_owned())]),
    );
    let credential = CredentialGrant {
        name: "api-key".into(),
        inject: Inject::Header {
            name: "authorization".into(),
            format: "Bearer {}".into(),
        },
        secret: found.found.expect("a key").secret,
    };
    let endpoint = EndpointGrant {
        base: url.parse().expect("a URL"),
        named_by_operator: true,
        plain_http_credential: false,
        credential: Some(credential),
    };
    let endpoints = BTreeMap::from([("api".into(), endpoint)]);
    with_grant(EgressOptions::default(), limits, endpoints)
}

fn with_grant(
    options: EgressOptions,
    limits: Limits,
    endpoints: BTreeMap<String, EndpointGrant>,
) -> Provider {
    let id: chela_manifest::ProviderId = "guest".parse().expect("an id");
    let replaced: BTreeSet<String> = endpoints.keys().cloned().collect();
    let present = endpoints
        .values()
        .filter_map(|endpoint| endpoint.credential.as_ref());
    let present = present.map(|credential| credential.name.clone()).collect();
    Provider {
        egress: Egress::new(options).connect(Grant {
            provider: id.clone(),
            endpoints,
            downloads: Downloads::None,
        }),
        id,
        settings: Arc::default(),
        replaced_endpoints: Arc::new(replaced),
        credentials_present: Arc::new(present),
        limits,
    }
}

pub(crate) fn private_folder(path: &Path) -> Dir {
    let parent = path.parent().expect("it has a parent");
    let parent = Dir::open_ambient_dir(parent, ambient_authority()).expect("it opens");
    let name = path.file_name().expect("it has a name");
    let mut builder = DirBuilder::new();
    builder.mode(0o700).recursive(true);
    parent.create_dir_with(name, &builder).expect("it is made");
    parent.open_dir(name).expect("it opens")
}
