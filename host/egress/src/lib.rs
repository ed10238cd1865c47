//! The way out: the one crate of chela that opens a socket.
//!
//! A request of a provider component comes in as plain values. Egress judges where it goes (the endpoint or the declared
//! origin, then every address the name resolves to), attaches the endpoint's credential after that, sends it over a
//! connection of that provider alone, judges each redirect as a new request, and hands back an answer without the
//! credential, counted and under a deadline. One audit event is made of every request and every refusal.
//!
//! It never follows what it did not judge, never sends a credential to another place than its endpoint's base URL, never reads
//! variables (proxies and roots are handed to it), keeps no cookies and no cache, and holds no file in memory.
//!
//! ```no_run
//! # async fn example(grant: chela_egress::Grant) -> Result<(), chela_egress::EgressError> {
//! use chela_egress::{Body, Call, CallLimits, Egress, EgressOptions, Method, Request, Target};
//! use std::time::Duration;
//! use tokio::time::Instant;
//!
//! let egress = Egress::new(EgressOptions::default());
//! let provider = egress.connect(grant);
//! let call = Call::new(Instant::now() + Duration::from_secs(60), CallLimits::default());
//! let target = Target::Endpoint { endpoint: "api".into(), path: "/models".into(), query: vec![] };
//! let request = Request { method: Method::Get, target, headers: vec![], body: Body::None };
//! let mut response = provider.send(request, &call).await?;
//! while let Some(bytes) = Some(response.read(64 * 1024).await?).filter(|bytes| !bytes.is_empty()) {
//!     // …
//! #   drop(bytes);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Where to look
//!
//! | question | module |
//! |---|---|
//! | May a request go there? | `judge`, with `path` and [`address`] |
//! | By which rule? | [`Rule`] |
//! | Which header fields may it carry? | `headers` |
//! | How is a connection made, and to what? | `connect`, `proxy`, `tls` |
//! | What would be sent in a dry run? | `plan` |
//! | What becomes of a redirect? | `redirect` |
//! | How is a body sent? | `body` |
//! | What comes back? | `response`, `redact` |
//! | Where is media kept? | [`blob`], [`mime`] |
//! | How much may a call use? | [`limits`] |
//! | Who is told? | [`audit`] |
#![forbid(unsafe_code)]

pub mod address;
pub mod audit;
pub mod blob;
mod body;
mod connect;
mod egress;
mod error;
mod failure;
mod grant;
mod headers;
mod judge;
pub mod limits;
pub mod mime;
mod path;
mod plan;
mod proxy;
mod redact;
mod redirect;
mod request;
mod response;
mod rule;
mod tls;

pub use crate::address::AddressKind;
pub use crate::audit::{AuditEvent, AuditSink, AuditTarget, NoAudit, Outcome};
pub use crate::blob::{Blob, BlobReader, Spool};
pub use crate::connect::{Resolver, Resolving, SystemResolver};
pub use crate::egress::{Egress, EgressOptions, ProviderEgress};
pub use crate::error::{Awaited, Denial, EgressError, ErrorKind};
pub use crate::grant::{CredentialGrant, EndpointGrant, Grant};
pub use crate::judge::{Verdict, judge};
pub use crate::limits::{Call, CallLimits};
pub use crate::path::judge_path;
pub use crate::plan::{PlannedBody, PlannedField, PlannedRequest};
pub use crate::proxy::{Proxies, ProxyError};
pub use crate::redact::MIN_SECRET;
pub use crate::request::{Body, FormField, Method, Part, Request, Target};
pub use crate::response::Response;
pub use crate::rule::Rule;
pub use crate::tls::{Roots, RootsError};
