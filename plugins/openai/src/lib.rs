//! OpenAI with all that it does: what the component `openai-compatible` does, and transcripts and speech besides.
//!
//! Text, pictures and vectors are that crate's, exports included: linking it brings them along. Here are the two families that its
//! other users do without, so that their component stays small. Providers that transcribe as OpenAI does are bound to this component
//! too; how they differ stands in their manifests.
#![forbid(unsafe_code)]

mod speech;
mod transcription;

use chela_sdk::{Result, Speech, Transcription};

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

chela_sdk::register!(Provider: transcription, speech);
