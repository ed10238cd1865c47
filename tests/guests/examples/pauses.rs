//! Pauses between requests for as many milliseconds as the query says, as often as it likes.

use chela_sdk::http;

chela_test_guests::guest!(|query| {
    let milliseconds = query
        .parse()
        .expect("the query is a number of milliseconds");
    http::pause(milliseconds);
    while milliseconds == u32::MAX {
        http::pause(milliseconds);
    }
    Ok("awake".to_owned())
});
