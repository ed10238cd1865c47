//! PNG files (the W3C's specification, third edition), as far as the demo needs them.
//!
//! Written here and not taken from a crate because this is a third of the size, and a component is loaded whole.

mod read;
mod unfilter;
mod write;

pub(super) use read::read;
pub(super) use write::write;

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// The checksum of a chunk: CRC-32 as in ISO 3309, over its type and data.
fn checksum<'a>(bytes: impl IntoIterator<Item = &'a u8>) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            let mut sum = byte as u32;
            let mut bit = 0;
            while bit < 8 {
                sum = if sum & 1 == 1 {
                    0xedb8_8320 ^ sum >> 1
                } else {
                    sum >> 1
                };
                bit += 1;
            }
            table[byte] = sum;
            byte += 1;
        }
        table
    };
    !bytes.into_iter().fold(!0, |sum, byte| {
        TABLE[(sum as u8 ^ byte) as usize] ^ sum >> 8
    })
}

/// The predictor of filter type 4: whichever of left, above and upper left is closest to their plane.
fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let plane = i16::from(left) + i16::from(above) - i16::from(corner);
    let off = |value: u8| (plane - i16::from(value)).unsigned_abs();
    if off(left) <= off(above) && off(left) <= off(corner) {
        left
    } else if off(above) <= off(corner) {
        above
    } else {
        corner
    }
}

#[cfg(test)]
mod tests;
