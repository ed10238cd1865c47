//! What holds for all manifests, and for all bytes.

use chela_manifest::{
    ContractVersion, Family, Manifest, OriginPattern, ProviderId, exports, section,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::errors::WHOLE;
use crate::generate::manifest;

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_reads_back(manifest in manifest()) {
        prop_assert_eq!(Manifest::from_json(&manifest.to_json()).unwrap(), manifest);
    }

    #[test]
    fn toml_and_json_are_one_grammar(manifest in manifest()) {
        let text = toml::to_string(&manifest).unwrap();
        prop_assert_eq!(Manifest::parse_toml(&text, "provider.toml").unwrap(), manifest);
    }

    #[test]
    fn what_is_embedded_is_read(mut manifests in vec(manifest(), 1..5), tail in vec(any::<u8>(), 0..64)) {
        for (number, manifest) in manifests.iter_mut().enumerate() {
            manifest.id = format!("provider-{number}").parse().unwrap();
        }
        let mut component = section::COMPONENT_PREAMBLE.to_vec();
        // A section of a kind that is no custom section, with anything in it.
        component.extend([1, u8::try_from(tail.len()).unwrap()]);
        component.extend(&tail);
        let packed = section::embed(&component, &manifests).unwrap();
        prop_assert_eq!(&section::read_head(&packed).unwrap(), &manifests);
        // The rest of the component is as it was, and embedding again replaces.
        prop_assert!(packed.ends_with(&component[8..]));
        prop_assert_eq!(&section::embed(&packed, &manifests).unwrap(), &packed);
        // Nothing behind the manifests is needed.
        let head = &packed[..packed.len() - (component.len() - 8)];
        prop_assert_eq!(&section::read_head(head).unwrap(), &manifests);
    }

    #[test]
    fn no_text_panics_as_toml(text in any::<String>()) {
        drop(Manifest::parse_toml(&text, "provider.toml"));
    }

    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..256)) {
        drop(Manifest::from_json(&bytes));
        drop(section::read_head(&bytes));
        drop(exports::inspect(&bytes));
        let mut component = section::COMPONENT_PREAMBLE.to_vec();
        component.extend(&bytes);
        drop(section::read_head(&component));
        drop(section::embed(&component, &[]));
        drop(exports::inspect(&component));
    }

    /// A manifest that was damaged in one place still gives an answer or an error, and an answer that reads back.
    #[test]
    fn no_damage_panics(at in 0..WHOLE.len(), with in any::<char>(), cut in any::<bool>()) {
        let at = (0..=at).rev().find(|&at| WHOLE.is_char_boundary(at)).unwrap();
        let text = if cut { WHOLE[..at].to_owned() } else { format!("{}{with}{}", &WHOLE[..at], &WHOLE[at + 1..]) };
        match Manifest::parse_toml(&text, "provider.toml") {
            Ok(manifest) => prop_assert_eq!(Manifest::from_json(&manifest.to_json()).unwrap(), manifest),
            Err(error) => {
                prop_assert!(!error.to_string().chars().any(char::is_control), "{:?}", error);
                prop_assert!(!error.problem().is_empty());
            }
        }
    }

    #[test]
    fn no_text_panics_as_a_small_thing(text in any::<String>()) {
        drop(text.parse::<ProviderId>());
        drop(text.parse::<Family>());
        let _ = ContractVersion::parse(&text);
        drop(text.parse::<OriginPattern>());
        drop(format!("https://{text}").parse::<OriginPattern>());
        let _ = chela_manifest::parse_size(&text);
        let _ = chela_manifest::parse_duration(&text);
    }

    /// Whatever pattern is taken, it never allows another registrable domain than the one it ends in.
    #[test]
    fn a_pattern_allows_no_stranger(host in "[a-z]{1,3}(\\.[a-z]{1,3}){0,3}", wild in any::<bool>(), asked in "[a-z]{1,3}(\\.[a-z]{1,3}){0,4}") {
        let star = if wild { "*." } else { "" };
        let Ok(pattern) = format!("https://{star}{host}").parse::<OriginPattern>() else { return Ok(()) };
        let url = format!("https://{asked}/").parse().unwrap();
        let expected = match asked.split_once('.') {
            Some((_, rest)) if wild => rest == host,
            _ => !wild && asked == host,
        };
        prop_assert_eq!(pattern.matches(&url), expected);
    }
}
