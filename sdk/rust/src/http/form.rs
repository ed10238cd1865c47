//! A multipart form.

use super::{FormField, Part};
use crate::Blob;

/// A multipart form (RFC 7578), its media streamed by the host.
#[derive(Debug, Default)]
pub struct Form<'a> {
    fields: Vec<FormField<'a>>,
}

impl<'a> Form<'a> {
    /// A form without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text field.
    #[must_use]
    pub fn text(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.field(FormField {
            name: name.into(),
            file_name: None,
            mime_type: None,
            value: Part::Bytes(value.into().into_bytes()),
        })
    }

    /// Adds a text field where there is a value.
    #[must_use]
    pub fn text_if(self, name: impl Into<String>, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// Adds a blob as a file, under its own name and media type.
    #[must_use]
    pub fn blob(self, name: impl Into<String>, blob: &'a Blob) -> Self {
        self.field(FormField {
            name: name.into(),
            file_name: None,
            mime_type: None,
            value: Part::Blob(blob),
        })
    }

    /// Adds a blob as a file of that name. Some servers tell a file's kind by its name alone.
    #[must_use]
    pub fn file(
        self,
        name: impl Into<String>,
        file_name: impl Into<String>,
        blob: &'a Blob,
    ) -> Self {
        self.field(FormField {
            name: name.into(),
            file_name: Some(file_name.into()),
            mime_type: None,
            value: Part::Blob(blob),
        })
    }

    /// Adds a field of any kind.
    #[must_use]
    pub fn field(mut self, field: FormField<'a>) -> Self {
        self.fields.push(field);
        self
    }

    pub(super) fn into_fields(self) -> Vec<FormField<'a>> {
        self.fields
    }
}
