//! Uploads of any size in constant memory, with the length that was promised.

use std::io::{Seek as _, SeekFrom, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chela_egress::{Blob, Body, ErrorKind, FormField, Method, Part, Request};

use crate::support::{CANARY, Server, bearer, body_of, call, get, grant, named, ok, provider, to};

const LARGE: u64 = 200 * 1024 * 1024;

/// A sparse file with something at its beginning and at its end.
fn large_file() -> Blob {
    let folder = cap_tempfile::tempdir(cap_std::ambient_authority()).unwrap();
    let mut file = folder.create("large").unwrap();
    file.write_all(b"\x89PNG\r\n\x1a\n").unwrap();
    file.seek(SeekFrom::Start(LARGE - 3)).unwrap();
    file.write_all(b"end").unwrap();
    Blob::from_file(folder.open("large").unwrap().into_std(), Some("large.png")).unwrap()
}

/// Kilobytes of memory that this process holds.
#[cfg(target_os = "linux")]
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn two_hundred_megabytes_pass_in_a_form() {
    let blob = large_file();
    assert_eq!((blob.size(), blob.mime_type()), (LARGE, "image/png"));
    let server = Server::saying(ok("thanks"));
    let (provider, events) = provider(grant(
        [("api", named(&server.url(""), bearer(CANARY)))],
        &[],
    ));
    let field = |name: &str, value| FormField {
        name: name.into(),
        file_name: None,
        mime_type: None,
        value,
    };
    let body = Body::Form(vec![
        field("model", Part::Bytes("m".into())),
        field("image", Part::Blob(blob)),
    ]);
    #[cfg(target_os = "linux")]
    let before = resident();
    let mut response = provider
        .send(
            Request {
                method: Method::Post,
                body,
                ..get("/edit")
            },
            &call(),
        )
        .await
        .unwrap();
    assert_eq!(body_of(&mut response).await.unwrap(), b"thanks");
    #[cfg(target_os = "linux")]
    assert!(
        resident() < before + 80 * 1024,
        "the file was never in memory whole"
    );
    let seen = server.only();
    let length: u64 = seen.field("content-length").unwrap().parse().unwrap();
    assert!(seen.field("transfer-encoding").is_none());
    assert!(length > LARGE && length < LARGE + 1000 && seen.length == length);
    assert!(
        seen.field("content-type")
            .unwrap()
            .starts_with("multipart/form-data; boundary=chela-")
    );
    let head = String::from_utf8_lossy(&seen.body[..400]).into_owned();
    assert!(
        head.contains("name=\"image\"; filename=\"large.png\"\r\nContent-Type: image/png\r\n\r\n"),
        "{head}"
    );
    assert_eq!(events.all()[0].bytes_sent, length);
}

#[tokio::test]
async fn two_hundred_megabytes_pass_in_base64() {
    let blob = large_file();
    let server = Server::saying(ok("thanks"));
    let (provider, _) = provider(grant([("api", named(&server.url(""), None))], &[]));
    let parts = vec![
        Part::Bytes("{\"image\":\"".into()),
        Part::Base64(blob),
        Part::Bytes("\"}".into()),
    ];
    provider
        .send(
            Request {
                method: Method::Post,
                body: Body::Parts(parts),
                ..get("/edit")
            },
            &call(),
        )
        .await
        .unwrap();
    let seen = server.only();
    assert_eq!(seen.length, 10 + LARGE.div_ceil(3) * 4 + 2);
    assert!(seen.body.starts_with(b"{\"image\":\"iVBORw0KGgoAAAAA"));
}

#[tokio::test]
async fn what_arrives_is_what_was_sent() {
    let bytes: Vec<u8> = (0..1_000_001_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let folder = cap_tempfile::tempdir(cap_std::ambient_authority()).unwrap();
    folder.write("f", &bytes).unwrap();
    let file = Blob::from_file(folder.open("f").unwrap().into_std(), None).unwrap();
    let memory = Blob::from_bytes("", bytes.clone().into());
    let server = Server::saying(ok(""));
    let (provider, _) = provider(grant([("api", named(&server.url(""), None))], &[]));
    let sum = |bytes: &[u8]| {
        bytes.iter().fold(0_u64, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u64::from(*byte))
        })
    };
    let encoded = STANDARD.encode(&bytes).into_bytes();
    for (part, expected) in [
        (Part::Blob(file.clone()), &bytes),
        (Part::Blob(memory.clone()), &bytes),
        (Part::Base64(file), &encoded),
        (Part::Base64(memory), &encoded),
    ] {
        let body = Body::Parts(vec![part]);
        provider
            .send(
                Request {
                    method: Method::Put,
                    body,
                    ..get("/")
                },
                &call(),
            )
            .await
            .unwrap();
        let seen = server.seen().pop().unwrap();
        assert_eq!(
            (seen.length, seen.sum),
            (expected.len() as u64, sum(expected))
        );
    }
}

#[tokio::test]
async fn a_body_is_sent_again_where_a_redirect_asks_for_it() {
    let server = Server::new(|seen| {
        if seen.line().contains("/from") {
            to(308, "/there")
        } else {
            ok("")
        }
    });
    let (provider, _) = provider(grant([("api", named(&server.url(""), None))], &[]));
    let blob = Blob::from_bytes("", vec![7; 300_000].into());
    let body = Body::Parts(vec![Part::Blob(blob)]);
    let call = call();
    provider
        .send(
            Request {
                method: Method::Post,
                body,
                ..get("/from")
            },
            &call,
        )
        .await
        .unwrap();
    let seen = server.seen();
    assert_eq!((seen[0].length, seen[1].length), (300_000, 300_000));
    assert_eq!(seen[0].sum, seen[1].sum);
    assert_eq!(call.bytes_sent(), 600_000);
}

#[tokio::test]
async fn a_file_that_shrinks_while_it_is_sent_is_a_fault_of_this_machine() {
    let folder = cap_tempfile::tempdir(cap_std::ambient_authority()).unwrap();
    let file = folder.create("f").unwrap();
    file.set_len(1_000_000).unwrap();
    let blob = Blob::from_file(folder.open("f").unwrap().into_std(), None).unwrap();
    file.set_len(10).unwrap();
    let server = Server::saying(ok(""));
    let (provider, _) = provider(grant([("api", named(&server.url(""), None))], &[]));
    let body = Body::Parts(vec![Part::Blob(blob)]);
    let error = provider
        .send(
            Request {
                method: Method::Post,
                body,
                ..get("/")
            },
            &call(),
        )
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage, "{error}");
    assert_eq!(server.seen().len(), 0, "half a body is no request");
}
