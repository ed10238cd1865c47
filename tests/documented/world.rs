//! The world of the documentation: its files, a key for everyone, and a server that answers for all of them.

use chela_test_support::answer::Answer;
use chela_test_support::openai::Chat;
use chela_test_support::program::Room;
use chela_test_support::server::Server;
use chela_test_support::{anthropic, audio, google, media, ollama, openai, video, web};
use serde_json::Value;

/// The variables with the keys.
const KEYS: [&str; 12] = [
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "GEMINI_API_KEY",
    "GROQ_API_KEY",
    "MISTRAL_API_KEY",
    "CEREBRAS_API_KEY",
    "DEEPGRAM_API_KEY",
    "ELEVENLABS_API_KEY",
    "BRAVE_API_KEY",
    "TAVILY_API_KEY",
    "FIRECRAWL_API_KEY",
    "RUNWAYML_API_SECRET",
];

/// Base URLs, by provider. Who is not named here is not there: nothing outside is asked.
const BASES: [(&str, &str); 12] = [
    ("openai", "/openai/v1"),
    ("anthropic", "/anthropic"),
    ("google", "/google/v1beta"),
    ("groq", "/openai/v1"),
    ("mistral", "/openai/v1"),
    ("cerebras", "/openai/v1"),
    ("ollama", "/ollama"),
    ("deepgram", "/deepgram/v1"),
    ("elevenlabs", "/elevenlabs"),
    ("brave", "/brave"),
    ("tavily", "/tavily"),
    ("firecrawl", "/firecrawl"),
];

/// The variables of a provider's key.
pub(crate) fn variables(provider: &str) -> Vec<&'static str> {
    match provider {
        "openai" => vec!["OPENAI_API_KEY"],
        "google" => vec!["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        "anthropic" => vec!["ANTHROPIC_API_KEY"],
        "groq" => vec!["GROQ_API_KEY"],
        "mistral" => vec!["MISTRAL_API_KEY"],
        "cerebras" => vec!["CEREBRAS_API_KEY"],
        other => panic!("the documentation does not name {other}"),
    }
}

/// A room with the files of the documentation and nothing else.
pub(crate) fn bare_room() -> Room {
    let picture = || media::png(16, 16);
    Room::new(env!("CARGO_BIN_EXE_chela"))
        .file("image.png", picture())
        .file("photo.jpg", media::jpeg())
        .file("logo.png", picture())
        .file("poster.png", picture())
        .file("receipt.jpg", media::jpeg())
        .file("before.png", picture())
        .file("after.png", picture())
        .file("ui-screenshot.png", picture())
        .file("memo.m4a", media::m4a())
        .file("team-sync.m4a", media::m4a())
        .file("clip.mp4", media::mp4(64, 48, 1000, 64))
}

/// The same with keys, and with base URLs that lead to the server.
pub(crate) fn room(server: &Server) -> Room {
    let own = [
        ("inferrs", "google/gemma-4-E2B-it"),
        ("provider", "model"),
    ]
    .map(|(id, model)| {
        format!(
            r#"{id}: {{baseUrl: "{}", api: "openai-completions", models: [{{id: "{model}", input: ["text", "image"]}}]}}"#,
            server.url("/openai/v1")
        )
    });
    let bases = BASES.map(|(id, path)| format!(r#"{id}: {{baseUrl: "{}"}}"#, server.url(path)));
    let config = format!(
        r#"{{models: {{mode: "replace", providers: {{{}, {}}}}}}}"#,
        bases.join(", "),
        own.join(", ")
    );
    let room = bare_room().config(&config);
    KEYS.iter().fold(room, |room, key| room.key(key))
}

/// What the server answers to all that the lines ask.
pub(crate) fn answers(server: &Server) {
    server
        .on(
            "POST",
            "/openai/v1/chat/completions",
            Chat::new("It is so.").whole(),
        )
        .on_request("POST", "/openai/v1/images/generations", |_| picture())
        .on_request("POST", "/openai/v1/images/edits", |_| picture())
        .on(
            "POST",
            "/openai/v1/audio/transcriptions",
            audio::transcript("Hello."),
        )
        .on(
            "POST",
            "/openai/v1/audio/speech",
            audio::sound("audio/mpeg", media::mp3()),
        )
        .on_request("POST", "/openai/v1/embeddings", |request| {
            let asked: Value = serde_json::from_slice(request.body()).expect("it asks in JSON");
            let texts = asked["input"].as_array().map_or(1, Vec::len);
            openai::embeddings(&vec![vec![0.5, 1.0]; texts])
        })
        .on("POST", "/openai/v1/videos", video::job("queued", 0))
        .on(
            "GET",
            &format!("/openai/v1/videos/{}", video::JOB),
            video::job("completed", 100),
        )
        .on(
            "GET",
            &format!("/openai/v1/videos/{}/content", video::JOB),
            video::content("video/mp4", media::mp4(1280, 720, 8000, 64)),
        )
        .on(
            "POST",
            "/anthropic/v1/messages",
            anthropic::Message::new("It is so.").whole(),
        )
        .on(
            "POST",
            "/ollama/api/chat",
            ollama::Chat::new("It is so.").whole(),
        )
        .on(
            "GET",
            "/brave/web/search",
            web::brave(&[["A page", "https://a.example/", "It is so."]]),
        )
        .on(
            "POST",
            "/firecrawl/v2/scrape",
            web::firecrawl_page(200, "A page", "It is so."),
        );
    for model in [
        "gemini-2.5-flash",
        "gemini-3-flash-preview",
        "gemini-3.1-flash-image-preview",
    ] {
        let path = format!("/google/v1beta/models/{model}:generateContent");
        let answer = google::Content::new("It is so.");
        let answer = if model.contains("image") {
            answer.picture(media::png(1024, 1024))
        } else {
            answer
        };
        server.on("POST", &path, answer.whole());
    }
}

fn picture() -> Answer {
    openai::images(&[media::png(1024, 1024)])
}
