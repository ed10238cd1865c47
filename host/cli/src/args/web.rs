//! `chela web …`.

use super::{Service, values};
use clap::{Args, Subcommand, ValueEnum};

/// Commands of the family.
#[derive(Debug, Subcommand)]
pub(crate) enum Web {
    /// Search the web
    Search(WebSearch),
    /// Read one page of the web
    Fetch(WebFetch),
    /// List the providers of searches and of pages and how each stands
    Providers,
}

/// Flags of `web search`.
#[derive(Debug, Args)]
pub(crate) struct WebSearch {
    /// What to look for; `-` reads it from standard input
    #[arg(long, value_name = "TEXT", required = true, value_parser = values::text, allow_hyphen_values = true)]
    pub(crate) query: String,
    /// The most results to give; 10 when it is left out
    #[arg(long, value_name = "N", value_parser = values::results, allow_negative_numbers = true)]
    pub(crate) limit: Option<u32>,
    #[command(flatten)]
    pub(crate) service: Service,
}

/// Flags of `web fetch`.
#[derive(Debug, Args)]
pub(crate) struct WebFetch {
    /// The page's address, http or https
    #[arg(long, value_name = "URL", required = true, value_parser = values::word)]
    pub(crate) url: String,
    /// What to turn the page into
    #[arg(long, value_name = "FORMAT", default_value = "markdown")]
    pub(crate) format: PageFormat,
    #[command(flatten)]
    pub(crate) service: Service,
}

/// What a page is turned into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PageFormat {
    Markdown,
    Text,
    Html,
}
