//! What is going on, for those who ask with `--verbose`: the events of the libraries below, a line each on standard error.
//!
//! `-v` shows each try, each request that goes out or is refused, and what components log, their finest lines apart; `-vv`
//! shows those too. Nothing that goes through here holds a key: the libraries that know one do not trace it, and what a
//! component logs is masked.

use crate::printer::Traces;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Shows the events from here on.
pub(crate) fn start(verbose: u8) {
    let level = if verbose > 1 {
        Level::TRACE
    } else {
        Level::DEBUG
    };
    // Everything of this house is called chela; the libraries from outside are of no use to a user.
    let ours = Targets::new()
        .with_target("chela", level)
        .with_target("chela_runtime", level)
        .with_target("chela_sandbox", level)
        .with_target("chela_egress", level);
    let lines = tracing_subscriber::fmt::layer()
        .compact()
        .without_time()
        .with_ansi(false)
        .with_writer(|| Traces);
    // Fails only where somebody traces already, who then sees the same.
    let _ = tracing_subscriber::registry()
        .with(ours)
        .with(lines)
        .try_init();
}
