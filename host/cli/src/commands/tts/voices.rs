//! `chela tts voices`: who can speak at a provider.

use crate::args::TtsVoices;
use crate::commands::tts::personas;
use crate::commands::tts::providers::Speaker;
use crate::preferences::Preferences;
use crate::printer::Printer;
use crate::render::{self, Table};
use crate::session::Session;
use crate::work;
use chela_envelope::{ErrorBody, exit};
use chela_runtime::Selection;

/// Lists.
///
/// # Errors
///
/// What is wrong before anyone can be asked.
pub(crate) fn run(
    arguments: &TtsVoices,
    session: &Session,
    printer: &mut Printer,
) -> Result<u8, ErrorBody> {
    let provider = match &arguments.provider {
        Some(provider) => Some(provider.clone()),
        None => {
            let preferences = Preferences::read(&session.paths)?;
            let persona = personas::active(session, &preferences)?;
            Speaker::of(session, &preferences, persona)?.map(|it| it.provider)
        }
    };
    let selection = Selection {
        provider,
        ..Selection::default()
    };
    let runtime = session.runtime(arguments.dry_run, printer)?;
    let voices = match work::until_done(runtime.cancellation(), runtime.tts_voices(selection))? {
        Ok(voices) => voices,
        Err(envelope) => return Ok(render::envelope(&envelope, false, printer)),
    };
    if printer.json() {
        printer.document(&voices);
        return Ok(exit::OK);
    }
    let mut table = Table::new(["VOICE", "LABEL", "LANGUAGES", "GENDER", "NOTE"]);
    for voice in &voices {
        let mut note: Vec<&str> = voice.description.iter().map(String::as_str).collect();
        if voice.default {
            note.insert(0, "speaks when none is named");
        }
        table.row([
            &voice.id,
            &voice.label,
            &voice.languages.join(", "),
            voice.gender.as_deref().unwrap_or_default(),
            &note.join("; "),
        ]);
    }
    printer.text(&table.render());
    Ok(exit::OK)
}
