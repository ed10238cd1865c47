//! How chela is to speak: `tts`, or `messages.tts` as older files have it.

use std::collections::BTreeMap;

use chela_manifest::ProviderId;
use serde_json::{Map, Value};

/// `tts`: who speaks and how, where the caller does not say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tts {
    /// `provider`: who speaks where nobody is named.
    pub provider: Option<ProviderId>,
    /// `persona`: the persona that speaks where none is preferred. One of `personas`.
    pub persona: Option<String>,
    /// `personas`, by id.
    pub personas: BTreeMap<String, Persona>,
    /// `providers`: how each provider speaks, whoever the persona is.
    pub providers: BTreeMap<ProviderId, Manner>,
}

/// `tts.personas.<id>`: one way of speaking, whoever provides the voice.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Persona {
    /// `label`: a name for people.
    pub label: Option<String>,
    /// `description`: what it is like, for people. Sent nowhere.
    pub description: Option<String>,
    /// `provider`: who speaks as this persona where nobody else is named.
    pub provider: Option<ProviderId>,
    /// `fallbackPolicy`: what holds at a provider that `providers` does not name.
    pub fallback: Fallback,
    /// `prompt`: the manner in words, as instructions for whoever takes some. None when nothing of it is set.
    pub prompt: Option<String>,
    /// `providers`: how each provider speaks as this persona.
    pub providers: BTreeMap<ProviderId, Manner>,
}

/// What becomes of a persona at a provider for which it has no binding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fallback {
    /// `"preserve-persona"`: its prompt goes along.
    #[default]
    PreservePersona,
    /// `"provider-defaults"`: the provider speaks as it does without a persona.
    ProviderDefaults,
    /// `"fail"`: that provider is not asked.
    Fail,
}

/// `tts.providers.<id>` and `tts.personas.<id>.providers.<id>`: how a provider is asked to speak.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Manner {
    /// `model`, or `modelId`: the provider's id of the model.
    pub model: Option<String>,
    /// `voice`, `voiceId`, `voiceName`, `speakerVoice` or `speakerVoiceId`: the provider's id of the voice.
    pub voice: Option<String>,
    /// `instructions`: how to say it.
    pub instructions: Option<String>,
    /// `speed`, above 0, 1 being normal.
    pub speed: Option<f64>,
    /// `language`, or `languageCode`: the language of the text, as a BCP 47 tag.
    pub language: Option<String>,
    /// `seed`, `voiceSettings` and `applyTextNormalization`, by the names that APIs have for them: `voice_settings`.
    pub extra: Map<String, Value>,
}

impl Manner {
    /// This manner where it says something, the other one where it does not.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        let mut extra = other.extra.clone();
        extra.extend(self.extra);
        Self {
            model: self.model.or_else(|| other.model.clone()),
            voice: self.voice.or_else(|| other.voice.clone()),
            instructions: self.instructions.or_else(|| other.instructions.clone()),
            speed: self.speed.or(other.speed),
            language: self.language.or_else(|| other.language.clone()),
            extra,
        }
    }
}

impl Tts {
    /// How a provider is asked to speak as a persona, or as nobody in particular. None where the persona is not to speak through
    /// that provider.
    pub fn manner(&self, persona: Option<&Persona>, provider: &str) -> Option<Manner> {
        let usual = self.providers.get(provider).cloned().unwrap_or_default();
        let Some(persona) = persona else {
            return Some(usual);
        };
        let own = match (persona.providers.get(provider), persona.fallback) {
            (Some(own), _) => own.clone(),
            (None, Fallback::PreservePersona) => Manner::default(),
            (None, Fallback::ProviderDefaults) => return Some(usual),
            (None, Fallback::Fail) => return None,
        };
        let mut manner = own.or(&usual);
        manner.instructions = manner.instructions.or_else(|| persona.prompt.clone());
        Some(manner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(voice: &str) -> Manner {
        Manner {
            voice: Some(voice.to_owned()),
            ..Manner::default()
        }
    }

    #[test]
    fn a_binding_goes_before_the_usual_and_the_prompt_fills_in() {
        let openai: ProviderId = "openai".parse().expect("an id");
        let usual = Manner {
            model: Some("tts-1".to_owned()),
            ..spoken("alloy")
        };
        let persona = Persona {
            prompt: Some("Dry.".to_owned()),
            providers: BTreeMap::from([(openai.clone(), spoken("cedar"))]),
            ..Persona::default()
        };
        let tts = Tts {
            providers: BTreeMap::from([(openai, usual.clone())]),
            ..Tts::default()
        };
        let bound = tts.manner(Some(&persona), "openai").expect("it speaks");
        assert_eq!(bound.voice.as_deref(), Some("cedar"));
        assert_eq!(bound.model.as_deref(), Some("tts-1"));
        assert_eq!(bound.instructions.as_deref(), Some("Dry."));
        assert_eq!(tts.manner(None, "openai"), Some(usual));
        for (fallback, manner) in [
            (Fallback::Fail, None),
            (Fallback::ProviderDefaults, Some(Manner::default())),
            (
                Fallback::PreservePersona,
                Some(Manner {
                    instructions: Some("Dry.".to_owned()),
                    ..Manner::default()
                }),
            ),
        ] {
            let persona = Persona {
                fallback,
                ..persona.clone()
            };
            assert_eq!(tts.manner(Some(&persona), "elevenlabs"), manner);
        }
    }
}
