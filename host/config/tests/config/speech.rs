//! `tts`, and `messages.tts` as older files have it.

use chela_config::{Fallback, parse};

/// A documented persona, with what chela has no use for.
const DOCUMENTED: &str = r#"{
  auto: "always", persona: "alfred", provider: "openai",
  providers: { openai: { model: "tts-1", speed: 1, apiKey: "sk-canary" } },
  personas: { alfred: {
    label: "Alfred", description: "Butler.", provider: "ElevenLabs", fallbackPolicy: "fail",
    prompt: { style: "dry", constraints: ["never shout", "no laughter"] },
    providers: {
      google: { model: "gemini-tts", voiceName: "Algieba", promptTemplate: "audio-profile-v1" },
      openai: { model: "gpt-4o-mini-tts", speakerVoice: "cedar" },
      elevenlabs: { speakerVoiceId: "v1", modelId: "eleven_multilingual_v2", seed: 42, languageCode: "en",
        voiceSettings: { similarityBoost: 0.8, useSpeakerBoost: true } },
    },
  } },
}"#;

#[test]
fn a_documented_persona_reads_whole_in_both_places() {
    for text in [
        format!("{{ tts: {DOCUMENTED} }}"),
        format!("{{ messages: {{ tts: {DOCUMENTED} }} }}"),
    ] {
        let (config, warnings) = parse(&text, "c").unwrap();
        let tts = &config.tts;
        assert_eq!(tts.persona.as_deref(), Some("alfred"));
        let alfred = &tts.personas["alfred"];
        assert_eq!(alfred.provider.as_ref().unwrap().as_str(), "elevenlabs");
        assert_eq!(alfred.fallback, Fallback::Fail);
        assert_eq!(
            alfred.prompt.as_deref(),
            Some("Style: dry\nKeep to this: never shout; no laughter")
        );
        let manner = tts.manner(Some(alfred), "elevenlabs").unwrap();
        assert_eq!(manner.voice.as_deref(), Some("v1"));
        assert_eq!(manner.model.as_deref(), Some("eleven_multilingual_v2"));
        assert_eq!(manner.language.as_deref(), Some("en"));
        assert_eq!(manner.extra["seed"], 42);
        assert_eq!(manner.extra["voice_settings"]["similarity_boost"], 0.8);
        let openai = tts.manner(Some(alfred), "openai").unwrap();
        assert_eq!(
            (openai.speed, openai.voice.as_deref()),
            (Some(1.0), Some("cedar"))
        );
        assert!(tts.manner(Some(alfred), "demo").is_none());
        let told: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        for part in [
            "tts.auto",
            "promptTemplate",
            "models.providers.openai.apiKey",
            "`elevenlabs`",
        ] {
            assert!(
                told.iter().any(|one| one.contains(part)),
                "{part}: {told:?}"
            );
        }
        assert!(!told.join("").contains("canary"), "{told:?}");
    }
}

#[test]
fn the_newer_place_counts_where_both_are_there() {
    let text = r#"{ tts: { provider: "openai" }, messages: { tts: { provider: "groq" } } }"#;
    let (config, _) = parse(text, "c").unwrap();
    assert_eq!(config.tts.provider.unwrap().as_str(), "openai");
}

#[test]
fn what_is_wrong_is_named_by_its_path() {
    for (tts, path) in [
        (r#"{ persona: "nobody" }"#, "tts.persona"),
        (r#"{ personas: [] }"#, "tts.personas"),
        (r#"{ personas: { a: "x" } }"#, "tts.personas.a"),
        (r#"{ personas: { " ": {} } }"#, "blank name"),
        (
            r#"{ personas: { a: { fallbackPolicy: "maybe" } } }"#,
            "fallbackPolicy",
        ),
        (
            r#"{ personas: { a: { prompt: { style: 7 } } } }"#,
            "prompt.style",
        ),
        (r#"{ personas: { a: { provider: "a/b" } } }"#, "provider"),
        (r#"{ providers: { openai: { speed: 0 } } }"#, "openai.speed"),
        (
            r#"{ providers: { openai: { speed: Infinity } } }"#,
            "openai.speed",
        ),
        (
            r#"{ providers: { openai: { speed: "fast" } } }"#,
            "openai.speed",
        ),
        (
            r#"{ providers: { openai: { voice: " " } } }"#,
            "openai.voice",
        ),
        (r#"{ providers: { openai: { seed: NaN } } }"#, "openai.seed"),
        (
            r#"{ providers: { openai: {}, OpenAI: {} } }"#,
            "second time",
        ),
    ] {
        let error = parse(&format!("{{ tts: {tts} }}"), "c").expect_err(tts);
        assert!(error.problem().contains(path), "{tts}: {}", error.problem());
    }
}
