//! Recurses until the stack ends. It keeps nothing in linear memory, whose end would stop it too.

#[inline(never)]
fn deeper(depth: u64) -> u64 {
    if depth == u64::MAX {
        0
    } else {
        deeper(depth + 1).wrapping_mul(31) ^ depth
    }
}

chela_test_guests::guest!(|query| Ok(deeper(query.len() as u64).to_string()));
