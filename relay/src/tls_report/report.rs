//! The report about one day of one domain (RFC 8460 §4.4). Pure.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::delivery::tally::{Session, Shown};

/// Whose report it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct About<'a> {
    pub organization: &'a str,
    pub contact: &'a str,
    pub domain: &'a str,
    pub id: &'a str,
    /// Days since 1970-01-01, in UTC.
    pub day: i64,
}

const DAY: i64 = 86_400;

/// First and last second of the day.
pub(super) fn span(day: i64) -> (i64, i64) {
    let start = day.saturating_mul(DAY);
    (start, start.saturating_add(DAY - 1))
}

pub(super) fn write(about: About<'_>, sessions: &[(Session, u64)]) -> Value {
    let (start, end) = span(about.day);
    let mut policies: Vec<&Shown> = sessions.iter().map(|(session, _)| &session.policy).collect();
    policies.sort_unstable();
    policies.dedup();
    let policies: Vec<Value> = policies
        .into_iter()
        .map(|policy| {
            let own = sessions.iter().filter(|(session, _)| session.policy == *policy);
            one(about.domain, policy, &own.collect::<Vec<_>>())
        })
        .collect();
    json!({
        "organization-name": about.organization,
        "date-range": { "start-datetime": moment(start), "end-datetime": moment(end) },
        "contact-info": about.contact,
        "report-id": about.id,
        "policies": policies,
    })
}

fn one(domain: &str, policy: &Shown, sessions: &[&(Session, u64)]) -> Value {
    let (mut good, mut bad) = (0_u64, 0_u64);
    let mut details = Vec::new();
    for (session, count) in sessions {
        let Some(failure) = &session.failure else {
            good = good.saturating_add(*count);
            continue;
        };
        bad = bad.saturating_add(*count);
        let mut detail = json!({
            "result-type": failure.result,
            "failed-session-count": count,
        });
        let said = [
            ("receiving-mx-hostname", &failure.host),
            ("receiving-ip", &failure.ip),
            ("sending-mta-ip", &failure.from),
            ("failure-reason-code", &failure.reason),
        ];
        if let Some(fields) = detail.as_object_mut() {
            for (name, value) in said.into_iter().filter(|(_, value)| !value.is_empty()) {
                fields.insert(name.to_owned(), value.as_str().into());
            }
        }
        details.push(detail);
    }
    let mut shown = json!({
        "policy-type": policy.kind,
        "policy-string": policy.text,
        "policy-domain": domain,
    });
    if let Some(fields) = shown.as_object_mut()
        && !policy.hosts.is_empty()
    {
        fields.insert("mx-host".to_owned(), json!(policy.hosts));
    }
    json!({
        "policy": shown,
        "summary": {
            "total-successful-session-count": good,
            "total-failure-session-count": bad,
        },
        "failure-details": details,
    })
}

fn moment(second: i64) -> String {
    Timestamp::from_second(second).map(|at| at.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::tally::Failure;

    fn expected() -> Value {
        json!({
            "organization-name": "Kavarna s.r.o.",
            "date-range": {
                "start-datetime": "2024-10-04T00:00:00Z",
                "end-datetime": "2024-10-04T23:59:59Z",
            },
            "contact-info": "postmaster@kavarna.example",
            "report-id": "7@relay.test",
            "policies": [
                {
                    "policy": {
                        "policy-type": "no-policy-found",
                        "policy-string": [],
                        "policy-domain": "a.cz",
                    },
                    "summary": {
                        "total-successful-session-count": 1,
                        "total-failure-session-count": 0,
                    },
                    "failure-details": [],
                },
                {
                    "policy": {
                        "policy-type": "sts",
                        "policy-string": ["version: STSv1", "mode: testing"],
                        "policy-domain": "a.cz",
                        "mx-host": ["*.a.cz"],
                    },
                    "summary": {
                        "total-successful-session-count": 5326,
                        "total-failure-session-count": 300,
                    },
                    "failure-details": [
                        {
                            "result-type": "certificate-expired",
                            "receiving-mx-hostname": "mx.a.cz",
                            "receiving-ip": "192.0.2.1",
                            "sending-mta-ip": "192.0.2.9",
                            "failed-session-count": 100,
                        },
                        {
                            "result-type": "starttls-not-supported",
                            "receiving-mx-hostname": "mx.a.cz",
                            "failed-session-count": 200,
                        },
                    ],
                },
            ],
        })
    }

    #[test]
    fn a_day_is_told_by_policy_with_each_failure() {
        let sts = Shown {
            kind: "sts".into(),
            text: vec!["version: STSv1".into(), "mode: testing".into()],
            hosts: vec!["*.a.cz".into()],
        };
        let nothing = Shown { kind: "no-policy-found".into(), text: vec![], hosts: vec![] };
        let failure = |result: &str, ip: &str| {
            let (host, reason) = ("mx.a.cz".to_owned(), String::new());
            let from = if ip.is_empty() { "" } else { "192.0.2.9" };
            Some(Failure { result: result.into(), host, ip: ip.into(), from: from.into(), reason })
        };
        let session = |policy: &Shown, failure| Session {
            day: 20_000,
            domain: "a.cz".into(),
            policy: policy.clone(),
            failure,
        };
        let sessions = [
            (session(&sts, None), 5_326),
            (session(&sts, failure("certificate-expired", "192.0.2.1")), 100),
            (session(&sts, failure("starttls-not-supported", "")), 200),
            (session(&nothing, None), 1),
        ];
        let about = About {
            organization: "Kavarna s.r.o.",
            contact: "postmaster@kavarna.example",
            domain: "a.cz",
            id: "7@relay.test",
            day: 20_000,
        };
        assert_eq!(write(about, &sessions), expected());
    }
}
