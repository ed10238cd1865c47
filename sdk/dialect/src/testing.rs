//! Made-up JSON, for tests that nothing a server sends breaks a component.

use proptest::prelude::*;
use serde_json::{Map, Value};

/// Any JSON, with these names as names of fields and these words as values among others, so that made-up objects are read and
/// not only passed over.
pub fn any_json(
    names: &'static [&'static str],
    words: &'static [&'static str],
) -> impl Strategy<Value = Value> + use<> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(words).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let name = prop_oneof![
            8 => prop::sample::select(names).prop_map(str::to_owned),
            1 => ".{0,6}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((name, inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A text in pieces of these lengths, the rest as the last one.
pub fn in_pieces(body: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
    let mut chunks = Vec::new();
    let mut rest = body;
    for cut in cuts {
        let (piece, after) = rest.split_at((*cut).max(1).min(rest.len()));
        chunks.push(piece.to_vec());
        rest = after;
    }
    chunks.push(rest.to_vec());
    chunks
}

/// Pieces of a text of that size, left out, repeated and put in that order.
pub fn shuffled(body: &[u8], size: usize, order: &[usize]) -> Vec<Vec<u8>> {
    let pieces: Vec<&[u8]> = body.chunks(size.max(1)).collect();
    order
        .iter()
        .filter_map(|place| pieces.get(*place))
        .map(|piece| piece.to_vec())
        .collect()
}
