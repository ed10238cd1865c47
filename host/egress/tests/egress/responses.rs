//! What comes back: whole, or an error that says what was wrong with it.

use std::io::Write;
use std::time::Duration;

use cap_std::fs::Dir;
use chela_egress::{
    Awaited, Call, CallLimits, EgressError, EgressOptions, ErrorKind, Method, Outcome, Request,
};
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::time::Instant;

use crate::support::{
    CANARY, Server, answer, bearer, body_of, call, fetch, get, grant, limited, named, ok, provider,
    provider_with,
};

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// What reading the whole answer of a server ends with.
async fn end_of(server: &Server) -> Result<Vec<u8>, EgressError> {
    body_of(&mut fetch(server).await?).await
}

#[tokio::test]
async fn whole_bodies_are_read_whole() {
    let large: Vec<u8> = (0..300_000_u32).map(|i| (i % 251) as u8).collect();
    let mut trailing = gzip(b"hello");
    trailing.extend_from_slice(b"and what gzip does not cover");
    let mut chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    chunked
        .extend_from_slice(b"5\r\nhello\r\n1;ext=1\r\n \r\n5\r\nworld\r\n0\r\nTrailer: x\r\n\r\n");
    for (bytes, body) in [
        (ok("hello"), b"hello".to_vec()),
        (answer("200 OK", "", &large), large.clone()),
        (answer("500 Oops", "", b"sorry"), b"sorry".to_vec()),
        (answer("200 OK", "Content-Encoding: gzip\r\n", &gzip(&large)), large),
        (
            answer("200 OK", "Content-Encoding: gzip\r\n", &trailing),
            b"hello".to_vec(),
        ),
        (answer("200 OK", "Content-Encoding: identity\r\n", b"x"), b"x".to_vec()),
        (chunked, b"hello world".to_vec()),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil it closes".to_vec(), b"until it closes".to_vec()),
        (b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(), vec![]),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx".to_vec(), b"x".to_vec()),
    ] {
        assert!(end_of(&Server::saying(bytes)).await.unwrap() == body);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_a_bad_response() {
    let mut short = answer("200 OK", "", &[b'x'; 100]);
    short.truncate(short.len() - 50);
    let mut cut = gzip(&[b'x'; 100_000]);
    cut.truncate(cut.len() / 2);
    let many = (0..10_000)
        .map(|i| format!("X-{i}: y\r\n"))
        .collect::<String>();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("cut short of its length", short, "cut short"),
        (
            "cut short of its last chunk",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel".to_vec(),
            "cut short",
        ),
        (
            "without a last chunk",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n".to_vec(),
            "cut short",
        ),
        (
            "a chunk of no size",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n".to_vec(),
            "cut short",
        ),
        (
            "gzip cut short",
            answer("200 OK", "Content-Encoding: gzip\r\n", &cut),
            "coding",
        ),
        (
            "no gzip at all",
            answer(
                "200 OK",
                "Content-Encoding: gzip\r\n",
                b"this is plain text",
            ),
            "coding",
        ),
        (
            "a coding nobody asked for",
            answer("200 OK", "Content-Encoding: zstd\r\n", b"x"),
            "not asked for",
        ),
        (
            "two codings",
            answer(
                "200 OK",
                "Content-Encoding: gzip, gzip\r\n",
                &gzip(&gzip(b"x")),
            ),
            "not asked for",
        ),
        (
            "two lengths",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy".to_vec(),
            "not HTTP",
        ),
        (
            "a length that is none",
            b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx".to_vec(),
            "not HTTP",
        ),
        ("no HTTP", b"SSH-2.0-OpenSSH_9.9\r\n".to_vec(), "not HTTP"),
        (
            "a control character in a field",
            b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n".to_vec(),
            "not HTTP",
        ),
        (
            "ten thousand fields",
            answer("200 OK", &many, b""),
            "header is too large",
        ),
        (
            "a huge field",
            answer("200 OK", &format!("X: {}\r\n", "y".repeat(70_000)), b""),
            "header is too large",
        ),
        (
            "another protocol",
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
                .to_vec(),
            "protocol",
        ),
    ];
    for (what, bytes, words) in cases {
        // Writes and closes, whatever length was promised.
        let server = Server::raw(move |_, out| {
            let _ = out.write_all(&bytes);
            false
        });
        let error = end_of(&server).await.expect_err(what);
        assert_eq!(error.kind(), ErrorKind::BadResponse, "{what}: {error}");
        assert!(error.to_string().contains(words), "{what}: {error}");
    }
}

#[tokio::test]
async fn what_was_whole_before_the_cut_is_handed_out_and_then_an_error_each_time() {
    let server = Server::raw(|_, out| {
        let _ = out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello");
        false
    });
    let (provider, events) = provider(grant([("api", named(&server.url(""), None))], &[]));
    let mut response = provider.send(get("/"), &call()).await.unwrap();
    assert_eq!(response.read(100).await.unwrap(), "hello");
    for _ in 0..3 {
        assert_eq!(
            response.read(100).await.unwrap_err().kind(),
            ErrorKind::BadResponse
        );
    }
    drop(response);
    let events = events.all();
    assert_eq!(
        (events.len(), events[0].outcome),
        (1, Outcome::Failed(ErrorKind::BadResponse))
    );
}

#[tokio::test]
async fn more_than_was_promised_is_not_read_into_the_next_answer() {
    let server = Server::raw(|_, out| {
        let _ = out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
        true
    });
    let (provider, _) = provider(grant([("api", named(&server.url(""), None))], &[]));
    for _ in 0..2 {
        let mut response = provider.send(get("/"), &call()).await.unwrap();
        assert_eq!(body_of(&mut response).await.unwrap(), b"ab");
    }
    assert_eq!(
        server.connections(),
        2,
        "a connection with something left over is not used again"
    );
}

#[tokio::test]
async fn a_connection_that_closes_without_a_word_is_unavailable() {
    let server = Server::raw(|_, _| false);
    let error = fetch(&server).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let partial = Server::raw(|_, out| {
        let _ = out.write_all(b"HTTP/1.1 200 OK\r\nConte");
        false
    });
    assert_eq!(
        fetch(&partial).await.unwrap_err().kind(),
        ErrorKind::Unavailable
    );
}

#[tokio::test]
async fn a_bomb_goes_off_at_the_limit() {
    // 64 MiB of zeros in some 300 KB.
    let bomb = answer(
        "200 OK",
        "Content-Encoding: gzip\r\n",
        &gzip(&vec![0; 64 << 20]),
    );
    let server = Server::saying(bomb);
    let (provider, events) = provider(grant(
        [("api", named(&server.url(""), bearer(CANARY)))],
        &[],
    ));
    let call = limited(CallLimits {
        response_bytes: 1 << 20,
        ..CallLimits::default()
    });
    let mut response = provider.send(get("/"), &call).await.unwrap();
    let error = body_of(&mut response).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    // One piece of the decoder over the limit is decoded and no more.
    assert!(
        call.bytes_received() <= (1 << 20) + (64 << 10),
        "{}",
        call.bytes_received()
    );
    drop(response);
    assert_eq!(
        events.all()[0].outcome,
        Outcome::Failed(ErrorKind::TooLarge)
    );
}

#[tokio::test]
async fn a_length_above_the_limit_is_refused_before_it_is_read() {
    let server = Server::saying(answer("200 OK", "", &[0; 1000]));
    let (provider, _) = provider(grant([("api", named(&server.url(""), None))], &[]));
    let call = limited(CallLimits {
        response_bytes: 999,
        ..CallLimits::default()
    });
    assert_eq!(
        provider.send(get("/"), &call).await.unwrap_err().kind(),
        ErrorKind::TooLarge
    );
    let head = Request {
        method: Method::Head,
        ..get("/")
    };
    let length = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
    let (provider, _) =
        crate::support::provider(grant([("api", named(&length.url(""), None))], &[]));
    assert_eq!(
        provider
            .send(head, &call)
            .await
            .unwrap()
            .header("Content-Length"),
        Some("5000")
    );
}

#[tokio::test]
async fn an_endless_drip_ends_at_the_deadline() {
    let server = Server::raw(|_, out| {
        let _ = out.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while out.write_all(b".").and_then(|()| out.flush()).is_ok() {}
        false
    });
    let (provider, events) = provider(grant([("api", named(&server.url(""), None))], &[]));
    let deadline = Instant::now() + Duration::from_millis(300);
    let call = Call::new(
        deadline,
        CallLimits {
            response_bytes: u64::MAX,
            ..CallLimits::default()
        },
    );
    let mut response = provider.send(get("/"), &call).await.unwrap();
    let error = body_of(&mut response).await.unwrap_err();
    assert!(
        matches!(
            error,
            EgressError::Timeout {
                within: Awaited::Body,
                silent: None,
                ..
            }
        ),
        "{error}"
    );
    assert!(Instant::now() >= deadline);
    drop(response);
    assert_eq!(events.all()[0].outcome, Outcome::Failed(ErrorKind::Timeout));
}

#[tokio::test]
async fn silence_ends_at_the_deadline_or_before() {
    // The answer never comes: the server waits for a request that is never sent.
    let silent = Server::raw(|_, _| true);
    let (provider_silent, _) = provider(grant([("api", named(&silent.url(""), None))], &[]));
    let call = Call::new(
        Instant::now() + Duration::from_millis(50),
        CallLimits::default(),
    );
    let error = provider_silent.send(get("/"), &call).await.unwrap_err();
    assert!(
        matches!(
            error,
            EgressError::Timeout {
                within: Awaited::Head,
                silent: None,
                ..
            }
        ),
        "{error}"
    );
    let impatient = limited(CallLimits {
        idle: Duration::from_millis(50),
        ..CallLimits::default()
    });
    let error = provider_silent
        .send(get("/"), &impatient)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{} gave no answer for 0.05 s", silent.address)
    );
    let stalled = Server::raw(|_, out| {
        let _ = out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
        true
    });
    let (provider_stalled, _) = provider(grant([("api", named(&stalled.url(""), None))], &[]));
    let call = limited(CallLimits {
        idle: Duration::from_millis(50),
        ..CallLimits::default()
    });
    let mut response = provider_stalled.send(get("/"), &call).await.unwrap();
    assert_eq!(response.read(10).await.unwrap(), "hello");
    let error = response.read(10).await.unwrap_err();
    assert!(
        matches!(
            error,
            EgressError::Timeout {
                within: Awaited::Body,
                silent: Some(_),
                ..
            }
        ),
        "{error}"
    );
}

/// A wait may be given as a date, and a component has no clock of its own.
#[tokio::test]
async fn an_answer_without_a_date_gets_one() {
    let response = fetch(&Server::saying(ok(""))).await.unwrap();
    let date = response.header("date").expect("it was added");
    assert!(httpdate::parse_http_date(date).is_ok(), "{date}");
    let dated = answer("200 OK", "Date: Wed, 21 Oct 2015 07:28:00 GMT\r\n", b"");
    let response = fetch(&Server::saying(dated)).await.unwrap();
    assert_eq!(
        response.header("date"),
        Some("Wed, 21 Oct 2015 07:28:00 GMT")
    );
    assert_eq!(
        response
            .headers()
            .iter()
            .filter(|(name, _)| name == "date")
            .count(),
        1
    );
}

#[tokio::test]
async fn a_deadline_that_has_passed_sends_nothing_more() {
    let server = Server::saying(ok(""));
    let (provider, _) = provider(grant([("api", named(&server.url(""), None))], &[]));
    let call = Call::new(Instant::now(), CallLimits::default());
    assert_eq!(
        provider.send(get("/"), &call).await.unwrap_err().kind(),
        ErrorKind::Timeout
    );
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn a_body_becomes_a_blob_in_memory_or_in_a_file() {
    let folder = cap_tempfile::tempdir(cap_std::ambient_authority()).unwrap();
    let spool: Dir = folder.try_clone().unwrap();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.resize(2_000_000, 7);
    let (body, text) = (png.clone(), "{\"error\": \"no picture\"}");
    let server = Server::new(move |seen| {
        let body = if seen.line().contains("/large") {
            &body
        } else {
            text.as_bytes()
        };
        answer("200 OK", "Content-Type: image/jpeg\r\n", body)
    });
    let options = EgressOptions {
        spool: Some(spool),
        ..EgressOptions::default()
    };
    let (provider, _) = provider_with(
        grant([("api", named(&server.url(""), bearer(CANARY)))], &[]),
        options,
    );
    let blob = provider
        .send(get("/large"), &call())
        .await
        .unwrap()
        .into_blob(Some(""), u64::MAX)
        .await
        .unwrap();
    assert_eq!((blob.size(), blob.mime_type()), (2_000_000, "image/png"));
    assert!(format!("{blob:?}").len() < 200);
    assert!(blob.read(1_999_000, 5000).await.unwrap() == png[1_999_000..]);
    assert_eq!(folder.entries().unwrap().count(), 0);
    let blob = provider
        .send(get("/small"), &call())
        .await
        .unwrap()
        .into_blob(None, u64::MAX)
        .await
        .unwrap();
    assert_eq!(
        (blob.size(), blob.mime_type()),
        (text.len() as u64, "application/json")
    );
}

#[tokio::test]
async fn a_blob_is_not_made_of_half_a_body() {
    let server = Server::raw(|_, out| {
        let _ = out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello");
        false
    });
    let response = fetch(&server).await.unwrap();
    assert_eq!(
        response.into_blob(None, u64::MAX).await.unwrap_err().kind(),
        ErrorKind::BadResponse
    );
}

/// What comes of keeping at most ten bytes of an answer whose connection stays open.
async fn ten_bytes_of(answer: &'static str) -> Result<u64, EgressError> {
    let server = Server::raw(move |_, out| {
        let _ = out.write_all(answer.as_bytes());
        true
    });
    let response = fetch(&server).await.unwrap();
    let kept = tokio::time::timeout(Duration::from_secs(10), response.into_blob(None, 10));
    let blob = kept.await.expect("it does not wait for the rest")?;
    Ok(blob.size())
}

#[tokio::test]
async fn no_more_is_kept_than_may_be() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (answer, fits) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789".to_owned(),
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n".to_owned(),
            false,
        ),
        (format!("{chunked}a\r\n0123456789\r\n0\r\n\r\n"), true),
        (format!("{chunked}a\r\n0123456789\r\n1\r\n0\r\n"), false),
    ] {
        let kept = ten_bytes_of(answer.clone().leak()).await;
        match kept {
            Ok(size) => assert!(fits && size == 10, "{answer}"),
            Err(error) => {
                assert!(!fits, "{answer}: {error}");
                assert!(
                    matches!(error, EgressError::MediaTooLarge { limit: 10, .. }),
                    "{error}"
                );
            }
        }
    }
}
