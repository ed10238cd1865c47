//! A parsed document that knows the path of every value in it, and complaints that use the path.
//!
//! TOML, JSON and JSON5 are read into one tree of [`Node`]s. A reader walks it through [`Field`] and [`Table`], which refuse
//! or report what they were not told to expect. `provider.toml`, its embedded form and the configuration file are all
//! read this way, so their errors sound alike: the key path, what is wrong, what to write instead.

mod field;
mod node;
mod problem;

pub use field::{Field, Table};
pub use node::{Entry, MAX_DEPTH, Node, Value};
pub use problem::{Position, Problem, nearest};
