//! Tells all a component can learn: what the context says, and status, headers and body of an answer. The query is the path.

chela_test_guests::guest!(|path| {
    use chela_sdk::context;
    let mut seen = format!(
        "provider {}\nsetting {:?}\npresent {}\nreplaced {}\n",
        context::provider_id(),
        context::setting::<String>("apiKey"),
        context::credential_present("api-key"),
        context::endpoint_replaced("api"),
    );
    for name in ["OPENAI_API_KEY", "HOME", "PATH"] {
        seen.push_str(&format!("{name} {:?}\n", std::env::var(name)));
    }
    seen.push_str(&format!(
        "file {:?}\n",
        std::fs::read_to_string("/etc/passwd").map_err(|error| error.kind())
    ));
    let response = chela_sdk::http::endpoint("api").get(path).send()?;
    seen.push_str(&format!(
        "status {}\nurl {}\n",
        response.status(),
        response.url()
    ));
    for (name, value) in response.headers() {
        seen.push_str(&format!("{name}: {value}\n"));
    }
    seen.push_str(&String::from_utf8_lossy(&response.bytes()?));
    Ok(seen)
});
