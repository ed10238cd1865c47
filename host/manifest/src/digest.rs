//! The name a component is pinned by.

use sha2::{Digest, Sha256};

/// `sha256:` and the SHA-256 digest (FIPS 180-4) of a component's bytes in lower-case hexadecimal.
pub fn digest(component: &[u8]) -> String {
    let mut text = String::from("sha256:");
    for byte in Sha256::digest(component) {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_the_digest_of_the_standard() {
        assert_eq!(
            super::digest(b"abc"),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
