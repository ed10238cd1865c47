//! Manifests by chance: every one of them keeps the rules.

use std::collections::BTreeMap;
use std::time::Duration;

use chela_manifest::{
    ContractVersion, Credential, Downloads, EmbeddingModel, EmbeddingSpec, Endpoint, FetchSpec,
    ImageModes, ImageSpec, Inject, Limits, Manifest, ModelEntry, ModelSpec, SearchSpec, SpeechSpec,
    TranscriptionSpec, VideoSpec,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

fn text() -> impl Strategy<Value = String> {
    "[A-Za-z0-9äß漢 .,:;/\"'\\\\-]{0,30}[a-z]"
}

fn model_id() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9][a-zA-Z0-9/:._-]{0,20}"
}

fn some_of(all: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    subsequence(all, 0..=all.len()).prop_map(|words| words.into_iter().map(str::to_owned).collect())
}

fn unique(words: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    words
        .into_iter()
        .filter(|word| seen.insert(word.clone()))
        .collect()
}

fn ids() -> impl Strategy<Value = Vec<String>> {
    vec(model_id(), 0..4).prop_map(unique)
}

/// Ids, and one of them, or any when there are none.
fn ids_and_default() -> impl Strategy<Value = (Vec<String>, Option<String>)> {
    (ids(), option::of(model_id())).prop_map(|(ids, other)| {
        let default = other.map(|other| ids.first().cloned().unwrap_or(other));
        (ids, default)
    })
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        (-4000i32..4000)
            .prop_map(|quarters| serde_json::Value::from(f64::from(quarters) / 4.0 + 0.125)),
        any::<String>().prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            btree_map(any::<String>(), inner, 0..4)
                .prop_map(|entries| entries.into_iter().collect()),
        ]
    })
}

fn model() -> impl Strategy<Value = ModelSpec> {
    let inputs = &["text", "image", "audio", "video", "file"];
    let entry = (
        option::of(text()),
        subsequence(inputs, 1..=5),
        option::of(1u64..1 << 40),
        any::<bool>(),
    )
        .prop_map(|(name, input, context_window, reasoning)| ModelEntry {
            id: String::new(),
            name,
            input: input.into_iter().map(str::to_owned).collect(),
            context_window,
            max_output_tokens: context_window,
            reasoning,
        });
    (ids_and_default(), vec(entry, 4)).prop_map(|((ids, default_model), entries)| {
        let models: Vec<ModelEntry> = ids
            .into_iter()
            .zip(entries)
            .map(|(id, entry)| ModelEntry { id, ..entry })
            .collect();
        let able = |medium: &str| {
            let able = models
                .iter()
                .find(|model| model.input.iter().any(|input| input == medium));
            able.map(|model| model.id.clone())
        };
        ModelSpec {
            default_model,
            describe_image: able("image"),
            describe_video: able("video"),
            models,
        }
    })
}

fn modes(edit: bool) -> impl Strategy<Value = ImageModes> {
    (
        1u32..=100,
        option::of(1u32..100).prop_map(move |most| most.filter(|_| edit)),
        vec(
            (1u32..=65_536, 1u32..=65_536).prop_map(|(w, h)| format!("{w}x{h}")),
            0..4,
        )
        .prop_map(unique),
        vec(
            (1u32..=1000, 1u32..=1000).prop_map(|(w, h)| format!("{w}:{h}")),
            0..4,
        )
        .prop_map(unique),
        some_of(&["1K", "2K", "4K", "720P"]),
        some_of(&["png", "jpeg", "webp"]),
        some_of(&["transparent", "opaque", "auto"]),
        some_of(&["low", "high", "hd"]),
        some_of(&["low", "auto"]),
    )
        .prop_map(
            |(
                max_count,
                max_input_images,
                sizes,
                aspect_ratios,
                resolutions,
                output_formats,
                backgrounds,
                qualities,
                moderations,
            )| {
                ImageModes {
                    max_count,
                    max_input_images,
                    sizes,
                    aspect_ratios,
                    resolutions,
                    output_formats,
                    backgrounds,
                    qualities,
                    moderations,
                }
            },
        )
}

fn image() -> impl Strategy<Value = ImageSpec> {
    (
        ids_and_default(),
        modes(false),
        option::of(modes(true)),
        any::<bool>(),
    )
        .prop_map(|((models, default_model), generate, edit, draws)| {
            let generate = (draws || edit.is_none()).then_some(generate);
            ImageSpec {
                default_model,
                models,
                generate,
                edit,
            }
        })
}

fn others() -> impl Strategy<
    Value = (
        TranscriptionSpec,
        SpeechSpec,
        VideoSpec,
        SearchSpec,
        FetchSpec,
    ),
> {
    (
        ids_and_default(),
        ids_and_default(),
        any::<[bool; 6]>(),
        option::of(1u32..1000),
        1u64..1 << 40,
    )
        .prop_map(
            |((models, default_model), (voices, default_voice), flags, number, size)| {
                let transcription = TranscriptionSpec {
                    default_model: default_model.clone(),
                    models: models.clone(),
                    language: flags[0],
                    prompt: flags[1],
                    timestamps: vec!["segment".to_owned()],
                    max_size: Some(size),
                };
                let speech = SpeechSpec {
                    default_model: default_model.clone(),
                    models: models.clone(),
                    default_voice,
                    voices,
                    output_formats: vec!["mp3".to_owned(), "pcm".to_owned()],
                    speed: flags[2],
                    instructions: flags[3],
                    language: flags[4],
                    max_characters: number,
                };
                let video = VideoSpec {
                    default_model,
                    models,
                    references: vec!["last-frame".to_owned()],
                    max_references: number,
                    sizes: vec!["1280x720".to_owned()],
                    aspect_ratios: vec!["9:16".to_owned()],
                    resolutions: vec!["768P".to_owned()],
                    durations: vec![5, 10],
                    audio: flags[0],
                    watermark: flags[1],
                };
                let search = SearchSpec {
                    max_results: number,
                    freshness: flags[2],
                    region: flags[3],
                    language: flags[4],
                    domains: flags[5],
                };
                (
                    transcription,
                    speech,
                    video,
                    search,
                    FetchSpec {
                        formats: vec!["text".to_owned()],
                    },
                )
            },
        )
}

fn embedding() -> impl Strategy<Value = EmbeddingSpec> {
    (
        ids_and_default(),
        option::of(1u32..=65_536),
        any::<bool>(),
        option::of(1u32..),
    )
        .prop_map(
            |((ids, default_model), length, dimensions, max_texts)| EmbeddingSpec {
                default_model,
                models: ids
                    .into_iter()
                    .map(|id| EmbeddingModel {
                        id,
                        dimensions: length,
                    })
                    .collect(),
                dimensions,
                max_texts,
            },
        )
}

fn access() -> impl Strategy<
    Value = (
        BTreeMap<String, Endpoint>,
        BTreeMap<String, Credential>,
        Downloads,
    ),
> {
    let bases = [
        None,
        Some("https://api.acme.example/v1"),
        Some("http://127.0.0.1:8080/"),
        Some("http://localhost:1/x/"),
        Some("https://[2001:db8::1]:8443/"),
    ];
    let endpoint = (select(bases.to_vec()), any::<bool>());
    let inject = prop_oneof![
        select(vec!["{}", "Bearer {}", "key={}; v=1"]).prop_map(|format| Inject::Header {
            name: "X-Api-Key".to_owned(),
            format: format.to_owned()
        }),
        Just(Inject::Query {
            name: "key".to_owned()
        }),
    ];
    let credential = (
        vec("[A-Z_][A-Z0-9_]{0,20}", 0..3).prop_map(unique),
        any::<bool>(),
        inject,
    )
        .prop_map(|(env, required, inject)| Credential {
            env,
            required,
            inject,
        });
    let origins = [
        "https://cdn.acme.example",
        "https://*.cdn.acme.example:8443",
        "http://localhost:8188",
        "https://[2001:db8::2]",
    ];
    let downloads = prop_oneof![
        Just(Downloads::None),
        Just(Downloads::Public),
        subsequence(origins.to_vec(), 1..=origins.len()).prop_map(|origins| Downloads::Origins(
            origins
                .iter()
                .map(|origin| origin.parse().unwrap())
                .collect()
        )),
    ];
    let names = subsequence(vec!["api", "files", "up-load2"], 0..=3);
    (names, vec(endpoint, 3), credential, downloads).prop_map(
        |(mut names, endpoints, credential, downloads)| {
            if names.len() > 1 && !names.contains(&"api") {
                names[0] = "api";
            }
            let mut credentials = BTreeMap::new();
            let endpoints = names
                .into_iter()
                .zip(endpoints)
                .map(|(name, (base, keyed))| {
                    if keyed {
                        credentials.insert("key".to_owned(), credential.clone());
                    }
                    let base = base.map(|base| base.parse().unwrap());
                    (
                        name.to_owned(),
                        Endpoint {
                            base,
                            base_env: if keyed {
                                vec!["ACME_BASE_URL".to_owned()]
                            } else {
                                Vec::new()
                            },
                            credential: keyed.then(|| "key".to_owned()),
                        },
                    )
                });
            let endpoints = endpoints.collect();
            (endpoints, credentials, downloads)
        },
    )
}

fn limits() -> impl Strategy<Value = Limits> {
    (
        option::of(1u64..=4 << 30),
        option::of(1u64..=86_400_000),
        option::of(1u32..=100_000),
    )
        .prop_map(|(bytes, milliseconds, requests)| Limits {
            memory: bytes,
            wall: milliseconds.map(Duration::from_millis),
            idle: milliseconds.map(Duration::from_millis),
            guest: milliseconds.map(Duration::from_millis),
            response: bytes,
            requests,
        })
}

/// A manifest that keeps the rules.
pub(crate) fn manifest() -> impl Strategy<Value = Manifest> {
    let head = (
        "[a-z0-9][a-z0-9._-]{0,63}",
        text(),
        text(),
        option::of(text()),
        any::<bool>(),
        any::<u16>(),
    );
    let settings = btree_map("[a-z][a-zA-Z0-9]{0,10}", json(), 0..4);
    let template = some_of(&["openai-completions", "ollama"]);
    let apis = some_of(&["openai-responses", "openai-completions"]);
    let families = (
        option::of(model()),
        option::of(image()),
        option::of(others()),
        option::of(embedding()),
    );
    (
        head,
        access(),
        limits(),
        settings,
        (template, apis),
        families,
    )
        .prop_map(
            |(
                head,
                (endpoints, credentials, downloads),
                limits,
                settings,
                (template_for, apis),
                families,
            )| {
                let (id, name, version, description, demonstration, rank) = head;
                let (model, image, others, embedding) = families;
                // At least one family.
                let model = model.or_else(|| {
                    (image.is_none() && others.is_none() && embedding.is_none())
                        .then(ModelSpec::default)
                });
                let (transcription, speech, video, search, fetch) = match others {
                    Some((a, b, c, d, e)) => (Some(a), Some(b), Some(c), Some(d), Some(e)),
                    None => (None, None, None, None, None),
                };
                Manifest {
                    id: id.parse().unwrap(),
                    name,
                    version,
                    contract: ContractVersion::CURRENT,
                    description,
                    homepage: demonstration.then(|| "https://acme.example/a?b#c".to_owned()),
                    demonstration,
                    rank,
                    template_for,
                    apis,
                    endpoints,
                    downloads,
                    credentials,
                    limits,
                    settings,
                    model,
                    image,
                    transcription,
                    speech,
                    video,
                    search,
                    fetch,
                    embedding,
                }
            },
        )
}
