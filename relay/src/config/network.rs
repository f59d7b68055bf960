//! A range of IP addresses: `192.0.2.0/24`, `2001:db8::/32`, `127.0.0.1`.

use std::net::{IpAddr, Ipv6Addr};

/// Addresses that share their first `bits` bits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `address` or `address/bits`; the error says what to write instead.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address
            .trim()
            .parse()
            .map_err(|_| "not an IP address: write `192.0.2.0/24` or `2001:db8::1`")?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => all,
            Some(bits) => bits.trim().parse::<u8>().ok().filter(|bits| *bits <= all).ok_or(
                "the part after `/` is not a count of bits: write 0 to 32, for IPv6 0 to 128",
            )?,
        };
        Ok(Self { address, bits })
    }

    /// Whether it holds every address of its kind.
    pub fn is_everything(&self) -> bool {
        self.bits == 0
    }

    /// Whether `address` lies in it; an IPv4 address in IPv6 form counts as the IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address.to_canonical(), address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                same(u128::from(own.to_bits()), u128::from(other.to_bits()), self.bits.min(32), 32)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                same(bits_of(own), bits_of(other), self.bits, 128)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

fn bits_of(address: Ipv6Addr) -> u128 {
    address.to_bits()
}

fn same(own: u128, other: u128, bits: u8, all: u8) -> bool {
    let rest = u32::from(all.saturating_sub(bits));
    own.checked_shr(rest).unwrap_or(0) == other.checked_shr(rest).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_what_shares_its_bits() {
        for (network, address, inside) in [
            ("192.0.2.0/24", "192.0.2.255", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.0/24", "::ffff:192.0.2.9", true),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("2001:db8::/33", "2001:db8:7fff::1", true),
            ("2001:db8::/33", "2001:db8:8000::1", false),
        ] {
            let parsed = Network::parse(network).unwrap();
            assert_eq!(parsed.contains(address.parse().unwrap()), inside, "{network} {address}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "localhost", "192.0.2.0/33", "::1/129", "1.2.3.4/", "1.2.3.4/-1"] {
            assert!(Network::parse(text).is_err(), "{text}");
        }
    }
}
