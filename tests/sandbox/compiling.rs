//! Compiling: once, in a child, kept sealed.

use std::path::Path;

use chela_sandbox::{CompilerCommand, ComponentBytes, Imports, SandboxError};

use crate::house::{House, guest};

/// A compiler that writes a line to `count` each time it is started.
fn counting(count: &Path) -> CompilerCommand {
    let script = format!(
        "echo started >> '{}'; exec '{}' __compile",
        count.display(),
        env!("CARGO_BIN_EXE_chela")
    );
    CompilerCommand {
        program: "/bin/sh".into(),
        args: vec!["-c".into(), script.into()],
    }
}

fn starts(count: &Path) -> usize {
    std::fs::read_to_string(count).map_or(0, |lines| lines.lines().count())
}

#[tokio::test]
async fn a_component_is_compiled_once_for_all_processes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let count = folder.path().join("count");
    let house = House::with_compiler(counting(&count));
    let answers = guest("answers");
    house.load(&answers).await;
    house.load(&answers).await;
    let next = House::sandbox(house.folder.path(), counting(&count)).expect("a sandbox");
    next.load(&answers, Imports::Contract)
        .await
        .expect("it loads");
    assert_eq!(starts(&count), 1);
}

#[tokio::test]
async fn two_that_ask_at_once_compile_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let count = folder.path().join("count");
    let house = House::with_compiler(counting(&count));
    let next = House::sandbox(house.folder.path(), counting(&count)).expect("a sandbox");
    let answers = guest("answers");
    let (first, second) =
        tokio::join!(house.load(&answers), next.load(&answers, Imports::Contract));
    second.expect("it loads");
    drop(first);
    assert_eq!(starts(&count), 1);
}

#[tokio::test]
async fn tampered_code_is_not_loaded_but_compiled_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let count = folder.path().join("count");
    let house = House::with_compiler(counting(&count));
    let answers = guest("answers");
    house.load(&answers).await;
    let compiled = std::fs::read_dir(house.folder.path().join("compiled")).expect("a folder");
    let code = compiled
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.extension().is_some_and(|extension| extension == "bin"))
        .expect("compiled code");
    let mut bytes = std::fs::read(&code).expect("readable");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(&code, bytes).expect("writable");
    let next = House::sandbox(house.folder.path(), counting(&count)).expect("a sandbox");
    next.load(&answers, Imports::Contract)
        .await
        .expect("it loads");
    assert_eq!(starts(&count), 2);
}

#[tokio::test]
async fn bytes_that_are_no_component_are_refused_with_the_reason() {
    let house = House::new();
    for bytes in [
        &b"no component"[..],
        b"\0asm\x01\0\0\0",
        b"\0asm\x0d\0\x01\0\xff",
    ] {
        let component = ComponentBytes {
            digest: format!("sha256:{}", bytes.len()),
            bytes: bytes.to_vec().into(),
        };
        let refused = house.sandbox.load(&component, Imports::Contract).await;
        let Err(SandboxError::Compile(reason)) = refused else {
            panic!("{refused:?}")
        };
        assert!(!reason.is_empty());
    }
    house.is_as_before().await;
}

#[tokio::test]
async fn a_compiler_that_dies_leaves_nothing_half_written() {
    let house = House::with_compiler(CompilerCommand {
        program: "/bin/sh".into(),
        args: vec!["-c".into(), "echo half; kill -9 $$".into()],
    });
    let refused = house
        .sandbox
        .load(&guest("answers"), Imports::Contract)
        .await;
    assert!(
        matches!(refused, Err(SandboxError::Compile(_))),
        "{refused:?}"
    );
    let left = std::fs::read_dir(house.folder.path().join("compiled")).expect("a folder");
    let left: Vec<_> = left
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert!(
        left.iter()
            .all(|name| name.to_string_lossy().ends_with(".lock")),
        "{left:?}"
    );
}

#[tokio::test]
async fn the_compiler_gets_no_environment() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let seen = folder.path().join("seen");
    let script = format!(
        "env > '{}'; exec '{}' __compile",
        seen.display(),
        env!("CARGO_BIN_EXE_chela")
    );
    let house = House::with_compiler(CompilerCommand {
        program: "/bin/sh".into(),
        args: vec!["-c".into(), script.into()],
    });
    house.load(&guest("answers")).await;
    let seen = std::fs::read_to_string(seen).expect("it was written");
    // A shell sets these itself.
    let own = ["PWD=", "SHLVL=", "_=", "OLDPWD="];
    let foreign: Vec<_> = seen
        .lines()
        .filter(|line| !own.iter().any(|name| line.starts_with(name)))
        .collect();
    assert_eq!(foreign, Vec::<&str>::new());
}

/// What the kernel holds a process to.
#[cfg(target_os = "linux")]
fn limits_of(process: u32) -> Vec<(&'static str, String)> {
    let text = std::fs::read_to_string(format!("/proc/{process}/limits")).expect("it runs");
    [
        "Max address space",
        "Max cpu time",
        "Max file size",
        "Max open files",
        "Max core file size",
    ]
    .into_iter()
    .map(|name| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let mut words = line.expect("it is a limit").split_whitespace();
        let soft = words.next().unwrap_or_default();
        (name, format!("{soft} {}", words.next().unwrap_or_default()))
    })
    .collect()
}

#[cfg(target_os = "linux")]
#[test]
fn the_compiler_limits_itself_before_it_reads_a_byte() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    let mut child = Command::new(env!("CARGO_BIN_EXE_chela"))
        .arg("__compile")
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let twice = |value: u64| format!("{value} {value}");
    let expected = [
        ("Max address space", twice(4 << 30)),
        ("Max cpu time", twice(120)),
        ("Max file size", twice(512 << 20)),
        ("Max open files", twice(64)),
        ("Max core file size", twice(0)),
    ];
    // Its standard input is open and empty, so it waits there, with its limits in place.
    let since = Instant::now();
    let mut seen = limits_of(child.id());
    while seen != expected && since.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(10));
        seen = limits_of(child.id());
    }
    child.kill().expect("it is still there");
    child.wait().expect("it ends");
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_component_over_the_size_limit_is_not_even_given_to_the_compiler() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let count = folder.path().join("count");
    let house = House::with_compiler(counting(&count));
    let size = usize::try_from(chela_sandbox::COMPONENT_BYTES).expect("it fits") + 1;
    let huge = ComponentBytes {
        digest: "sha256:huge".into(),
        bytes: vec![0; size].into(),
    };
    let refused = house.sandbox.load(&huge, Imports::Contract).await;
    assert!(
        matches!(refused, Err(SandboxError::TooLarge { .. })),
        "{refused:?}"
    );
    assert_eq!(starts(&count), 0);
}
