//! Links of a page, made absolute, so that they lead somewhere once the page is left.

/// The address that a link on the page at `base` leads to. What is no link to a page stays as it is.
pub(crate) fn absolute(base: &str, link: &str) -> String {
    let link = link.trim();
    let Some((scheme, rest)) = base.split_once("://") else {
        return link.to_owned();
    };
    if link.is_empty() || link.starts_with('#') || has_scheme(link) {
        return link.to_owned();
    }
    if link.starts_with("//") {
        return format!("{scheme}:{link}");
    }
    let rest = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
    let (host, path) = rest
        .find('/')
        .map_or((rest, "/"), |at| (&rest[..at], &rest[at..]));
    if link.starts_with('?') {
        return format!("{scheme}://{host}{path}{link}");
    }
    let (way, behind) = link.split_at(link.find(['?', '#']).unwrap_or(link.len()));
    let from = if way.starts_with('/') {
        String::new()
    } else {
        path[..=path.rfind('/').unwrap_or(0)].to_owned()
    };
    format!(
        "{scheme}://{host}{}{behind}",
        straight(&format!("{from}{way}"))
    )
}

/// RFC 3986 section 3.1.
fn has_scheme(link: &str) -> bool {
    link.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

/// A path without `.` and `..` (RFC 3986 section 5.2.4).
fn straight(path: &str) -> String {
    let mut way: Vec<&str> = Vec::new();
    let mut steps = path.split('/').skip(1).peekable();
    while let Some(step) = steps.next() {
        let is_last = steps.peek().is_none();
        match step {
            "." | ".." => {
                if step == ".." {
                    way.pop();
                }
                if is_last {
                    way.push("");
                }
            }
            step => way.push(step),
        }
    }
    format!("/{}", way.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_as_rfc_3986_resolves_them() {
        for (link, address) in [
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g/x", "http://g/x"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y/./x", "http://a/b/c/g?y/./x"),
            ("g#s/../x", "http://a/b/c/g#s/../x"),
            (".", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../..", "http://a/"),
            ("../../../g", "http://a/g"),
            ("#s", "#s"),
            ("mailto:x@a", "mailto:x@a"),
            ("https://b.example/", "https://b.example/"),
            ("", ""),
        ] {
            assert_eq!(absolute("http://a/b/c/d;p?q", link), address, "{link}");
        }
        assert_eq!(absolute("https://a.example", "x"), "https://a.example/x");
        assert_eq!(absolute("https://a.example?q", "/x"), "https://a.example/x");
        assert_eq!(absolute("nonsense", "x"), "x");
    }
}
