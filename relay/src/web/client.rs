//! Who asks: the peer, or the client that a believed proxy vouches for.

use std::net::SocketAddr;

use axum::http::HeaderMap;

use crate::config::Network;

/// The client's address: the last one that a believed proxy vouches for.
pub(super) fn client(
    believed: &[Network],
    peer: SocketAddr,
    headers: &HeaderMap,
) -> std::net::IpAddr {
    let is_proxy = |ip| believed.iter().any(|network| network.contains(ip));
    let mut ip = peer.ip().to_canonical();
    let forwarded =
        headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).collect();
    for hop in hops.iter().rev() {
        match hop.trim().parse::<std::net::IpAddr>() {
            Ok(before) if is_proxy(ip) => ip = before.to_canonical(),
            Ok(_) | Err(_) => break,
        }
    }
    ip
}
