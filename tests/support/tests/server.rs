//! The server does to a client what the test said, to the byte.

use std::io::{Read, Write};
use std::net::TcpStream;

use chela_test_support::answer::Answer;
use chela_test_support::gate::Gate;
use chela_test_support::server::{Options, Server};

/// Sends these bytes and gives all that comes until the server closes.
fn exchange(server: &Server, request: &str) -> String {
    let mut client = TcpStream::connect(server.address()).expect("the server listens");
    client
        .write_all(request.as_bytes())
        .expect("the server reads");
    let mut got = Vec::new();
    client.read_to_end(&mut got).expect("the server answers");
    String::from_utf8(got).expect("the answer is text")
}

const GET: &str = "GET /a?b=c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

#[test]
fn one_connection_carries_several_exchanges_and_each_is_recorded() {
    let server = Server::start();
    server.on_each(
        "POST",
        "/a",
        [Answer::new(200).body("one"), Answer::new(201).body("two")],
    );
    let first = "POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
    let second = "POST /a?q HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n";
    let got = exchange(&server, &format!("{first}{second}"));
    assert_eq!(
        got,
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\ntwo"
    );
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(
        (requests[0].body(), requests[0].connection()),
        (&b"abc"[..], 0)
    );
    assert_eq!(
        (requests[1].body(), requests[1].connection()),
        (&b"def"[..], 0)
    );
    assert_eq!(requests[1].query(), Some("q"));
    assert_eq!(server.connections(), 1);
}

#[test]
fn chunks_keep_their_borders() {
    let server = Server::start();
    server.on("GET", "/a", Answer::new(200).chunks(["ab", "", "c"]));
    assert!(exchange(&server, GET).ends_with("\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"));
}

#[test]
fn a_chunked_answer_cut_short_has_no_last_chunk() {
    let server = Server::start();
    server.on("GET", "/a", Answer::new(200).chunks(["ab"]).cut_short());
    assert!(exchange(&server, GET).ends_with("\r\n\r\n2\r\nab\r\n"));
}

#[test]
fn an_answer_with_a_length_cut_short_promises_more() {
    let server = Server::start();
    server.on("GET", "/a", Answer::new(200).body("abc").cut_short());
    assert_eq!(
        exchange(&server, GET),
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc"
    );
}

#[test]
fn raw_bytes_go_out_as_they_are() {
    let server = Server::start();
    server.on("GET", "/a", Answer::raw(*b"HTTP/9 ?"));
    assert_eq!(exchange(&server, GET), "HTTP/9 ?");
}

#[test]
fn a_server_waits_at_a_gate_until_the_test_opens_it() {
    let gate = Gate::new();
    let server = Server::start();
    server.on(
        "GET",
        "/a",
        Answer::new(200).body("ab").then_wait(&gate).then("cd"),
    );
    let mut client = TcpStream::connect(server.address()).unwrap();
    client.write_all(GET.as_bytes()).unwrap();
    let mut head = [0; "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab".len()];
    client.read_exact(&mut head).unwrap();
    gate.await_arrival();
    gate.open();
    let mut rest = String::new();
    client.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "cd");
}

#[test]
fn a_stalled_answer_ends_when_the_client_leaves() {
    let server = Server::start();
    server.on("GET", "/a", Answer::new(200).body("ab").then_stall());
    let mut client = TcpStream::connect(server.address()).unwrap();
    client.write_all(GET.as_bytes()).unwrap();
    server.await_requests(1);
    drop(client);
    server.await_departure(0);
}

#[test]
fn a_body_past_what_is_kept_is_counted() {
    let server = Server::with(Options {
        keep_body: 2,
        ..Options::default()
    });
    server.on("POST", "/a", Answer::new(204));
    exchange(
        &server,
        "POST /a HTTP/1.1\r\nContent-Length: 5\r\nConnection: close\r\n\r\nabcde",
    );
    let request = server.only_request();
    assert_eq!((request.body(), request.body_length()), (&b"ab"[..], 5));
}

#[test]
fn a_form_is_read_field_by_field() {
    let body = "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n--B\r\nContent-Disposition: form-data; \
                name=\"image[]\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\r\n--x\r\n\r\n--B--\r\n";
    let server = Server::start();
    server.on("POST", "/a", Answer::new(204));
    let head = "POST /a HTTP/1.1\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=B\r\n";
    exchange(
        &server,
        &format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()),
    );
    let form = server.only_request().form();
    assert_eq!(form.len(), 2);
    assert_eq!(
        (form[0].name.as_str(), &form[0].value[..]),
        ("model", &b"m"[..])
    );
    assert_eq!(
        (form[1].file_name.as_deref(), form[1].mime_type.as_deref()),
        (Some("a.png"), Some("image/png"))
    );
    assert_eq!(form[1].value, b"\r\n--x\r\n");
}

#[test]
#[should_panic(expected = "GET /a?b=c")]
fn a_question_without_an_answer_fails_the_test() {
    let server = Server::start();
    assert!(exchange(&server, GET).starts_with("HTTP/1.1 418"));
}
