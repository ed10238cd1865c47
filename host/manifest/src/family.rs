//! The families of the contract and its version.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

use crate::ManifestError;

/// A family: what a provider can serve, one exported interface of the contract each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Language models, and with them the description of pictures, recordings and films.
    Model,
    /// Making and changing pictures.
    Image,
    /// Speech to text.
    Transcription,
    /// Text to speech.
    Speech,
    /// Making film.
    Video,
    /// Searching the web.
    Search,
    /// Reading one page of the web.
    Fetch,
    /// Vectors for texts.
    Embedding,
}

impl Family {
    /// Every family, in the order of the contract.
    pub const ALL: [Self; 8] = [
        Self::Model,
        Self::Image,
        Self::Transcription,
        Self::Speech,
        Self::Video,
        Self::Search,
        Self::Fetch,
        Self::Embedding,
    ];

    /// The name of the family: of its interface in the contract and of its section in a manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Image => "image",
            Self::Transcription => "transcription",
            Self::Speech => "speech",
            Self::Video => "video",
            Self::Search => "search",
            Self::Fetch => "fetch",
            Self::Embedding => "embedding",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Family {
    type Err = ManifestError;

    /// Reads the name of a family.
    ///
    /// # Errors
    ///
    /// [`ManifestError::Family`] when there is none of that name.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|family| family.as_str() == text)
            .ok_or_else(|| {
                ManifestError::Family(text.chars().filter(|c| !c.is_control()).take(64).collect())
            })
    }
}

/// A version of the contract `chela:provider`. Releases of one `major.minor` are compatible, so no more is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContractVersion {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
}

impl ContractVersion {
    /// The newest version that this host serves.
    pub const CURRENT: Self = Self { major: 0, minor: 1 };

    /// Whether this host serves components of this version.
    pub fn is_supported(self) -> bool {
        self == Self::CURRENT
    }

    /// Reads `0.1`, or `0.1.0` as WIT writes it; none for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |part: &str| {
            let plain = part.bytes().all(|byte| byte.is_ascii_digit())
                && (part == "0" || !part.starts_with('0'));
            if plain {
                part.parse::<u32>().ok()
            } else {
                None
            }
        };
        let mut parts = text.split('.');
        let version = Self {
            major: number(parts.next()?)?,
            minor: number(parts.next()?)?,
        };
        if let Some(patch) = parts.next() {
            number(patch)?;
        }
        parts.next().is_none().then_some(version)
    }
}

impl fmt::Display for ContractVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Serialize for ContractVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn family_names_read_back() {
        for family in Family::ALL {
            assert_eq!(family.as_str().parse::<Family>().unwrap(), family);
            assert_eq!(serde_json::to_value(family).unwrap(), family.as_str());
        }
        assert!("images".parse::<Family>().is_err());
    }

    #[test]
    fn contract_versions() {
        assert_eq!(
            ContractVersion::parse("0.1"),
            Some(ContractVersion::CURRENT)
        );
        assert_eq!(
            ContractVersion::parse("0.1.7"),
            Some(ContractVersion::CURRENT)
        );
        assert!(!ContractVersion::parse("0.2").unwrap().is_supported());
        for wrong in [
            "",
            "0",
            "0.",
            "0.1.",
            "0.1.2.3",
            "01.1",
            "+0.1",
            "a.b",
            "0.1-rc",
            "0.99999999999",
        ] {
            assert_eq!(ContractVersion::parse(wrong), None, "{wrong}");
        }
    }
}
