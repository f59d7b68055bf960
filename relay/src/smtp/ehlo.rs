//! What EHLO offers (RFC 5321 §4.1.1.1), by settings and by how far the connection is.

use super::{
    settings::{Arrival, AuthOffer, Settings},
    when::HOLD_MAX,
    xclient, xforward,
};

/// The lines of the reply to EHLO.
pub fn offer(settings: &Settings, arrival: Arrival, tls: bool) -> String {
    let limits = &settings.limits;
    let mut text = format!(
        "{}\nPIPELINING\nSIZE {}\n8BITMIME\nSMTPUTF8\nCHUNKING\nBINARYMIME\nENHANCEDSTATUSCODES\nDSN\nPRDR\nDELIVERBY\nMT-PRIORITY MIXER",
        settings.hostname, limits.message_octets_max
    );
    // How long is what counts; a moment has to stand there, too (RFC 4865 §4).
    text += &format!("\nFUTURERELEASE {HOLD_MAX} 9999-12-31T23:59:59Z");
    text += &format!("\nLIMITS RCPTMAX={}", limits.recipients_max);
    if let Some(most) = limits.messages_max {
        text += &format!(" MAILMAX={most}");
    }
    if settings.starttls && !tls {
        text += "\nSTARTTLS";
    }
    if may_auth(settings, tls) {
        text += "\nAUTH PLAIN LOGIN SCRAM-SHA-256";
    }
    if tls {
        text += "\nREQUIRETLS";
    }
    if arrival.xclient {
        text += "\nXCLIENT ";
        text += xclient::OFFERED;
    }
    if arrival.xforward {
        text += "\nXFORWARD ";
        text += xforward::OFFERED;
    }
    text
}

/// AUTH is offered now.
pub fn may_auth(settings: &Settings, tls: bool) -> bool {
    match settings.auth {
        AuthOffer::Never => false,
        AuthOffer::InsideTls => tls,
        AuthOffer::InClear => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smtp::settings::{BareLf, Limits};

    #[test]
    fn what_is_offered_follows_tls_and_settings() {
        let mut settings = Settings {
            hostname: "mx.test".into(),
            limits: Limits { messages_max: Some(7), ..Limits::default() },
            bare_lf: BareLf::Reject,
            starttls: true,
            auth: AuthOffer::InsideTls,
            auth_required: true,
        };
        let plain = offer(&settings, Arrival::default(), false);
        assert!(plain.starts_with("mx.test\nPIPELINING\nSIZE 26214400\n"));
        assert!(plain.contains("\nLIMITS RCPTMAX=1000 MAILMAX=7\nSTARTTLS"));
        for absent in ["AUTH", "REQUIRETLS", "XCLIENT", "XFORWARD"] {
            assert!(!plain.contains(absent), "{absent} in clear text");
        }
        let proxied = Arrival { tls: true, xclient: true, xforward: true };
        let inside = offer(&settings, proxied, true);
        assert!(!inside.contains("STARTTLS"));
        assert!(inside.ends_with(
            "\nAUTH PLAIN LOGIN SCRAM-SHA-256\nREQUIRETLS\n\
             XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT\n\
             XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE"
        ));
        settings.auth = AuthOffer::Never;
        assert!(!offer(&settings, proxied, true).contains("AUTH"));
        settings.auth = AuthOffer::InClear;
        assert!(offer(&settings, Arrival::default(), false).contains("AUTH"));
    }
}
