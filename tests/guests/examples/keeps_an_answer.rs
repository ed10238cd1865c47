//! Lets the host keep an answer as media. The query is the path.

chela_test_guests::guest!(|path| {
    let kept = chela_sdk::http::endpoint("api")
        .get(path)
        .send()?
        .into_blob("")?;
    Ok(kept.size().to_string())
});
