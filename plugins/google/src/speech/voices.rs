//! The voices that every model has. The API has no list of them to ask for.
//!
//! Follows <https://ai.google.dev/gemini-api/docs/speech-generation#voices>.

use chela_sdk::speech::Voice;

/// Names, and what they sound like by the API's page.
const VOICES: [(&str, &str); 30] = [
    ("Zephyr", "bright"),
    ("Puck", "upbeat"),
    ("Charon", "informative"),
    ("Kore", "firm"),
    ("Fenrir", "excitable"),
    ("Leda", "youthful"),
    ("Orus", "firm"),
    ("Aoede", "breezy"),
    ("Callirrhoe", "easy-going"),
    ("Autonoe", "bright"),
    ("Enceladus", "breathy"),
    ("Iapetus", "clear"),
    ("Umbriel", "easy-going"),
    ("Algieba", "smooth"),
    ("Despina", "smooth"),
    ("Erinome", "clear"),
    ("Algenib", "gravelly"),
    ("Rasalgethi", "informative"),
    ("Laomedeia", "upbeat"),
    ("Achernar", "soft"),
    ("Alnilam", "firm"),
    ("Schedar", "even"),
    ("Gacrux", "mature"),
    ("Pulcherrima", "forward"),
    ("Achird", "friendly"),
    ("Zubenelgenubi", "casual"),
    ("Vindemiatrix", "gentle"),
    ("Sadachbia", "lively"),
    ("Sadaltager", "knowledgeable"),
    ("Sulafat", "warm"),
];

/// All voices.
pub(crate) fn list() -> Vec<Voice> {
    VOICES
        .iter()
        .map(|(name, sound)| Voice {
            name: Some((*name).to_owned()),
            description: Some((*sound).to_owned()),
            ..Voice::new(*name)
        })
        .collect()
}
