//! The server that chela starts: this test, in another role.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::process::ExitCode;
use std::str::FromStr;

use chela_test_support::answer::Answer;
use chela_test_support::openai::Chat;
use chela_test_support::server::{Options, Server};

/// How it behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It serves.
    Serve,
    /// It says that it serves, and answers no question.
    Hang,
    /// It listens to nobody.
    Silent,
    /// It ends at once.
    End,
}

impl FromStr for Mode {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Ok(match word {
            "serve" => Self::Serve,
            "hang" => Self::Hang,
            "silent" => Self::Silent,
            "end" => Self::End,
            _ => return Err(()),
        })
    }
}

/// Tells of itself, serves, and ends when the test goes or says so.
pub(crate) fn run(mode: Mode, own: &str, witness: &str) -> ExitCode {
    if mode == Mode::End {
        eprintln!("loading\nthe model is missing");
        return ExitCode::from(3);
    }
    let port = |text: &str| -> u16 { text.parse().expect("a port") };
    let mut told = TcpStream::connect((Ipv4Addr::LOCALHOST, port(witness)))
        .expect("somebody wants to know of this");
    let seen: String = std::env::vars()
        .filter(|(_, value)| !value.contains('\n'))
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect();
    told.write_all(format!("{seen}\n").as_bytes())
        .expect("somebody listens");
    let _server = (mode != Mode::Silent).then(|| serve(mode, port(own)));
    eprintln!("still loading");
    let _ = told.read(&mut [0; 8]);
    ExitCode::SUCCESS
}

fn serve(mode: Mode, port: u16) -> Server {
    let server = Server::with(Options {
        port,
        ..Options::default()
    });
    let answer = match mode {
        Mode::Hang => Answer::new(200).then_stall(),
        _ => Chat::new("It serves.").whole(),
    };
    server
        .on("GET", "/v1/models", Answer::new(200))
        .on("POST", "/v1/chat/completions", answer);
    server
}
