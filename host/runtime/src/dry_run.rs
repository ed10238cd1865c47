//! Dry runs: a component runs for real up to its first request, which is shown in place of being sent.
//!
//! That end travels as a failure, because everything stops there: no retry, no other candidate, nothing stored. The report makes of it an
//! envelope that is no failure.

use std::collections::BTreeMap;

use chela_envelope::{PlannedBody, PlannedField};

/// Header fields by name; those of one name are joined as RFC 9110 section 5.3 allows.
pub(crate) fn headers(fields: Vec<(String, String)>) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::<String, String>::new();
    for (name, value) in fields {
        headers
            .entry(name)
            .and_modify(|before| {
                before.push_str(", ");
                before.push_str(&value);
            })
            .or_insert(value);
    }
    headers
}

/// A body as a program reads it: JSON where it is that.
pub(crate) fn body(body: chela_egress::PlannedBody, size: u64) -> PlannedBody {
    let planned = PlannedBody {
        size,
        ..PlannedBody::default()
    };
    match body {
        chela_egress::PlannedBody::Text(text) => match serde_json::from_str(&text) {
            Ok(json) => PlannedBody {
                json: Some(json),
                ..planned
            },
            Err(_) => PlannedBody {
                text: Some(text),
                ..planned
            },
        },
        chela_egress::PlannedBody::Form(fields) => {
            let fields = fields.into_iter().map(|field| PlannedField {
                name: field.name,
                file_name: field.file_name,
                mime_type: field.mime_type,
                value: field.value,
            });
            PlannedBody {
                form: Some(fields.collect()),
                ..planned
            }
        }
    }
}
