//! Writes as many lines of log as the query says, then answers.

chela_test_guests::guest!(|query| {
    let lines: u32 = query.parse().expect("the query is a number of lines");
    for line in 0..lines {
        chela_sdk::log::warn!("line {line} \u{1b}]52;c;aGk=\u{7}");
    }
    Ok("done".to_owned())
});
