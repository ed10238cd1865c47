//! Passes more bytes in one host call than the host copies.

chela_test_guests::guest!(|query| {
    let length = query.parse().expect("the query is a number of bytes");
    let blob = chela_sdk::Blob::new("application/octet-stream", &vec![0; length]);
    Ok(blob.size().to_string())
});
