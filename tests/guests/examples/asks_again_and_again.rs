//! Sends the same request again and again, whatever becomes of it. The query is the endpoint's name.

chela_test_guests::guest!(|endpoint| {
    loop {
        let _ = std::hint::black_box(chela_sdk::http::endpoint(endpoint).get("/again").send());
    }
});
