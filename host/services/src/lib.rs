//! Servers on this machine that chela starts when it needs them: `localService` of the configuration.
//!
//! A server belongs to no call and to no process of chela. It is started and stopped by a *keeper*, a process of its own that
//! runs this program's hidden command, so that many calls can share one server and none of them has to outlive the others. What
//! they share are three files per provider in a private folder:
//!
//! - `<id>.use`: who needs the server holds a shared lock on it, and the keeper waits for the exclusive one. The system lets go of
//!   the lock of a process that is killed, so that no server stays behind.
//! - `<id>.start`: who starts the server holds an exclusive lock on it, so that of many callers one starts it.
//! - `<id>.log`: what the server says, the end of it for errors.
//!
//! Whether a server serves is asked over HTTP, which is the caller's to do: this crate opens no socket. Like the sandbox's compiler,
//! a server is a program that the operator named or chela itself, never one that a component could name.

#![forbid(unsafe_code)]

mod error;
mod files;
mod keeper;
mod services;
mod spec;

pub use error::ServiceError;
pub use keeper::keep;
pub use services::{KeeperCommand, Services};
pub use spec::Spec;
