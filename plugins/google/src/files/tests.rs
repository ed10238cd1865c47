use chela_sdk::testing::{self, Reply, SentBody};
use proptest::prelude::*;
use serde_json::json;

use super::*;

const SESSION: &str = "https://generativelanguage.googleapis.com/upload/v1beta/files?key=***&upload_id=ABg5-x%2Fy&upload_protocol=resumable";

fn film() -> Blob {
    testing::file("trip.mp4", "video/mp4", b"film")
}

fn begun() -> Reply {
    Reply::json(200, "").header("x-goog-upload-url", SESSION)
}

fn file(state: &str) -> Value {
    json!({"name": "files/abc-1", "uri": "https://generativelanguage.googleapis.com/v1beta/files/abc-1", "mimeType": "video/mp4",
        "sizeBytes": "4", "state": state})
}

fn uploaded(state: &str) -> Reply {
    Reply::json(200, json!({"file": file(state)}).to_string())
}

#[test]
fn a_film_goes_up_at_once_and_is_asked_after_until_it_is_ready() {
    testing::reply(begun());
    testing::reply(uploaded("PROCESSING"));
    testing::reply(Reply::json(200, file("PROCESSING").to_string()));
    testing::reply(Reply::json(200, file("ACTIVE").to_string()));
    let part = upload(&film()).expect("a file");
    assert_eq!(
        part,
        json!({"fileData": {"mimeType": "video/mp4", "fileUri": "https://generativelanguage.googleapis.com/v1beta/files/abc-1"}})
    );
    assert_eq!(testing::pauses(), [USUAL_PAUSE, USUAL_PAUSE]);
    let sent = testing::sent();
    let places: Vec<_> = sent
        .iter()
        .map(|one| (one.endpoint.as_str(), one.path.as_str()))
        .collect();
    assert_eq!(
        places,
        [
            ("upload", "/files"),
            ("upload", "/files"),
            ("api", "/files/abc-1"),
            ("api", "/files/abc-1")
        ]
    );
    assert_eq!(
        sent[0].json(),
        json!({"file": {"display_name": "trip.mp4"}})
    );
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    for field in [
        header("X-Goog-Upload-Header-Content-Length", "4"),
        header("X-Goog-Upload-Header-Content-Type", "video/mp4"),
    ] {
        assert!(sent[0].headers.contains(&field), "{field:?}");
    }
    // Never what the address says of a key.
    assert_eq!(
        sent[1].query,
        [
            header("upload_id", "ABg5-x/y"),
            header("upload_protocol", "resumable")
        ]
    );
    assert!(
        sent[1]
            .headers
            .contains(&header("X-Goog-Upload-Command", "upload, finalize"))
    );
    assert_eq!(sent[1].body, SentBody::Bytes(b"film".to_vec()));
}

#[test]
fn a_file_that_cannot_be_read_is_the_requests_fault() {
    let mut failed = file("FAILED");
    failed["error"] = json!({"code": 13, "message": "The video is broken."});
    for last in [failed, file("FAILED")] {
        testing::reply(begun());
        testing::reply(uploaded("PROCESSING"));
        testing::reply(Reply::json(200, last.to_string()));
        let failure = upload(&film()).expect_err("broken");
        assert_eq!(
            failure.kind,
            FailureKind::InvalidRequest,
            "{}",
            failure.message
        );
    }
}

#[test]
fn a_server_that_never_finishes_is_not_asked_for_ever() {
    testing::reply(begun());
    testing::reply(uploaded("PROCESSING"));
    for _ in 0..MOST_QUESTIONS {
        testing::reply(Reply::json(200, file("PROCESSING").to_string()));
    }
    let failure = upload(&film()).expect_err("never ready");
    assert_eq!(failure.kind, FailureKind::Timeout);
}

#[test]
fn each_step_tells_what_went_wrong() {
    crate::tests::tells_apart(&|| start(&film()).map(drop));
    let session = || vec![("upload_id".to_owned(), "a".to_owned())];
    crate::tests::tells_apart(&|| send(&film(), session()).map(drop));
    let known = || File {
        envelope: Envelope::default(),
        value: file("PROCESSING"),
    };
    crate::tests::tells_apart(&|| ask(&known()).and_then(|file| file.part(&film())).map(drop));
    // Neither a path of another kind nor another server.
    for name in ["../models", "files/", "files/a/b", "files/a?b", "other/a"] {
        let file = File {
            value: json!({"name": name}),
            ..known()
        };
        assert!(ask(&file).is_err(), "{name}");
    }
    testing::sent();
}

proptest! {
    #[test]
    fn any_json_is_read(value in crate::tests::any_json(), url in ".{0,60}") {
        testing::reply(Reply::json(200, value.to_string()).header("x-goog-upload-url", &url));
        let _ = start(&film());
        for body in [value.clone(), json!({"file": value})] {
            testing::reply(begun());
            testing::reply(Reply::json(200, body.to_string()));
            testing::reply(Reply::json(200, body.to_string()));
            let _ = upload(&film());
        }
    }
}
