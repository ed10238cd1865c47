//! Manifests inside a component: custom sections right after the preamble, one per provider.
//!
//! A component starts with eight bytes: the magic, a version and a layer. Sections follow, each an id byte, a length (LEB128, 32 bits)
//! and that many bytes; a custom section (id 0) starts with its name. The manifests are the custom sections named [`SECTION`] that
//! stand before any other section. A reader needs no more than them: the first few KB of a file tell what it is.

use std::io::Read;

use crate::{Manifest, ManifestError};

/// The name of a manifest's custom section.
pub const SECTION: &str = "chela:provider";

/// The most manifests of one component.
pub const MAX_SECTIONS: usize = 64;

/// Magic, version 13, layer 1: what a component starts with. A core module has version 1 and layer 0.
pub const COMPONENT_PREAMBLE: [u8; 8] = *b"\0asm\x0d\0\x01\0";

const MAGIC: &[u8; 4] = b"\0asm";
const MODULE: [u8; 4] = [1, 0, 0, 0];
const CUSTOM: u8 = 0;

/// What one manifest section may hold besides the manifest: the length of its name, and the name.
const NAME_SIZE: u64 = 1 + SECTION.len() as u64;

/// Puts the manifests into a component, each as a section of its own, in their order. Manifest sections that stand anywhere at the
/// top level of the component go, so that embedding again replaces what was there.
///
/// # Errors
///
/// - [`ManifestError::NotAComponent`], [`ManifestError::Truncated`] and [`ManifestError::Damaged`] for what is no component;
/// - [`ManifestError::NoManifest`] when there are none to embed, [`ManifestError::TooManySections`] and
///   [`ManifestError::DuplicateProvider`] when there are too many or two with one id;
/// - [`ManifestError::SectionTooLarge`] when one is over [`Manifest::MAX_SIZE`];
/// - [`ManifestError::Invalid`] when one was changed in memory so that it would not read back.
pub fn embed(component: &[u8], manifests: &[Manifest]) -> Result<Vec<u8>, ManifestError> {
    let mut rest = component;
    check_preamble(&mut rest)?;
    if manifests.is_empty() {
        return Err(ManifestError::NoManifest);
    }
    check_set(manifests)?;
    let mut packed = COMPONENT_PREAMBLE.to_vec();
    for manifest in manifests {
        let json = manifest.to_json();
        if json.len() > Manifest::MAX_SIZE {
            return Err(ManifestError::SectionTooLarge {
                size: json.len() as u64,
                limit: Manifest::MAX_SIZE as u64,
            });
        }
        Manifest::from_json(&json)?;
        let size =
            u32::try_from(json.len() as u64 + NAME_SIZE).expect("a manifest has 64 KiB at most");
        packed.push(CUSTOM);
        write_leb(&mut packed, size);
        packed.push(u8::try_from(SECTION.len()).expect("the name is short"));
        packed.extend_from_slice(SECTION.as_bytes());
        packed.extend_from_slice(&json);
    }
    while !rest.is_empty() {
        let section = rest;
        let id = rest[0];
        rest = &rest[1..];
        let size = read_leb(&mut rest, "the length of a section")?;
        let body = usize::try_from(size)
            .ok()
            .and_then(|size| rest.split_at_checked(size));
        let Some((mut body, after)) = body else {
            return Err(ManifestError::Truncated("a section"));
        };
        rest = after;
        if id == CUSTOM && is_named(&mut body)? {
            continue;
        }
        packed.extend_from_slice(&section[..section.len() - after.len()]);
    }
    Ok(packed)
}

/// Reads the manifests of a component from its bytes; its first few KB are enough.
///
/// # Errors
///
/// As [`read_from`], but for reading itself.
pub fn read_head(bytes: &[u8]) -> Result<Vec<Manifest>, ManifestError> {
    read_from(bytes)
}

/// Reads the manifests of a component. It reads no further than into the first section that is no manifest, holds at most one
/// manifest's text at a time, and believes no length before it has held it against what a manifest may have.
///
/// # Errors
///
/// - [`ManifestError::NotAComponent`] for other files, a core module among them;
/// - [`ManifestError::Truncated`] and [`ManifestError::Damaged`] for what ends early or is not well-formed;
/// - [`ManifestError::SectionTooLarge`], [`ManifestError::TooManySections`], [`ManifestError::DuplicateProvider`];
/// - [`ManifestError::NoManifest`] for a component without one;
/// - [`ManifestError::Invalid`] for a manifest that breaks the grammar.
pub fn read_from(mut reader: impl Read) -> Result<Vec<Manifest>, ManifestError> {
    check_preamble(&mut reader)?;
    let mut manifests = Vec::new();
    while let Some(id) = read_byte(&mut reader)? {
        if id != CUSTOM {
            break;
        }
        let size = read_leb(&mut reader, "the length of a section")?;
        if size < NAME_SIZE {
            break;
        }
        let mut name = [0; 1 + SECTION.len()];
        fill(&mut reader, &mut name, "the name of a section")?;
        if usize::from(name[0]) != SECTION.len() || name[1..] != *SECTION.as_bytes() {
            break;
        }
        let size = size - NAME_SIZE;
        if size > Manifest::MAX_SIZE as u64 {
            return Err(ManifestError::SectionTooLarge {
                size,
                limit: Manifest::MAX_SIZE as u64,
            });
        }
        if manifests.len() == MAX_SECTIONS {
            return Err(ManifestError::TooManySections {
                limit: MAX_SECTIONS,
            });
        }
        let mut json = vec![0; usize::try_from(size).expect("64 KiB at most")];
        fill(&mut reader, &mut json, "a manifest")?;
        manifests.push(Manifest::from_json(&json)?);
    }
    if manifests.is_empty() {
        return Err(ManifestError::NoManifest);
    }
    check_set(&manifests)?;
    Ok(manifests)
}

fn check_set(manifests: &[Manifest]) -> Result<(), ManifestError> {
    if manifests.len() > MAX_SECTIONS {
        return Err(ManifestError::TooManySections {
            limit: MAX_SECTIONS,
        });
    }
    let mut seen = std::collections::BTreeSet::new();
    match manifests.iter().find(|manifest| !seen.insert(&manifest.id)) {
        Some(manifest) => Err(ManifestError::DuplicateProvider(manifest.id.to_string())),
        None => Ok(()),
    }
}

fn check_preamble(reader: &mut impl Read) -> Result<(), ManifestError> {
    let mut magic = [0; 4];
    let mut kind = [0; 4];
    match read_up_to(reader, &mut magic)? {
        0 => return Err(ManifestError::NotAComponent("it is empty")),
        _ if magic != *MAGIC => {
            return Err(ManifestError::NotAComponent(
                "it does not start with the magic bytes of WebAssembly",
            ));
        }
        _ => {}
    }
    if read_up_to(reader, &mut kind)? < kind.len() {
        return Err(ManifestError::Truncated("the preamble"));
    }
    match kind {
        _ if kind == COMPONENT_PREAMBLE[4..] => Ok(()),
        MODULE => Err(ManifestError::NotAComponent(
            "it is a core module; make a component of it with chela-pack",
        )),
        [_, _, 1, 0] => Err(ManifestError::NotAComponent(
            "it is in a version of the component format that is not known",
        )),
        _ => Err(ManifestError::NotAComponent(
            "its version and layer are not known",
        )),
    }
}

/// Whether a custom section, given what follows its length, is a manifest.
fn is_named(body: &mut &[u8]) -> Result<bool, ManifestError> {
    let size = read_leb(body, "the name of a section")?;
    let name = usize::try_from(size).ok().and_then(|size| body.get(..size));
    match name {
        Some(name) => Ok(name == SECTION.as_bytes()),
        None => Err(ManifestError::Damaged(
            "the name of a section is longer than the section".to_owned(),
        )),
    }
}

/// Reads an unsigned LEB128 of 32 bits: at most five bytes, the last without bits beyond the 32nd.
fn read_leb(reader: &mut impl Read, what: &'static str) -> Result<u64, ManifestError> {
    let mut value = 0u64;
    for shift in [0, 7, 14, 21, 28] {
        let Some(byte) = read_byte(reader)? else {
            return Err(ManifestError::Truncated(what));
        };
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            if value > u64::from(u32::MAX) {
                return Err(ManifestError::Damaged(format!(
                    "{what} does not fit 32 bits"
                )));
            }
            return Ok(value);
        }
    }
    Err(ManifestError::Damaged(format!(
        "{what} is written in more than five bytes"
    )))
}

fn write_leb(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).expect("seven bits") | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).expect("seven bits"));
}

fn read_byte(reader: &mut impl Read) -> Result<Option<u8>, ManifestError> {
    let mut byte = [0];
    Ok((read_up_to(reader, &mut byte)? == 1).then_some(byte[0]))
}

fn fill(
    reader: &mut impl Read,
    buffer: &mut [u8],
    what: &'static str,
) -> Result<(), ManifestError> {
    if read_up_to(reader, buffer)? < buffer.len() {
        return Err(ManifestError::Truncated(what));
    }
    Ok(())
}

/// Fills the buffer as far as the reader goes.
fn read_up_to(reader: &mut impl Read, buffer: &mut [u8]) -> Result<usize, ManifestError> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(ManifestError::Unreadable(error.to_string())),
        }
    }
    Ok(filled)
}
