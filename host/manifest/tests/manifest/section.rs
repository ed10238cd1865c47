//! Components that are not, and sections that claim too much.

use std::io::Read;

use chela_manifest::{Manifest, ManifestError, section};

use crate::errors::WHOLE;

fn manifest(id: &str) -> Manifest {
    let text = WHOLE.replacen("acme-images", id, 1);
    Manifest::parse_toml(&text, "provider.toml").unwrap()
}

fn with_sections(bytes: &[u8]) -> Vec<u8> {
    [&section::COMPONENT_PREAMBLE, bytes].concat()
}

/// A custom section whose header claims `size` bytes and whose content is `content`.
fn custom(size: &[u8], name: &str, content: &[u8]) -> Vec<u8> {
    [
        &[0],
        size,
        &[u8::try_from(name.len()).unwrap()],
        name.as_bytes(),
        content,
    ]
    .concat()
}

#[track_caller]
fn refused(bytes: &[u8], said: &str) {
    let error = section::read_head(bytes).unwrap_err();
    assert!(error.to_string().contains(said), "{error}");
}

#[test]
fn what_is_no_component_is_told_apart() {
    refused(b"", "it is empty");
    refused(b"<html>", "does not start with the magic bytes");
    refused(b"\0as", "does not start with the magic bytes");
    refused(
        b"\0asm\x01\0\0\0",
        "it is a core module; make a component of it with chela-pack",
    );
    refused(
        b"\0asm\x0a\0\x01\0",
        "a version of the component format that is not known",
    );
    refused(b"\0asm\x09\0\x07\0", "version and layer are not known");
    refused(b"\0asm\x0d\0", "ends inside the preamble");
    refused(&section::COMPONENT_PREAMBLE, "carries no provider manifest");
}

#[test]
fn numbers_that_do_not_end_are_refused() {
    refused(
        &with_sections(&[0, 0x80]),
        "ends inside the length of a section",
    );
    refused(
        &with_sections(&[0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]),
        "more than five bytes",
    );
    refused(
        &with_sections(&[0, 0xff, 0xff, 0xff, 0xff, 0x7f]),
        "does not fit 32 bits",
    );
}

/// A reader that tells how much was taken from it, and stands for a file of any size.
struct Counting<R> {
    inner: R,
    taken: usize,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.taken += count;
        Ok(count)
    }
}

#[test]
fn a_section_that_claims_100_mb_is_refused_before_it_is_read() {
    // 100 MB in LEB128.
    let size = [0x80, 0xc2, 0xd7, 0x2f];
    let head = with_sections(&custom(&size, section::SECTION, b""));
    let mut file = Counting {
        inner: head.chain(std::io::repeat(b' ')),
        taken: 0,
    };
    let error = section::read_from(&mut file).unwrap_err();
    assert!(
        matches!(error, ManifestError::SectionTooLarge { limit: 65_536, .. }),
        "{error}"
    );
    assert!(file.taken < 64, "{} bytes were read", file.taken);
}

#[test]
fn a_foreign_section_of_100_mb_ends_the_search() {
    let size = [0x80, 0xc2, 0xd7, 0x2f];
    let packed = section::embed(&section::COMPONENT_PREAMBLE, &[manifest("a")]).unwrap();
    let head = [packed.clone(), custom(&size, "debug", b"")].concat();
    let mut file = Counting {
        inner: head.chain(std::io::repeat(b' ')),
        taken: 0,
    };
    assert_eq!(section::read_from(&mut file).unwrap(), [manifest("a")]);
    assert!(
        file.taken < packed.len() + 64,
        "{} bytes were read",
        file.taken
    );
}

#[test]
fn a_manifest_is_cut_short() {
    let packed = section::embed(&section::COMPONENT_PREAMBLE, &[manifest("a")]).unwrap();
    for length in [9, 10, 12, 20, 30, packed.len() - 1] {
        assert!(section::read_head(&packed[..length]).is_err(), "{length}");
    }
    refused(
        &packed[..packed.len() - 1],
        "ends inside a manifest; copy or download it again",
    );
}

#[test]
fn only_what_leads_counts() {
    let packed = section::embed(&section::COMPONENT_PREAMBLE, &[manifest("a")]).unwrap();
    let behind = [&section::COMPONENT_PREAMBLE[..], &[1, 0], &packed[8..]].concat();
    assert_eq!(
        section::read_head(&behind).unwrap_err(),
        ManifestError::NoManifest
    );
    // Embedding takes it away, wherever it stands, so that no second manifest hides behind the first.
    let again = section::embed(&behind, &[manifest("b")]).unwrap();
    assert_eq!(section::read_head(&again).unwrap(), [manifest("b")]);
    assert!(again.ends_with(&[1, 0]));
}

#[test]
fn too_many_and_twice_the_same() {
    let many: Vec<Manifest> = (0..65)
        .map(|number| manifest(&format!("p{number}")))
        .collect();
    assert_eq!(
        section::embed(&section::COMPONENT_PREAMBLE, &many).unwrap_err(),
        ManifestError::TooManySections { limit: 64 }
    );
    let packed = section::embed(&section::COMPONENT_PREAMBLE, &many[..64]).unwrap();
    assert_eq!(section::read_head(&packed).unwrap().len(), 64);
    let one_more = section::embed(&section::COMPONENT_PREAMBLE, &many[64..]).unwrap();
    refused(
        &[&packed, &one_more[8..]].concat(),
        "more than 64 manifests",
    );

    let twice = [manifest("a"), manifest("a")];
    let error = section::embed(&section::COMPONENT_PREAMBLE, &twice).unwrap_err();
    assert_eq!(error, ManifestError::DuplicateProvider("a".to_owned()));
    let packed = section::embed(&section::COMPONENT_PREAMBLE, &twice[..1]).unwrap();
    refused(
        &[&packed, &packed[8..]].concat(),
        "two manifests for the provider `a`",
    );
}

#[test]
fn an_embedded_claim_is_checked_again() {
    let json = String::from_utf8(manifest("a").to_json()).unwrap();
    let json = json.replace("https://*.cdn.acme.example", "*");
    let size = section::SECTION.len() + 1 + json.len();
    let leb = [
        u8::try_from(size & 0x7f).unwrap() | 0x80,
        u8::try_from(size >> 7).unwrap(),
    ];
    let bytes = with_sections(&custom(&leb, section::SECTION, json.as_bytes()));
    refused(
        &bytes,
        "embedded manifest: `downloads.origins[0]` (\"*\") would allow every host there is; name the hosts",
    );
}

#[test]
fn what_was_spoilt_in_memory_is_not_embedded() {
    let mut spoilt = manifest("a");
    spoilt.name = "\u{1b}[2J".to_owned();
    assert!(section::embed(&section::COMPONENT_PREAMBLE, &[spoilt]).is_err());
    let mut large = manifest("a");
    large
        .settings
        .insert("big".to_owned(), "x".repeat(Manifest::MAX_SIZE).into());
    let error = section::embed(&section::COMPONENT_PREAMBLE, &[large]).unwrap_err();
    assert!(
        matches!(error, ManifestError::SectionTooLarge { .. }),
        "{error}"
    );
}

#[test]
fn a_reader_that_fails_is_told_apart() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    assert_eq!(
        section::read_from(Broken).unwrap_err().to_string(),
        "the component cannot be read: the disk is gone"
    );
}
