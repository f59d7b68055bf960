//! XCLIENT: a trusted proxy says who is really there (Postfix XCLIENT_README).

use std::net::IpAddr;

/// What XCLIENT said; `None`: it did not say, what was known stays.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Attributes {
    pub address: Option<IpAddr>,
    pub port: Option<u16>,
    pub helo: Option<String>,
    /// The name of the login that the proxy has checked.
    pub login: Option<String>,
}
