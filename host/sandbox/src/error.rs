//! What can go wrong in the sandbox, modelled by what a caller does about it.

use std::fmt;
use std::io;

use chela_egress::PlannedRequest;
use chela_manifest::Family;

use crate::families::{Failure, FailureKind};

/// Why a component cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// wasmtime cannot run on this machine as configured.
    #[error("the WebAssembly engine does not start: {0}")]
    Engine(String),
    /// The bytes are over the limit on a component's size.
    #[error("the component has {size} bytes; at most {limit} are taken")]
    TooLarge {
        /// Its size in bytes.
        size: u64,
        /// The most that is taken, in bytes.
        limit: u64,
    },
    /// The bytes do not compile: no component, an invalid one, or one that is too costly to compile.
    #[error("the component does not compile: {0}")]
    Compile(String),
    /// Compiling took longer than it may.
    #[error("compiling the component took longer than {seconds} s")]
    CompileTimeout {
        /// The limit in seconds.
        seconds: u64,
    },
    /// The component imports what it may not have.
    #[error("the component imports `{0}`, which a provider may not have")]
    ForeignImport(String),
    /// The component does not fit the contract this program was built for.
    #[error("the component does not fit the contract: {0}")]
    Contract(String),
    /// The folder for compiled code can be read or written by others, so that what is in it cannot be trusted.
    #[error("the folder for compiled code is not private to this user")]
    NotPrivate,
    /// The folder for compiled code cannot be used.
    #[error("compiled code cannot be kept: {0}")]
    Store(#[from] io::Error),
}

/// The limit that ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitKind {
    /// Linear memory, in all memories together.
    Memory,
    /// Table elements, in all tables together.
    Tables,
    /// Instances, memories or tables in number.
    Instances,
    /// Time the component itself computed.
    GuestTime,
    /// The deadline of the whole call, waiting included.
    Deadline,
    /// The call stack.
    Stack,
    /// The size of one host call's arguments.
    HostCallSize,
    /// Open handles.
    Handles,
    /// Media handed to the host.
    Media,
    /// Requests, refused ones counted, when the component goes on asking for more.
    Requests,
}

impl fmt::Display for LimitKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Memory => "it used more memory than it may",
            Self::Tables => "its tables grew larger than they may",
            Self::Instances => "it consists of more instances, memories or tables than it may",
            Self::GuestTime => "it computed for longer than it may",
            Self::Deadline => "the call's deadline passed",
            Self::Stack => "it recursed deeper than it may",
            Self::HostCallSize => "it passed more data in one host call than it may",
            Self::Handles => "it held more handles than it may",
            Self::Media => "it handed over more media than it may",
            Self::Requests => "it went on sending requests when it had none left",
        })
    }
}

/// How a call into a component ended without a result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The component says so itself.
    #[error("{}", .0.message)]
    Failure(Failure),
    /// A limit was hit. The instance is gone.
    #[error("the component was stopped: {0}")]
    Limit(LimitKind),
    /// The component trapped. The instance is gone.
    #[error("the component crashed: {0}")]
    Trap(String),
    /// The component does not serve that family.
    #[error("the component does not serve the family `{0}`")]
    NoFamily(Family),
    /// This is a dry run, and this is what the component would have had sent. The instance is gone.
    #[error("a dry run sends nothing")]
    DryRun(Box<PlannedRequest>),
}

impl CallError {
    /// The same in the contract's terms, so that a caller needs one table for all failures.
    pub fn into_failure(self) -> Failure {
        let message = match &self {
            // Most often it is a server that was waited for.
            Self::Limit(LimitKind::Deadline) => {
                "the answer was not complete within the time allowed".to_owned()
            }
            other => other.to_string(),
        };
        let kind = match self {
            Self::Failure(failure) => return failure,
            Self::Limit(LimitKind::Deadline) => FailureKind::Timeout,
            Self::Limit(_) => FailureKind::Denied,
            Self::Trap(_) => FailureKind::Internal,
            Self::NoFamily(_) => FailureKind::Unsupported,
            Self::DryRun(_) => FailureKind::Cancelled,
        };
        Failure {
            kind,
            message,
            status: None,
            code: None,
            retry_after_ms: None,
            request_id: None,
            extra: Vec::new(),
        }
    }
}

/// Carried inside a wasmtime error from the place where a limit was hit to the place where the call ends.
#[derive(Debug)]
pub(crate) struct LimitHit(pub(crate) LimitKind);

impl fmt::Display for LimitHit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl std::error::Error for LimitHit {}

/// Carried likewise: what the host could not do, in a function that has no failure to say it with.
#[derive(Debug)]
pub(crate) struct HostFault(pub(crate) Failure);

impl fmt::Display for HostFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.message)
    }
}

impl std::error::Error for HostFault {}

/// Carried likewise: the request that a dry run ends with. The component does not learn of it.
#[derive(Debug)]
pub(crate) struct Planned(pub(crate) Box<PlannedRequest>);

impl fmt::Display for Planned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a dry run sends nothing")
    }
}

impl std::error::Error for Planned {}
