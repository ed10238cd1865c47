//! Sends a request and waits for an answer that may never come. The query is the path.

chela_test_guests::guest!(|path| chela_sdk::http::endpoint("api").get(path).send()?.text());
