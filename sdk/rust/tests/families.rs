//! What an author need not write, and what `register!` takes.

use chela_sdk::model::{EventStream, Events, FinishReason};
use chela_sdk::{FailureKind, Image, Model, Result, Speech, Video, image, model, speech, video};

struct Bare;

impl Model for Bare {
    fn start(_: model::Request) -> Result<impl EventStream> {
        Ok(Events::new([model::Event::Finish(FinishReason::Stop)]))
    }
}

impl Image for Bare {}

impl Speech for Bare {
    fn synthesize(_: speech::Request) -> Result<speech::Response> {
        Err(chela_sdk::Failure::empty_output("no sound"))
    }
}

impl Video for Bare {
    fn submit(_: video::Request) -> Result<video::Job> {
        Ok(video::Job::new("1"))
    }

    fn poll(_: String) -> Result<video::State> {
        Ok(video::State::Queued(video::Progress::default()))
    }
}

chela_sdk::register!(Bare: model, image, speech, video,);

#[test]
fn what_is_left_out_is_unsupported() {
    let request = image::GenerateRequest {
        model: "m".to_owned(),
        prompt: "p".to_owned(),
        options: image::Options::new(1),
    };
    assert_eq!(
        Bare::generate(request).unwrap_err().kind,
        FailureKind::Unsupported
    );
    assert_eq!(
        Bare::list_models().unwrap_err().kind,
        FailureKind::Unsupported
    );
    assert_eq!(
        Bare::list_voices().unwrap_err().kind,
        FailureKind::Unsupported
    );
    assert_eq!(
        Bare::cancel("1".to_owned()).unwrap_err().kind,
        FailureKind::Unsupported
    );
}
