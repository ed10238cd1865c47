//! The voices there are at a provider of speech.

use std::time::Duration;

use chela_catalog::Capability;
use chela_envelope::{Envelope, ErrorType};
use serde::Serialize;

use crate::candidate::Candidate;
use crate::check::Selection;
use crate::choose::{Deadlines, first};
use crate::fault::{Fault, prose, short};
use crate::report::Report;
use crate::runtime::Runtime;

/// How long a list of voices may take.
const LISTING_TIME: Duration = Duration::from_secs(30);

/// The name under which `tts voices` fails.
const VOICES: &str = "tts.voices";

/// A voice, as `tts voices` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VoiceRecord {
    /// The id that a request for speech names.
    pub id: String,
    /// A name for people.
    pub label: String,
    /// Whose voice it is.
    pub provider: String,
    /// Whether it speaks when none is named.
    pub default: bool,
    /// The languages it speaks, where the provider says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// What it sounds like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The gender it is heard as, in the provider's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// The address of a sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview_url: Option<String>,
}

impl Runtime {
    /// The voices of the provider that is named, or would speak. Those that its manifest names where it has no list of its own.
    ///
    /// # Errors
    ///
    /// The envelope of the failure.
    pub async fn tts_voices(
        &self,
        selection: Selection,
    ) -> Result<Vec<VoiceRecord>, Box<Envelope>> {
        let mut report = Report::new(VOICES);
        match self.voices(&selection, &mut report).await {
            Ok(voices) => Ok(voices),
            Err(fault) => Err(Box::new(report.fail(fault))),
        }
    }

    async fn voices(
        &self,
        selection: &Selection,
        report: &mut Report,
    ) -> Result<Vec<VoiceRecord>, Fault> {
        selection.check()?;
        let mut candidates = self.candidates(Capability::TtsConvert, selection, report)?;
        // Another provider's voices are no answer.
        candidates.truncate(1);
        let deadlines = Deadlines {
            started: report.started(),
            asked: selection.timeout,
            usual: LISTING_TIME,
        };
        let course = first(
            &candidates,
            deadlines,
            async |candidate: &Candidate<'_>, deadline, ledger| {
                let listed = self
                    .tries(candidate, deadline, ledger, async |instance| {
                        Ok(instance.list_voices().await?)
                    })
                    .await;
                let spec = candidate.manifest().speech.as_ref();
                let named = spec.map_or(&[][..], |spec| &spec.voices[..]);
                let default = spec.and_then(|spec| spec.default_voice.as_deref());
                let record = |id: String| VoiceRecord {
                    label: id.clone(),
                    provider: candidate.id().to_owned(),
                    default: Some(id.as_str()) == default,
                    languages: Vec::new(),
                    description: None,
                    gender: None,
                    preview_url: None,
                    id,
                };
                match listed {
                    Ok(voices) => Ok(voices
                        .into_iter()
                        .map(|voice| VoiceRecord {
                            label: voice
                                .name
                                .as_deref()
                                .map_or_else(|| voice.id.clone(), short),
                            languages: voice.languages,
                            description: voice.description.as_deref().map(prose),
                            gender: voice.gender.as_deref().map(short),
                            preview_url: voice.preview_url,
                            ..record(voice.id)
                        })
                        .collect()),
                    Err(fault) if fault.kind == ErrorType::Unsupported && !named.is_empty() => {
                        Ok(named.iter().cloned().map(record).collect())
                    }
                    Err(fault) => Err(fault),
                }
            },
        )
        .await;
        self.conclude(course, &candidates, report)
    }
}
