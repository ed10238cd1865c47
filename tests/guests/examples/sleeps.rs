//! Sleeps for as many seconds as the query says. WASI has a way to; the contract has one between requests.

chela_test_guests::guest!(|query| {
    let seconds = query.parse().expect("the query is a number of seconds");
    std::thread::sleep(std::time::Duration::from_secs(seconds));
    Ok("awake".to_owned())
});
