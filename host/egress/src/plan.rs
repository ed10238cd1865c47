//! The request that a dry run ends with: judged and put together like any other, and shown in place of being sent.

use chela_manifest::Inject;
use reqwest::header::{CONTENT_TYPE, HeaderMap};

use crate::{Blob, Body, CredentialGrant, FormField, Method, Part};

/// A request that would have been sent. Media stands in it as `<N bytes of image/png>`, a credential as its name between angle brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedRequest {
    /// The method.
    pub method: Method,
    /// The URL, with the name of a credential where that goes into the query.
    pub url: String,
    /// The header fields that the component and the credential decide, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; none where there is none.
    pub body: Option<PlannedBody>,
    /// Bytes of the body as it would be sent.
    pub body_size: u64,
    /// The name, in the manifest, of the credential that goes along.
    pub credential: Option<String>,
    /// The proxy it would go through: scheme, host and port.
    pub proxy: Option<String>,
}

/// A body as it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlannedBody {
    /// Text, or what stands for media.
    Text(String),
    /// The fields of a multipart form.
    Form(Vec<PlannedField>),
}

/// One field of a multipart form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedField {
    /// Its name.
    pub name: String,
    /// The name of the file in it.
    pub file_name: Option<String>,
    /// The media type of what is in it.
    pub mime_type: Option<String>,
    /// Text, or what stands for media.
    pub value: String,
}

impl PlannedBody {
    /// Reads a body. Takes as much memory as its text, and none for its media.
    pub(crate) fn of(body: &Body) -> Option<Self> {
        match body {
            Body::None => None,
            Body::Parts(parts) => Some(Self::Text(parts.iter().map(text).collect())),
            Body::Form(fields) => Some(Self::Form(fields.iter().map(field).collect())),
        }
    }
}

fn field(field: &FormField) -> PlannedField {
    let blob = match &field.value {
        Part::Bytes(_) => None,
        Part::Blob(blob) | Part::Base64(blob) => Some(blob),
    };
    let of_blob = |read: fn(&Blob) -> Option<&str>| blob.and_then(read).map(str::to_owned);
    PlannedField {
        name: field.name.clone(),
        file_name: field.file_name.clone().or_else(|| of_blob(Blob::file_name)),
        mime_type: field
            .mime_type
            .clone()
            .or_else(|| of_blob(|blob| Some(blob.mime_type()))),
        value: text(&field.value),
    }
}

fn text(part: &Part) -> String {
    match part {
        Part::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => format!("<{} bytes>", bytes.len()),
        },
        Part::Blob(blob) | Part::Base64(blob) => {
            format!("<{} bytes of {}>", blob.size(), blob.mime_type())
        }
    }
}

/// The header fields as they would be sent, the credential by its name.
pub(crate) fn shown_headers(
    headers: &HeaderMap,
    credential: Option<&CredentialGrant>,
) -> Vec<(String, String)> {
    let mut shown: Vec<(String, String)> = headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            // What stands between the parts of a form is random, and stands for nothing.
            let is_form = name == CONTENT_TYPE && value.starts_with("multipart/form-data;");
            let value = if is_form {
                "multipart/form-data".to_owned()
            } else {
                value
            };
            (name.as_str().to_owned(), value)
        })
        .collect();
    if let Some(credential) = credential
        && let Inject::Header { name, format } = &credential.inject
    {
        let name = name.to_ascii_lowercase();
        shown.push((name, format.replace("{}", &placeholder(credential))));
    }
    shown
}

/// The URL as it would be asked for, the credential by its name.
pub(crate) fn shown_url(url: &url::Url, credential: Option<&CredentialGrant>) -> String {
    match credential.map(|credential| (credential, &credential.inject)) {
        Some((credential, Inject::Query { name })) => {
            let mark = if url.query().is_some() { '&' } else { '?' };
            format!("{url}{mark}{name}={}", placeholder(credential))
        }
        _ => url.to_string(),
    }
}

fn placeholder(credential: &CredentialGrant) -> String {
    format!("<{}>", credential.name)
}
