//! Sends a request and waits for an answer that may never come. The query is the path.

chela_test_guests::guest!(|path| {
    let response = chela_sdk::http::endpoint("api").get(path).send()?;
    Ok(response.status().to_string())
});
