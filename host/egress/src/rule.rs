//! The rules by which egress allows or refuses, each with its name and its sentence.

use std::fmt;

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $says:literal;)*) => {
        /// Why a request was allowed or refused.
        ///
        /// The name of a rule ([`Rule::name`]) is stable: it stands in audit logs, in the conformance vectors and in the
        /// `code` of an error. [`Rule::allows`] tells the few that allow from the many that refuse.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[$doc])* $variant,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name: lower-case words joined by hyphens.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What the rule says, as a fragment that stands after a colon. It holds nothing of the request.
            pub const fn says(self) -> &'static str {
                match self { $(Self::$variant => $says),* }
            }
        }
    };
}

rules! {
    // What allows.
    /// Below a declared endpoint.
    Endpoint = "endpoint", "the path is below a declared endpoint";
    /// On a declared download origin.
    DownloadOrigin = "download-origin", "the origin is a declared download origin";
    /// Any public address, which the manifest asked for.
    DownloadPublic = "download-public", "the provider may download from every public address";

    // The endpoint and its path.
    /// No endpoint of that name.
    UnknownEndpoint = "unknown-endpoint", "the grant has no endpoint of this name";
    /// The base URL of the endpoint cannot be one.
    BaseUrl = "base-url", "a base URL is http or https and has a host, no user information, no query and no fragment";
    /// The path is not empty and does not start with a slash.
    PathStart = "path-start", "a path starts with a slash";
    /// The path starts a new authority.
    PathAuthority = "path-authority", "a path does not start with two slashes";
    /// The path climbs, in some spelling.
    PathClimbs = "path-climbs", "a path has no segment `.` or `..`, percent-encoded or not";
    /// A backslash, in some spelling.
    PathBackslash = "path-backslash", "a path has no backslash, percent-encoded or not";
    /// A control character, in some spelling.
    PathControl = "path-control", "a path has no control character, percent-encoded or not";
    /// A query or a fragment inside the path.
    PathQuery = "path-query", "a path holds neither `?` nor `#`; the query is given beside it";
    /// A percent sign that starts no escape, escapes nested too deep, or escapes that are not UTF-8.
    PathEncoding = "path-encoding", "each `%` in a path starts an escape, and the escapes spell UTF-8";
    /// A URL that is too long.
    UrlLength = "url-length", "a URL is at most 32 KiB long";
    /// The query parameter that a credential owns.
    QueryOwned = "query-owned", "the query parameter belongs to the endpoint's credential";

    // An absolute URL.
    /// Not a URL.
    UrlSyntax = "url-syntax", "this is not an absolute URL";
    /// Neither http nor https.
    UrlScheme = "url-scheme", "only http and https are spoken";
    /// User name or password in a URL.
    UrlUserInfo = "url-user-info", "a URL carries no user name and no password";
    /// No download is declared.
    DownloadNone = "download-none", "the provider may not download anything";
    /// The origin is not among those declared.
    DownloadForeign = "download-foreign", "the origin is not a declared download origin";
    /// A download that is not a GET.
    DownloadMethod = "download-method", "an absolute URL is fetched with GET only";
    /// A download with a body.
    DownloadBody = "download-body", "a download has no body";

    // The credential.
    /// The credential would cross a network in clear text.
    CredentialInClear = "credential-in-clear", "a credential goes over plain http only to a loopback or private address that the operator named";

    /// The credential would go through a proxy in clear text.
    ProxyInClear = "proxy-in-clear", "a credential does not go through a proxy over plain http";

    // The address.
    /// A name that means this machine.
    LocalName = "local-name", "the name means this machine";
    /// A name under which clouds hand out credentials.
    MetadataName = "metadata-name", "the name is that of a cloud's metadata service";
    /// A name that only private networks have, which a proxy would resolve.
    PrivateName = "private-name", "the name is one that only private networks have, and a proxy would resolve it";
    /// `127.0.0.0/8`, `::1`.
    AddressLoopback = "address-loopback", "the address is this machine's own";
    /// RFC 1918.
    AddressPrivate = "address-private", "the address is in a private network";
    /// RFC 6598.
    AddressShared = "address-shared", "the address is in a carrier's shared network";
    /// RFC 3927, RFC 4291.
    AddressLinkLocal = "address-link-local", "the address is on the local link";
    /// Where clouds hand out credentials.
    AddressMetadata = "address-metadata", "the address is a cloud's metadata service";
    /// RFC 4193.
    AddressUniqueLocal = "address-unique-local", "the address is in a private network";
    /// RFC 3879.
    AddressSiteLocal = "address-site-local", "the address is in a private network";
    /// RFC 5771, RFC 4291.
    AddressMulticast = "address-multicast", "the address is a group, not a host";
    /// `0.0.0.0`, `::`.
    AddressUnspecified = "address-unspecified", "the address names no host";
    /// RFC 919.
    AddressBroadcast = "address-broadcast", "the address is every host of a link";
    /// RFC 5737, RFC 3849, RFC 9637.
    AddressDocumentation = "address-documentation", "the address exists in documentation only";
    /// RFC 2544, RFC 5180.
    AddressBenchmarking = "address-benchmarking", "the address is for measurements only";
    /// RFC 3056, RFC 7526.
    AddressSixToFour = "address-6to4", "the address hides an IPv4 address (6to4)";
    /// RFC 4380.
    AddressTeredo = "address-teredo", "the address hides an IPv4 address (Teredo)";
    /// RFC 8215.
    AddressTranslated = "address-translated", "the address hides an IPv4 address (translation)";
    /// Whatever else is not routed publicly.
    AddressReserved = "address-reserved", "the address is reserved";

    // Header fields.
    /// A field that only the host sets.
    HeaderForbidden = "header-forbidden", "this header field is set by the host";
    /// A field that a credential owns.
    HeaderOwned = "header-owned", "this header field belongs to the endpoint's credential";
    /// Not a field name.
    HeaderName = "header-name", "a header field's name is a token of RFC 9110";
    /// Not a field value.
    HeaderValue = "header-value", "a header field's value has no control character but a tab";
    /// Too many fields, or too large.
    HeaderSize = "header-size", "a request has at most 64 header fields of at most 32 KiB together";
    /// A form field whose name, file name or media type is too long or cannot be written.
    FormField = "form-field", "a form field's names are at most 1 KiB long and have no control character, and its media type is one";

    // Redirects.
    /// Away from the base URL, to a place that is no download origin.
    RedirectElsewhere = "redirect-elsewhere", "a redirect leads away from the base URL";
    /// From https to http.
    RedirectDowngrade = "redirect-downgrade", "a redirect does not lead from https to http";
    /// A body that would follow to another origin.
    RedirectBody = "redirect-body", "a redirect takes no body to another origin";
    /// A redirect whose location repeats a credential.
    RedirectCredential = "redirect-credential", "a redirect takes no credential to another origin";

    // Limits of a call.
    /// Too many requests in one call.
    RequestCount = "request-count", "the call has asked for as many requests as it may";
    /// A body of too many parts, or a form of too many fields.
    RequestParts = "request-parts", "a body has at most 1024 parts or form fields";
    /// A request body that is too large.
    RequestSize = "request-size", "the request body is larger than the call may send";
}

impl Rule {
    /// Whether the rule allows. All others refuse.
    pub const fn allows(self) -> bool {
        matches!(
            self,
            Self::Endpoint | Self::DownloadOrigin | Self::DownloadPublic
        )
    }

    /// The rule of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.name() == name)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_lead_back() {
        for rule in Rule::ALL {
            assert_eq!(Rule::from_name(rule.name()), Some(*rule));
            assert!(
                rule.name()
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            );
            assert!(!rule.says().ends_with('.'), "{rule} is a fragment");
        }
    }
}
