//! A report by mail (RFC 8460 §5.3, §5.6): the squeezed JSON, and a line for people.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use policy::{Address, Class};
use uuid::Uuid;

use super::report::{About, span};
use crate::{
    delivery::{Own, base64_lines, clean, date, encoded_words},
    seal::Secret,
    smtp::envelope::Path,
    spool::{Delivery, Message},
};

/// As all reports go out.
pub(super) fn squeeze(json: &str) -> std::io::Result<Vec<u8>> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(json.as_bytes())?;
    out.finish()
}

/// Ready to be kept. `None` where the address cannot be written to.
pub(super) fn write(
    now: Timestamp,
    (id, secret): (Uuid, &Secret),
    about: About<'_>,
    to: &str,
    squeezed: &[u8],
    expires_at: Timestamp,
) -> Option<(Message, Vec<Delivery>)> {
    let address = Address::parse(to).ok()?;
    let own = Own {
        id,
        to: Path::parse(to).ok()?,
        // Whoever looks after a domain is no contact of anybody's.
        key: secret.address_key("", &address),
        class: Class::Transactional,
        bytes: bytes(now, id, about, to, squeezed).into(),
        smtputf8: false,
        expires_at,
    };
    Some(own.at(now))
}

fn bytes(now: Timestamp, id: Uuid, about: About<'_>, to: &str, squeezed: &[u8]) -> Vec<u8> {
    let line = |text: &str| clean(text, false);
    let submitter = about.contact.rsplit('@').next().unwrap_or_default();
    let (domain, submitter) = (line(about.domain), line(submitter));
    let (start, end) = span(about.day);
    let boundary = format!("tlsrpt-{}", id.simple());
    let head = format!(
        "Date: {}\r\nFrom: {} <{}>\r\nTo: <{}>\r\n\
         Subject: Report Domain: {domain} Submitter: {submitter}\r\n Report-ID: <{report}>\r\n\
         Message-ID: <{report}>\r\nTLS-Report-Domain: {domain}\r\n\
         TLS-Report-Submitter: {submitter}\r\n\
         TLS-Required: No\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=\"tlsrpt\";\r\n boundary=\"{boundary}\"\r\n\r\n",
        date(now),
        encoded_words(&clean(about.organization, true)),
        line(about.contact),
        line(to),
        report = line(about.id),
    );
    let words = format!(
        "--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 7bit\r\n\r\n\
         This is a report about TLS (RFC 8460) for mail to {domain}, from {submitter}.\r\n\
         Questions about it: {}\r\n",
        line(about.contact),
    );
    let file = format!("{submitter}!{domain}!{start}!{end}!{}.json.gz", id.simple());
    let report = format!(
        "--{boundary}\r\nContent-Type: application/tlsrpt+gzip\r\n\
         Content-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment;\r\n filename=\"{file}\"\r\n\r\n",
    );
    let mut out = [head, words, report].concat().into_bytes();
    out.extend_from_slice(&base64_lines(squeezed));
    out.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    out
}
