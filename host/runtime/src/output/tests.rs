#![expect(
    clippy::disallowed_methods,
    reason = "a test has the authority to make a temporary folder"
)]

use std::future::Future;
use std::os::unix::fs::PermissionsExt as _;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use cap_tempfile::TempDir;

use super::*;
use crate::media::tests::PNG;

fn temporary() -> TempDir {
    cap_tempfile::tempdir(cap_std::ambient_authority()).unwrap()
}

fn folder(dir: &Dir) -> Folder {
    Folder::new(dir.try_clone().unwrap(), "", "/out").unwrap()
}

fn png() -> Blob {
    Blob::from_bytes("", Bytes::from_static(PNG))
}

fn names(dir: &Dir) -> Vec<String> {
    let mut names: Vec<_> = dir
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn seen() -> media::Seen {
    media::Seen {
        mime_type: "image/png",
        dimensions: Some((3, 2)),
        ..media::Seen::default()
    }
}

async fn write_to(
    destination: &Destination,
    media: &Folder,
    count: usize,
) -> (Written, Option<Fault>) {
    let (blob, seen) = (png(), seen());
    let results: Vec<_> = (0..count)
        .map(|_| Finished {
            blob: &blob,
            seen: &seen,
            revised_prompt: None,
        })
        .collect();
    write_all(destination, media, "image.generate", count, &results).await
}

#[tokio::test]
async fn a_file_is_replaced_as_a_whole_and_nothing_else_is_left() {
    let dir = temporary();
    dir.write("a.png", "old").unwrap();
    let path = write(&folder(&dir), OsStr::new("a.png"), &png())
        .await
        .unwrap();
    assert_eq!(path, Path::new("/out/a.png"));
    assert_eq!(dir.read("a.png").unwrap(), PNG);
    assert_eq!(names(&dir), ["a.png"]);
}

#[tokio::test]
async fn parents_are_made() {
    let dir = temporary();
    let deep = Folder::new(dir.try_clone().unwrap(), "x/y", "/out/x/y").unwrap();
    let destination = Destination::file(deep, "a.png").unwrap();
    destination.check(&folder(&dir), 1).unwrap();
    assert!(names(&dir).is_empty(), "a check leaves nothing behind");
    let (written, fault) = write_to(&destination, &folder(&dir), 1).await;
    assert!(fault.is_none());
    assert_eq!(written.outputs[0].path, "/out/x/y/a.png");
    assert_eq!(dir.read("x/y/a.png").unwrap(), PNG);
}

#[tokio::test]
async fn several_are_numbered_and_named_after_what_they_are() {
    let dir = temporary();
    let destination = Destination::file(folder(&dir), "shot.jpg").unwrap();
    let (written, fault) = write_to(&destination, &folder(&dir), 2).await;
    assert!(fault.is_none());
    assert_eq!(names(&dir), ["shot-1.png", "shot-2.png"]);
    assert_eq!(
        (written.outputs[1].width, written.outputs[1].height),
        (Some(3), Some(2))
    );
    assert_eq!(written.outputs[1].size, PNG.len() as u64);
}

#[tokio::test]
async fn the_media_folder_gets_a_name_of_capability_time_and_id() {
    let dir = temporary();
    let (written, fault) = write_to(&Destination::MediaFolder, &folder(&dir), 1).await;
    assert!(fault.is_none());
    let name = names(&dir).remove(0);
    assert_eq!(written.outputs[0].path, format!("/out/{name}"));
    let parts: Vec<&str> = name.trim_end_matches(".png").split('-').collect();
    assert_eq!(parts[..2], ["image", "generate"]);
    assert_eq!(
        parts[2..].iter().map(|part| part.len()).collect::<Vec<_>>(),
        [8, 6, 8]
    );
}

#[tokio::test]
async fn stdout_hands_the_bytes_back_and_takes_only_one() {
    let dir = temporary();
    let (written, fault) = write_to(&Destination::Stdout, &folder(&dir), 1).await;
    assert!(fault.is_none());
    assert_eq!(written.outputs[0].path, "-");
    assert_eq!(written.stdout.unwrap().read_blocking(0, 1000).unwrap(), PNG);
    assert!(names(&dir).is_empty());
    assert_eq!(
        Destination::Stdout
            .check(&folder(&dir), 2)
            .unwrap_err()
            .kind,
        ErrorType::Usage
    );
}

#[tokio::test]
async fn a_link_is_replaced_and_what_it_points_to_is_not_touched() {
    let dir = temporary();
    dir.write("precious", "old").unwrap();
    for (link, target) in [("live.png", "precious"), ("dangling.png", "nowhere")] {
        dir.symlink(target, link).unwrap();
        write(&folder(&dir), OsStr::new(link), &png())
            .await
            .unwrap();
        assert!(dir.symlink_metadata(link).unwrap().is_file());
        assert_eq!(dir.read(link).unwrap(), PNG);
    }
    assert_eq!(dir.read("precious").unwrap(), b"old");
    assert!(!dir.exists("nowhere"));
}

#[tokio::test]
async fn directories_and_pipes_are_refused_before_and_while_writing() {
    let dir = temporary();
    dir.create_dir("d.png").unwrap();
    rustix::fs::mkfifoat(
        &*dir,
        "p.png",
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
    )
    .unwrap();
    for (name, what) in [("d.png", "a directory"), ("p.png", "a pipe")] {
        let error = write(&folder(&dir), OsStr::new(name), &png())
            .await
            .unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
        let destination = Destination::file(folder(&dir), name).unwrap();
        let fault = destination.check(&folder(&dir), 1).unwrap_err();
        assert_eq!(fault.kind, ErrorType::Usage);
    }
    assert_eq!(names(&dir), ["d.png", "p.png"]);
}

#[tokio::test]
async fn a_failure_leaves_what_was_there() {
    let dir = temporary();
    dir.write("a.png", "old").unwrap();
    let source = dir.create("source").unwrap();
    source.set_len(PIECE as u64 * 2).unwrap();
    let blob = Blob::from_file(dir.open("source").unwrap().into_std(), None).unwrap();
    source.set_len(PIECE as u64).unwrap();
    let error = write(&folder(&dir), OsStr::new("a.png"), &blob)
        .await
        .unwrap_err();
    assert_eq!(Fault::from(error).kind, ErrorType::Internal);
    assert_eq!(dir.read("a.png").unwrap(), b"old");
    assert_eq!(names(&dir), ["a.png", "source"]);
}

#[tokio::test]
async fn a_call_that_is_given_up_leaves_nothing() {
    let dir = temporary();
    let source = dir.create("source").unwrap();
    source.set_len(PIECE as u64 * 4).unwrap();
    let blob = Blob::from_file(dir.open("source").unwrap().into_std(), None).unwrap();
    {
        let folder = folder(&dir);
        let mut writing = pin!(write(&folder, OsStr::new("a.png"), &blob));
        // One step: the first piece is being read from the file.
        let step = writing
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(step, Poll::Pending));
    }
    assert_eq!(names(&dir), ["source"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_found_before_the_call() {
    let dir = temporary();
    dir.write("file", "").unwrap();
    let below_file = Folder::new(dir.try_clone().unwrap(), "file/x", "/out/file/x").unwrap();
    let fault = Destination::file(below_file, "a.png")
        .unwrap()
        .check(&folder(&dir), 1)
        .unwrap_err();
    assert_eq!(fault.kind, ErrorType::Usage);

    dir.create_dir("closed").unwrap();
    let closed = dir.open_dir("closed").unwrap();
    let mode = cap_std::fs::Permissions::from_std(std::fs::Permissions::from_mode(0o500));
    dir.set_permissions("closed", mode).unwrap();
    let fault = Destination::file(folder(&closed), "a.png")
        .unwrap()
        .check(&folder(&dir), 1);
    // The superuser may write everywhere.
    assert_eq!(fault.is_err(), !rustix::process::geteuid().is_root());
}

#[test]
fn names_are_single_parts_and_folders_lie_below() {
    let dir = temporary();
    for name in ["", ".", "..", "a/b", "/a", "a/", "a\0b"] {
        assert!(Destination::file(folder(&dir), name).is_err(), "{name:?}");
    }
    for below in ["..", "a/../b", "/a"] {
        assert!(
            Folder::new(dir.try_clone().unwrap(), below, "x").is_err(),
            "{below:?}"
        );
    }
}

#[test]
fn extensions_follow_the_bytes() {
    for (given, number, mime_type, expected) in [
        ("a.png", None, "image/png", "a.png"),
        ("a.JPEG", None, "image/jpeg", "a.JPEG"),
        ("a.png", None, "image/webp", "a.webp"),
        ("x.wav", None, "audio/mpeg", "x.mp3"),
        ("photo.v2", None, "image/png", "photo.v2.png"),
        ("photo", Some(2), "image/png", "photo-2.png"),
        (".png", None, "image/png", ".png.png"),
        ("a.png", Some(1), "application/x-thing", "a-1.bin"),
    ] {
        assert_eq!(
            file_name(OsStr::new(given), number, mime_type).name,
            OsStr::new(expected),
            "{given}"
        );
    }
}

#[tokio::test]
async fn a_file_that_nobody_named_is_not_replaced() {
    let dir = temporary();
    for name in ["logo.png", "logo-1.png", "logo.jpg"] {
        dir.write(name, "old").unwrap();
    }
    let destination = Destination::file(folder(&dir), "logo.jpg").unwrap();
    let (written, fault) = write_to(&destination, &folder(&dir), 1).await;
    assert!(fault.is_none());
    assert_eq!(written.outputs[0].path, "/out/logo-2.png");
    assert_eq!(
        written.renamed,
        [("/out/logo.jpg".into(), "/out/logo-2.png".into())]
    );
    for name in ["logo.png", "logo-1.png", "logo.jpg"] {
        assert_eq!(dir.read(name).unwrap(), b"old", "{name}");
    }
}

#[test]
fn every_name_of_several_is_looked_at_before_anything_is_paid_for() {
    let dir = temporary();
    dir.create_dir("shot-2.png").unwrap();
    let destination = Destination::file(folder(&dir), "shot.png").unwrap();
    assert!(destination.check(&folder(&dir), 1).is_ok());
    assert!(destination.check(&folder(&dir), 2).is_err());
}

#[test]
fn a_link_to_a_device_is_no_place_for_a_file() {
    let dir = temporary();
    dir.symlink_contents("/proc/self/fd/1", "stdout").unwrap();
    let destination = Destination::file(folder(&dir), "stdout").unwrap();
    let fault = destination.check(&folder(&dir), 1).unwrap_err();
    assert!(fault.hint.unwrap().contains("--output -"));
}
