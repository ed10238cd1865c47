//! The `chela` program: reads a command line, has the work done, prints what came out, ends with a code.
//!
//! This is the one crate that touches the terminal, the environment and the user's home ([`environment`], [`printer`],
//! [`paths`]); the libraries below are handed what it read. It decides nothing about providers: that is
//! `chela_runtime`'s, whose answers it renders.

#![forbid(unsafe_code)]

mod args;
mod audit;
mod capabilities;
mod commands;
mod environment;
mod panics;
mod paths;
mod picture;
mod preferences;
mod printer;
mod render;
mod sanitize;
mod session;
mod trace;
mod work;

use printer::Printer;
use std::process::ExitCode;

fn main() -> ExitCode {
    let process = environment::read();
    let mut printer = Printer::new(process.raw.json(), process.colour);
    if commands::completions::answer(&process, &mut printer) {
        return ExitCode::from(printer.finish(chela_envelope::exit::OK));
    }
    let code = match panics::caught(|| match args::parse(&process.raw) {
        Ok(arguments) => commands::run(arguments, &process, &mut printer),
        Err(stop) => commands::stop(stop, &process, &mut printer),
    }) {
        Ok((code, aside)) => {
            if let Some(fault) = aside {
                printer.warning(&format!("a fault in chela aside from the work: {fault}"));
            }
            code
        }
        Err(fault) => commands::failed(&fault, &process, &mut printer),
    };
    ExitCode::from(printer.finish(code))
}
