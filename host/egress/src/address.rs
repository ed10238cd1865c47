//! What an IP address is: public, or one of the kinds that a provider has no business with.
//!
//! The tables are those of the IANA special-purpose registries (RFC 6890 and its updates), read narrowly: in IPv6 only
//! `2000::/3` can be public, and what is neither listed nor there is reserved. An address that hides another one is
//! judged by the hidden one where exactly one reading is right (IPv4-mapped, the well-known NAT64 prefix), and refused
//! where a network could read it in several ways.
//!
//! Spellings of an address in text (decimal, octal, hexadecimal, short forms) do not reach this module: the WHATWG URL
//! parser turns every one of them into the same [`IpAddr`], and names are judged by what they resolve to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::Rule;

/// The kind of an IP address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddressKind {
    /// Routed publicly.
    Public,
    /// This machine.
    Loopback,
    /// A private IPv4 network.
    Private,
    /// A carrier's network behind its NAT; overlay networks use it as well.
    Shared,
    /// The local link.
    LinkLocal,
    /// A cloud's metadata service, wherever the cloud put it.
    Metadata,
    /// A private IPv6 network.
    UniqueLocal,
    /// A private IPv6 network of the old kind.
    SiteLocal,
    /// A group of hosts.
    Multicast,
    /// No host. Linux connects it to this machine.
    Unspecified,
    /// Every host of a link.
    Broadcast,
    /// For documentation.
    Documentation,
    /// For measurements.
    Benchmarking,
    /// 6to4, and the relays of 6to4.
    SixToFour,
    /// Teredo.
    Teredo,
    /// An IPv4 address behind a translator's own prefix, or in an encoding that nobody routes.
    Translated,
    /// Everything else that is not public.
    Reserved,
}

use AddressKind as K;

/// A block of IPv4 addresses.
struct V4(Ipv4Addr, u32, AddressKind);

/// A block of IPv6 addresses.
struct V6(Ipv6Addr, u32, AddressKind);

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u32, kind: AddressKind) -> V4 {
    V4(Ipv4Addr::new(a, b, c, d), length, kind)
}

const fn v6(s: [u16; 8], length: u32, kind: AddressKind) -> V6 {
    V6(
        Ipv6Addr::new(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]),
        length,
        kind,
    )
}

/// IPv4 blocks that are not public. The first that holds an address decides, so single addresses come first.
#[rustfmt::skip]
const V4_BLOCKS: &[V4] = &[
    v4(169, 254, 169, 254, 32, K::Metadata),      // AWS, Azure, Google, Oracle, DigitalOcean, Hetzner, OpenStack
    v4(169, 254, 169, 253, 32, K::Metadata),      // AWS: resolver of the VPC
    v4(169, 254, 170, 2, 32, K::Metadata),        // AWS: credentials of ECS tasks
    v4(169, 254, 170, 23, 32, K::Metadata),       // AWS: credentials of EKS pods
    v4(100, 100, 100, 200, 32, K::Metadata),      // Alibaba Cloud
    v4(192, 0, 0, 192, 32, K::Metadata),          // Oracle Cloud, classic
    v4(168, 63, 129, 16, 32, K::Metadata),        // Azure: the host's own service, inside public space
    v4(0, 0, 0, 0, 32, K::Unspecified),           // RFC 1122 section 3.2.1.3
    v4(255, 255, 255, 255, 32, K::Broadcast),     // RFC 919 section 7
    v4(0, 0, 0, 0, 8, K::Reserved),               // RFC 791 section 3.2: this network
    v4(10, 0, 0, 0, 8, K::Private),               // RFC 1918
    v4(100, 64, 0, 0, 10, K::Shared),             // RFC 6598
    v4(127, 0, 0, 0, 8, K::Loopback),             // RFC 1122 section 3.2.1.3
    v4(169, 254, 0, 0, 16, K::LinkLocal),         // RFC 3927
    v4(172, 16, 0, 0, 12, K::Private),            // RFC 1918
    v4(192, 0, 0, 0, 24, K::Reserved),            // RFC 6890 section 2.1: IETF protocol assignments
    v4(192, 0, 2, 0, 24, K::Documentation),       // RFC 5737: TEST-NET-1
    v4(192, 88, 99, 0, 24, K::SixToFour),         // RFC 7526: relays of 6to4, withdrawn
    v4(192, 168, 0, 0, 16, K::Private),           // RFC 1918
    v4(198, 18, 0, 0, 15, K::Benchmarking),       // RFC 2544
    v4(198, 51, 100, 0, 24, K::Documentation),    // RFC 5737: TEST-NET-2
    v4(203, 0, 113, 0, 24, K::Documentation),     // RFC 5737: TEST-NET-3
    v4(224, 0, 0, 0, 4, K::Multicast),            // RFC 5771
    v4(240, 0, 0, 0, 4, K::Reserved),             // RFC 1112 section 4
];

/// IPv6 blocks that are not public, in the same way. IPv4-mapped and NAT64 addresses were judged before.
#[rustfmt::skip]
const V6_BLOCKS: &[V6] = &[
    v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128, K::Metadata),      // AWS
    v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x253], 128, K::Metadata),      // AWS: resolver of the VPC
    v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23], 128, K::Metadata),       // AWS: credentials of EKS pods
    v6([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128, K::Metadata),       // Google Cloud
    v6([0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42], 128, K::Metadata),        // Scaleway
    v6([0, 0, 0, 0, 0, 0, 0, 0], 128, K::Unspecified),                // RFC 4291 section 2.5.2
    v6([0, 0, 0, 0, 0, 0, 0, 1], 128, K::Loopback),                   // RFC 4291 section 2.5.3
    v6([0, 0, 0, 0, 0, 0, 0, 0], 96, K::Translated),                  // RFC 4291 section 2.5.5.1: IPv4-compatible
    v6([0, 0, 0, 0, 0xffff, 0, 0, 0], 96, K::Translated),             // RFC 2765 section 2.1: IPv4-translated
    v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, K::Translated),          // RFC 8215: NAT64 with a local prefix
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32, K::Teredo),                 // RFC 4380
    v6([0x2001, 2, 0, 0, 0, 0, 0, 0], 48, K::Benchmarking),           // RFC 5180
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, K::Reserved),               // RFC 2928: IETF protocol assignments
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, K::Documentation),      // RFC 3849
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, K::SixToFour),              // RFC 3056
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, K::Documentation),          // RFC 9637
    v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, K::UniqueLocal),             // RFC 4193
    v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, K::LinkLocal),              // RFC 4291 section 2.5.6
    v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, K::SiteLocal),              // RFC 3879
    v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, K::Multicast),               // RFC 4291 section 2.7
];

/// RFC 4291 section 2.5.4: what is assigned to hosts on the Internet.
const GLOBAL_UNICAST: V6 = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3, K::Public);
/// RFC 4291 section 2.5.5.2. The operating system connects these over IPv4.
const MAPPED: V6 = v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96, K::Translated);
/// RFC 6052 section 2.1. On networks without IPv4 every IPv4-only name resolves to these, the IPv4 address last.
const NAT64: V6 = v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96, K::Translated);

impl V4 {
    const fn holds(&self, address: Ipv4Addr) -> bool {
        (address.to_bits() ^ self.0.to_bits()) >> (32 - self.1) == 0
    }
}

impl V6 {
    const fn holds(&self, address: Ipv6Addr) -> bool {
        (address.to_bits() ^ self.0.to_bits()) >> (128 - self.1) == 0
    }
}

impl AddressKind {
    /// The kind of `address`.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        V4_BLOCKS
            .iter()
            .find(|block| block.holds(address))
            .map_or(Self::Public, |block| block.2)
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        if MAPPED.holds(address) || NAT64.holds(address) {
            let [.., a, b, c, d] = address.octets();
            return Self::of_v4(Ipv4Addr::new(a, b, c, d));
        }
        if let Some(block) = V6_BLOCKS.iter().find(|block| block.holds(address)) {
            return block.2;
        }
        if GLOBAL_UNICAST.holds(address) {
            Self::Public
        } else {
            Self::Reserved
        }
    }

    /// Whether the address is this machine or a network of the operator's own: where a name that the operator gave
    /// may lead besides the public Internet, and where a credential may go in clear text once the operator named the
    /// place.
    pub const fn is_own_network(self) -> bool {
        matches!(
            self,
            Self::Loopback | Self::Private | Self::Shared | Self::UniqueLocal | Self::SiteLocal
        )
    }

    /// Whether a TCP connection to the address reaches one host at all.
    pub const fn is_one_host(self) -> bool {
        !matches!(self, Self::Multicast | Self::Broadcast)
    }

    /// The rule that refuses this kind to a provider; none for [`AddressKind::Public`].
    pub const fn refused_by(self) -> Option<Rule> {
        Some(match self {
            Self::Public => return None,
            Self::Loopback => Rule::AddressLoopback,
            Self::Private => Rule::AddressPrivate,
            Self::Shared => Rule::AddressShared,
            Self::LinkLocal => Rule::AddressLinkLocal,
            Self::Metadata => Rule::AddressMetadata,
            Self::UniqueLocal => Rule::AddressUniqueLocal,
            Self::SiteLocal => Rule::AddressSiteLocal,
            Self::Multicast => Rule::AddressMulticast,
            Self::Unspecified => Rule::AddressUnspecified,
            Self::Broadcast => Rule::AddressBroadcast,
            Self::Documentation => Rule::AddressDocumentation,
            Self::Benchmarking => Rule::AddressBenchmarking,
            Self::SixToFour => Rule::AddressSixToFour,
            Self::Teredo => Rule::AddressTeredo,
            Self::Translated => Rule::AddressTranslated,
            Self::Reserved => Rule::AddressReserved,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> AddressKind {
        AddressKind::of(text.parse().unwrap())
    }

    #[test]
    fn blocks_end_where_they_end() {
        for (inside, kind_inside, outside) in [
            ("10.255.255.255", K::Private, "11.0.0.0"),
            ("100.127.255.255", K::Shared, "100.128.0.0"),
            ("127.255.255.255", K::Loopback, "128.0.0.0"),
            ("169.254.0.0", K::LinkLocal, "169.253.255.255"),
            ("172.31.255.255", K::Private, "172.32.0.0"),
            ("172.16.0.0", K::Private, "172.15.255.255"),
            ("192.168.255.255", K::Private, "192.169.0.0"),
            ("198.19.255.255", K::Benchmarking, "198.20.0.0"),
            ("224.0.0.0", K::Multicast, "223.255.255.255"),
            ("168.63.129.16", K::Metadata, "168.63.129.17"),
            ("2001:1ff:ffff::", K::Reserved, "2001:200::"),
            ("2001:db8:ffff::", K::Documentation, "2001:db9::"),
            ("2002:ffff::", K::SixToFour, "2003::"),
            ("3fff:fff::", K::Documentation, "3fff:1000::"),
        ] {
            assert_eq!(kind(inside), kind_inside, "{inside}");
            assert_eq!(kind(outside), K::Public, "{outside}");
        }
    }

    #[test]
    fn hidden_addresses_are_found() {
        for (text, expected) in [
            ("::ffff:127.0.0.1", K::Loopback),
            ("::ffff:169.254.169.254", K::Metadata),
            ("::ffff:8.8.8.8", K::Public),
            ("64:ff9b::10.0.0.1", K::Private),
            ("64:ff9b::8.8.8.8", K::Public),
            ("64:ff9b:1::8.8.8.8", K::Translated),
            ("64:ff9b:1:ffff::1", K::Translated),
            ("64:ff9b:2::1", K::Reserved),
            ("::8.8.8.8", K::Translated),
            ("::ffff:0:8.8.8.8", K::Translated),
            ("2002:7f00:1::", K::SixToFour),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", K::Teredo),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_global_unicast_is_never_public() {
        for text in [
            "100::1", "4000::1", "5f00::1", "e000::1", "fe00::1", "::2", "1::",
        ] {
            assert_ne!(kind(text), K::Public, "{text}");
        }
    }

    #[test]
    fn every_kind_but_public_has_a_rule_that_refuses() {
        for text in [
            "0.0.0.0",
            "255.255.255.255",
            "240.0.0.1",
            "fe80::1",
            "fec0::1",
            "fd00::1",
            "ff02::1",
            "::",
        ] {
            assert!(
                kind(text).refused_by().is_some_and(|rule| !rule.allows()),
                "{text}"
            );
        }
        assert_eq!(kind("1.1.1.1").refused_by(), None);
    }
}
