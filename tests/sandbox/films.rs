//! A component that makes films badly, from the request to the envelope.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chela_bundled::BundledComponent;
use chela_catalog::Catalog;
use chela_config::Config;
use chela_credentials::Environment;
use chela_egress::{Egress, EgressOptions};
use chela_envelope::{Envelope, ErrorType, exit_code};
use chela_manifest::Manifest;
use chela_runtime::{
    Destination, Folder, JobStore, PollPolicy, Runtime, RuntimeOptions, Selection, VideoGenerate,
    VideoHints, VideoResume,
};
use chela_sandbox::{CEILING, CompilerCommand, Limits};

use crate::house::{House, guest, private_folder};

const MANIFEST: &str = r#"
id = "bad"
name = "Bad films"
version = "0.1.0"
contract = "0.1"
description = "Makes films badly"

[video]
default-model = "bad-1"
models = ["bad-1"]
durations = [4, 8]
watermark = true
"#;

/// The component with its manifest, as if it were carried inside the program.
fn component() -> BundledComponent {
    let manifest = Manifest::parse_toml(MANIFEST, "provider.toml").expect("it is one");
    let bytes = guest("makes_films_badly").bytes;
    let packed = chela_pack::pack(&bytes, vec![manifest], "bad").expect("it fits");
    BundledComponent {
        id: "bad",
        bytes: packed.component.leak(),
        digest: packed.digest.leak(),
        families: &["video"],
        providers: &["bad"],
    }
}

/// A runtime with that component alone, and its folder.
fn runtime(house: &House) -> Runtime {
    let folder = house.folder.path();
    let media = Folder::new(private_folder(&folder.join("media")), "", "media").expect("a folder");
    let options = RuntimeOptions {
        jobs: Some(jobs(folder)),
        poll: PollPolicy {
            least: Duration::from_millis(1),
            first: Duration::from_millis(2),
            ..PollPolicy::default()
        },
        ceiling: Limits {
            guest_time: Duration::from_millis(200),
            ..CEILING
        },
        ..RuntimeOptions::new(media)
    };
    let compiler = CompilerCommand {
        program: env!("CARGO_BIN_EXE_chela").into(),
        args: vec!["__compile".into()],
    };
    let catalog = Catalog::new(&[component()], &Config::default(), &Environment::new([]));
    Runtime::new(
        Arc::new(catalog),
        House::sandbox(folder, compiler).expect("a sandbox"),
        Egress::new(EgressOptions::default()),
        options,
    )
}

fn jobs(folder: &Path) -> JobStore {
    JobStore::new(private_folder(&folder.join("jobs")), "jobs")
}

async fn film(runtime: &Runtime, prompt: &str) -> Envelope {
    let request = VideoGenerate {
        prompt: prompt.into(),
        files: Vec::new(),
        hints: VideoHints {
            duration: Some(7.0),
            watermark: Some(true),
            ..VideoHints::default()
        },
        selection: Selection {
            provider: Some("bad".parse().expect("an id")),
            timeout: Some(Duration::from_secs(20)),
            ..Selection::default()
        },
        output: Destination::MediaFolder,
        place: None,
    };
    runtime.video_generate(request).await.envelope
}

#[tokio::test]
async fn a_token_is_held_to_its_length() {
    let house = House::new();
    let runtime = runtime(&house);
    for (length, taken) in [(4096, true), (4097, false), (0, false)] {
        let envelope = film(&runtime, &format!("token {length}")).await;
        assert_eq!(envelope.ok, taken, "{length}: {envelope:?}");
        if let Some(error) = envelope.error {
            assert_eq!(error.kind, ErrorType::BadResponse);
            assert!(error.message.contains("4096"), "{}", error.message);
        }
        assert!(jobs(house.folder.path()).list().0.is_empty());
    }
    house.is_as_before().await;
}

#[tokio::test]
async fn what_is_no_film_is_none_and_nothing_of_it_is_written() {
    let house = House::new();
    let runtime = runtime(&house);
    for (prompt, kind, stays) in [
        ("nothing", ErrorType::EmptyOutput, false),
        ("empty", ErrorType::EmptyOutput, true),
        ("words", ErrorType::BadResponse, true),
        ("computes", ErrorType::Denied, true),
    ] {
        let before = jobs(house.folder.path()).list().0.len();
        let envelope = film(&runtime, prompt).await;
        let error = envelope.error.expect("it fails");
        assert_eq!(error.kind, kind, "{prompt}: {}", error.message);
        let after = jobs(house.folder.path()).list().0.len();
        assert_eq!(after - before, usize::from(stays), "{prompt}");
    }
    let media = std::fs::read_dir(house.folder.path().join("media")).expect("a folder");
    assert_eq!(media.count(), 0);
    house.is_as_before().await;
}

#[tokio::test]
async fn a_job_without_end_ends_with_the_callers_time() {
    let house = House::new();
    let runtime = runtime(&house);
    let waiting = film(&runtime, "goes on and on");
    let leave = async {
        // As soon as there is a job, the caller leaves.
        while jobs(house.folder.path()).list().0.is_empty() {
            tokio::task::yield_now().await;
        }
        runtime.cancellation().cancel();
    };
    let (envelope, ()) = tokio::join!(waiting, leave);
    let error = envelope.error.as_ref().expect("it did not end");
    assert_eq!(error.kind, ErrorType::Cancelled);
    assert_eq!(exit_code(&envelope), 130);
    let (left, _) = jobs(house.folder.path()).list();
    assert!(!left[0].active, "nobody waits for it any more");

    // The next process has a deadline and no patience.
    let runtime = self::runtime(&house);
    let request = VideoResume {
        id: left[0].id.clone(),
        timeout: Some(Duration::from_millis(300)),
        output: Destination::MediaFolder,
    };
    let envelope = runtime.video_resume(request).await.envelope;
    let error = envelope.error.expect("it does not end");
    assert_eq!(error.kind, ErrorType::Timeout);
    let command = format!("chela video resume {}", left[0].id);
    assert!(error.hint.expect("a hint").contains(&command));
    assert_eq!(jobs(house.folder.path()).list().0.len(), 1);
    house.is_as_before().await;
}

#[tokio::test]
async fn several_films_are_numbered_and_what_was_left_out_is_told() {
    let house = House::new();
    let runtime = runtime(&house);
    let envelope = film(&runtime, "two").await;
    assert!(envelope.ok, "{envelope:?}");
    assert_eq!(envelope.outputs.len(), 2);
    for entry in std::fs::read_dir(house.folder.path().join("media")).expect("a folder") {
        let name = entry.expect("an entry").file_name();
        let name = name.to_string_lossy();
        assert!(
            name.ends_with("-1.mp4") || name.ends_with("-2.mp4"),
            "{name}"
        );
    }
    assert_eq!(envelope.normalization["duration"].applied, "8");
    let ignored: Vec<&str> = envelope
        .ignored_overrides
        .iter()
        .map(|ignored| ignored.key.as_str())
        .collect();
    assert_eq!(ignored, ["watermark"]);
    assert!(jobs(house.folder.path()).list().0.is_empty());
}
