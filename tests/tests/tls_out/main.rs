//! How strictly TLS is asked of mail exchangers: by DANE, by MTA-STS, by REQUIRETLS. Against a signed
//! zone (NSD), a policy host, servers with certificates of every kind, and Postfix.

mod caller;
mod dane;
mod mta_sts;
mod postfix;
mod require_tls;
mod resumption;
