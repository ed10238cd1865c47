//! The provider under `cargo test`: `chela_sdk::testing` stands in for the host.

use super::{Hello, Model};
use chela_sdk::model::{Content, Event, EventStream, Message, Request, Role};
use chela_sdk::testing::{self, Reply};
use chela_sdk::{Failure, FailureKind};

fn ask(prompt: &str) -> Result<Vec<Event>, Failure> {
    let mut stream = Hello::start(Request {
        model: "hello-1".to_owned(),
        messages: vec![Message::new(Role::User, [Content::Text(prompt.to_owned())])],
        ..Request::default()
    })?;
    let mut events = Vec::new();
    while let Some(event) = stream.next()? {
        events.push(event);
    }
    Ok(events)
}

#[test]
fn a_prompt_goes_out_and_a_reply_comes_back() {
    testing::reply(Reply::json(200, r#"{"reply": "Good day."}"#));
    let events = ask("Say hello").unwrap();
    assert!(matches!(&events[0], Event::Text(text) if text == "Good day."));
    let sent = testing::sent();
    assert_eq!(
        (sent[0].endpoint.as_str(), sent[0].path.as_str()),
        ("api", "/reply")
    );
    assert_eq!(sent[0].json()["prompt"], "Say hello");
}

#[test]
fn a_refusal_is_a_failure_of_the_right_kind() {
    testing::reply(Reply::json(
        401,
        r#"{"error": {"message": "No such key.", "code": "invalid_api_key"}}"#,
    ));
    let failure = ask("Say hello").unwrap_err();
    assert_eq!(failure.kind, FailureKind::Auth);
    assert_eq!(failure.code.as_deref(), Some("invalid_api_key"));
    assert_eq!(failure.message, "the server answered 401: No such key");
}
