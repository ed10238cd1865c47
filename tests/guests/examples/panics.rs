//! Panics.

chela_test_guests::guest!(|_| panic!("on purpose"));
