//! One request to one envelope: choose, try, fall back, normalise, store what came out.
//!
//! A request is a plain value ([`ModelRun`], [`ImageGenerate`], …); the answer is always an [`Envelope`], whatever happens.
//! Everything that can be wrong with a request is found before any component is called. Then the catalog's candidates are
//! asked one after the other: transient failures are tried again within the deadline, others lead to the next candidate,
//! and what one candidate was asked that it does not offer is mapped or left out and reported.
//!
//! It never prints, never reads the environment, never opens a path: files come in open, and go out below folders that
//! the caller opened. It opens no socket and names no WebAssembly engine; those are `chela-egress` and `chela-sandbox`.
//!
//! ```no_run
//! # async fn example(catalog: std::sync::Arc<chela_catalog::Catalog>, sandbox: chela_sandbox::Sandbox,
//! #     egress: chela_egress::Egress, state: cap_std::fs::Dir) -> Result<(), chela_runtime::OutputError> {
//! use chela_runtime::{Folder, ModelRun, Runtime, RuntimeOptions};
//!
//! let media = Folder::new(state, "media", "/home/ada/.local/state/chela/media")?;
//! let runtime = Runtime::new(catalog, sandbox, egress, RuntimeOptions::new(media));
//! let run = ModelRun { prompt: "Reply with exactly: pong".into(), ..ModelRun::default() };
//! let envelope = runtime.model_run(run, &mut ()).await;
//! assert_eq!(chela_envelope::exit_code(&envelope), chela_envelope::exit::OK);
//! # Ok(()) }
//! ```
//!
//! [`Envelope`]: chela_envelope::Envelope

#![forbid(unsafe_code)]

mod audio_transcribe;
mod candidate;
mod check;
mod choose;
mod cost;
mod deliver;
mod describe;
mod dry_run;
mod embedding;
mod fault;
mod fitting;
mod geometry;
mod hints;
mod image_make;
mod image_options;
mod input;
mod local_service;
mod media;
mod model_run;
mod output;
mod problem;
mod progress;
mod report;
mod retry;
mod runtime;
mod sound;
mod speech;
mod speech_format;
mod told;
mod video;
mod voices;
mod web_fetch;
mod web_search;

pub use audio_transcribe::AudioTranscribe;
pub use check::{Selection, is_blank};
pub use describe::{ImageDescribe, ImageDescribeMany, VideoDescribe};
pub use embedding::EmbeddingCreate;
pub use geometry::{AspectRatio, GeometryError, Size};
pub use image_make::{ImageEdit, ImageGenerate, MOST_PICTURES, MediaAnswer};
pub use image_options::ImageHints;
pub use input::{InputFile, LARGEST_PICTURE, LARGEST_RECORDING};
pub use model_run::ModelRun;
pub use output::{Destination, Folder, OutputError};
pub use progress::{Progress, Stage, Watcher};
pub use retry::RetryPolicy;
pub use runtime::{Runtime, RuntimeOptions};
pub use speech::TtsConvert;
pub use told::TextSink;
pub use video::{
    JobStore, LONGEST_FILM, PendingJob, PollPolicy, VideoCancel, VideoGenerate, VideoHints,
    VideoJob, VideoResume, replace_private,
};
pub use voices::VoiceRecord;
pub use web_fetch::{PageFormat, WebFetch};
pub use web_search::{MOST_RESULTS, WebSearch};

pub use chela_sandbox::families::embedding::InputType;
pub use chela_sandbox::families::image::{Background, Format};
pub use chela_sandbox::families::model::ThinkingLevel;
pub use chela_sandbox::families::search::Freshness;
pub use chela_sandbox::families::speech::Format as SoundFormat;
pub use chela_sandbox::families::transcription::Timestamps;
