//! Recurses until the stack ends.

#![expect(unconditional_recursion, reason = "on purpose")]

fn deeper(depth: u64) -> u64 {
    let here = std::hint::black_box([depth; 16]);
    std::hint::black_box(deeper(depth + 1)) + here[(depth % 16) as usize]
}

chela_test_guests::guest!(|_| Ok(deeper(0).to_string()));
