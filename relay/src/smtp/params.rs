//! The parameters of MAIL and RCPT (RFC 1870, 2852, 3461, 4865, 4954, 6152, 6531, 6710, 8689, PRDR).
//!
//! Grammar only: whether a parameter is allowed just now is the session's to say.

use super::{
    envelope::{BodyType, MailParams, Notify, Ret},
    reply::Reply,
    when::{self, By, Hold},
    xtext,
};

/// Reads what stands behind MAIL FROM's path.
pub fn mail(text: &str) -> Result<MailParams, Reply> {
    let mut params = MailParams::default();
    for (name, value) in each(text)? {
        match (name.as_str(), value) {
            ("SIZE", Some(value)) => params.size = Some(size(value)?),
            ("BODY", Some(value)) => params.body = body(value)?,
            ("SMTPUTF8", None) => params.smtputf8 = true,
            ("RET", Some(value)) => params.ret = Some(ret(value)?),
            ("ENVID", Some(value)) => {
                params.envid = Some(text_of(value, ENVID_OCTETS_MAX, "ENVID")?)
            }
            // Taken and not believed, as if it were AUTH=<> (RFC 4954 §5).
            ("AUTH", Some(value)) => {
                text_of(value, AUTH_OCTETS_MAX, "AUTH")?;
            }
            ("REQUIRETLS", None) => params.require_tls = true,
            ("PRDR", None) => params.prdr = true,
            // One of the two (RFC 4865 §4.1).
            ("HOLDFOR" | "HOLDUNTIL", Some(_)) if params.hold.is_some() => {
                return Err(wrong("HOLDFOR or HOLDUNTIL, and not both"));
            }
            ("HOLDFOR", Some(value)) => params.hold = Some(Hold::read_for(value)?),
            ("HOLDUNTIL", Some(value)) => params.hold = Some(Hold::read_until(value)?),
            ("BY", Some(value)) => params.by = Some(By::read(value)?),
            ("MT-PRIORITY", Some(value)) => params.priority = Some(when::priority(value)?),
            (
                "SIZE" | "BODY" | "RET" | "ENVID" | "AUTH" | "HOLDFOR" | "HOLDUNTIL" | "BY"
                | "MT-PRIORITY",
                None,
            ) => {
                return Err(wrong(format!("{name} needs a value: {name}=...")));
            }
            ("SMTPUTF8" | "REQUIRETLS" | "PRDR", Some(_)) => {
                return Err(wrong(format!("{name} takes no value")));
            }
            _ => return Err(unknown()),
        }
    }
    Ok(params)
}

/// What stood behind RCPT TO's path.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RcptParams {
    pub notify: Notify,
    pub orcpt: Option<String>,
}

/// Reads what stands behind RCPT TO's path.
pub fn rcpt(text: &str) -> Result<RcptParams, Reply> {
    let mut params = RcptParams::default();
    for (name, value) in each(text)? {
        match (name.as_str(), value) {
            ("NOTIFY", Some(value)) => params.notify = notify(value)?,
            ("ORCPT", Some(value)) => params.orcpt = Some(orcpt(value)?),
            ("NOTIFY" | "ORCPT", None) => {
                return Err(wrong(format!("{name} needs a value: {name}=...")));
            }
            _ => return Err(unknown()),
        }
    }
    Ok(params)
}

/// Each parameter once, its name in upper case.
fn each(text: &str) -> Result<Vec<(String, Option<&str>)>, Reply> {
    if !text.is_empty() && !text.starts_with(' ') {
        return Err(wrong("leave a space between the address and its parameters"));
    }
    let mut all: Vec<(String, Option<&str>)> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        let name = name.to_ascii_uppercase();
        if all.iter().any(|(seen, _)| *seen == name) {
            return Err(wrong("a parameter stands there twice"));
        }
        all.push((name, value));
    }
    Ok(all)
}

fn size(value: &str) -> Result<u64, Reply> {
    let digits = value.len() <= 20 && value.bytes().all(|byte| byte.is_ascii_digit());
    // More than u64 holds is still a size, only far too large a one.
    match (digits && !value.is_empty(), value.parse()) {
        (true, Ok(size)) => Ok(size),
        (true, Err(_)) => Ok(u64::MAX),
        (false, _) => Err(wrong("SIZE is a number of octets")),
    }
}

fn body(value: &str) -> Result<BodyType, Reply> {
    match value.to_ascii_uppercase().as_str() {
        "7BIT" => Ok(BodyType::SevenBit),
        "8BITMIME" => Ok(BodyType::EightBitMime),
        "BINARYMIME" => Ok(BodyType::BinaryMime),
        _ => Err(wrong("BODY is 7BIT, 8BITMIME or BINARYMIME")),
    }
}

fn ret(value: &str) -> Result<Ret, Reply> {
    match value.to_ascii_uppercase().as_str() {
        "FULL" => Ok(Ret::Full),
        "HDRS" => Ok(Ret::Headers),
        _ => Err(wrong("RET is FULL or HDRS")),
    }
}

fn notify(value: &str) -> Result<Notify, Reply> {
    let mut notify = Notify { success: false, failure: false, delay: false };
    if value.eq_ignore_ascii_case("NEVER") {
        return Ok(notify);
    }
    for word in value.split(',') {
        match word.to_ascii_uppercase().as_str() {
            "SUCCESS" => notify.success = true,
            "FAILURE" => notify.failure = true,
            "DELAY" => notify.delay = true,
            _ => return Err(wrong("NOTIFY is NEVER, or some of SUCCESS,FAILURE,DELAY")),
        }
    }
    Ok(notify)
}

/// `rfc822;` and an address in xtext; another type's name is kept as it is.
fn orcpt(value: &str) -> Result<String, Reply> {
    let fault = || wrong("ORCPT is type;address, the address in xtext");
    let (kind, address) = value.split_once(';').ok_or_else(fault)?;
    let atom = kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if kind.is_empty() || !atom || address.is_empty() {
        return Err(fault());
    }
    let address = text_of(address, ORCPT_OCTETS_MAX, "ORCPT")?;
    Ok(format!("{kind};{address}"))
}

fn text_of(value: &str, octets_max: usize, name: &str) -> Result<String, Reply> {
    if value.len() > octets_max {
        return Err(wrong(format!("{name} is longer than {octets_max} octets")));
    }
    match xtext::decode(value) {
        Some(text) if !value.is_empty() => Ok(text),
        _ => Err(wrong(format!("{name} is not xtext (RFC 3461)"))),
    }
}

fn wrong(text: impl Into<String>) -> Reply {
    Reply::new(501, "5.5.4", text)
}

fn unknown() -> Reply {
    Reply::new(555, "5.5.4", "parameter not known here: leave it out")
}

/// RFC 3461 §4.4.
const ENVID_OCTETS_MAX: usize = 100;
/// RFC 3461 §4.2.
const ORCPT_OCTETS_MAX: usize = 500;
/// RFC 4954 §5.
const AUTH_OCTETS_MAX: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parameters_of_mail_are_read() {
        let text = " SIZE=1000 body=8BITMIME SMTPUTF8 RET=HDRS ENVID=QQ+2B1 AUTH=<> REQUIRETLS PRDR \
             HOLDFOR=60 BY=120;R MT-PRIORITY=-4";
        let expected = MailParams {
            size: Some(1_000),
            body: BodyType::EightBitMime,
            smtputf8: true,
            ret: Some(Ret::Headers),
            envid: Some("QQ+1".into()),
            require_tls: true,
            prdr: true,
            hold: Some(Hold::For(60)),
            by: Some(By { seconds: 120, otherwise: when::Otherwise::Return, trace: false }),
            priority: Some(-4),
        };
        assert_eq!(mail(text), Ok(expected));
        assert_eq!(mail(""), Ok(MailParams::default()));
        assert_eq!(mail(" SIZE=99999999999999999999").unwrap().size, Some(u64::MAX));
    }

    #[test]
    fn parameters_of_mail_that_are_refused() {
        for (text, code) in [
            ("SIZE=1", 501),
            (" SIZE", 501),
            (" SIZE=", 501),
            (" SIZE=-1", 501),
            (" SIZE=+1", 501),
            (" SIZE=1 SIZE=1", 501),
            (" BODY=9BIT", 501),
            (" SMTPUTF8=1", 501),
            (" RET=ALL", 501),
            (" ENVID=", 501),
            (" ENVID=a=b", 501),
            (" AUTH=a+", 501),
            (" HOLDFOR", 501),
            (" HOLDFOR=60 HOLDUNTIL=2027-01-01T08:00:00Z", 501),
            (" BY=0;R", 501),
            (" MT-PRIORITY=10", 501),
            (" NOTIFY=NEVER", 555),
            (" XYZZY", 555),
        ] {
            assert_eq!(mail(text).unwrap_err().code, code, "{text}");
        }
    }

    #[test]
    fn parameters_of_rcpt() {
        let never = Notify { success: false, failure: false, delay: false };
        assert_eq!(rcpt(" NOTIFY=never").unwrap().notify, never);
        let both = Notify { success: true, failure: false, delay: true };
        assert_eq!(rcpt(" NOTIFY=SUCCESS,DELAY").unwrap().notify, both);
        assert_eq!(rcpt("").unwrap().notify, Notify::default());
        let orcpt = rcpt(" ORCPT=rfc822;a+2Bb@x.cz").unwrap().orcpt;
        assert_eq!(orcpt.as_deref(), Some("rfc822;a+b@x.cz"));
        for (text, code) in [
            (" NOTIFY=NEVER,FAILURE", 501),
            (" NOTIFY=", 501),
            (" NOTIFY", 501),
            (" ORCPT=a@x.cz", 501),
            (" ORCPT=rfc822;", 501),
            (" ORCPT=rfc 822;a", 501),
            (" RET=FULL", 555),
        ] {
            assert_eq!(rcpt(text).unwrap_err().code, code, "{text}");
        }
    }
}
