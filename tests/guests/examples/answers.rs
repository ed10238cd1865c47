//! Behaves well: answers with the query, so that a test can see that others are as before.

chela_test_guests::guest!(|query| Ok(query.to_owned()));
