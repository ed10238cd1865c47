//! Wrong command lines and what is said about them.

use super::{Arguments, Raw, Stop, parse, tree};
use chela_envelope::ErrorType;
use clap::CommandFactory;
use std::ffi::OsString;

fn raw(line: &[&str]) -> Raw {
    Raw::new(line.iter().map(OsString::from).collect())
}

/// The sentence and the hint for a wrong line.
fn mistake(line: &[&str]) -> (String, String) {
    match parse(&raw(line)) {
        Err(Stop::Usage(error)) => {
            assert_eq!(error.kind, ErrorType::Usage);
            (error.message, error.hint.expect("every mistake has a hint"))
        }
        other => panic!("{line:?} gives {other:?}"),
    }
}

#[test]
fn the_tree_holds_together() {
    Arguments::command().debug_assert();
}

#[test]
fn both_prefixes_lead_into_the_same_tree() {
    for line in [
        &["chela", "image", "generate", "--prompt", "x"][..],
        &["chela", "infer", "image", "generate", "--prompt", "x"],
        &["chela", "capability", "image", "generate", "--prompt", "x"],
        &[
            "chela", "--json", "image", "--local", "generate", "--prompt", "x", "--config",
            "c.json5",
        ],
    ] {
        assert!(parse(&raw(line)).is_ok(), "{line:?}");
        assert_eq!(
            raw(line).walk(&tree()).capability(),
            "image.generate",
            "{line:?}"
        );
    }
}

#[test]
fn mistakes_are_named_and_the_right_form_is_shown() {
    let cases: &[(&[&str], &str, &str)] = &[
        (
            &["chela"],
            "`chela` needs a command",
            "list, inspect, model, image, audio, tts, video, web, embedding, infer",
        ),
        (
            &["chela", "infer", "image"],
            "`chela infer image` needs a command",
            "generate, edit, describe",
        ),
        (
            &[
                "chela",
                "infer",
                "media",
                "image",
                "generate",
                "--prompt",
                "friendly lobster",
            ],
            "no command `media` under `chela infer`",
            "write: chela infer image generate --prompt <TEXT>",
        ),
        (
            &["chela", "generate", "image"],
            "no command `generate`",
            "write: chela image generate --prompt <TEXT>",
        ),
        (
            &["chela", "imgae"],
            "no command `imgae`",
            "write: chela image",
        ),
        (
            &["chela", "frobnicate"],
            "no command `frobnicate`",
            "is followed by list, inspect",
        ),
        (
            &["chela", "image", "generate"],
            "`--prompt` is missing",
            "write: chela image generate --prompt <TEXT>",
        ),
        (
            &["chela", "image", "edit"],
            "`--file` and `--prompt` are missing",
            "--file <PATH> --prompt <TEXT>",
        ),
        (
            &["chela", "image", "generate", "--prmopt", "x"],
            "has no flag `--prmopt`",
            "`--prompt`",
        ),
        (
            &["chela", "embedding", "create", "--text", "a", "--zzz=1"],
            "has no flag `--zzz`",
            "--text, --dimensions",
        ),
        (
            &["chela", "image", "--zzz"],
            "`chela image` has no flag `--zzz`",
            "is followed by generate",
        ),
        (
            &["chela", "plugin", "inspect"],
            "`<FILE>` is missing",
            "write: chela plugin inspect <FILE>",
        ),
        (
            &["chela", "model", "run", "hello"],
            "`hello` stands without a flag",
            "chela model run --prompt \"hello\"",
        ),
        (
            &["chela", "image", "generate", "a cat"],
            "takes no `a cat` without a flag",
            "chela image generate --prompt",
        ),
        (
            &[
                "chela",
                "image",
                "generate",
                "--prompt",
                "x",
                "--resolution",
                "8K",
            ],
            "`--resolution 8K` is not accepted",
            "--resolution takes 1K, 2K or 4K",
        ),
        (
            &[
                "chela",
                "model",
                "run",
                "--prompt",
                "x",
                "--thinking",
                "hard",
            ],
            "`--thinking hard` is not accepted",
            "off, minimal, low, medium, high, adaptive, xhigh or max",
        ),
        (
            &["chela", "image", "generate", "--prompt", "x", "--count", ""],
            "`--count` is empty",
            "a whole number from 1",
        ),
        (
            &["chela", "image", "generate", "--prompt", "x", "--count"],
            "`--count` needs a value",
            "write: chela image",
        ),
        (
            &[
                "chela", "image", "generate", "--prompt", "x", "--count", "many",
            ],
            "`--count many` is not a whole",
            "from 1",
        ),
        (
            &[
                "chela",
                "image",
                "generate",
                "--prompt",
                "x",
                "--timeout-ms",
                "0",
            ],
            "`--timeout-ms 0` is out",
            "86400000",
        ),
        (
            &[
                "chela", "image", "generate", "--prompt", "x", "--size", "big",
            ],
            "`--size big` is not a size",
            "1024x1536",
        ),
        (
            &["chela", "image", "generate", "--prompt", "--json"],
            "`--prompt --json` is a flag",
            "after the flag",
        ),
        (
            &[
                "chela", "image", "generate", "--prompt", "x", "--count", "1", "--count", "2",
            ],
            "`--count` was given more than once",
            "give --count once",
        ),
        (
            &["chela", "model", "run", "-", "--prompt", "x"],
            "exclude each other",
            "leave out",
        ),
        (
            &["chela", "model", "inspect"],
            "`--name` or `--model` is missing",
            "chela model inspect --name <NAME>",
        ),
        (
            &["chela", "model", "inspect", "--name", "a", "--model", "b/c"],
            "exclude each other",
            "leave out",
        ),
        (
            &["chela", "list", "--json=yes"],
            "`--json` takes no value",
            "--json alone",
        ),
        (
            &["chela", "image", "describe", "--file", ""],
            "`--file` is empty",
            "name a file",
        ),
        (
            &["chela", "model", "list", "--provider", "Open AI"],
            "`--provider Open AI`",
            "write `open-ai`",
        ),
    ];
    for (line, message, hint) in cases {
        let said = mistake(line);
        assert!(said.0.contains(message), "{line:?}: {said:?}");
        assert!(said.1.contains(hint), "{line:?}: {said:?}");
        assert!(
            !said.0.contains('\n') && !said.0.ends_with('.'),
            "{line:?}: one sentence: {said:?}"
        );
    }
}

#[test]
fn only_some_flags_repeat() {
    assert!(
        parse(&raw(&[
            "chela",
            "embedding",
            "create",
            "--text",
            "a",
            "--text",
            "b"
        ]))
        .is_ok()
    );
    assert!(
        parse(&raw(&[
            "chela", "image", "edit", "--file", "a", "--file", "b", "--prompt", "x"
        ]))
        .is_ok()
    );
    assert!(
        mistake(&["chela", "image", "describe", "--file", "a", "--file", "b"])
            .0
            .contains("more than once")
    );
}

#[test]
fn json_is_seen_however_wrong_the_rest_is() {
    assert!(raw(&["chela", "--json"]).json());
    assert!(raw(&["chela", "no", "such", "--json", "--thing"]).json());
    assert!(raw(&["chela", "list", "--json=yes"]).json());
    assert!(!raw(&["chela", "list"]).json());
    assert!(!raw(&["chela", "model", "run", "--prompt= --json"]).json());
    assert!(!raw(&["chela", "model", "run", "--", "--json"]).json());
    assert!(
        !raw(&["--json", "list"]).json(),
        "the program's name is no argument"
    );
}

#[test]
fn a_prompt_may_begin_with_a_hyphen() {
    assert!(parse(&raw(&["chela", "model", "run", "--prompt", "-1 + 2"])).is_ok());
    assert!(
        parse(&raw(&[
            "chela",
            "model",
            "run",
            "--prompt",
            "- milk\n- eggs"
        ]))
        .is_ok()
    );
    assert!(parse(&raw(&["chela", "model", "run", "-"])).is_ok());
}

#[cfg(unix)]
#[test]
fn bytes_that_are_no_text_are_a_mistake_and_as_a_path_are_none() {
    use std::os::unix::ffi::OsStringExt;
    let odd = || OsString::from_vec(vec![b'a', 0xff]);
    let mut line: Vec<OsString> = ["chela", "image", "generate", "--prompt"]
        .map(OsString::from)
        .into();
    line.push(odd());
    assert!(matches!(
        parse(&Raw::new(line.clone())),
        Err(Stop::Usage(_))
    ));
    line.truncate(3);
    line.extend([
        OsString::from("--prompt=x"),
        OsString::from("--output"),
        odd(),
    ]);
    assert!(parse(&Raw::new(line)).is_ok());
}

/// Command lines of the documentation that chela replaces, their first word changed, for the families that are there.
const DOCUMENTED: &str = r#"
chela infer model run --prompt "..." --json
chela infer model run --prompt "Describe this" --file ./image.png --model provider/model
chela infer model run --prompt "Describe this image in one sentence" --file ./photo.jpg --model google/gemini-2.5-flash --json
chela infer model run --prompt "Use more reasoning here" --thinking high --json
chela infer model providers --json
chela infer model inspect --name gpt-5.5 --json
chela infer model run --local --model mistral/mistral-medium-3-5 --prompt "Reply with exactly: pong" --json
chela infer model run --local --model ollama/qwen2.5vl:7b --prompt "Describe this image." --file ./photo.jpg --json
chela infer model run  --model inferrs/google/gemma-4-E2B-it  --prompt "What is 2 + 2?"  --json
chela infer image generate --prompt "friendly lobster illustration" --json
chela infer image generate --model openai/gpt-image-1.5 --output-format png --background transparent --prompt "red circle" --json
chela infer image generate --prompt "slow image backend" --timeout-ms 180000 --json
chela infer image edit --file ./logo.png --model openai/gpt-image-1.5 --output-format png --background transparent --prompt "keep the logo" --json
chela infer image edit --file ./poster.png --prompt "make this a vertical story ad" --size 2160x3840 --aspect-ratio 9:16 --resolution 4K --json
chela infer image describe --file ./receipt.jpg --prompt "Extract the merchant, date, and total" --json
chela infer image describe-many --file ./before.png --file ./after.png --prompt "Compare the screenshots" --json
chela infer image describe --file ./photo.jpg --model ollama/qwen2.5vl:7b --prompt "Describe the image" --timeout-ms 300000 --json
chela infer image providers --json
chela infer image generate  --model google/gemini-3.1-flash-image-preview  --prompt "no text."  --output ./smoke.png  --json
chela infer audio transcribe --file ./memo.m4a --json
chela infer audio transcribe --file ./team-sync.m4a --language en --prompt "Focus on names and action items" --json
chela infer audio transcribe --file ./memo.m4a --model openai/whisper-1 --json
chela infer tts convert --text "..." --output ./speech.mp3 --json
chela infer tts convert --text "hello from openclaw" --output ./hello.mp3 --json
chela infer tts convert --text "Your build is complete" --output ./build-complete.mp3 --json
chela infer tts providers --json
chela infer tts status --json
chela infer embedding create --text "friendly lobster" --json
chela infer embedding create --text "customer support ticket" --model openai/text-embedding-3-large --json
chela infer embedding providers --json
"#;

#[test]
fn every_documented_line_parses() {
    for line in DOCUMENTED.lines().filter(|line| !line.is_empty()) {
        // What stands between quotes is one word.
        let words: Vec<&str> = line
            .split('"')
            .enumerate()
            .flat_map(|(at, part)| {
                if at % 2 == 1 {
                    vec![part]
                } else {
                    part.split_whitespace().collect()
                }
            })
            .collect();
        if let Err(stop) = parse(&raw(&words)) {
            panic!("{line}: {stop:?}");
        }
    }
}
