//! Calls the host without end.

chela_test_guests::guest!(|_| {
    loop {
        std::hint::black_box(chela_sdk::context::provider_id());
    }
});
