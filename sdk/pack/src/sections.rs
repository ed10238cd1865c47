//! The outer structure of a WebAssembly binary: what can be left out of it.

use wasmparser::{BinaryReader, BinaryReaderError};

const PREAMBLE: usize = 8;
const CUSTOM: u8 = 0;

/// Leaves out the custom sections that `keep` does not name: names, producers and debug information, which grow a file and carry
/// traces of the machine that made it. Nested modules stay as they are.
pub(crate) fn strip(
    binary: &[u8],
    keep: impl Fn(&str) -> bool,
) -> Result<Vec<u8>, BinaryReaderError> {
    let mut reader = BinaryReader::new(binary, 0);
    let mut stripped = reader.read_bytes(PREAMBLE)?.to_vec();
    while !reader.eof() {
        let start = reader.current_position();
        let id = reader.read_u8()?;
        let size = reader.read_var_u32()? as usize;
        let body = reader.read_bytes(size)?;
        if id == CUSTOM && !keep(BinaryReader::new(body, 0).read_string()?) {
            continue;
        }
        stripped.extend_from_slice(&binary[start..reader.current_position()]);
    }
    Ok(stripped)
}

#[cfg(test)]
mod tests {
    use super::strip;

    const EMPTY: &[u8] = b"\0asm\x01\0\0\0";

    fn custom(name: &str, content: &[u8]) -> Vec<u8> {
        let mut section = vec![0, u8::try_from(1 + name.len() + content.len()).unwrap()];
        section.push(u8::try_from(name.len()).unwrap());
        section.extend_from_slice(name.as_bytes());
        section.extend_from_slice(content);
        section
    }

    #[test]
    fn only_named_custom_sections_stay() {
        let module = [
            EMPTY,
            &custom("name", b"/home/x"),
            &custom("component-type:a", b"1"),
            &custom("producers", b""),
        ]
        .concat();
        let kept = strip(&module, |name| name.starts_with("component-type")).unwrap();
        assert_eq!(kept, [EMPTY, &custom("component-type:a", b"1")].concat());
    }

    #[test]
    fn a_section_that_ends_early_is_an_error() {
        let module = [EMPTY, &[0, 9, 1, b'a']].concat();
        assert!(strip(&module, |_| true).is_err());
    }
}
