//! Opens handles and closes none.

chela_test_guests::guest!(|_| {
    let handles: Vec<_> = (0..10_000)
        .map(|_| chela_sdk::Blob::new("text/plain", b"x"))
        .collect();
    Ok(handles.len().to_string())
});
