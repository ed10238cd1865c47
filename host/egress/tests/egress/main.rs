//! Egress as a whole, against servers on this machine that are as odd as servers are.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests play the servers, and the operator who hands down folders and certificates; they may panic"
)]

mod audit;
mod connections;
mod judge;
mod proxies;
mod redirects;
mod requests;
mod responses;
mod secrets;
mod support;
mod tls;
mod uploads;
mod vectors;
