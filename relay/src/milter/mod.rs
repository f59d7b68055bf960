//! The milter protocol, version 6: how a mail server (Postfix, Sendmail) asks about a message that
//! it keeps. Without sockets, clocks or tasks, as `smtp` is.
//!
//! A packet is four octets of length, one that names it, and what it says. The protocol is written
//! down nowhere but in what speaks it (libmilter's `mfdef.h`, Postfix's `milter8.c`).

pub mod change;
pub mod packet;
pub mod session;
pub mod word;
