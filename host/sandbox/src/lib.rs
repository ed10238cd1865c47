//! The one place of chela that runs WebAssembly.
//!
//! A [`Sandbox`] loads components: it compiles each once, in a child process, keeps the compiled code sealed, and holds a
//! component's imports against what it may import. A [`Component`] becomes an [`Instance`] for one call as one
//! [`Provider`], under limits that are on by default; an instance's methods are the contract's functions with plain Rust
//! values, so that nothing above this crate names wasmtime.
//!
//! It never opens a socket (it hands requests to [`chela_egress`]), never reads a key, a variable or a user's file, and never
//! reuses an instance.
//!
//! ```no_run
//! # async fn example(options: chela_sandbox::SandboxOptions, bytes: &'static [u8], provider: chela_sandbox::Provider,
//! #     call: chela_egress::Call) -> Result<(), Box<dyn std::error::Error>> {
//! use chela_sandbox::{ComponentBytes, Imports, Sandbox, families::embedding};
//!
//! let sandbox = Sandbox::new(options)?;
//! let bytes = ComponentBytes { digest: "sha256:…".into(), bytes: bytes.into() };
//! let component = sandbox.load(&bytes, Imports::Contract).await?;
//! let request = embedding::Request {
//!     model: "demo-embed".into(), texts: vec!["hello".into()], dimensions: None, input_type: None, extra: vec![],
//! };
//! let response = component.instantiate(provider, call)?.embed(request).await?;
//! assert_eq!(response.vectors.len(), 1);
//! # Ok(()) }
//! ```

mod bindings;
mod compiled;
mod compiler;
mod component;
mod engine;
mod error;
pub mod families;
mod host;
mod instance;
mod limits;
mod sandbox;

pub use compiled::SealingKey;
pub use compiler::{COMPONENT_BYTES, CompilerCommand, compile_child};
pub use component::{Component, Imports};
pub use error::{CallError, LimitKind, SandboxError};
pub use instance::{Instance, Provider};
pub use limits::{CEILING, Limits};
pub use sandbox::{ComponentBytes, Sandbox, SandboxOptions};
