//! What the configuration promises, from outside.

mod documented;
mod errors;
mod hostile;
mod warnings;
