//! Vectors from hashed character n-grams: texts that share letters in the same order lie close.

use chela_sdk::embedding::{Request, Response};
use chela_sdk::{Failure, Result};

use crate::dice::hash;
use crate::{MODEL, those_set};

/// How many numbers a vector has unless asked for otherwise.
const DIMENSIONS: u32 = 256;

/// The most that can be asked for.
const MOST: u32 = 4096;

/// How many characters an n-gram has.
const GRAMS: [usize; 3] = [2, 3, 4];

pub(crate) fn embed(request: &Request) -> Result<Response> {
    let dimensions = request.dimensions.unwrap_or(DIMENSIONS);
    if !(1..=MOST).contains(&dimensions) {
        return Err(Failure::invalid_request(format!(
            "the demo makes vectors of 1 to {MOST} numbers, not of {dimensions}"
        )));
    }
    let vectors = request
        .texts
        .iter()
        .map(|text| vector(text, dimensions as usize))
        .collect();
    Ok(Response {
        vectors,
        model: Some(MODEL.to_owned()),
        // Letters are letters, whatever the text is for.
        ignored: those_set(&[(request.input_type.is_some(), "input-type")]),
        ..Response::default()
    })
}

fn vector(text: &str, dimensions: usize) -> Vec<f32> {
    let text = folded(text);
    let mut sums = vec![0.0_f32; dimensions];
    for length in GRAMS {
        for gram in text.windows(length) {
            let bits = hash(gram.iter().flat_map(|c| u32::from(*c).to_le_bytes()));
            // The place and the sign come from different bits, so that collisions cancel out as often as they add up.
            let place = (bits >> 1) as usize % dimensions;
            sums[place] += if bits & 1 == 0 { 1.0 } else { -1.0 };
        }
    }
    let length = sums
        .iter()
        .map(|number| number * number)
        .sum::<f32>()
        .sqrt();
    if length == 0.0 {
        // Everything cancelled out, which takes few dimensions. Any direction is as good.
        sums[0] = 1.0;
        return sums;
    }
    sums.iter().map(|number| number / length).collect()
}

/// Lower case, one blank between words and around them, so that a word's first and last letters are n-grams of their own.
fn folded(text: &str) -> Vec<char> {
    let mut folded = vec![' '];
    for word in text.split_whitespace() {
        folded.extend(word.chars().flat_map(char::to_lowercase));
        folded.push(' ');
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::{DIMENSIONS, MOST, Request, embed, vector};
    use proptest::prelude::*;

    fn request(texts: &[&str], dimensions: Option<u32>) -> Request {
        Request {
            model: "demo-1".to_owned(),
            texts: texts.iter().map(|text| (*text).to_owned()).collect(),
            dimensions,
            ..Request::default()
        }
    }

    fn cosine(left: &str, right: &str) -> f32 {
        let (left, right) = (vector(left, 256), vector(right, 256));
        left.iter()
            .zip(&right)
            .map(|(left, right)| left * right)
            .sum()
    }

    #[test]
    fn alike_texts_lie_closer_than_others() {
        let question = "customer support ticket: delayed shipment";
        let near = cosine(question, "support ticket about a shipment that is delayed");
        let far = cosine(question, "friendly lobster");
        assert!(near > 0.5 && far < 0.3, "near {near}, far {far}");
    }

    #[test]
    fn case_and_blanks_make_no_difference() {
        assert_eq!(
            vector(" Friendly\n LOBSTER", 64),
            vector("friendly lobster", 64)
        );
    }

    #[test]
    fn one_vector_per_text_in_the_length_asked_for() {
        let response = embed(&request(&["a", "b", "a"], Some(12))).unwrap();
        assert_eq!(response.vectors.len(), 3);
        assert!(response.vectors.iter().all(|vector| vector.len() == 12));
        assert_eq!(response.vectors[0], response.vectors[2]);
        assert_ne!(response.vectors[0], response.vectors[1]);
        let default = embed(&request(&["a"], None)).unwrap();
        assert_eq!(default.vectors[0].len(), DIMENSIONS as usize);
    }

    #[test]
    fn lengths_that_make_no_sense_are_refused() {
        for dimensions in [0, MOST + 1] {
            let failure = embed(&request(&["a"], Some(dimensions))).unwrap_err();
            assert!(failure.message.contains("1 to 4096"), "{}", failure.message);
        }
    }

    proptest! {
        #[test]
        fn every_text_gives_a_vector_of_length_one(text in "\\PC{0,40}", dimensions in 1_usize..64) {
            let length = vector(&text, dimensions).iter().map(|number| number * number).sum::<f32>();
            prop_assert!((length - 1.0).abs() < 1e-4, "{length}");
        }
    }
}
