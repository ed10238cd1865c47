//! What the catalog promises, from outside. Its components are made here: a preamble and manifests, with nothing behind them
//! that could be compiled or run.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends at the first thing it did not expect"
)]

mod choosing;
mod configured;
mod custom;
mod grants;
mod listing;

use std::sync::OnceLock;

use chela_bundled::BundledComponent;
use chela_catalog::Catalog;
use chela_config::{Config, parse};
use chela_credentials::Environment;
use chela_manifest::{Manifest, section};

const HEAD: &str = "version = \"1.2.0\"\ncontract = \"0.1\"\n";

fn keyed(variable: &str) -> String {
    format!(
        "[endpoints.api]\nbase = \"https://api.acme.example/v1\"\ncredential = \"api-key\"\n\
         [credentials.api-key]\nenv = [\"{variable}\"]\ninject = {{ header = \"Authorization\", format = \"Bearer {{}}\" }}\n"
    )
}

/// `acme` draws, writes and embeds; `beta` writes and ranks first; `local` needs no key; `demo` shows; and there is a template.
fn manifests() -> Vec<Manifest> {
    let acme = format!(
        "id = \"acme\"\nname = \"Acme\"\nrank = 20\n{HEAD}{}\
         [downloads]\norigins = [\"https://*.cdn.acme.example\"]\n\
         [settings]\nmaxTokensField = \"max_tokens\"\nkept = 1\n\
         [model]\ndefault-model = \"acme-large\"\nmodels = [{{ id = \"acme-large\", name = \"Acme Large\", input = [\"text\", \"image\"], context-window = 1000 }}, \"acme-small\"]\n\
         [image]\ndefault-model = \"acme-1\"\nmodels = [\"acme-1\"]\ngenerate = {{ max-count = 4, sizes = [\"1024x1024\"], output-formats = [\"png\"] }}\n\
         [embedding]\ndefault-model = \"acme-embed\"\nmodels = [{{ id = \"acme-embed\", dimensions = 8 }}]\nmax-texts = 96\n",
        keyed("ACME_API_KEY")
    );
    let beta = format!(
        "id = \"beta\"\nname = \"Beta\"\nrank = 10\n{HEAD}{}[model]\ndefault-model = \"beta-1\"\nmodels = [\"beta-1\"]\n",
        keyed("BETA_API_KEY")
    );
    let local = format!(
        "id = \"local\"\nname = \"Local\"\n{HEAD}[endpoints.api]\nbase = \"http://127.0.0.1:11434\"\n\
         [model]\ndefault-model = \"local-1\"\n"
    );
    let demo = format!(
        "id = \"demo\"\nname = \"Sketcher\"\ndemonstration = true\nrank = 0\n{HEAD}\
         [model]\ndefault-model = \"demo-1\"\n[image]\ndefault-model = \"demo-1\"\ngenerate = {{}}\nedit = {{}}\n"
    );
    let template = format!(
        "id = \"template\"\nname = \"Template\"\nrank = 0\ntemplate-for = [\"openai-completions\"]\n{HEAD}\
         [endpoints.api]\ncredential = \"api-key\"\n\
         [credentials.api-key]\nenv = [\"NEVER_LOOKED_AT\"]\ninject = {{ header = \"Authorization\", format = \"Bearer {{}}\" }}\n\
         [settings]\nmaxTokensField = \"max_tokens\"\n\
         [model]\ndefault-model = \"of-the-template\"\n[image]\ngenerate = {{ max-count = 2 }}\n[embedding]\n"
    );
    [acme, beta, local, demo, template]
        .iter()
        .map(|text| Manifest::parse_toml(text, "provider.toml").unwrap())
        .collect()
}

pub(crate) fn component(id: &'static str, manifests: &[Manifest]) -> BundledComponent {
    let bytes = section::embed(&section::COMPONENT_PREAMBLE, manifests).unwrap();
    BundledComponent {
        id,
        bytes: bytes.leak(),
        digest: "sha256:00ff",
        families: &[],
        providers: &[],
    }
}

fn bundled() -> &'static [BundledComponent] {
    static BUNDLED: OnceLock<Vec<BundledComponent>> = OnceLock::new();
    BUNDLED.get_or_init(|| {
        let manifests = manifests();
        vec![
            component("sketcher", &manifests[3..4]),
            component("compatible", &[&manifests[..3], &manifests[4..]].concat()),
        ]
    })
}

pub(crate) fn config(text: &str) -> Config {
    parse(text, "chela.json5").unwrap().0
}

fn environment(variables: &[(&str, &str)]) -> Environment {
    Environment::new(
        variables
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned())),
    )
}

fn catalog(text: &str, variables: &[(&str, &str)]) -> Catalog {
    Catalog::new(bundled(), &config(text), &environment(variables))
}
