//! A component that was loaded: what it imports, which families it serves.

use std::fmt;
use std::sync::Arc;

use chela_egress::Call;
use chela_manifest::Family;
use wasmtime::Engine;
use wasmtime::component::{HasSelf, InstancePre, Linker};

use crate::bindings;
use crate::engine::Ticker;
use crate::error::{CallError, SandboxError};
use crate::host::{HostState, add_empty_wasi};
use crate::instance::{Instance, Provider};

/// The package of the contract, and the version this program was built for.
const CONTRACT: &str = "chela:provider";
const CONTRACT_VERSION: &str = "0.1.";

/// The interfaces of the contract a component may import.
const OFFERED: [&str; 5] = ["types", "media", "http", "context", "log"];

/// What a component may import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Imports {
    /// The contract alone. Bundled components are held to this.
    Contract,
    /// The contract, and WASI 0.2 with nothing in it.
    ContractAndEmptyWasi,
}

/// The families of a component, each ready to be instantiated.
///
/// WIT has no optional exports; asking the same pre-instance for one world per family gives the effect.
#[derive(Default)]
pub(crate) struct Families {
    pub(crate) model: Option<bindings::model::ModelProviderPre<HostState>>,
    pub(crate) image: Option<bindings::image::ImageProviderPre<HostState>>,
    pub(crate) transcription: Option<bindings::transcription::TranscriptionProviderPre<HostState>>,
    pub(crate) speech: Option<bindings::speech::SpeechProviderPre<HostState>>,
    pub(crate) video: Option<bindings::video::VideoProviderPre<HostState>>,
    pub(crate) search: Option<bindings::search::SearchProviderPre<HostState>>,
    pub(crate) fetch: Option<bindings::fetch::FetchProviderPre<HostState>>,
    pub(crate) embedding: Option<bindings::embedding::EmbeddingProviderPre<HostState>>,
}

/// A component, compiled and held against the contract. Cheap to clone.
#[derive(Clone)]
pub struct Component(Arc<Inner>);

struct Inner {
    digest: String,
    engine: Engine,
    ticker: Arc<Ticker>,
    families: Vec<Family>,
    pre: Families,
    uses_wasi: bool,
}

impl Component {
    /// Holds compiled code against the contract.
    pub(crate) fn new(
        digest: String,
        engine: &Engine,
        ticker: Arc<Ticker>,
        compiled: &wasmtime::component::Component,
        imports: Imports,
    ) -> Result<Self, SandboxError> {
        let uses_wasi = judge_imports(engine, compiled, imports)?;
        let contract = |error: wasmtime::Error| SandboxError::Contract(format!("{error:#}"));
        let mut linker = Linker::new(engine);
        bindings::imports::Imports::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)
            .map_err(contract)?;
        if uses_wasi {
            add_empty_wasi(&mut linker).map_err(contract)?;
        }
        let instance = linker.instantiate_pre(compiled).map_err(contract)?;
        let exported: Vec<String> = compiled
            .component_type()
            .exports(engine)
            .map(|(name, _)| name.to_owned())
            .collect();
        let mut pre = Families::default();
        let mut families = Vec::new();
        for family in Family::ALL {
            if exported
                .iter()
                .any(|name| interface(name) == Some(family.as_str()))
            {
                pre.find(family, instance.clone()).map_err(contract)?;
                families.push(family);
            }
        }
        Ok(Self(Arc::new(Inner {
            digest,
            engine: engine.clone(),
            ticker,
            families,
            pre,
            uses_wasi,
        })))
    }

    /// The digest it was loaded by.
    pub fn digest(&self) -> &str {
        &self.0.digest
    }

    /// The families it serves.
    pub fn families(&self) -> &[Family] {
        &self.0.families
    }

    /// Makes it ready for one call as `provider`. Costs no time in the component before the call is made.
    ///
    /// # Errors
    ///
    /// When the system gives no thread for the clock that interrupts components.
    pub fn instantiate(&self, provider: Provider, call: Call) -> Result<Instance, SandboxError> {
        let ticking = self.0.ticker.run()?;
        Ok(Instance::new(self.clone(), provider, call, ticking))
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(crate) fn uses_wasi(&self) -> bool {
        self.0.uses_wasi
    }

    pub(crate) fn pre(&self) -> &Families {
        &self.0.pre
    }
}

impl fmt::Debug for Component {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            digest, families, ..
        } = &*self.0;
        formatter
            .debug_struct("Component")
            .field("digest", digest)
            .field("families", families)
            .finish_non_exhaustive()
    }
}

impl Families {
    fn find(&mut self, family: Family, instance: InstancePre<HostState>) -> wasmtime::Result<()> {
        match family {
            Family::Model => self.model = Some(bindings::model::ModelProviderPre::new(instance)?),
            Family::Image => self.image = Some(bindings::image::ImageProviderPre::new(instance)?),
            Family::Transcription => {
                self.transcription = Some(bindings::transcription::TranscriptionProviderPre::new(
                    instance,
                )?);
            }
            Family::Speech => {
                self.speech = Some(bindings::speech::SpeechProviderPre::new(instance)?);
            }
            Family::Video => self.video = Some(bindings::video::VideoProviderPre::new(instance)?),
            Family::Search => {
                self.search = Some(bindings::search::SearchProviderPre::new(instance)?);
            }
            Family::Fetch => self.fetch = Some(bindings::fetch::FetchProviderPre::new(instance)?),
            Family::Embedding => {
                self.embedding = Some(bindings::embedding::EmbeddingProviderPre::new(instance)?);
            }
        }
        Ok(())
    }
}

/// The family's pre-instance, or the error that says it is not there.
pub(crate) fn serves<P: Clone>(family: Family, pre: Option<&P>) -> Result<P, CallError> {
    pre.cloned().ok_or(CallError::NoFamily(family))
}

/// Refuses a component that imports what it may not. Tells whether it needs WASI.
fn judge_imports(
    engine: &Engine,
    compiled: &wasmtime::component::Component,
    imports: Imports,
) -> Result<bool, SandboxError> {
    let mut uses_wasi = false;
    for (name, _) in compiled.component_type().imports(engine) {
        if interface(name).is_some_and(|interface| OFFERED.contains(&interface)) {
            continue;
        }
        if imports == Imports::ContractAndEmptyWasi && name.starts_with("wasi:") {
            uses_wasi = true;
            continue;
        }
        return Err(SandboxError::ForeignImport(name.to_owned()));
    }
    Ok(uses_wasi)
}

/// The interface's name, when `name` is one of the contract in a version this program serves.
fn interface(name: &str) -> Option<&str> {
    let (path, version) = name.split_once('@')?;
    let (package, interface) = path.split_once('/')?;
    (package == CONTRACT && version.starts_with(CONTRACT_VERSION)).then_some(interface)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_contract_in_its_own_version_is_recognised() {
        assert_eq!(interface("chela:provider/http@0.1.0"), Some("http"));
        assert_eq!(interface("chela:provider/http@0.1.7"), Some("http"));
        assert_eq!(interface("chela:provider/http@0.2.0"), None);
        assert_eq!(interface("chela:provider/http@0.10.0"), None);
        assert_eq!(interface("chela:provider/http"), None);
        assert_eq!(interface("evil:provider/http@0.1.0"), None);
        assert_eq!(interface("wasi:http/types@0.2.0"), None);
    }
}
