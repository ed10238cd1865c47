//! `schema.json` is what the types say, and documents of every shape fit it.

#![expect(
    clippy::disallowed_methods,
    reason = "a test reads and rewrites the golden file beside it"
)]

use chela_envelope::*;
use serde_json::{Value, json};

#[test]
fn schema_file_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.json");
    let now = format!("{:#}\n", schema().as_value());
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &now).expect("schema.json is writable");
    }
    let kept = std::fs::read_to_string(path).expect("schema.json is there; BLESS=1 writes it");
    assert!(
        kept == now,
        "schema.json is not what the types say; BLESS=1 rewrites it, if the change is compatible"
    );
}

fn validator() -> jsonschema::Validator {
    jsonschema::validator_for(schema().as_value()).expect("the schema is a schema")
}

fn media() -> Output {
    Output::Media(MediaOutput {
        path: "/tmp/a.png".into(),
        mime_type: "image/png".into(),
        size: 14903,
        width: Some(1024),
        height: Some(1024),
        duration_ms: None,
        sample_rate: None,
        revised_prompt: Some("a red circle".into()),
    })
}

fn shapes() -> Vec<(&'static str, Output, Value)> {
    vec![
        (
            capability::MODEL_RUN,
            Output::Text(TextOutput {
                text: "pong".into(),
            }),
            json!({"text": "pong"}),
        ),
        (
            capability::IMAGE_GENERATE,
            media(),
            json!({"path": "/tmp/a.png", "mimeType": "image/png", "size": 14903, "width": 1024, "height": 1024,
                   "revisedPrompt": "a red circle"}),
        ),
        (
            capability::IMAGE_DESCRIBE,
            Output::Description(DescriptionOutput {
                path: "a.png".into(),
                text: "a circle".into(),
                kind: TextKind::ImageDescription,
                language: None,
                segments: Vec::new(),
            }),
            json!({"path": "a.png", "text": "a circle", "kind": "image.description"}),
        ),
        (
            capability::AUDIO_TRANSCRIBE,
            Output::Description(DescriptionOutput {
                path: "a.m4a".into(),
                text: "hello".into(),
                kind: TextKind::AudioTranscription,
                language: Some("en".into()),
                segments: vec![Segment {
                    start: 0.0,
                    end: 0.5,
                    text: "hello".into(),
                    speaker: Some("A".into()),
                }],
            }),
            json!({"path": "a.m4a", "text": "hello", "kind": "audio.transcription", "language": "en",
                   "segments": [{"start": 0.0, "end": 0.5, "text": "hello", "speaker": "A"}]}),
        ),
        (
            capability::EMBEDDING_CREATE,
            Output::Embedding(EmbeddingOutput {
                text: "x".into(),
                embedding: vec![0.5, -0.25],
                dimensions: 2,
            }),
            json!({"text": "x", "embedding": [0.5, -0.25], "dimensions": 2}),
        ),
        (
            capability::WEB_SEARCH,
            Output::Search(SearchOutput {
                results: vec![SearchResult {
                    title: "T".into(),
                    url: "https://example.com/".into(),
                    snippet: Some("S".into()),
                    published_at: Some("2026-01-02".into()),
                }],
                answer: Some("A".into()),
                untrusted: Untrusted,
            }),
            json!({"results": [{"title": "T", "url": "https://example.com/", "snippet": "S", "publishedAt": "2026-01-02"}],
                   "answer": "A", "untrusted": true}),
        ),
        (
            capability::WEB_FETCH,
            Output::Fetch(FetchOutput {
                url: "https://example.com".into(),
                final_url: "https://example.com/".into(),
                title: Some("T".into()),
                text: "# T".into(),
                format: "markdown".into(),
                truncated: true,
                untrusted: Untrusted,
            }),
            json!({"url": "https://example.com", "finalUrl": "https://example.com/", "title": "T", "text": "# T",
                   "format": "markdown", "truncated": true, "untrusted": true}),
        ),
        (
            capability::IMAGE_DESCRIBE_MANY,
            Output::Failed(FailedOutput {
                path: Some("b.png".into()),
                kind: Some(TextKind::ImageDescription),
                error: ErrorBody::new(ErrorType::Unavailable, "openai: the connection was reset"),
            }),
            json!({"path": "b.png", "kind": "image.description",
                   "error": {"type": "unavailable", "message": "openai: the connection was reset", "retryable": true}}),
        ),
    ]
}

#[test]
fn each_shape_is_written_as_documented_and_fits_the_schema() {
    let validator = validator();
    for (capability, output, expected) in shapes() {
        let envelope = Envelope::succeeded(capability, vec![output]);
        let document = serde_json::to_value(&envelope).expect("an envelope is JSON");
        assert_eq!(document["outputs"][0], expected, "{capability}");
        if let Err(error) = validator.validate(&document) {
            panic!("{capability}: {error} in {document:#}");
        }
        let back: Envelope = serde_json::from_value(document).expect("what is written can be read");
        assert_eq!(back, envelope, "{capability}");
    }
}

fn full() -> Envelope {
    let mut error = ErrorBody::new(ErrorType::RateLimited, "openai: too many requests")
        .hint("wait 2 s and try again");
    error.status = Some(429);
    error.code = Some("rate_limit_exceeded".into());
    error.retry_after_ms = Some(2000);
    error.request_id = Some("req_1".into());
    let mut envelope = Envelope::failed(capability::IMAGE_EDIT, error);
    envelope.provider = Some("openai".into());
    envelope.model = Some("gpt-image-2".into());
    envelope.attempts.push(Attempt {
        provider: "openai".into(),
        model: Some("gpt-image-2".into()),
        path: None,
        outcome: AttemptOutcome::Failed,
        error: "too many requests".into(),
        reason: ErrorType::RateLimited,
        status: Some(429),
        code: Some("rate_limit_exceeded".into()),
        requests: 3,
        duration_ms: 1500,
    });
    envelope.inputs.push(Input {
        path: "a.png".into(),
        mime_type: Some("image/png".into()),
        size: Some(12),
    });
    envelope.ignored_overrides.push(IgnoredOverride {
        key: "quality".into(),
        value: "high".into(),
    });
    envelope.normalization.insert(
        "size".into(),
        Normalized {
            requested: "9:16".into(),
            applied: "1024x1536".into(),
            derived_from: Some("aspectRatio".into()),
        },
    );
    envelope.usage = Some(Usage {
        input_tokens: Some(1),
        output_tokens: Some(2),
        cached_input_tokens: Some(3),
        cache_write_input_tokens: Some(4),
        reasoning_tokens: Some(5),
        characters: Some(6),
        seconds: Some(6.5),
        images: Some(7),
        requests: Some(8),
    });
    envelope.cost_usd = Some(0.25);
    envelope.finish_reason = Some("length".into());
    envelope.duration_ms = Some(1520);
    envelope.request_id = Some("req_1".into());
    envelope
}

#[test]
fn fields_stand_in_the_documented_order() {
    let text = serde_json::to_string(&full()).expect("an envelope is JSON");
    let expected = concat!(
        r#"{"ok":false,"capability":"image.edit","transport":"local","provider":"openai","model":"gpt-image-2","#,
        r#""attempts":[{"provider":"openai","model":"gpt-image-2","outcome":"failed","error":"too many requests","#,
        r#""reason":"rate_limited","status":429,"code":"rate_limit_exceeded","requests":3,"durationMs":1500}],"#,
        r#""outputs":[],"error":{"type":"rate_limited","message":"openai: too many requests","#,
        r#""hint":"wait 2 s and try again","status":429,"code":"rate_limit_exceeded","retryable":true,"#,
        r#""retryAfterMs":2000,"requestId":"req_1"},"inputs":[{"path":"a.png","mimeType":"image/png","size":12}],"#,
        r#""ignoredOverrides":[{"key":"quality","value":"high"}],"#,
        r#""normalization":{"size":{"requested":"9:16","applied":"1024x1536","derivedFrom":"aspectRatio"}},"#,
        r#""usage":{"inputTokens":1,"outputTokens":2,"cachedInputTokens":3,"cacheWriteInputTokens":4,"#,
        r#""reasoningTokens":5,"characters":6,"seconds":6.5,"images":7,"requests":8},"costUsd":0.25,"finishReason":"length","durationMs":1520,"requestId":"req_1"}"#,
    );
    assert_eq!(text, expected);
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    assert!(validator().is_valid(&document));
}

#[test]
fn a_dry_run_is_written_as_documented_and_fits_the_schema() {
    let mut envelope = Envelope::succeeded(capability::MODEL_RUN, Vec::new());
    let form = vec![PlannedField {
        name: "file".into(),
        file_name: Some("a.wav".into()),
        mime_type: Some("audio/wav".into()),
        value: "<44 bytes of audio/wav>".into(),
    }];
    envelope.dry_run = Some(DryRun {
        requests: vec![PlannedRequest {
            method: "POST".into(),
            url: "https://api.example/v1/a?key=<api-key>".into(),
            headers: [("content-type".into(), "multipart/form-data".into())].into(),
            body: Some(PlannedBody {
                size: 300,
                form: Some(form),
                ..PlannedBody::default()
            }),
            credential: Some(PlannedCredential {
                name: "api-key".into(),
                missing: true,
                source: None,
                looked_for: vec!["environment variable KEY".into()],
            }),
            proxy: Some("http://proxy.example:3128".into()),
        }],
    });
    let document = serde_json::to_value(&envelope).expect("an envelope is JSON");
    assert_eq!(
        document["dryRun"],
        json!({"requests": [{"method": "POST", "url": "https://api.example/v1/a?key=<api-key>",
            "headers": {"content-type": "multipart/form-data"},
            "body": {"size": 300, "form": [{"name": "file", "fileName": "a.wav", "mimeType": "audio/wav",
                "value": "<44 bytes of audio/wav>"}]},
            "credential": {"name": "api-key", "missing": true, "lookedFor": ["environment variable KEY"]},
            "proxy": "http://proxy.example:3128"}]})
    );
    assert!(validator().is_valid(&document));
    let back: Envelope = serde_json::from_value(document).expect("what is written can be read");
    assert_eq!(back, envelope);
}

#[test]
fn always_there_means_null_and_not_absent() {
    let error = ErrorBody::new(ErrorType::Usage, "the prompt is blank");
    let text =
        serde_json::to_string(&Envelope::failed("model.run", error)).expect("an envelope is JSON");
    assert_eq!(
        text,
        concat!(
            r#"{"ok":false,"capability":"model.run","transport":"local","provider":null,"model":null,"attempts":[],"#,
            r#""outputs":[],"error":{"type":"usage","message":"the prompt is blank","retryable":false}}"#
        )
    );
}

#[test]
fn schema_refuses_what_is_not_an_envelope() {
    let validator = validator();
    let good = serde_json::to_value(full()).expect("an envelope is JSON");
    for (pointer, value) in [
        ("/ok", json!("yes")),
        ("/transport", json!("carrier pigeon")),
        ("/error/type", json!("oops")),
        ("/attempts/0/outcome", json!("won")),
        ("/attempts/0/requests", json!(-1)),
        ("/outputs", json!([{"txt": "a"}])),
        ("/outputs", json!([{"text": "a", "more": 1}])),
        ("/usage/inputTokens", json!("3")),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer)
            .expect("the pointer leads somewhere") = value;
        assert!(!validator.is_valid(&bad), "{pointer}");
    }
    for name in [
        "ok",
        "capability",
        "transport",
        "provider",
        "model",
        "attempts",
        "outputs",
    ] {
        let mut bad = good.clone();
        bad.as_object_mut().expect("an object").remove(name);
        assert!(!validator.is_valid(&bad), "{name} is required");
    }
    let mut bad = good;
    bad["surprise"] = json!(1);
    assert!(!validator.is_valid(&bad));
}

#[test]
fn only_true_marks_untrusted_text() {
    assert!(serde_json::from_value::<Untrusted>(json!(true)).is_ok());
    assert!(serde_json::from_value::<Untrusted>(json!(false)).is_err());
}

#[test]
fn sums_of_usage_invent_nothing() {
    let a = Usage {
        input_tokens: Some(1),
        seconds: Some(0.5),
        ..Usage::default()
    };
    let b = Usage {
        input_tokens: Some(2),
        output_tokens: Some(7),
        cache_write_input_tokens: Some(9),
        images: Some(1),
        ..Usage::default()
    };
    let sum = a.plus(b);
    assert_eq!(
        sum,
        Usage {
            input_tokens: Some(3),
            output_tokens: Some(7),
            cache_write_input_tokens: Some(9),
            seconds: Some(0.5),
            images: Some(1),
            ..Usage::default()
        }
    );
}
