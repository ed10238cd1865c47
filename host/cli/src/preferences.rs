//! What a person prefers of speech: a small JSON file in the state folder.
//!
//! It is changed under a lock, written beside its place and renamed over it when it is on the disk: a reader finds what was there
//! before or what is there after, whenever the writer dies. Fields that this chela does not know stay as they are.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use cap_std::fs::{Dir, OpenOptions};
use chela_envelope::{ErrorBody, ErrorType};
use chela_manifest::ProviderId;
use chela_runtime::replace_private;
use serde_json::{Map, Value};

use crate::paths::{self, Paths};

/// The file's name in the state folder.
const FILE: &str = "tts.json";

/// The file that a writer locks. It is never renamed, so that all writers lock the same one.
const LOCK: &str = "tts.lock";

/// The most bytes of the file.
const LARGEST: u64 = 64 << 20;

/// What is preferred of personas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PersonaChoice<'p> {
    /// Nothing: the configuration says.
    Unset,
    /// None is to speak, whatever the configuration says.
    Off,
    /// The one of that id.
    Named(&'p str),
}

/// What is preferred.
#[derive(Clone, Debug)]
pub(crate) struct Preferences {
    path: PathBuf,
    fields: Map<String, Value>,
}

impl Preferences {
    /// Reads what is preferred; nothing is, where there is no file.
    ///
    /// # Errors
    ///
    /// A `config` error for a file that cannot be read.
    pub(crate) fn read(paths: &Paths) -> Result<Self, ErrorBody> {
        let path = paths.state.join(FILE);
        let file = match paths::open(&path) {
            Ok(file) => Some(file),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                None
            }
            Err(error) => return Err(unreadable(&path, &error.to_string())),
        };
        let fields = match file {
            Some(file) => fields(file).map_err(|problem| unreadable(&path, &problem))?,
            None => Map::new(),
        };
        Ok(Self { path, fields })
    }

    /// Changes what is preferred, and gives what holds now. Two that change at the same time do so one after the other.
    ///
    /// # Errors
    ///
    /// A `config` error for a file that cannot be read or written.
    pub(crate) fn change(paths: &Paths, change: impl FnOnce(&mut Self)) -> Result<Self, ErrorBody> {
        let folder = paths::private(&paths.state)?;
        let path = paths.state.join(FILE);
        let unwritable = |error: io::Error| {
            ErrorBody::new(
                ErrorType::Config,
                format!(
                    "the preferences {} cannot be written: {error}",
                    path.display()
                ),
            )
            .hint("CHELA_STATE_DIR names another folder for them")
        };
        let lock = lock(&folder).map_err(unwritable)?;
        let mut preferences = Self::read(paths)?;
        let before = preferences.fields.clone();
        change(&mut preferences);
        if preferences.fields != before {
            write(&folder, &preferences.fields).map_err(unwritable)?;
        }
        drop(lock);
        Ok(preferences)
    }

    /// Where they are.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether what speaks unasked may speak. Nothing does until it is let.
    pub(crate) fn enabled(&self) -> bool {
        self.fields.get("enabled").and_then(Value::as_bool) == Some(true)
    }

    /// The provider that is preferred, as it is written.
    pub(crate) fn provider_text(&self) -> Option<&str> {
        self.text("provider")
    }

    /// The provider that is preferred.
    ///
    /// # Errors
    ///
    /// A `config` error for what is no id, which chela has not written.
    pub(crate) fn provider(&self) -> Result<Option<ProviderId>, ErrorBody> {
        let Some(text) = self.provider_text() else {
            return Ok(None);
        };
        text.parse()
            .map(Some)
            .map_err(|_| unreadable(&self.path, &format!("`{text}` is not the id of a provider")))
    }

    /// What is said of personas.
    pub(crate) fn persona(&self) -> PersonaChoice<'_> {
        match (self.text("persona"), self.fields.get("persona")) {
            (Some(id), _) => PersonaChoice::Named(id),
            (None, Some(Value::Null)) => PersonaChoice::Off,
            _ => PersonaChoice::Unset,
        }
    }

    pub(crate) fn set_enabled(&mut self, enabled: bool) {
        self.fields.insert("enabled".to_owned(), enabled.into());
    }

    pub(crate) fn set_provider(&mut self, provider: &ProviderId) {
        self.fields
            .insert("provider".to_owned(), provider.to_string().into());
    }

    pub(crate) fn set_persona(&mut self, persona: Option<&str>) {
        // None is kept as such: it goes before what the configuration says.
        self.fields.insert("persona".to_owned(), persona.into());
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.fields
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    }
}

fn unreadable(path: &Path, problem: &str) -> ErrorBody {
    ErrorBody::new(
        ErrorType::Config,
        format!(
            "the preferences {} cannot be read: {problem}",
            path.display()
        ),
    )
    .hint("correct the file, or remove it to prefer nothing")
}

fn fields(file: impl Read) -> Result<Map<String, Value>, String> {
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("it is larger than {LARGEST} bytes"));
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err("it is not a JSON object".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Waits until nobody else changes the preferences. The lock goes with the file handle, also when its holder dies.
fn lock(folder: &Dir) -> io::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.create(true).write(true);
    #[cfg(unix)]
    cap_std::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = folder.open_with(LOCK, &options)?.into_std();
    file.lock()?;
    Ok(file)
}

fn write(folder: &Dir, fields: &Map<String, Value>) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(fields).map_err(io::Error::from)?;
    text.push(b'\n');
    replace_private(folder, FILE, &text).map(drop)
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::disallowed_methods,
        reason = "a test reads and writes the folder that it made"
    )]

    use super::*;

    fn paths(state: &Path) -> Paths {
        Paths {
            config: state.join("none"),
            config_named: false,
            state: state.to_owned(),
            cache: state.join("cache"),
        }
    }

    #[test]
    fn what_is_not_known_stays_and_what_is_not_there_is_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = paths(folder.path());
        let nothing = Preferences::read(&paths).expect("nothing is there");
        assert!(!nothing.enabled() && nothing.provider_text().is_none());
        std::fs::write(
            folder.path().join(FILE),
            "{\"later\": {\"a\": [1]}, \"provider\": \"demo\"}",
        )
        .expect("written");
        let openai: ProviderId = "openai".parse().expect("an id");
        Preferences::change(&paths, |it| it.set_provider(&openai)).expect("changed");
        let now = Preferences::read(&paths).expect("read");
        assert_eq!(now.provider_text(), Some("openai"));
        assert_eq!(now.fields["later"]["a"][0], 1);
    }

    #[test]
    fn no_persona_is_a_preference_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = paths(folder.path());
        let persona = |it: &Preferences| match it.persona() {
            PersonaChoice::Unset => "unset".to_owned(),
            PersonaChoice::Off => "off".to_owned(),
            PersonaChoice::Named(id) => id.to_owned(),
        };
        assert_eq!(persona(&Preferences::read(&paths).expect("read")), "unset");
        for (choice, told) in [(Some("alfred"), "alfred"), (None, "off")] {
            Preferences::change(&paths, |it| it.set_persona(choice)).expect("changed");
            assert_eq!(persona(&Preferences::read(&paths).expect("read")), told);
        }
    }

    #[test]
    fn what_is_no_object_is_told_and_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = paths(folder.path());
        for text in ["", "[]", "{", "{\"provider\": \"\u{0}/../\"}"] {
            std::fs::write(folder.path().join(FILE), text).expect("written");
            let read = Preferences::read(&paths).and_then(|it| it.provider());
            assert_eq!(read.expect_err(text).kind, ErrorType::Config);
            let kept = std::fs::read_to_string(folder.path().join(FILE)).expect("there");
            assert_eq!(kept, text);
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_user_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("state");
        Preferences::change(&paths(&state), |it| it.set_enabled(true)).expect("changed");
        for name in [FILE, LOCK] {
            let mode = std::fs::metadata(state.join(name))
                .expect("there")
                .permissions();
            assert_eq!(mode.mode() & 0o777, 0o600, "{name}");
        }
    }
}
