//! A canary key, sent to servers that repeat it in every way they know, and looked for in everything that comes out.

use std::fmt::Write as _;
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use chela_egress::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

use crate::support::{
    CANARY, Server, answer, bearer, body_of, call, get, grant, in_query, named, ok, provider,
};

/// Everything that any crate in this process traced since the first test asked.
fn traced() -> &'static Mutex<String> {
    struct Everything;
    struct Text<'a>(&'a mut String);
    impl Visit for Text<'_> {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            let _ = write!(self.0, "{field}={value:?} ");
        }
    }
    impl Subscriber for Everything {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
            span.record(&mut Text(&mut traced().lock().unwrap()));
            span::Id::from_u64(1)
        }
        fn record(&self, _: &span::Id, values: &span::Record<'_>) {
            values.record(&mut Text(&mut traced().lock().unwrap()));
        }
        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
        fn event(&self, event: &Event<'_>) {
            event.record(&mut Text(&mut traced().lock().unwrap()));
        }
        fn enter(&self, _: &span::Id) {}
        fn exit(&self, _: &span::Id) {}
    }
    static TEXT: OnceLock<Mutex<String>> = OnceLock::new();
    TEXT.get_or_init(|| {
        let _ = tracing::subscriber::set_global_default(Everything);
        Mutex::default()
    })
}

/// Whether the canary stands in a text: as it is, or its longest part that no encoding changes.
fn holds_canary(text: &str) -> bool {
    let text = text.to_lowercase();
    [CANARY, "0123456789", "abcdefghij"]
        .iter()
        .any(|part| text.contains(part))
}

fn everything_shown(response: &Response, body: &[u8]) -> String {
    format!(
        "{response:?} {:?} {} {}",
        response.headers(),
        response.url(),
        String::from_utf8_lossy(body)
    )
}

fn spellings() -> Vec<String> {
    let json = CANARY.replace('/', "\\/");
    vec![
        CANARY.to_owned(),
        CANARY.to_uppercase(),
        json,
        CANARY.bytes().map(|b| format!("{b:02x}")).collect(),
        url::form_urlencoded::byte_serialize(CANARY.as_bytes()).collect(),
        STANDARD.encode(CANARY),
        STANDARD.encode(format!("Bearer {CANARY}")),
        STANDARD.encode(format!("u:{CANARY}:p")),
        URL_SAFE.encode(format!("?{CANARY}")),
    ]
}

#[tokio::test]
async fn an_echo_is_masked_in_fields_and_bodies() {
    traced();
    for spelling in spellings() {
        let body = format!("you sent <{spelling}>, twice: {spelling}{spelling}");
        let length = body.len();
        let fields = format!("X-Echo: a {spelling} b\r\nSet-Cookie: key={spelling}\r\n");
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(body.as_bytes()).unwrap();
        let zipped = answer(
            "200 OK",
            &format!("{fields}Content-Encoding: gzip\r\n"),
            &gzip.finish().unwrap(),
        );
        for bytes in [answer("401 Unauthorized", &fields, body.as_bytes()), zipped] {
            let server = Server::saying(bytes);
            let (provider, _) = provider(grant(
                [("api", named(&server.url(""), bearer(CANARY)))],
                &[],
            ));
            let mut response = provider.send(get("/"), &call()).await.unwrap();
            let masked = body_of(&mut response).await.unwrap();
            let shown = everything_shown(&response, &masked);
            assert!(!shown.contains(&spelling), "{shown}");
            assert!(!holds_canary(&shown), "{shown}");
            let stars = masked.iter().filter(|&&byte| byte == b'*').count();
            assert!(
                stars >= 3 * CANARY.len() && masked.len() == length,
                "{shown}"
            );
            assert!(
                response.header("x-echo").unwrap().contains("****"),
                "{shown}"
            );
        }
    }
}

#[tokio::test]
async fn an_echo_in_a_fields_name_drops_the_field() {
    let server = Server::saying(answer("200 OK", "X-plain-key-123456: x\r\nY: z\r\n", b""));
    let (provider, _) = provider(grant(
        [("api", named(&server.url(""), bearer("plain-key-123456")))],
        &[],
    ));
    let response = provider.send(get("/"), &call()).await.unwrap();
    let names: Vec<&str> = response
        .headers()
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["y", "content-length", "date"]);
}

#[tokio::test]
async fn an_echo_across_the_borders_of_chunks_is_masked() {
    for spelling in spellings() {
        for size in [1, 2, 3, 7, 20] {
            let text = format!("a{spelling}b{spelling}{}", &spelling[..spelling.len() - 1]);
            let expected = text.len();
            let pieces: Vec<Vec<u8>> = text.as_bytes().chunks(size).map(<[u8]>::to_vec).collect();
            let server = Server::raw(move |_, out| {
                let _ = out.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                for piece in &pieces {
                    let _ = write!(out, "{:x}\r\n", piece.len());
                    let _ = out
                        .write_all(piece)
                        .and_then(|()| out.write_all(b"\r\n"))
                        .and_then(|()| out.flush());
                }
                let _ = out.write_all(b"0\r\n\r\n");
                true
            });
            let (provider, _) = provider(grant(
                [("api", named(&server.url(""), bearer(CANARY)))],
                &[],
            ));
            let mut response = provider.send(get("/"), &call()).await.unwrap();
            let masked = String::from_utf8(body_of(&mut response).await.unwrap()).unwrap();
            let stars = masked.bytes().filter(|&byte| byte == b'*').count();
            assert!(
                stars >= 2 * CANARY.len() && !masked.contains(&spelling),
                "{masked}"
            );
            assert_eq!(masked.len(), expected);
        }
    }
}

#[tokio::test]
async fn what_an_origin_may_be_sent_is_masked_and_a_short_key_is_not() {
    let server = Server::saying(ok("other-secret-key and ollama"));
    let endpoints = [
        ("api", named(&server.url(""), bearer("ollama"))),
        (
            "other",
            named(&server.url("/other"), bearer("other-secret-key")),
        ),
    ];
    let (provider, _) = provider(grant(endpoints, &[]));
    let mut response = provider.send(get("/"), &call()).await.unwrap();
    assert_eq!(
        body_of(&mut response).await.unwrap(),
        b"**************** and ollama"
    );
}

/// A component could otherwise have a server of its own repeat guesses, and see by the masking which one is right.
#[tokio::test]
async fn an_origin_that_never_sees_a_key_is_no_oracle_for_it() {
    let server = Server::saying(ok("other-secret-key"));
    let endpoints = [
        ("api", named(&server.url(""), None)),
        (
            "other",
            named("http://127.0.0.1:9", bearer("other-secret-key")),
        ),
    ];
    let (provider, _) = provider(grant(endpoints, &[]));
    let mut response = provider.send(get("/"), &call()).await.unwrap();
    assert_eq!(body_of(&mut response).await.unwrap(), b"other-secret-key");
}

#[tokio::test]
async fn a_stream_is_not_held_back_for_the_sake_of_masking() {
    // The second event is only sent when the first one has been read: a server that waits for its reader.
    let (read, wait) = std::sync::mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let server = Server::raw(move |_, out| {
        let _ = out
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: one\n\n")
            .and_then(|()| out.flush());
        let _ = wait.lock().unwrap().recv();
        let _ = out.write_all(b"data: two\n\n");
        false
    });
    let (provider, _) = provider(grant(
        [("api", named(&server.url(""), bearer(CANARY)))],
        &[],
    ));
    let mut response = provider.send(get("/"), &call()).await.unwrap();
    assert_eq!(response.read(1000).await.unwrap(), "data: one\n\n");
    read.send(()).unwrap();
    assert_eq!(response.read(1000).await.unwrap(), "data: two\n\n");
}

#[tokio::test]
async fn no_error_no_event_and_no_trace_holds_the_key() {
    traced();
    let broken = Server::raw(|seen, out| {
        let _ = match seen.line() {
            line if line.contains("/refuse") => Ok(()),
            line if line.contains("/garbage") => write!(out, "{}\r\n\r\n", seen.head),
            line if line.contains("/cut") => write!(
                out,
                "HTTP/1.1 200 {CANARY}\r\nContent-Length: 9999\r\n\r\n{}",
                seen.head
            ),
            line if line.contains("/loop") => write!(
                out,
                "HTTP/1.1 302 x\r\nLocation: {}\r\n\r\n",
                line.split(' ').nth(1).unwrap()
            ),
            line if line.contains("/away") => write!(
                out,
                "HTTP/1.1 302 x\r\nLocation: https://evil.example/?{CANARY}\r\n\r\n"
            ),
            _ => write!(
                out,
                "HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\n\r\n{CANARY}"
            ),
        };
        false
    });
    for credential in [bearer(CANARY), in_query(CANARY)] {
        let (provider, events) = provider(grant(
            [("api", named(&broken.url(""), credential))],
            &["public"],
        ));
        let mut shown = format!("{provider:?}");
        for path in [
            "/refuse", "/garbage", "/cut", "/loop", "/away", "/coding", "/../x",
        ] {
            let error = match provider.send(get(path), &call()).await {
                Ok(mut response) => body_of(&mut response).await.unwrap_err(),
                Err(error) => error,
            };
            let mut source: Option<&dyn std::error::Error> = Some(&error);
            while let Some(error) = source {
                let _ = write!(shown, "{error} {error:?} ");
                source = error.source();
            }
        }
        let _ = write!(shown, "{:?}", events.all());
        assert!(
            events
                .all()
                .iter()
                .any(|event| event.credential.as_deref() == Some("api-key"))
        );
        assert!(!holds_canary(&shown), "{shown}");
    }
    let traced = traced().lock().unwrap();
    assert!(traced.contains("duration_ms"), "the audit is traced");
    assert!(!holds_canary(&traced), "{traced}");
}

#[tokio::test]
async fn a_credential_goes_to_its_own_endpoint_and_to_no_other() {
    let (one, two) = (Server::saying(ok("")), Server::saying(ok("")));
    let endpoints = [
        ("api", named(&one.url("/v1"), bearer(CANARY))),
        ("two", named(&two.url(""), None)),
        ("beside", named(&one.url("/v2"), None)),
    ];
    let (provider, _) = provider(grant(endpoints, &[]));
    for endpoint in ["two", "beside"] {
        let target = chela_egress::Target::Endpoint {
            endpoint: endpoint.into(),
            path: "/a".into(),
            query: vec![],
        };
        provider
            .send(chela_egress::Request { target, ..get("") }, &call())
            .await
            .unwrap();
    }
    for seen in [two.only(), one.only()] {
        assert!(!holds_canary(&seen.head), "{}", seen.head);
    }
    let sharing = Arc::strong_count(
        &provider.grant().endpoints["api"]
            .credential
            .as_ref()
            .unwrap()
            .secret,
    );
    assert_eq!(sharing, 1, "egress makes no copy of a grant's secret");
}
