//! Files that come out: whole or not at all, and never anywhere else.

use std::fs;

use chela_test_support::answer::Answer;
use chela_test_support::gate::Gate;
use chela_test_support::media;
use chela_test_support::openai;
use chela_test_support::server::Server;

use crate::{room, room_with_openai};

const DRAW: [&str; 6] = [
    "image",
    "generate",
    "--model",
    "openai/gpt-image-2",
    "--prompt",
    "a red square",
];

fn draw<'a>(more: &[&'a str]) -> Vec<&'a str> {
    DRAW.iter().copied().chain(more.iter().copied()).collect()
}

const IMAGES: &str = "/v1/images/generations";

#[test]
fn a_picture_is_written_byte_for_byte() {
    let picture = media::png(3, 2);
    let server = Server::start();
    server.on(
        "POST",
        IMAGES,
        openai::images(std::slice::from_ref(&picture)),
    );
    let room = room_with_openai(&server);
    let run = room
        .run(draw(&["--output", "deep/er/out.png", "--json"]))
        .expect_code(0);
    assert_eq!(fs::read(room.work("deep/er/out.png")).unwrap(), picture);
    let output = &run.json()["outputs"][0];
    assert_eq!(
        (&output["width"], &output["height"]),
        (&3.into(), &2.into()),
        "{run}"
    );
}

#[test]
fn a_picture_goes_to_stdout_as_it_is() {
    let picture = media::png(3, 2);
    let server = Server::start();
    server.on(
        "POST",
        IMAGES,
        openai::images(std::slice::from_ref(&picture)),
    );
    let run = room_with_openai(&server)
        .run(draw(&["--output", "-"]))
        .expect_code(0);
    assert_eq!(run.stdout_bytes(), picture);
}

#[test]
fn a_failed_call_leaves_what_was_there() {
    let failures: [fn() -> Answer; 5] = [
        || openai::images(&[]),
        || openai::images(&[b"{\"error\": \"not a picture\"}".to_vec()]),
        || openai::images(&[media::png(3, 2)]).cut_short(),
        || Answer::html("Sign in"),
        || openai::error(400, "no", "invalid_request_error", None),
    ];
    for failure in failures {
        let server = Server::start();
        server.on("POST", IMAGES, failure());
        let room = room_with_openai(&server).file("out.png", "precious");
        let run = room.run(draw(&["--output", "out.png", "--json"]));
        assert_ne!(run.code(), Some(0), "{run}");
        assert_eq!(
            fs::read(room.work("out.png")).unwrap(),
            b"precious",
            "{run}"
        );
        assert_eq!(
            fs::read_dir(room.work("")).unwrap().count(),
            1,
            "something half-written is left\n{run}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_replaced_not_followed() {
    let server = Server::start();
    server.on("POST", IMAGES, openai::images(&[media::png(3, 2)]));
    let room = room_with_openai(&server).file("precious", "precious");
    std::os::unix::fs::symlink("precious", room.work("out.png")).unwrap();
    room.run(draw(&["--output", "out.png"])).expect_code(0);
    assert_eq!(fs::read(room.work("precious")).unwrap(), b"precious");
    assert!(room.work("out.png").symlink_metadata().unwrap().is_file());
}

#[test]
fn the_demo_draws_without_a_key_or_a_network() {
    let room = room();
    let run = room
        .run([
            "image",
            "generate",
            "--prompt",
            "friendly lobster",
            "--output",
            "out.png",
            "--json",
        ])
        .expect_code(0);
    assert_eq!(run.json()["provider"], "demo", "{run}");
    let bytes = fs::read(room.work("out.png")).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
}

#[test]
fn a_large_picture_goes_up_whole() {
    let server = Server::with(chela_test_support::server::Options {
        keep_body: 1 << 20,
        ..Default::default()
    });
    server.on(
        "POST",
        "/v1/images/edits",
        openai::images(&[media::png(3, 2)]),
    );
    let room = room_with_openai(&server);
    let path = room.work("large.png");
    media::write_large_png(&path, 8 << 20).unwrap();
    let run = room
        .run([
            "image",
            "edit",
            "--model",
            "openai/gpt-image-1.5",
            "--file",
            "large.png",
            "--prompt",
            "smaller",
            "--output",
            "out.png",
            "--json",
        ])
        .expect_code(0);
    let size = path.metadata().unwrap().len();
    assert_eq!(run.json()["inputs"][0]["size"], size, "{run}");
    assert!(server.only_request().body_length() > size);
}

#[test]
fn standard_output_that_is_full_is_told_as_that() {
    let program = env!("CARGO_BIN_EXE_chela");
    for command in [
        "model run --prompt hi",
        "model run --prompt hi --json",
        "image providers",
        "image generate --prompt hi --output -",
    ] {
        let shell = chela_test_support::program::Room::new("/bin/sh");
        let line = format!("exec {program} {command} > /dev/full");
        let run = shell.run(["-c", &line]);
        assert_eq!(run.code(), Some(1), "{command}: {run}");
        assert!(
            run.stderr()
                .contains("standard output cannot be written: No space left on device"),
            "{command}: {run}"
        );
    }
}

#[test]
fn a_program_that_is_killed_while_it_receives_leaves_what_was_there_and_nothing_else() {
    let gate = Gate::new();
    let server = Server::start();
    // Half of an answer with a picture, and no more.
    let body =
        serde_json::json!({"data": [{"b64_json": "iVBORw0KGgo".repeat(1 << 16)}]}).to_string();
    let half = Answer::new(200)
        .header("Content-Type", "application/json")
        .declared_length(body.len() as u64)
        .then(&body.as_bytes()[..body.len() / 2])
        .then_wait(&gate);
    server.on("POST", IMAGES, half);
    let room = room_with_openai(&server).file("out.png", "old");
    let running = room.start(draw(&["--output", "out.png"]));
    gate.await_arrival();
    running.kill();
    assert_eq!(fs::read(room.work("out.png")).unwrap(), b"old");
    assert_eq!(fs::read_dir(room.work("")).unwrap().count(), 1);
    gate.open();
}

#[test]
fn a_manual_page_is_written_for_each_command() {
    let room = room();
    let run = room
        .run(["man", "--output", "pages", "--json"])
        .expect_code(0);
    let names = run.json();
    let names = names.as_array().expect("a list of names");
    assert!(
        names.iter().any(|name| name == "chela-model-run.1"),
        "{run}"
    );
    for name in names {
        let page = fs::read_to_string(room.work("pages").join(name.as_str().expect("a name")));
        assert!(
            page.expect("it is there").contains(".SH SYNOPSIS"),
            "{name}"
        );
    }
}
