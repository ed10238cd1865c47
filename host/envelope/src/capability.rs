//! Ids of the capabilities that give back an envelope, as they stand in [`Envelope::capability`](crate::Envelope).

/// Text from a language model.
pub const MODEL_RUN: &str = "model.run";
/// Pictures from words.
pub const IMAGE_GENERATE: &str = "image.generate";
/// Pictures from pictures.
pub const IMAGE_EDIT: &str = "image.edit";
/// A picture in words.
pub const IMAGE_DESCRIBE: &str = "image.describe";
/// Several pictures in words, one answer each.
pub const IMAGE_DESCRIBE_MANY: &str = "image.describe-many";
/// Speech in words.
pub const AUDIO_TRANSCRIBE: &str = "audio.transcribe";
/// Words as speech.
pub const TTS_CONVERT: &str = "tts.convert";
/// Film from words.
pub const VIDEO_GENERATE: &str = "video.generate";
/// The film of a job that an earlier process handed in.
pub const VIDEO_RESUME: &str = "video.resume";
/// The end of a job that is not done.
pub const VIDEO_CANCEL: &str = "video.cancel";
/// A film in words.
pub const VIDEO_DESCRIBE: &str = "video.describe";
/// Results of a web search.
pub const WEB_SEARCH: &str = "web.search";
/// One page of the web.
pub const WEB_FETCH: &str = "web.fetch";
/// Vectors for texts.
pub const EMBEDDING_CREATE: &str = "embedding.create";
