//! The grammar of a case.
//!
//! ```text
//! # What it shows, in a sentence.
//! answer POST /v1/chat/completions = rate-limited 0 ; chat "It is 4."
//! config = {models: {providers: {openai: {baseUrl: "{server}/v1"}}}}
//! env OPENAI_API_KEY = {key}
//! file in/photo.png = png 8 8
//!
//! $ chela model run --prompt "What is 2 + 2?" --json
//! exit 0
//! --- stdout
//! …
//! ```
//!
//! A line that begins with two spaces goes on with the one above. `answer` takes one answer for every request, or several, split by
//! ` ; `, one after the other. `stdin` is for the command that follows it. In values and commands, `{server}` is the server's
//! URL, `{key}` the canary key, `{room}` the room's folder.

use std::fmt::Write as _;
use std::path::Path;

use chela_test_support::program::{CANARY, Room};
use chela_test_support::server::Server;

use crate::{answers, outcome};

pub(crate) struct Case {
    /// The lines before the first command, as they stand.
    head: String,
    settings: Vec<Setting>,
    commands: Vec<Command>,
}

struct Setting {
    kind: String,
    name: String,
    value: String,
}

struct Command {
    /// The lines that belong to the command, as they stand: comments, `stdin`, the command.
    text: String,
    line: String,
    stdin: Option<String>,
}

impl Case {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut case = Self {
            head: String::new(),
            settings: Vec::new(),
            commands: Vec::new(),
        };
        let mut pending = String::new();
        let mut stdin = None;
        let mut in_outcome = false;
        for line in text.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                in_outcome = false;
                if case.commands.is_empty() {
                    case.head = std::mem::take(&mut pending);
                }
                let text = format!("{}{line}\n", std::mem::take(&mut pending));
                case.commands.push(Command {
                    text,
                    line: command.to_owned(),
                    stdin: stdin.take(),
                });
                continue;
            }
            // What came of a command is made anew; what is said about the next one is kept.
            let about_the_next = line.starts_with("# ") || line.starts_with("stdin = ");
            if case.commands.is_empty() || (in_outcome && about_the_next) || !pending.is_empty() {
                pending.push_str(line);
                pending.push('\n');
            }
            in_outcome = !case.commands.is_empty();
            if line.starts_with('#') || line.is_empty() || (in_outcome && !about_the_next) {
                continue;
            }
            if let Some(more) = line.strip_prefix("  ") {
                let last = case.settings.last_mut().ok_or("nothing to go on with")?;
                last.value.push('\n');
                last.value.push_str(more);
                continue;
            }
            let (key, value) = line
                .split_once(" = ")
                .ok_or_else(|| format!("not a setting: {line}"))?;
            let (kind, name) = key.split_once(' ').unwrap_or((key, ""));
            if kind == "stdin" {
                stdin = Some(value.to_owned());
            } else {
                case.settings.push(Setting {
                    kind: kind.into(),
                    name: name.into(),
                    value: value.into(),
                });
            }
        }
        if !case.head.starts_with("# ") {
            return Err("a case begins with a sentence on what it shows".to_owned());
        }
        if case.commands.is_empty() {
            return Err("a case has a command".to_owned());
        }
        Ok(case)
    }

    /// Runs all commands and gives the text of the case with what came of them.
    pub(crate) fn run(&self, program: &Path) -> Result<String, String> {
        let server = Server::start();
        let mut room = Room::new(program);
        let fill = |text: &str, room: &Room| {
            let folder = room
                .path("")
                .to_string_lossy()
                .trim_end_matches('/')
                .to_owned();
            text.replace("{server}", &server.url(""))
                .replace("{key}", CANARY)
                .replace("{room}", &folder)
        };
        for Setting { kind, name, value } in &self.settings {
            let value = fill(value, &room);
            room = match kind.as_str() {
                "config" => room.config(&value),
                "env" => room.variable(name, value),
                "secret" => room.secret(&value),
                "file" => room.file(name, answers::file(&words(&value)?)?),
                "answer" => {
                    let (method, path) = name
                        .split_once(' ')
                        .ok_or_else(|| format!("a method and a path: {name}"))?;
                    let answers: Result<Vec<_>, String> = value
                        .split(" ; ")
                        .map(|answer| answers::answer(&words(answer)?))
                        .collect();
                    match <[_; 1]>::try_from(answers?) {
                        Ok([answer]) => server.on(method, path, answer),
                        Err(answers) => server.on_each(method, path, answers),
                    };
                    room
                }
                other => return Err(format!("no such setting: {other}")),
            };
        }
        let mut text = self.head.clone();
        for command in &self.commands {
            let line = words(&fill(&command.line, &room))?;
            let ("chela", arguments) = line
                .split_first()
                .map(|(first, rest)| (first.as_str(), rest))
                .unwrap_or_default()
            else {
                return Err(format!("a command begins with chela: {}", command.line));
            };
            let asked = server.requests().len();
            let before = outcome::files(&room);
            let run = match &command.stdin {
                Some(input) => {
                    room.run_with_input(arguments, fill(input, &room).replace("\\n", "\n"))
                }
                None => room.run(arguments),
            };
            text.push_str(&command.text);
            let _ = writeln!(text, "exit {}", run.code().unwrap_or(-1));
            let shown = outcome::show(&run, &room, &server.requests()[asked..], &before);
            text.push_str(&outcome::normalise(&shown, &room, &server));
            text.push('\n');
        }
        let text = text.trim_end();
        Ok(format!("{text}\n"))
    }
}

/// Words as a shell splits them: blanks part, `"…"` and `'…'` hold together, `\` takes the next character as it is.
pub(crate) fn words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut symbols = line.chars();
    while let Some(symbol) = symbols.next() {
        match (quote, symbol) {
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') => {
                quote = Some(symbol);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => {
                let next = symbols.next().ok_or("a backslash at the end")?;
                word.get_or_insert_default()
                    .push_str(&escaped(next, &mut symbols)?);
            }
            (None, blank) if blank.is_whitespace() => words.extend(word.take()),
            (_, other) => word.get_or_insert_default().push(other),
        }
    }
    if quote.is_some() {
        return Err(format!("a quote stays open: {line}"));
    }
    words.extend(word);
    Ok(words)
}

/// `\n`, `\t`, `\r`, `\u{…}`; any other character is itself.
fn escaped(symbol: char, rest: &mut std::str::Chars<'_>) -> Result<String, String> {
    Ok(match symbol {
        'n' => "\n".to_owned(),
        't' => "\t".to_owned(),
        'r' => "\r".to_owned(),
        'u' => {
            let digits: String = rest
                .by_ref()
                .skip(1)
                .take_while(|&symbol| symbol != '}')
                .collect();
            let code = u32::from_str_radix(&digits, 16)
                .map_err(|_| format!("\\u{{{digits}}} is no character"))?;
            char::from_u32(code)
                .ok_or_else(|| format!("\\u{{{digits}}} is no character"))?
                .to_string()
        }
        other => other.to_string(),
    })
}
