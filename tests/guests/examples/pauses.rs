//! Pauses between requests for as many milliseconds as the query says, as often as it likes.

use chela_sdk::http;

chela_test_guests::guest!(|query| {
    let milliseconds = query
        .parse()
        .expect("the query is a number of milliseconds");
    if milliseconds == u32::MAX {
        loop {
            http::pause(milliseconds);
        }
    }
    http::pause(milliseconds);
    Ok("awake".to_owned())
});
