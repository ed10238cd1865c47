//! The JSON Schema of the envelope, generated from the types.

use schemars::Schema;
use schemars::generate::SchemaSettings;

use crate::Envelope;

/// The `$id` of the schema.
pub const SCHEMA_ID: &str = "urn:chela:envelope:0.1";

/// The JSON Schema (draft 2020-12) of what chela writes. `host/envelope/schema.json` is this, checked by a test.
pub fn schema() -> Schema {
    let mut schema = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Envelope>();
    schema.insert("$id".into(), SCHEMA_ID.into());
    schema
}
