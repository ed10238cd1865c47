//! How servers fail, and what chela makes of it.

use chela_test_support::answer::Answer;
use serde_json::json;

/// A failure, as a server shows it and as chela tells it.
pub(crate) struct Fault {
    /// Its name in the table.
    pub(crate) name: &'static str,
    /// How it comes about.
    pub(crate) way: Way,
    /// `error.type`, or `ok`.
    pub(crate) kind: &'static str,
    /// The exit code.
    pub(crate) code: i32,
    /// How often the request is made.
    pub(crate) tries: u32,
}

/// How a failure comes about.
pub(crate) enum Way {
    /// Nobody listens.
    Refused,
    /// The server refuses with that status, and says so in its words.
    Refuses(u16),
    /// The server refuses with that status, without a word.
    RefusesSilently(u16),
    /// The server gives this in place of its good answer.
    Answers(fn(Answer) -> Answer),
}

impl Way {
    /// The status that comes, where it says something.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Refuses(status) | Self::RefusesSilently(status) => Some(*status),
            Self::Refused | Self::Answers(_) => None,
        }
    }

    /// What the message has to tell.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Refuses(status) => words(*status),
            Self::RefusesSilently(status) => status.to_string(),
            Self::Refused | Self::Answers(_) => String::new(),
        }
    }

    /// What comes; none where nobody listens.
    pub(crate) fn answer(&self, good: Answer) -> Option<Answer> {
        Some(match self {
            Self::Refused => return None,
            // The shape that most APIs share.
            Self::Refuses(status) => Answer::new(*status)
                .json_body(&json!({"error": {"message": words(*status), "type": "whatever"}})),
            Self::RefusesSilently(status) => Answer::new(*status),
            Self::Answers(answer) => answer(good),
        })
    }
}

/// Servers have words of their own for each status.
fn words(status: u16) -> String {
    format!("it is as {status} says")
}

fn stall(_: Answer) -> Answer {
    Answer::new(200)
        .header("Content-Type", "application/json")
        .then_stall()
}

const fn row(name: &'static str, way: Way, kind: &'static str, code: i32, tries: u32) -> Fault {
    Fault {
        name,
        way,
        kind,
        code,
        tries,
    }
}

/// The table. What may pass is tried three times.
#[rustfmt::skip]
pub(crate) const FAULTS: &[Fault] = &[
    row("none", Way::Answers(|good| good), "ok", 0, 1),
    row("401", Way::Refuses(401), "auth", 4, 1),
    row("403", Way::Refuses(403), "permission", 4, 1),
    row("404", Way::Refuses(404), "not_found", 5, 1),
    row("408", Way::Refuses(408), "timeout", 6, 3),
    row("413", Way::Refuses(413), "invalid_request", 5, 1),
    row("422", Way::Refuses(422), "invalid_request", 5, 1),
    row("429", Way::Refuses(429), "rate_limited", 6, 3),
    row("500", Way::Refuses(500), "unavailable", 6, 3),
    row("503", Way::Refuses(503), "unavailable", 6, 3),
    row("silent", Way::RefusesSilently(403), "permission", 4, 1),
    row("refused", Way::Refused, "unavailable", 6, 3),
    row("stalled", Way::Answers(stall), "timeout", 6, 1),
    row("empty", Way::Answers(|_| Answer::new(200)), "bad_response", 8, 1),
    row("html", Way::Answers(|_| Answer::html("Sign in")), "bad_response", 8, 1),
    row("cut", Way::Answers(Answer::cut_in_half), "bad_response", 8, 1),
];
