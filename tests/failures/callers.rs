//! Who is asked, and how.

use chela_test_support::answer::Answer;
use chela_test_support::openai::Chat;
use chela_test_support::responses::Response;
use chela_test_support::{anthropic, audio, google, media, ollama, openai, web};

/// A provider in one of its capabilities.
pub(crate) struct Caller {
    /// Its id.
    pub(crate) provider: &'static str,
    /// The variable with its key.
    pub(crate) key: Option<&'static str>,
    /// What follows the server's address in its base URL.
    pub(crate) base: &'static str,
    /// The command.
    pub(crate) command: &'static [&'static str],
    /// The method it asks with.
    pub(crate) method: &'static str,
    /// The path it asks for.
    pub(crate) path: &'static str,
    /// A good answer.
    pub(crate) answer: fn() -> Answer,
    /// Faults that are something else to it.
    pub(crate) otherwise: &'static [Otherwise],
}

/// The name of a fault, and what it is to some: `error.type` or `ok`, and the exit code.
type Otherwise = (&'static str, &'static str, i32);

const HIT: &[web::Hit<'_>] = &[["Lobsters", "https://a.example/lobster", "They are red."]];

/// A file without a byte is read, and there is nothing in it.
const EMPTY_FILE: &[Otherwise] = &[("empty", "empty_output", 8)];

/// A web page is what is asked for, and one without a byte has nothing in it.
const ANY_PAGE: &[Otherwise] = &[("html", "ok", 0), ("empty", "empty_output", 8)];

/// A row. What is last may be left out: faults that are something else to this caller.
macro_rules! caller {
    ($provider:literal, $key:expr, $base:literal, [$($word:literal),*], $method:literal $path:literal, $answer:expr) => {
        caller!($provider, $key, $base, [$($word),*], $method $path, $answer, &[])
    };
    ($provider:literal, $key:expr, $base:literal, [$($word:literal),*], $method:literal $path:literal, $answer:expr,
     $otherwise:expr) => {
        Caller {
            provider: $provider,
            key: $key,
            base: $base,
            command: &[$($word),*],
            method: $method,
            path: $path,
            answer: $answer,
            otherwise: $otherwise,
        }
    };
}

const OPENAI: Option<&str> = Some("OPENAI_API_KEY");
const GOOGLE: Option<&str> = Some("GEMINI_API_KEY");

/// The table.
#[rustfmt::skip]
pub(crate) const CALLERS: &[Caller] = &[
    // Text, whole and streamed.
    caller!("openai", OPENAI, "/v1", ["model", "run", "--model", "openai/gpt-5.4", "--prompt", "?"],
        "POST" "/v1/chat/completions", || Chat::new("4").whole()),
    caller!("openai", OPENAI, "/v1", ["model", "run", "--stream", "--model", "openai/gpt-5.4", "--prompt", "?"],
        "POST" "/v1/chat/completions", || Chat::new("4").stream()),
    caller!("groq", Some("GROQ_API_KEY"), "/openai/v1", ["model", "run", "--provider", "groq", "--prompt", "?"],
        "POST" "/openai/v1/chat/completions", || Chat::new("4").whole()),
    caller!("mistral", Some("MISTRAL_API_KEY"), "/v1", ["model", "run", "--provider", "mistral", "--prompt", "?"],
        "POST" "/v1/chat/completions", || Chat::new("4").whole()),
    caller!("cerebras", Some("CEREBRAS_API_KEY"), "/v1", ["model", "run", "--provider", "cerebras", "--prompt", "?"],
        "POST" "/v1/chat/completions", || Chat::new("4").whole()),
    caller!("inferrs", None, "/v1", ["model", "run", "--model", "inferrs/gemma", "--prompt", "?"],
        "POST" "/v1/chat/completions", || Chat::new("4").whole()),
    caller!("answerers", None, "/v1", ["model", "run", "--model", "answerers/gemma", "--prompt", "?"],
        "POST" "/v1/responses", || Response::new("4").whole()),
    caller!("answerers", None, "/v1", ["model", "run", "--stream", "--model", "answerers/gemma", "--prompt", "?"],
        "POST" "/v1/responses", || Response::new("4").stream()),
    caller!("anthropic", Some("ANTHROPIC_API_KEY"), "", ["model", "run", "--provider", "anthropic", "--prompt", "?"],
        "POST" "/v1/messages", || anthropic::Message::new("4").whole()),
    caller!("anthropic", Some("ANTHROPIC_API_KEY"), "",
        ["model", "run", "--stream", "--provider", "anthropic", "--prompt", "?"],
        "POST" "/v1/messages", || anthropic::Message::new("4").stream()),
    caller!("google", GOOGLE, "/v1beta", ["model", "run", "--model", "google/gemini-2.5-flash", "--prompt", "?"],
        "POST" "/v1beta/models/gemini-2.5-flash:generateContent", || google::Content::new("4").whole()),
    caller!("google", GOOGLE, "/v1beta",
        ["model", "run", "--stream", "--model", "google/gemini-2.5-flash", "--prompt", "?"],
        "POST" "/v1beta/models/gemini-2.5-flash:streamGenerateContent", || google::Content::new("4").stream()),
    caller!("ollama", None, "", ["model", "run", "--model", "ollama/llama3.2", "--prompt", "?"],
        "POST" "/api/chat", || ollama::Chat::new("4").whole()),
    caller!("ollama", None, "", ["model", "run", "--stream", "--model", "ollama/llama3.2", "--prompt", "?"],
        "POST" "/api/chat", || ollama::Chat::new("4").stream()),
    // Pictures.
    caller!("openai", OPENAI, "/v1", ["image", "generate", "--model", "openai/gpt-image-2", "--prompt", "?"],
        "POST" "/v1/images/generations", || openai::images(&[media::png(8, 8)])),
    caller!("openai", OPENAI, "/v1",
        ["image", "edit", "--model", "openai/gpt-image-2", "--prompt", "?", "--file", "photo.png"],
        "POST" "/v1/images/edits", || openai::images(&[media::png(8, 8)])),
    caller!("openai", OPENAI, "/v1", ["image", "describe", "--model", "openai/gpt-5.4-mini", "--file", "photo.png"],
        "POST" "/v1/chat/completions", || Chat::new("A square.").whole()),
    caller!("google", GOOGLE, "/v1beta",
        ["image", "generate", "--model", "google/gemini-3.1-flash-image-preview", "--prompt", "?"],
        "POST" "/v1beta/models/gemini-3.1-flash-image-preview:generateContent",
        || google::Content::new("Here.").picture(media::png(8, 8)).whole()),
    // Vectors.
    caller!("openai", OPENAI, "/v1", ["embedding", "create", "--provider", "openai", "--text", "a"],
        "POST" "/v1/embeddings", || openai::embeddings(&[vec![0.5, 1.0]])),
    caller!("google", GOOGLE, "/v1beta", ["embedding", "create", "--model", "google/gemini-embedding-001", "--text", "a"],
        "POST" "/v1beta/models/gemini-embedding-001:batchEmbedContents", || google::embeddings(&[vec![0.5, 1.0]])),
    caller!("ollama", None, "", ["embedding", "create", "--model", "ollama/nomic-embed-text", "--text", "a"],
        "POST" "/api/embed", || ollama::embeddings(&[vec![0.5, 1.0]])),
    // Transcripts.
    caller!("openai", OPENAI, "/v1", ["audio", "transcribe", "--provider", "openai", "--file", "memo.wav"],
        "POST" "/v1/audio/transcriptions", || audio::transcript("Hello.")),
    caller!("groq", Some("GROQ_API_KEY"), "/openai/v1",
        ["audio", "transcribe", "--provider", "groq", "--file", "memo.wav"],
        "POST" "/openai/v1/audio/transcriptions", || audio::transcript("Hello.")),
    caller!("mistral", Some("MISTRAL_API_KEY"), "/v1",
        ["audio", "transcribe", "--provider", "mistral", "--file", "memo.wav"],
        "POST" "/v1/audio/transcriptions", || audio::transcript("Hello.")),
    caller!("deepgram", Some("DEEPGRAM_API_KEY"), "/v1",
        ["audio", "transcribe", "--provider", "deepgram", "--file", "memo.wav"],
        "POST" "/v1/listen", || audio::deepgram("Hello.")),
    caller!("elevenlabs", Some("ELEVENLABS_API_KEY"), "",
        ["audio", "transcribe", "--provider", "elevenlabs", "--file", "memo.wav"],
        "POST" "/v1/speech-to-text", || audio::scribe("Hello.")),
    caller!("google", GOOGLE, "/v1beta",
        ["audio", "transcribe", "--model", "google/gemini-3-flash-preview", "--file", "memo.wav"],
        "POST" "/v1beta/models/gemini-3-flash-preview:generateContent",
        || google::Content::new(r#"{"language": "en", "text": "Hello."}"#).whole()),
    // Speech.
    caller!("openai", OPENAI, "/v1", ["tts", "convert", "--provider", "openai", "--text", "Hello."],
        "POST" "/v1/audio/speech", || audio::sound("audio/mpeg", media::mp3()), EMPTY_FILE),
    caller!("elevenlabs", Some("ELEVENLABS_API_KEY"), "",
        ["tts", "convert", "--provider", "elevenlabs", "--voice", "rachel", "--text", "Hello."],
        "POST" "/v1/text-to-speech/rachel", || audio::elevenlabs_sound("audio/mpeg", media::mp3()), EMPTY_FILE),
    caller!("google", GOOGLE, "/v1beta", ["tts", "convert", "--provider", "google", "--text", "Hello."],
        "POST" "/v1beta/models/gemini-3.1-flash-tts-preview:generateContent",
        || google::speech(&media::wav(250)[44..], 8000)),
    // The web.
    caller!("brave", Some("BRAVE_API_KEY"), "/res/v1", ["web", "search", "--provider", "brave", "--query", "lobster"],
        "GET" "/res/v1/web/search", || web::brave(HIT)),
    caller!("tavily", Some("TAVILY_API_KEY"), "", ["web", "search", "--provider", "tavily", "--query", "lobster"],
        "POST" "/search", || web::tavily(None, HIT)),
    caller!("searxng", None, "", ["web", "search", "--provider", "searxng", "--query", "lobster"],
        "GET" "/search", || web::searxng(HIT)),
    caller!("duckduckgo", None, "", ["web", "search", "--provider", "duckduckgo", "--query", "lobster"],
        "GET" "/html/", || web::duckduckgo(HIT)),
    caller!("google", GOOGLE, "/v1beta", ["web", "search", "--provider", "google", "--query", "lobster"],
        "POST" "/v1beta/models/gemini-2.5-flash:generateContent", || google::grounded(HIT)),
    caller!("firecrawl", Some("FIRECRAWL_API_KEY"), "",
        ["web", "search", "--provider", "firecrawl", "--query", "lobster"],
        "POST" "/v2/search", || web::firecrawl_search(HIT)),
    caller!("firecrawl", Some("FIRECRAWL_API_KEY"), "",
        ["web", "fetch", "--provider", "firecrawl", "--url", "https://a.example/lobster"],
        "POST" "/v2/scrape", || web::firecrawl_page(200, "Lobsters", "They are red.")),
    caller!("page", None, "", ["web", "fetch", "--provider", "page"],
        "GET" "/page", || web::page("text/html", "<title>Lobsters</title><p>They are red."), ANY_PAGE),
];
