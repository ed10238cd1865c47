//! What the tests of chela share.
//!
//! - [`server`]: an HTTP/1.1 server on loopback that answers byte for byte what a test tells it, well or badly, and
//!   remembers what it was asked. [`answer`] is the vocabulary of its answers; [`openai`], [`responses`], [`anthropic`], [`google`] and [`ollama`] hold those in
//!   the shapes of their APIs, [`web`] those of services that search the web and read its pages.
//! - [`gate`]: how a test and the server wait for each other without sleeping.
//! - [`audio`]: answers in the shapes of the APIs for speech, OpenAI's and others.
//! - [`video`]: answers in the shape of OpenAI's API for films.
//! - [`media`]: pictures, sound and films made on the spot.
//! - `program` (a feature): a clean room for the `chela` program, with what has to hold on every run checked there.
//! - `description` (a feature): what published descriptions say of requests and answers.
//! - [`golden`]: expected output beside the test, rewritten with `BLESS=1`.
//!
//! It never ships. Nothing in it reaches past loopback.
//!
//! ```
//! use chela_test_support::{answer::Answer, server::Server};
//! use std::io::{Read, Write};
//!
//! let server = Server::start();
//! server.on("GET", "/hello", Answer::new(200).body("hi"));
//!
//! let mut client = std::net::TcpStream::connect(server.address()).unwrap();
//! client.write_all(b"GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
//! let mut got = String::new();
//! client.read_to_string(&mut got).unwrap();
//!
//! assert!(got.ends_with("\r\n\r\nhi"));
//! assert_eq!(server.requests()[0].path(), "/hello");
//! ```
#![forbid(unsafe_code)]

pub mod answer;
pub mod anthropic;
pub mod audio;
#[cfg(feature = "program")]
mod checks;
#[cfg(feature = "description")]
pub mod description;
pub mod gate;
pub mod golden;
pub mod google;
pub mod media;
pub mod ollama;
pub mod openai;
#[cfg(feature = "program")]
pub mod program;
mod request;
pub mod responses;
pub mod server;
pub mod video;
pub mod web;

pub use request::Request;
