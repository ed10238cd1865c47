//! Writing.

use miniz_oxide::deflate::compress_to_vec_zlib;

use super::{SIGNATURE, checksum};
use crate::picture::canvas::Canvas;

/// What a file says of its origin, for whoever finds it later.
const ORIGIN: &[u8] = b"Software\0chela demo: drawn by plain rules, not by a model";

/// How hard to compress, from 0 to 10. Flat colours need little.
const LEVEL: u8 = 3;

/// A file of 8-bit RGBA.
pub(in crate::picture) fn write(canvas: &Canvas) -> Vec<u8> {
    let mut header = Vec::new();
    header.extend_from_slice(&canvas.width().to_be_bytes());
    header.extend_from_slice(&canvas.height().to_be_bytes());
    // Depth, colour type RGBA, deflate, adaptive filters, no interlace.
    header.extend_from_slice(&[8, 6, 0, 0, 0]);
    let mut file = SIGNATURE.to_vec();
    chunk(&mut file, b"IHDR", &header);
    chunk(&mut file, b"tEXt", ORIGIN);
    chunk(
        &mut file,
        b"IDAT",
        &compress_to_vec_zlib(&filtered(canvas), LEVEL),
    );
    chunk(&mut file, b"IEND", &[]);
    file
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let length = u32::try_from(data.len()).expect("a canvas has 64 MiB at most");
    file.extend_from_slice(&length.to_be_bytes());
    file.extend_from_slice(kind);
    file.extend_from_slice(data);
    file.extend_from_slice(&checksum(kind.iter().chain(data)).to_be_bytes());
}

/// Each row as the difference to the pixel on the left or to the one above, whichever leaves less.
fn filtered(canvas: &Canvas) -> Vec<u8> {
    let stride = canvas.width() as usize * 4;
    let mut filtered = Vec::with_capacity(canvas.bytes().len() + canvas.height() as usize);
    let mut above: Option<&[u8]> = None;
    for row in canvas.bytes().chunks_exact(stride) {
        let left = |at: usize| row[at].wrapping_sub(if at < 4 { 0 } else { row[at - 4] });
        let up = |at: usize| row[at].wrapping_sub(above.map_or(0, |above| above[at]));
        let cost = |difference: u8| u32::from(difference.min(difference.wrapping_neg()));
        let (mut left_cost, mut up_cost) = (0, 0);
        for at in 0..stride {
            left_cost += cost(left(at));
            up_cost += cost(up(at));
        }
        if left_cost < up_cost {
            filtered.push(1);
            filtered.extend((0..stride).map(left));
        } else {
            filtered.push(2);
            filtered.extend((0..stride).map(up));
        }
        above = Some(row);
    }
    filtered
}
