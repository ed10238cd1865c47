//! What the benchmarks need from outside the program: a server in OpenAI's shapes, and a large picture.
//!
//! - `loopback serve`: prints its URL and answers until its standard input ends.
//! - `loopback picture <file> <bytes>`: writes a PNG of about that size.
//! - `loopback recording <file> <bytes>`: writes a WAV of about that size, most of it a hole in the file.
#![forbid(unsafe_code)]

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use chela_test_support::audio;
use chela_test_support::media;
use chela_test_support::openai::{self, Chat};
use chela_test_support::server::{Options, Server};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["serve"] => serve(),
        ["picture", file, size] => {
            let size = size.parse().expect("a size in bytes");
            media::write_large_png(Path::new(file), size).expect("the file can be written");
        }
        ["recording", file, size] => {
            let size = size.parse().expect("a size in bytes");
            media::write_large_wav(Path::new(file), size).expect("the file can be written");
        }
        _ => {
            eprintln!(
                "usage: loopback serve | loopback picture <file> <bytes> | loopback recording <file> <bytes>"
            );
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn serve() {
    // Uploads are read and forgotten, so that the server's memory is not what limits their size.
    let server = Server::with(Options {
        keep_body: 0,
        ..Options::default()
    });
    server.on(
        "POST",
        "/v1/chat/completions",
        Chat::new("2 + 2 is 4.").whole(),
    );
    server.on(
        "POST",
        "/v1/images/edits",
        openai::images(&[media::png(64, 64)]),
    );
    server.on(
        "POST",
        "/v1/audio/transcriptions",
        audio::transcript("It was long."),
    );
    server.on("POST", "/v1/listen", audio::deepgram("It was long."));
    println!("{}", server.url("/v1"));
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
