//! A relay to which its own return addresses lead, and what people write there.

use std::net::SocketAddr;

use crate::{port, sink::Taken, souhlas::Setup};

/// Where the relay will take what comes back; what goes to the controller's own mailbox is captured.
pub fn lead_back(setup: &mut Setup) -> SocketAddr {
    let returns = SocketAddr::from(([127, 0, 0, 1], port::free().unwrap()));
    setup.more += &format!(
        "[returns]\ndomains = [\"returns.kavarna.example\", \"back.jiny.example\"]\n\n[[listener]]\nname = \"returns\"\n\
         address = \"{returns}\"\nmode = \"loopback\"\ntakes = \"returns\"\n\n\
         [[delivery.route]]\nname = \"people\"\ndomains = [\"kavarna.example\"]\n\
         next-hop = \"capture\"\nfolder = \"data/captured\"\n"
    );
    setup.policy = setup
        .policy
        .replace("country = \"CZ\"", "country = \"CZ\"\ncontact = \"info@kavarna.example\"");
    returns
}

/// The address in the MAIL FROM that the sink saw.
pub fn return_path(taken: &Taken) -> String {
    let (_, rest) = taken.mail.split_once('<').unwrap();
    rest.split_once('>').unwrap().0.to_owned()
}

pub fn letter(from: &str, to: &str, subject: &str, text: &str) -> String {
    format!(
        "From: <{from}>\r\nTo: <{to}>\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
}
