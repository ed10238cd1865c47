//! Undoing the filters of rows, and the order of interlaced ones.

use super::paeth;

/// Where the pixels of a pass lie: first column and row, and the steps to the next.
pub(super) struct Pass {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) dx: u32,
    pub(super) dy: u32,
}

/// All pixels, row by row.
pub(super) const PLAIN: &[Pass] = &[pass(0, 0, 1, 1)];

/// The seven passes of Adam7.
pub(super) const INTERLACED: &[Pass] = &[
    pass(0, 0, 8, 8),
    pass(4, 0, 8, 8),
    pass(0, 4, 4, 8),
    pass(2, 0, 4, 4),
    pass(0, 2, 2, 4),
    pass(1, 0, 2, 2),
    pass(0, 1, 1, 2),
];

const fn pass(x: u32, y: u32, dx: u32, dy: u32) -> Pass {
    Pass { x, y, dx, dy }
}

impl Pass {
    /// How many columns and rows a picture of that size has in this pass.
    pub(super) fn size(&self, width: u32, height: u32) -> (u32, u32) {
        let count =
            |length: u32, first: u32, step: u32| length.saturating_sub(first).div_ceil(step);
        (
            count(width, self.x, self.dx),
            count(height, self.y, self.dy),
        )
    }
}

/// Undoes a row's filter in place. `above` is the row above, undone, and empty for the first; `step` is how many bytes a pixel
/// has, one at least. False for a filter that does not exist.
pub(super) fn unfilter(filter: u8, row: &mut [u8], above: &[u8], step: usize) -> bool {
    if filter > 4 {
        return false;
    }
    for at in 0..row.len() {
        let left = if at < step { 0 } else { row[at - step] };
        let up = above.get(at).copied().unwrap_or(0);
        let corner = if at < step {
            0
        } else {
            above.get(at - step).copied().unwrap_or(0)
        };
        let predicted = match filter {
            1 => left,
            2 => up,
            3 => ((u16::from(left) + u16::from(up)) / 2) as u8,
            4 => paeth(left, up, corner),
            _ => 0,
        };
        row[at] = row[at].wrapping_add(predicted);
    }
    true
}
