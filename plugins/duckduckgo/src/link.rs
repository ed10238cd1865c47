//! Where a result leads: the address in DuckDuckGo's redirect.

use chela_sdk::http::query_pairs;

/// The address of the page that a result's link leads to; none for an advertisement and for what is no page.
pub(crate) fn target(link: &str) -> Option<String> {
    let absolute = match link.strip_prefix("//") {
        Some(rest) => format!("https://{rest}"),
        None => link.to_owned(),
    };
    let (scheme, rest) = absolute.split_once("://")?;
    if scheme != "https" && scheme != "http" {
        return None;
    }
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if host != "duckduckgo.com" && !host.ends_with(".duckduckgo.com") {
        return Some(absolute);
    }
    // `y.js` counts a click on an advertisement.
    let query = path.strip_prefix("l/?")?;
    let query = query.split('#').next().unwrap_or_default();
    let pairs = query_pairs(query);
    let (_, address) = pairs.into_iter().find(|(name, _)| name == "uddg")?;
    (address.starts_with("https://") || address.starts_with("http://")).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_taken_out_of_the_redirect() {
        for (link, address) in [
            (
                "//duckduckgo.com/l/?uddg=https%3A%2F%2Frust%2Dlang.org%2Flearn%3Fa%3D1%26b%3D2&rut=0123",
                Some("https://rust-lang.org/learn?a=1&b=2"),
            ),
            (
                "https://duckduckgo.com/l/?kh=-1&uddg=http%3A%2F%2Fa.example%2F%C3%A4",
                Some("http://a.example/ä"),
            ),
            ("https://a.example/x", Some("https://a.example/x")),
            ("//duckduckgo.com/y.js?ad_domain=shop.example&u3=x", None),
            ("//duckduckgo.com/l/?uddg=javascript%3Aalert(1)", None),
            ("/html/?q=more", None),
            ("javascript:alert(1)", None),
            ("", None),
        ] {
            assert_eq!(target(link).as_deref(), address, "{link}");
        }
    }
}
