//! Computes without end and without a host call.

chela_test_guests::guest!(|_| {
    let mut number = 0_u64;
    loop {
        number = std::hint::black_box(number.wrapping_mul(31).wrapping_add(1));
    }
});
