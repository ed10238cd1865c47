//! Vectors of an answer: a list of them, one for each text, all of one length.

use chela_sdk::Result;
use serde_json::Value;

use crate::failure::Envelope;
use crate::loose;
use crate::scan::Taken;

/// The entries of the list of that name, one for each text.
///
/// # Errors
///
/// Where there is no such list, or it is longer or shorter.
pub fn entries<'a>(
    answer: &'a Value,
    name: &str,
    texts: usize,
    envelope: &Envelope,
) -> Result<&'a [Value]> {
    let entries = answer
        .get(name)
        .and_then(Value::as_array)
        .ok_or_else(|| envelope.bad("the answer holds no list of vectors"))?;
    if entries.len() == texts {
        return Ok(entries);
    }
    let message = format!(
        "the server answered {} vectors for {texts} texts",
        entries.len()
    );
    Err(envelope.bad(&message))
}

/// The numbers of a vector that is a JSON list. None where it is anything else, such as a list of vectors, one per token.
pub fn of_list(value: &Value) -> Option<Vec<f32>> {
    let numbers: Vec<f32> = value
        .as_array()?
        .iter()
        .map(|number| number.as_f64().map(|number| number as f32))
        .collect::<Option<_>>()?;
    finite(numbers)
}

/// The numbers of a vector that the scanner took out of an answer: a list of them, or little-endian floats in base64.
pub fn of_taken(taken: &Taken) -> Option<Vec<f32>> {
    match taken {
        Taken::List(list) => of_list(&loose::read(list)?),
        Taken::Bytes(bytes) => {
            let floats = bytes.chunks_exact(4);
            if !floats.remainder().is_empty() {
                return None;
            }
            finite(
                floats
                    .map(|float| f32::from_le_bytes([float[0], float[1], float[2], float[3]]))
                    .collect(),
            )
        }
        Taken::Broken => None,
    }
}

fn finite(numbers: Vec<f32>) -> Option<Vec<f32>> {
    (!numbers.is_empty() && numbers.iter().all(|number| number.is_finite())).then_some(numbers)
}

/// Holds vectors against each other. None stands for one that could not be read.
///
/// # Errors
///
/// Where one could not be read, or two have different lengths.
pub fn alike(vectors: Option<Vec<Vec<f32>>>, envelope: &Envelope) -> Result<Vec<Vec<f32>>> {
    let vectors = vectors
        .ok_or_else(|| envelope.bad("a vector of the answer is not a list of finite numbers"))?;
    let differ = vectors
        .windows(2)
        .any(|pair| pair[0].len() != pair[1].len());
    if differ {
        return Err(envelope.bad("the vectors of the answer have different lengths"));
    }
    Ok(vectors)
}
