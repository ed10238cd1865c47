//! Hands media to the host without end, holding one handle at a time. The query is the size of a piece.

chela_test_guests::guest!(|query| {
    let size = query.parse().expect("the query is a number of bytes");
    let bytes = vec![0; size];
    loop {
        std::hint::black_box(chela_sdk::Blob::new("application/octet-stream", &bytes).size());
    }
});
