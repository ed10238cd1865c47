//! OpenAI with all that it does: what the component `openai-compatible` does, and transcripts, speech and film besides.
//!
//! Text, pictures and vectors are that crate's, exports included: linking it brings them along. Here are the three families that its
//! other users do without, so that their component stays small. Providers that transcribe as OpenAI does are bound to this component
//! too; how they differ stands in their manifests.
#![forbid(unsafe_code)]

mod speech;
mod transcription;
mod video;

use chela_sdk::{Result, Speech, Transcription, Video};

// Its exports are those of this component as well.
use openai_compatible as _;

struct Provider;

impl Transcription for Provider {
    fn transcribe(
        request: chela_sdk::transcription::Request,
    ) -> Result<chela_sdk::transcription::Response> {
        transcription::transcribe(&request)
    }
}

impl Speech for Provider {
    fn synthesize(request: chela_sdk::speech::Request) -> Result<chela_sdk::speech::Response> {
        speech::synthesize(&request)
    }
}

impl Video for Provider {
    fn submit(request: chela_sdk::video::Request) -> Result<chela_sdk::video::Job> {
        video::submit(&request)
    }

    fn poll(token: String) -> Result<chela_sdk::video::State> {
        video::poll(&token)
    }
}

chela_sdk::register!(Provider: transcription, speech, video);
