//! What one listener's sessions are told: the limits, and what they may offer.
//!
//! Each limit has a default with its reason, and a reply of its own in `session`.

/// Everything that the sessions of one listener share.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What the greeting and the EHLO reply call us.
    pub hostname: String,
    pub limits: Limits,
    pub bare_lf: BareLf,
    /// A certificate is there: STARTTLS may be offered.
    pub starttls: bool,
    pub auth: AuthOffer,
    /// MAIL needs a login first.
    pub auth_required: bool,
}

/// Where AUTH is offered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AuthOffer {
    Never,
    InsideTls,
    /// In clear text too: for loopback, where the config says so.
    InClear,
}

/// What happens to a CR or LF that stands alone inside a message.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum BareLf {
    /// 554 after the message's true end.
    #[default]
    Reject,
    /// Each becomes CRLF before anyone sees the message; none ever ends it.
    Normalize,
}

/// The most a client may ask of one session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Octets of a command line with its CRLF. RFC 5321 §4.5.3.1.4 says 512, the parameters of
    /// DSN, AUTH= and SMTPUTF8 add about 1,500: 4,096 leaves room.
    pub command_octets_max: usize,
    /// Octets of a line inside an AUTH exchange (RFC 4954 §4: 12,288).
    pub auth_octets_max: usize,
    /// Recipients of one message (RFC 5321 §4.5.3.1.8: at least 100).
    pub recipients_max: usize,
    /// Octets of one message, offered as SIZE.
    pub message_octets_max: u64,
    /// Octets of one line of a message without its CRLF. RFC 5321 §4.5.3.1.6 says 998, which
    /// real tools overstep with long headers and HTML; beyond 8,000 other servers split or break
    /// the line on the way and the signature with it, so a clear reply now is kinder.
    pub message_line_octets_max: usize,
    /// Commands that were wrong before the connection is closed.
    pub errors_max: u32,
    /// Commands between two MAILs that bring no message nearer (NOOP, RSET, VRFY, EHLO).
    pub idle_commands_max: u32,
    /// MAIL commands of one connection; `None`: as many as they like.
    pub messages_max: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            command_octets_max: 4_096,
            auth_octets_max: 12_288,
            recipients_max: 1_000,
            message_octets_max: 25 * 1_024 * 1_024,
            message_line_octets_max: 8_000,
            errors_max: 20,
            idle_commands_max: 100,
            messages_max: None,
        }
    }
}

/// What is known of one connection before its first byte.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Arrival {
    /// Implicit TLS: the handshake is already over.
    pub tls: bool,
    /// This peer is configured as one that may say XCLIENT.
    pub xclient: bool,
    /// And this one XFORWARD.
    pub xforward: bool,
}
