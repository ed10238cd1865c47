//! Every command line of the documentation that chela replaces, run as it stands there with the first word changed.
#![forbid(unsafe_code)]

mod world;

use std::collections::BTreeSet;
use std::thread;

use chela_test_support::program::{Room, Run};
use chela_test_support::server::Server;

/// How many lines run at a time.
const AT_A_TIME: usize = 4;

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It does what it says.
    Good,
    /// It lacks what it needs, and stands for the command.
    Command,
    /// It ends in an error that shows the right form.
    Bad,
}

/// A line of the documentation.
struct Line {
    kind: Kind,
    text: &'static str,
    /// What stands behind `chela`.
    words: Vec<String>,
}

impl Line {
    fn read(text: &'static str) -> Self {
        let (bad, command) = match text.strip_prefix("bad ") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut words = shlex::split(command)
            .expect("quotes are closed")
            .into_iter();
        assert_eq!(words.next().as_deref(), Some("chela"), "{text}");
        let words: Vec<String> = words.collect();
        let has_flags = words.iter().any(|word| word.starts_with("--"));
        let kind = match (bad, has_flags) {
            (true, _) => Kind::Bad,
            (false, true) => Kind::Good,
            (false, false) => Kind::Command,
        };
        Self { kind, text, words }
    }

    /// The provider that it names.
    fn provider(&self) -> Option<&str> {
        let at = self.words.iter().position(|word| word == "--model")?;
        self.words.get(at + 1)?.split('/').next()
    }

    /// Family and command: `image generate`.
    fn command(&self) -> String {
        self.words[1..3].join(" ")
    }

    /// Whether it asks a provider, rather than chela about one.
    fn asks(&self) -> bool {
        let told = ["providers", "status", "inspect"];
        self.kind == Kind::Good && !told.contains(&self.words[2].as_str())
    }
}

fn lines(kind: Kind) -> Vec<Line> {
    let all = include_str!("lines.txt").lines();
    let lines = all.filter(|line| !line.starts_with('#')).map(Line::read);
    lines.filter(|line| line.kind == kind).collect()
}

/// Runs every line in a room of its own and gathers what does not hold.
fn each(
    lines: &[Line],
    room: impl Fn() -> Room + Sync,
    check: impl Fn(&Line, &Run) -> Vec<&'static str> + Sync,
) {
    let mut wrong = Vec::new();
    for some in lines.chunks(AT_A_TIME) {
        thread::scope(|scope| {
            let running: Vec<_> = some
                .iter()
                .map(|line| {
                    let (room, check) = (&room, &check);
                    let run = move || {
                        let run = room().run(&line.words);
                        let wrong = check(line, &run);
                        (wrong, run)
                    };
                    (line, scope.spawn(run))
                })
                .collect();
            for (line, running) in running {
                match running.join() {
                    Ok((what, run)) => wrong.extend(
                        what.into_iter()
                            .map(|what| format!("{}\n  {what}\n{run}", line.text)),
                    ),
                    Err(_) => wrong.push(format!("{}\n  see above", line.text)),
                }
            }
        });
    }
    assert!(
        wrong.is_empty(),
        "{} of {} lines:\n\n{}",
        wrong.len(),
        lines.len(),
        wrong.join("\n\n")
    );
}

#[test]
fn with_a_key_and_a_server_every_line_succeeds() {
    let server = Server::start();
    world::answers(&server);
    let room = || world::room(&server);
    each(&lines(Kind::Good), room, |line, run| {
        let mut wrong = Vec::new();
        if run.code() != Some(0) {
            wrong.push("it does not succeed");
        } else if line.words.iter().any(|word| word == "--json") && line.asks() {
            let envelope = run.json();
            if envelope["outputs"].as_array().is_none_or(Vec::is_empty) {
                wrong.push("nothing came out");
            }
            if line
                .provider()
                .is_some_and(|provider| envelope["provider"] != provider)
            {
                wrong.push("another provider answered");
            }
            if line.words[1] != "web"
                && line.words[1] != "embedding"
                && envelope["provider"] == "demo"
            {
                wrong.push("the demonstration answered");
            }
        }
        wrong
    });
}

#[test]
fn without_a_key_it_is_said_which_variable_to_set() {
    // What needs no key is somebody's own server, or the page itself: neither is asked here.
    let keyless = ["ollama", "inferrs", "provider"];
    let mut lines = lines(Kind::Good);
    lines.retain(|line| {
        line.asks()
            && line.command() != "web fetch"
            && line
                .provider()
                .is_none_or(|provider| !keyless.contains(&provider))
            && line.words.iter().any(|word| word == "--json")
    });
    each(&lines, world::bare_room, |line, run| {
        let envelope = run.json();
        // The demonstration stands in where nobody was named, and says who it is.
        if line.provider().is_none() && envelope["provider"] == "demo" {
            return if run.code() == Some(0) {
                Vec::new()
            } else {
                vec!["the demonstration fails"]
            };
        }
        let error = &envelope["error"];
        let said = format!("{} {}", error["message"], error["hint"]);
        let mut wrong = Vec::new();
        if error["type"] != "auth" || run.code() != Some(4) {
            wrong.push("it is no failure of authentication");
        }
        let variables = line.provider().map_or(vec!["_API_KEY"], world::variables);
        if !variables.iter().all(|variable| said.contains(variable)) {
            wrong.push("the variables are not named");
        }
        wrong
    });
}

#[test]
fn every_command_has_its_help() {
    let mut seen = BTreeSet::new();
    for line in lines(Kind::Command) {
        let mut words = line.words.clone();
        words.push("--help".into());
        let run = world::bare_room().run(&words).expect_code(0);
        assert!(run.stdout().contains(&line.command()), "{run}");
        // What is missing is named where the command is given alone.
        let run = world::bare_room().run(&line.words).expect_code(2);
        assert!(run.stderr().contains("hint: "), "{run}");
        seen.insert(line.command());
    }
    assert_eq!(seen.len(), 6, "{seen:?}");
}

#[test]
fn a_wrong_line_is_shown_the_right_form() {
    let lines = lines(Kind::Bad);
    assert_eq!(lines.len(), 2);
    for line in lines {
        let run = world::bare_room().run(&line.words).expect_code(2);
        let right = match line.provider() {
            Some(model) => format!("<provider>/{model}"),
            None => "chela infer image generate".to_owned(),
        };
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(run.stdout_bytes()),
            run.stderr()
        );
        assert!(said.contains(&right), "{right}\n{run}");
    }
}
