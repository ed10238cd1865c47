//! The address judge against a second one, which is written from the names of the blocks and knows no table.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use chela_egress::{AddressKind, Method, Target, Verdict, judge};
use proptest::prelude::*;

use crate::support::grant;

/// Whether an IPv4 address is public.
fn simple_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, d] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_unspecified()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (b == 18 || b == 19))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || [a, b, c, d] == [168, 63, 129, 16];
    !special
}

/// Whether an IPv6 address is public.
fn simple_v6(address: Ipv6Addr) -> bool {
    let s = address.segments();
    let last = || Ipv4Addr::from(((u32::from(s[6])) << 16) | u32::from(s[7]));
    if let Some(mapped) = address.to_ipv4_mapped() {
        return simple_v4(mapped);
    }
    if s[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        return simple_v4(last());
    }
    let text = address.to_string();
    (text.starts_with('2') || text.starts_with('3'))
        && text.find(':') == Some(4)
        && !(s[0] == 0x2001 && s[1] < 0x200)
        && !(s[0] == 0x2001 && s[1] == 0xdb8)
        && s[0] != 0x2002
        && !(s[0] == 0x3fff && s[1] < 0x1000)
}

/// IPv4 addresses, half of them near the borders of the special blocks.
fn v4() -> impl Strategy<Value = Ipv4Addr> {
    let borders: Vec<u32> = [
        "0.0.0.0",
        "1.0.0.0",
        "10.0.0.0",
        "11.0.0.0",
        "100.64.0.0",
        "100.128.0.0",
        "127.0.0.0",
        "128.0.0.0",
        "168.63.129.16",
        "169.254.0.0",
        "169.254.169.254",
        "169.255.0.0",
        "172.16.0.0",
        "172.32.0.0",
        "192.0.0.0",
        "192.0.1.0",
        "192.0.2.0",
        "192.0.3.0",
        "192.88.99.0",
        "192.88.100.0",
        "192.168.0.0",
        "192.169.0.0",
        "198.18.0.0",
        "198.20.0.0",
        "198.51.100.0",
        "198.51.101.0",
        "203.0.113.0",
        "203.0.114.0",
        "224.0.0.0",
        "240.0.0.0",
        "255.255.255.255",
    ]
    .iter()
    .map(|text| text.parse::<Ipv4Addr>().unwrap().to_bits())
    .collect();
    prop_oneof![
        any::<u32>().prop_map(Ipv4Addr::from),
        (proptest::sample::select(borders), -3_i32..4)
            .prop_map(|(border, by)| Ipv4Addr::from(border.wrapping_add_signed(by))),
    ]
}

/// IPv6 addresses: any, in the special blocks, and with an IPv4 address in every place where one is put.
fn v6() -> impl Strategy<Value = Ipv6Addr> {
    let prefixes: Vec<(u16, u16)> = vec![
        (0, 0),
        (0x64, 0xff9b),
        (0x100, 0),
        (0x2000, 0),
        (0x2001, 0),
        (0x2001, 2),
        (0x2001, 0x1ff),
        (0x2001, 0x200),
        (0x2001, 0xdb8),
        (0x2001, 0xdb9),
        (0x2002, 0),
        (0x2003, 0),
        (0x3fff, 0),
        (0x3fff, 0xfff),
        (0x3fff, 0x1000),
        (0x3fff, 0xffff),
        (0x4000, 0),
        (0x5f00, 0),
        (0xfc00, 0),
        (0xfd00, 0xec2),
        (0xfe80, 0),
        (0xfec0, 0),
        (0xff02, 0),
    ];
    let prefixed =
        (proptest::sample::select(prefixes), any::<[u16; 6]>()).prop_map(|((a, b), rest)| {
            Ipv6Addr::new(a, b, rest[0], rest[1], rest[2], rest[3], rest[4], rest[5])
        });
    let embedded = (v4(), 0..7_usize).prop_map(|(address, how)| {
        let [a, b, c, d] = address.octets();
        let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        match how {
            0 => address.to_ipv6_mapped(),
            1 => address.to_ipv6_compatible(),
            2 => Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
            3 => Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, high, low),
            4 => Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
            5 => Ipv6Addr::new(0x2001, 0, high, low, 0, 0, !high, !low),
            _ => Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
        }
    });
    prop_oneof![any::<u128>().prop_map(Ipv6Addr::from), prefixed, embedded]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn two_judges_agree_on_ipv4(address in v4()) {
        prop_assert_eq!(AddressKind::of(address.into()) == AddressKind::Public, simple_v4(address), "{}", address);
    }

    #[test]
    fn two_judges_agree_on_ipv6(address in v6()) {
        prop_assert_eq!(AddressKind::of(address.into()) == AddressKind::Public, simple_v6(address), "{}", address);
    }

    /// What an address is does not depend on how it is written, and a name that resolves to it fares no better.
    #[test]
    fn a_spelling_changes_nothing(address in v4(), how in 0..6_usize) {
        let bits = address.to_bits();
        let [a, b, c, d] = address.octets();
        let host = match how {
            0 => format!("{bits}"),
            1 => format!("0x{bits:x}"),
            2 => format!("0{bits:o}"),
            3 => format!("{a}.{}", bits & 0xff_ffff),
            4 => format!("0x{a:x}.0{b:o}.{}", bits & 0xffff),
            _ => format!("[::ffff:{a}.{b}.{c}.{d}]"),
        };
        let grant = grant([], &["public"]);
        let literal = judge(&grant, Method::Get, false, &Target::Url(format!("http://{host}/")), &[]);
        let resolved = judge(&grant, Method::Get, false, &Target::Url("http://name.example/".into()), &[IpAddr::V4(address)]);
        let allowed = |verdict: &Verdict| matches!(verdict, Verdict::Allowed { .. });
        prop_assert_eq!(allowed(&literal), simple_v4(address), "{}", host);
        prop_assert_eq!(allowed(&resolved), simple_v4(address));
    }
}
