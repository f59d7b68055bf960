//! What webhooks are sent, as the OpenAPI document has it: one entry for each event.

use serde_json::{Map, Value, json};

use crate::{news::What, webhook::Event};

/// The document's `webhooks`.
pub(super) fn webhooks() -> Value {
    let all = Event::all().into_iter().chain([Event::Test]);
    all.map(|event| (event.as_str().to_owned(), json!({ "post": told(event) })))
        .collect::<Map<String, Value>>()
        .into()
}

fn told(event: Event) -> Value {
    json!({
        "summary": about(event),
        "description": "Sent until a 2xx comes, with longer and longer waits, for three days or \
            what the relay's settings say; the same `id` each time. Redirects are not followed.",
        "operationId": format!("{}Event", event.as_str()),
        "tags": ["Webhooks"],
        "parameters": [
            header("Souhlas-Signature", "`t=` the moment of the request in unix seconds, and for \
                each secret that counts `v1=` the hex HMAC-SHA256 of `t`, a full stop and the body.",
                "t=1800000000,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd"),
            header("Souhlas-Delivery", "`id` of the body.", DELIVERY),
            header("Souhlas-Event", "`event` of the body.", event.as_str()),
        ],
        "requestBody": {
            "required": true,
            "content": { "application/json": { "schema": schema(event), "example": example(event) } },
        },
        "responses": {
            "2XX": { "description": "Taken; what the answer says is not read." },
            "410": { "description": "Gone: the webhook is switched off at once." },
        },
    })
}

fn about(event: Event) -> &'static str {
    match event {
        Event::Granted => "A purpose was granted",
        Event::Confirmed => "A purpose was granted and confirmed by a click in a letter",
        Event::Renewed => "A purpose was granted again",
        Event::Expiring => "The last grant of a purpose ends soon",
        Event::Expired => "The last grant of a purpose ended",
        Event::Refused => "A purpose was refused, or everything",
        Event::Ended => "The grants of a purpose were ended before their time",
        Event::Inactive => "A contact is silent for long, and waits for a last campaign",
        Event::Reactivated => "A contact that was silent gave a sign of life",
        Event::Erased => "The contact's data was erased",
        Event::Of(What::Accepted) => "Messages were taken in, to be sent",
        Event::Of(What::Blocked) => "Messages were refused by a verdict when they came",
        Event::Of(What::Held) => "Messages wait for a person's decision",
        Event::Of(What::Released) => "A person let held messages go",
        Event::Of(What::Rejected) => "A person rejected held messages, or nobody decided in time",
        Event::Of(What::Delivered) => "The next server took messages over",
        Event::Of(What::Deferred) => "Messages are tried again later",
        Event::Of(What::Bounced) => "Messages came back, or were given up",
        Event::Of(What::Suppressed) => {
            "Messages were stopped before they left: a no came meanwhile"
        }
        Event::Of(What::Complained) => "Recipients called messages spam",
        Event::Test => "Somebody tries the webhook",
    }
}

fn header(name: &str, about: &str, example: &str) -> Value {
    json!({
        "name": name, "in": "header", "required": true, "description": about,
        "schema": { "type": "string", "example": example },
    })
}

fn schema(event: Event) -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let perhaps = |about: &str| json!({ "type": ["string", "null"], "description": about });
    let moment =
        |about: &str| json!({ "type": "string", "format": "date-time", "description": about });
    let properties = json!({
        "id": text("Of the delivery, the same in each attempt: what came twice is known by it."),
        "event": { "type": "string", "const": event.as_str() },
        "controller": text("Whose contact it is."),
        "contact": perhaps("The contact's key; null in a test, and where it is about messages."),
        "address": perhaps("Null where it is not on record, or the webhook is not told it."),
        "purpose": perhaps("Null where it is about everything."),
        "at": moment("When it happened."),
        "recorded_at": moment("When it was written down."),
        "ledger_event":
            perhaps("As the ledger calls it; null in a test, and where it is about messages."),
        "data": { "type": "object", "properties": data(event) },
    });
    let required: Vec<&String> =
        properties.as_object().into_iter().flatten().map(|one| one.0).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

fn data(event: Event) -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    match event {
        Event::Granted | Event::Confirmed | Event::Renewed => json!({
            "from": text("From when it counts."),
            "until": text("Until when."),
            "basis": text("Why the data may be processed."),
            "method": text("How it was given."),
            "source": text("Where the address comes from."),
            "confirmed_at": text("When a click in a letter confirmed it."),
        }),
        Event::Expiring => json!({
            "until": text("When it ends."),
            "grant": text("The event that granted it."),
            "days": { "type": "integer", "description": "Days until then, begun ones counted." },
        }),
        Event::Expired => json!({
            "until": text("When it ended."),
            "grant": text("The event that granted it."),
        }),
        Event::Refused => json!({
            "scope": { "description": "Everything, or the purpose." },
            "complaint": { "type": "boolean", "description": "A complaint of spam (RFC 5965)." },
            "objection": { "type": "boolean", "description": "An objection under GDPR art. 21." },
            "why": { "const": "silent", "description": "Nobody said it: no sign of life came." },
        }),
        Event::Ended => json!({
            "how": { "enum": ["withdrawn", "revoked", "terminated", "invalidated"],
                "description": "By the person, by the controller, with the purpose, as void." },
        }),
        Event::Erased => {
            json!({ "how": { "enum": ["delete", "anonymise"], "description": "What was done." } })
        }
        Event::Inactive => json!({
            "until": text("Without a sign of life until then it is unsubscribed."),
        }),
        Event::Of(What::Held) => json!(messages(HELD_BY)),
        Event::Of(What::Released | What::Rejected) => {
            let mut told = messages(HELD_BY);
            let code = text("The reason that the person chose; `expired`: nobody decided in time.");
            told.insert("code".into(), code);
            json!(told)
        }
        Event::Of(_) => {
            let mut told = messages(REASON);
            let items = json!({ "type": "object", "properties": {
                "message": { "type": ["string", "null"], "format": "uuid",
                    "description": "Null where it was refused before there was one." },
                "contact": { "type": ["string", "null"], "description": "The contact's key." },
                "address": { "type": ["string", "null"], "description":
                    "Null where it is not on record, or the webhook is not told it." },
                "at": { "type": "string", "format": "date-time" },
                "status": { "type": ["string", "null"], "description": "RFC 3463." },
                "reply": { "type": ["string", "null"], "description": "The other server's words." },
            } });
            told.insert(
                "recipients".into(),
                json!({ "type": "array", "items": items,
                "maxItems": 100, "description": "Each of them: more come in another request." }),
            );
            json!(told)
        }
        Event::Reactivated | Event::Test => json!({}),
    }
}

const HELD_BY: (&str, &str) =
    ("rule", "Which rule holds or held them; empty: their edits could not be made.");
const REASON: (&str, &str) =
    ("reason", "Why, of the words in docs/webhooks.md; empty where it went well.");

/// What messages that are told together have alike.
fn messages((why, about_why): (&str, &str)) -> Map<String, Value> {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let told = [
        (why, text(about_why)),
        ("stream", text("The policy's stream.")),
        ("login", text("By which login they came.")),
        ("class", text("The class that they were taken as.")),
        ("campaign", text("As the console's links name it.")),
        ("count", json!({ "type": "integer", "description": "To how many recipients." })),
        (
            "messages",
            json!({ "type": "array", "items": { "type": "string", "format": "uuid" },
                "description": "Their ids, the first 100." }),
        ),
    ];
    told.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn example(event: Event) -> Value {
    let test = event == Event::Test;
    let of_messages = event.is_of_journal();
    let some = |text: &str| if test || of_messages { Value::Null } else { json!(text) };
    let data = match event {
        Event::Granted | Event::Confirmed | Event::Renewed => json!({
            "from": "2026-11-02T08:30:00Z", "until": "2029-11-02T08:30:00Z", "basis": "consent",
            "method": "form", "source": "own",
        }),
        Event::Expiring => {
            json!({ "until": "2026-12-02T08:30:00Z", "grant": "c1-7", "days": 30 })
        }
        Event::Expired => json!({ "until": "2026-11-02T08:30:00Z", "grant": "c1-7" }),
        Event::Refused => json!({ "scope": "everything" }),
        Event::Ended => json!({ "how": "revoked" }),
        Event::Inactive => json!({ "until": "2027-01-01T08:30:00Z" }),
        Event::Erased => json!({ "how": "delete" }),
        Event::Of(what @ (What::Held | What::Released | What::Rejected)) => {
            let mut told = json!({
                "rule": "class-mismatch", "stream": "orders", "login": "shop", "class": "mixed",
                "campaign": "5f70bf18a0860070", "count": 4213, "messages": [DELIVERY],
            });
            if let (Some(fields), true) = (told.as_object_mut(), what != What::Held) {
                fields.insert("code".into(), json!("false-positive"));
            }
            told
        }
        Event::Of(what) => {
            let went = matches!(what, What::Accepted | What::Delivered);
            json!({
                "reason": if went { "" } else { "hard" }, "stream": "news", "login": "shop",
                "class": "commercial", "campaign": "5f70bf18a0860070", "count": 1,
                "messages": [DELIVERY],
                "recipients": [{
                    "message": DELIVERY, "address": "jana@example.cz", "contact": CONTACT,
                    "at": "2026-11-02T08:30:00Z", "status": if went { "2.0.0" } else { "5.1.1" },
                    "reply": if went { "250 2.0.0 ok" } else { "550 5.1.1 no such user" },
                }],
            })
        }
        Event::Reactivated | Event::Test => json!({}),
    };
    let of_all =
        matches!(event, Event::Refused | Event::Inactive | Event::Reactivated | Event::Erased);
    json!({
        "id": DELIVERY,
        "event": event.as_str(),
        "controller": "cafe",
        "contact": some(CONTACT),
        "address": some("jana@example.cz"),
        "purpose": if of_all { Value::Null } else { some("newsletter") },
        "at": "2026-11-02T08:30:00Z",
        "recorded_at": "2026-11-02T08:30:00Z",
        "ledger_event": some("c1-42"),
        "data": data,
    })
}

const DELIVERY: &str = "0192d3c4-7a10-7cc3-98f1-d2b6c5a4e3f2";
const CONTACT: &str = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";
