//! Hands media to the host without end, holding one handle at a time.

chela_test_guests::guest!(|_| {
    let bytes = vec![0; 1 << 20];
    loop {
        std::hint::black_box(chela_sdk::Blob::new("application/octet-stream", &bytes).size());
    }
});
