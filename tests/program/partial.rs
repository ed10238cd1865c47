//! Some of several results are there and some are not.

use chela_test_support::media;
use chela_test_support::openai::{self, Chat};
use chela_test_support::server::Server;

use crate::{CHAT, room_with_openai};

/// A server that describes a PNG and refuses a JPEG, in whatever order they come.
fn picky() -> Server {
    let server = Server::start();
    server.on_request("POST", CHAT, |request| {
        if String::from_utf8_lossy(request.body()).contains("image/png") {
            Chat::new("A red square.").whole()
        } else {
            openai::error(
                400,
                "Could not process image.",
                "invalid_request_error",
                Some("invalid_image"),
            )
        }
    });
    server
}

#[test]
fn a_picture_that_is_refused_does_not_take_the_others_along() {
    let server = picky();
    let room = room_with_openai(&server)
        .file("a.png", media::png(8, 8))
        .file("b.jpg", media::jpeg())
        .file("c.png", media::png(4, 4));
    let files = ["--file", "a.png", "--file", "b.jpg", "--file", "c.png"];
    let command = ["image", "describe-many", "--model", "openai/gpt-5.4"];

    let run = room
        .run(command.iter().chain(&files).chain(&["--json"]))
        .expect_code(10);
    let document = run.json();
    let outputs = document["outputs"].as_array().unwrap();
    assert_eq!(outputs.len(), 3, "one for each file\n{run}");
    assert_eq!(outputs[0]["text"], "A red square.", "{run}");
    assert_eq!(outputs[1]["path"], "b.jpg", "in order\n{run}");
    assert_eq!(outputs[1]["error"]["type"], "invalid_request", "{run}");
    assert_eq!(outputs[2]["text"], "A red square.", "{run}");
    let attempts = document["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 1, "{run}");
    assert_eq!(attempts[0]["path"], "b.jpg", "{run}");
    assert_eq!(document["ok"], false, "{run}");

    let run = room.run(command.iter().chain(&files)).expect_code(10);
    assert_eq!(run.stdout().matches("A red square.").count(), 2, "{run}");
    assert!(
        run.stderr().contains("b.jpg") || run.stderr().contains("1 of 3"),
        "{run}"
    );
}

#[test]
fn when_every_picture_is_refused_it_is_that_error() {
    let server = picky();
    let room = room_with_openai(&server)
        .file("a.jpg", media::jpeg())
        .file("b.jpg", media::jpeg());
    let run = room
        .run([
            "image",
            "describe-many",
            "--model",
            "openai/gpt-5.4",
            "--file",
            "a.jpg",
            "--file",
            "b.jpg",
            "--json",
        ])
        .expect_code(5);
    assert_eq!(run.json()["error"]["type"], "invalid_request", "{run}");
}

#[test]
fn more_pictures_than_a_request_may_ask_for_are_asked_for_in_several() {
    let server = Server::start();
    server.on_request("POST", "/v1/images/generations", |request| {
        let count = request.json()["n"].as_u64().expect("a number of pictures");
        openai::images(&vec![
            media::png(3, 2);
            usize::try_from(count).expect("a small number")
        ])
    });
    let room = room_with_openai(&server);
    let command = [
        "image",
        "generate",
        "--model",
        "openai/gpt-image-2",
        "--prompt",
        "a red square",
    ];
    let run = room
        .run(
            command
                .iter()
                .chain(&["--count", "12", "--output", "a.png", "--json"]),
        )
        .expect_code(0);
    assert_eq!(run.json()["outputs"].as_array().unwrap().len(), 12, "{run}");
    let mut asked: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.json()["n"].as_u64())
        .collect();
    asked.sort();
    assert_eq!(asked, [Some(2), Some(10)]);
}
