//! The product from outside: what the tests need to run the real binary with real peers.

pub mod api;
pub mod authority;
pub mod bench;
pub mod binary;
pub mod browser;
pub mod client;
pub mod console;
pub mod dialog;
pub mod dns;
pub mod front;
pub mod guide;
pub mod load;
pub mod node;
pub mod openid;
pub mod policy_host;
pub mod port;
pub mod postfix;
pub mod postgres;
pub mod receiver;
pub mod sink;
pub mod souhlas;
pub mod store;
pub mod submit;
pub mod verifiers;
pub mod worker;
pub mod zone;
