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
    /// How old results may be
    #[arg(long, value_name = "AGE")]
    pub(crate) freshness: Option<Age>,
    /// Where the searcher is, as the two letters of a country such as us
    #[arg(long, value_name = "COUNTRY", value_parser = values::word)]
    pub(crate) region: Option<String>,
    /// The language of results, such as en
    #[arg(long, value_name = "TAG", value_parser = values::word)]
    pub(crate) language: Option<String>,
    /// Only results from this domain, such as example.com; may be repeated
    #[arg(long, value_name = "DOMAIN", value_delimiter = ',', value_parser = values::word)]
    pub(crate) include_domains: Vec<String>,
    /// No results from this domain; may be repeated
    #[arg(long, value_name = "DOMAIN", value_delimiter = ',', value_parser = values::word)]
    pub(crate) exclude_domains: Vec<String>,
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
    /// The most bytes of text to give; what is beyond is cut, and said to be
    #[arg(long, value_name = "N", value_parser = values::bytes, allow_negative_numbers = true)]
    pub(crate) max_bytes: Option<u64>,
    #[command(flatten)]
    pub(crate) service: Service,
}

/// How old a result may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Age {
    Day,
    Week,
    Month,
    Year,
}

/// What a page is turned into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PageFormat {
    Markdown,
    Text,
    Html,
}
