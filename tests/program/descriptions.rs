//! What providers really send is what the descriptions of their APIs say, and what the tests answer them is so too.

use chela_test_support::answer::Answer;
use chela_test_support::anthropic::Message;
use chela_test_support::description::{answer_fits, request_fits, sent_fits};
use chela_test_support::openai::{self, Chat};
use chela_test_support::responses::Response;
use chela_test_support::server::Server;
use chela_test_support::{audio, media, ollama, web};
use serde_json::Value;

use crate::room;

/// The prompt and options that say the most of a request for text.
const MOST: &str = "--prompt hi --system brief --temperature 0.5 --max-tokens 4000 --schema schema.json --file a.png";

const SCHEMA: &str = r#"{"type":"object","properties":{"n":{"type":"number"}},"required":["n"],"additionalProperties":false}"#;

/// What a server in the place of a provider is told all the same.
const TOLD: &str =
    r#"compat: {supportsReasoningEffort: true, supportsStore: true, reasoningSummary: "auto"}"#;

/// Runs these commands against the provider, whose server answers with that below its base, and holds each request against the
/// description of that path.
fn fit(
    provider: &str,
    more: &str,
    base: &str,
    (path, described): (&str, &str),
    answer: Answer,
    commands: &[&str],
) {
    let server = Server::start();
    server.on("POST", &format!("{base}{path}"), answer);
    let config = format!(
        "{{models: {{providers: {{{provider}: {{baseUrl: \"{}\", apiKey: \"key\", {more}}}}}}}}}",
        server.url(base)
    );
    let room = room()
        .config(&config)
        .file("schema.json", SCHEMA)
        .file("a.png", media::png(4, 4))
        .file("b.png", media::png(4, 4))
        .file("a.wav", media::wav(100));
    for command in commands {
        room.run(command.split(' ')).expect_code(0);
    }
    let requests = server.requests();
    assert_eq!(requests.len(), commands.len());
    for request in &requests {
        sent_fits(provider, described, request).unwrap_or_else(|faults| panic!("{faults}"));
    }
}

/// Runs of a model with the least and the most that can be said, streamed and not, and at every level of reasoning.
fn runs(model: &str) -> Vec<String> {
    let run = |options: &str| format!("model run --model {model} {options}");
    let levels = [
        "off", "minimal", "low", "medium", "high", "adaptive", "xhigh", "max",
    ];
    let mut runs = vec![
        run("--prompt hi"),
        run("--prompt hi --stream"),
        run(MOST),
        run(&format!("{MOST} --stream")),
    ];
    runs.extend(levels.map(|level| run(&format!("--prompt hi --thinking {level}"))));
    runs
}

fn borrowed(commands: &[String]) -> Vec<&str> {
    commands.iter().map(String::as_str).collect()
}

#[test]
fn text_of_openai_and_those_alike() {
    // It fits the schema of the request too.
    let chat = || Chat::new("{\"n\":1}").whole();
    let completions = "/chat/completions";
    let told = format!("api: \"openai-completions\", {TOLD}");
    fit(
        "openai",
        &told,
        "/v1",
        (completions, completions),
        chat(),
        &borrowed(&runs("openai/gpt-5.4")),
    );
    let told = format!("api: \"openai-responses\", {TOLD}");
    let response = Response::new("{\"n\":1}").whole();
    fit(
        "openai",
        &told,
        "/v1",
        ("/responses", "/responses"),
        response,
        &borrowed(&runs("openai/gpt-5.4")),
    );
    for (model, told) in [
        ("mistral/mistral-small-latest", TOLD),
        ("mistral/codestral-latest", ""),
    ] {
        fit(
            "mistral",
            told,
            "/v1",
            (completions, "/v1/chat/completions"),
            chat(),
            &borrowed(&runs(model)),
        );
    }
    for model in ["groq/openai/gpt-oss-20b", "groq/qwen/qwen3-32b"] {
        fit(
            "groq",
            TOLD,
            "/openai/v1",
            (completions, "/openai/v1/chat/completions"),
            chat(),
            &borrowed(&runs(model)),
        );
    }
}

#[test]
fn text_of_anthropic_and_ollama() {
    let message = Message::new("{\"n\":1}").whole();
    fit(
        "anthropic",
        TOLD,
        "",
        ("/v1/messages", "/v1/messages"),
        message,
        &borrowed(&runs("anthropic/claude-sonnet-4-6")),
    );
    let chat = ollama::Chat::new("{\"n\":1}").whole();
    fit(
        "ollama",
        "models: [{id: \"m\", reasoning: true}]",
        "",
        ("/api/chat", "/api/chat"),
        chat,
        &borrowed(&runs("ollama/m")),
    );
}

#[test]
fn pictures() {
    let drawn = || openai::images(&[media::png(4, 4), media::png(4, 4)]);
    let say = "--quality low --background opaque --output-format webp --size 1536x1024";
    fit(
        "openai",
        "",
        "/v1",
        ("/images/generations", "/images/generations"),
        drawn(),
        &[
            "image generate --prompt crab --provider openai --count 2",
            &format!(
                "image generate --prompt crab --provider openai --count 2 --openai-moderation low {say}"
            ),
        ],
    );
    fit(
        "openai",
        "",
        "/v1",
        ("/images/edits", "/images/edits"),
        drawn(),
        &[
            "image edit --prompt crab --provider openai --file a.png --count 2",
            &format!(
                "image edit --prompt crab --provider openai --file a.png --file b.png --count 2 {say}"
            ),
        ],
    );
}

#[test]
fn sound() {
    let transcribe = |model: &str, more: &str| {
        format!("audio transcribe --file a.wav --model {model} {more}")
            .trim()
            .to_owned()
    };
    let transcript = || audio::verbose_transcript("Hello.");
    let path = "/audio/transcriptions";
    let commands = [
        transcribe("openai/gpt-4o-transcribe", "--language en --prompt names"),
        transcribe("openai/whisper-1", "--timestamps word"),
        transcribe("openai/whisper-1", "--timestamps segment"),
        transcribe("openai/gpt-4o-transcribe-diarize", "--diarize"),
    ];
    fit(
        "openai",
        "",
        "/v1",
        (path, path),
        transcript(),
        &borrowed(&commands),
    );
    let commands = [
        transcribe("groq/whisper-large-v3", "--language en --prompt names"),
        transcribe("groq/whisper-large-v3", "--timestamps word"),
    ];
    fit(
        "groq",
        "",
        "/openai/v1",
        (path, "/openai/v1/audio/transcriptions"),
        transcript(),
        &borrowed(&commands),
    );
    let commands = [
        transcribe("mistral/voxtral-mini-latest", "--language en"),
        transcribe("mistral/voxtral-mini-latest", "--timestamps segment"),
    ];
    fit(
        "mistral",
        "",
        "/v1",
        (path, "/v1/audio/transcriptions"),
        transcript(),
        &borrowed(&commands),
    );
    let commands = [
        transcribe("deepgram/nova-3", "--language en"),
        transcribe("deepgram/nova-3", "--timestamps word --diarize"),
    ];
    fit(
        "deepgram",
        "",
        "/v1",
        ("/listen", "/v1/listen"),
        audio::deepgram("Hello."),
        &borrowed(&commands),
    );
    fit(
        "openai",
        "",
        "/v1",
        ("/audio/speech", "/audio/speech"),
        audio::sound("audio/mpeg", media::mp3()),
        &[
            "tts convert --text hello --provider openai",
            "tts convert --text hello --provider openai --voice nova --output a.mp3",
        ],
    );
}

#[test]
fn vectors_and_searches() {
    let vectors = [vec![0.5, 1.0], vec![0.25, 1.0]];
    let embed = |model: &str, more: &str| {
        format!("embedding create --text a --text b --model {model} {more}")
            .trim()
            .to_owned()
    };
    let commands = [
        embed("openai/text-embedding-3-small", ""),
        embed("openai/text-embedding-3-small", "--dimensions 2"),
    ];
    fit(
        "openai",
        "",
        "/v1",
        ("/embeddings", "/embeddings"),
        openai::embeddings(&vectors),
        &borrowed(&commands),
    );
    let commands = [
        embed("mistral/codestral-embed", ""),
        embed("mistral/codestral-embed", "--dimensions 2"),
    ];
    fit(
        "mistral",
        "",
        "/v1",
        ("/embeddings", "/v1/embeddings"),
        openai::embeddings(&vectors),
        &borrowed(&commands),
    );
    let commands = [
        embed("ollama/nomic-embed-text", ""),
        embed("ollama/nomic-embed-text", "--dimensions 2"),
    ];
    fit(
        "ollama",
        "",
        "",
        ("/api/embed", "/api/embed"),
        ollama::embeddings(&vectors),
        &borrowed(&commands),
    );
    let hit = ["A crab", "https://a.example/crab", "It walks"];
    fit(
        "tavily",
        "",
        "",
        ("/search", "/search"),
        web::tavily(None, &[hit]),
        &[
            "web search --query crabs --provider tavily",
            "web search --query crabs --provider tavily --limit 5",
        ],
    );
}

/// The data of the events of a stream.
fn data(events: &[String]) -> impl Iterator<Item = Value> {
    let lines = events.iter().flat_map(|event| event.lines());
    let data: Vec<&str> = lines
        .filter_map(|line| line.strip_prefix("data: "))
        .filter(|data| *data != "[DONE]")
        .collect();
    data.into_iter()
        .map(|data| serde_json::from_str(data).expect("JSON"))
        .collect::<Vec<_>>()
        .into_iter()
}

#[test]
fn answers_of_these_tests_are_such_as_the_providers_give() {
    let response = Response::new("One two").reasoning("Let me see");
    for event in data(&response.events()).chain(data(
        &response.clone().incomplete("content_filter").events(),
    )) {
        answer_fits("openai", "/responses stream", &event)
            .unwrap_or_else(|faults| panic!("{faults}"));
    }
    for chunk in data(&Chat::new("One two").events()) {
        answer_fits("openai", "/chat/completions stream", &chunk)
            .unwrap_or_else(|faults| panic!("{faults}"));
    }
    // What a request that does not fit comes to, so that fitting means something.
    let faults = request_fits(
        "openai",
        "/responses",
        &serde_json::json!({"model": "m", "input": "hi", "n": 1, "store": "no"}),
    );
    let faults = faults.expect_err("it has two faults");
    assert!(
        faults.contains("'n'") && faults.contains("/store"),
        "{faults}"
    );
}
