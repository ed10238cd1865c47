//! Takes on films and does badly by them. The prompt says how; it is the token too.

use chela_sdk::video::{Clip, Job, Progress, Request, Response, State};
use chela_sdk::{Blob, Result};

struct Guest;

impl chela_sdk::Video for Guest {
    fn submit(request: Request) -> Result<Job> {
        let token = match request.prompt.strip_prefix("token ") {
            Some(length) => "x".repeat(length.parse().expect("a number")),
            None => request.prompt,
        };
        Ok(Job {
            poll_after_ms: Some(0),
            ignored: vec!["watermark".into(), "nonsense".into()],
            ..Job::new(token)
        })
    }

    fn poll(token: String) -> Result<State> {
        let done = |clips: Vec<Clip>| Response {
            clips,
            model: None,
            usage: None,
            request_id: None,
            extra: Vec::new(),
        };
        let clip = |bytes: &[u8]| Clip {
            duration: Some(f64::NAN),
            ..Clip::new(Blob::new("video/mp4", bytes))
        };
        Ok(match token.as_str() {
            "goes on and on" => State::Running(Progress {
                fraction: Some(f64::INFINITY),
                queue_position: None,
                poll_after_ms: Some(0),
                extra: Vec::new(),
            }),
            "computes" => loop {
                std::hint::black_box(());
            },
            "nothing" => State::Done(done(Vec::new())),
            "empty" => State::Done(done(vec![clip(b"")])),
            "words" => State::Done(done(vec![clip(b"a film of a crab")])),
            // Two films as small as films get: a type, a description, no pictures.
            _ => {
                let film = b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x08moov";
                State::Done(done(vec![clip(film), clip(film)]))
            }
        })
    }
}

chela_sdk::register!(Guest: video);
