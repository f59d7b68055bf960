//! The OpenAPI document: made of the code by utoipa, and completed here by what every operation has.
//!
//! Problems, keys, rates and examples are said once here and not at each operation.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::{OpenApi, openapi::OpenApi as Written};

use super::{
    gate::Asks,
    problem::{self, ALL},
};
use crate::api_key::Scope;

/// The finished document.
pub(super) struct Document {
    pub value: Value,
    pub text: String,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Souhlas",
        description = "The consent ledger and the mail relay's decisions, for shops, invoicing, \
            chats and mailing tools. A key belongs to one controller and sees nothing of another. \
            An address never stands in a path or a query.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(problem::Written)),
    tags(
        (name = "Purposes", description = "Why addresses may be used, and for how long."),
        (name = "Contacts", description = "Who is on record, and with what."),
        (name = "Grants", description = "What lets an address be used for a purpose."),
        (name = "Refusals", description = "What a person does not want; nothing goes over it."),
        (name = "Decisions", description = "Whether an address may get a message, by the relay's rules."),
        (name = "Export", description = "All that is on record, for another system or for safe keeping."),
        (name = "Rights", description = "What a person may ask of the controller: a copy of the data, and that they go."),
        (name = "Addresses", description = "How an address is spelled."),
        (name = "Relations", description = "Orders, contracts, enquiries: what makes a customer."),
        (name = "Activity", description = "Signs of life, from which some purposes count."),
        (name = "Webhooks", description = "Who is told of what happens."),
    ),
)]
struct Head;

/// What stands at its beginning.
pub(super) fn head() -> Written {
    Head::openapi()
}

impl Document {
    /// `writes`: paths that change something, whose requests may be sent twice.
    pub(super) fn of(written: &Written, writes: &BTreeSet<String>) -> Self {
        // INVARIANT: what utoipa holds can be written as JSON.
        let mut value = serde_json::to_value(written).unwrap_or_default();
        if let Some(components) = value.get_mut("components").and_then(Value::as_object_mut) {
            components.insert("securitySchemes".into(), scheme());
            components.insert("headers".into(), headers());
        }
        if let Some(document) = value.as_object_mut() {
            document.insert("webhooks".into(), super::told::webhooks());
        }
        subjects(&mut value);
        let schemas = value.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
        // What is looked at as it was typed may hold anything.
        let bound = schemas.into_iter().flatten().filter(|(name, _)| name.as_str() != "Typed");
        bound.for_each(|(_, schema)| texts(schema));
        if let Some(condition) = value.pointer_mut("/components/schemas/Condition") {
            close(condition);
        }
        let components = value.get("components").cloned().unwrap_or_default();
        each_operation(&mut value, |path, method, operation| {
            complete(operation, method != "get" && writes.contains(path), &components);
        });
        let text = serde_json::to_string_pretty(&value).unwrap_or_default();
        Self { value, text }
    }

    /// What each path and method asks for.
    pub(super) fn asks(&self) -> Asks {
        let mut asks = Asks::new();
        let mut value = self.value.clone();
        each_operation(&mut value, |path, method, operation| {
            let Some(scopes) = operation.pointer("/security/0/key").and_then(Value::as_array)
            else {
                return;
            };
            let scopes = scopes.iter().filter_map(Value::as_str).filter_map(Scope::parse).collect();
            asks.entry(path.to_owned()).or_default().insert(method.to_uppercase(), scopes);
        });
        asks
    }
}

pub(super) fn each_operation(value: &mut Value, mut each: impl FnMut(&str, &str, &mut Value)) {
    let Some(paths) = value.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, methods) in paths {
        for (method, operation) in methods.as_object_mut().into_iter().flatten() {
            if operation.get("responses").is_some() {
                each(path, method, operation);
            }
        }
    }
}

fn scheme() -> Value {
    let scopes: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    json!({ "key": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "souhlas_<id>_<secret>",
        "description": format!(
            "Made by `souhlas api-key add`. Scopes: {}.", scopes.join(", ")
        ),
    } })
}

fn headers() -> Value {
    let header = |about: &str, schema: Value| json!({ "description": about, "schema": schema });
    let whole = json!({ "type": "integer", "minimum": 0 });
    json!({
        "RetryAfter": header("Seconds to wait before another try.", whole),
        "RateLimit": header(
            "Requests that may come at once, and seconds until all of the share is there again.",
            json!({ "type": "string", "example": "\"key\";r=99;t=1" }),
        ),
        "RateLimitPolicy": header(
            "The key's share, and the seconds in which it fills.",
            json!({ "type": "string", "example": "\"key\";q=100;w=10" }),
        ),
        "IdempotencyReplayed": header(
            "The answer was given before, to the same request.",
            json!({ "type": "string", "enum": ["true"] }),
        ),
    })
}

/// A body says whom it is about in one of two ways.
fn subjects(value: &mut Value) {
    let schemas = value.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    for schema in schemas.into_iter().flatten().map(|(_, schema)| schema) {
        let has = |name: &str| schema.pointer(&format!("/properties/{name}")).is_some();
        let pairs = [("address", "contact"), ("filter", "addresses")];
        let pair = pairs.into_iter().find(|(one, other)| has(one) && has(other));
        let Some((one, other)) = pair else { continue };
        if schema.get("additionalProperties").is_none() {
            continue;
        }
        if let Some(schema) = schema.as_object_mut() {
            // Null says nothing.
            let needs = |name: &str| json!({ "required": [name], "properties": { name: { "not": { "type": "null" } } } });
            schema.insert("oneOf".into(), json!([needs(one), needs(other)]));
        }
    }
}

/// A text has line ends, but no other control characters.
fn texts(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            let kind = fields.get("type");
            let text = kind
                .is_some_and(|kind| *kind == json!("string") || *kind == json!(["string", "null"]));
            let own = ["pattern", "format", "enum"].iter().any(|own| fields.contains_key(*own));
            if text && !own && fields.contains_key("maxLength") {
                fields.insert("pattern".into(), json!(LETTERS));
            }
            fields.values_mut().for_each(texts);
        }
        Value::Array(list) => list.iter_mut().for_each(texts),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// An object has the fields that its schema says, and no others.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("type") == Some(&json!("object")) {
                fields.entry("additionalProperties").or_insert(json!(false));
            }
            fields
                .iter_mut()
                .filter(|(name, _)| !matches!(name.as_str(), "example" | "additionalProperties"))
                .for_each(|(_, below)| close(below));
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What every operation has: its problems, its headers, its examples.
fn complete(operation: &mut Value, writes: bool, components: &Value) {
    let has_body = operation.get("requestBody").is_some();
    let has_parameters = operation.get("parameters").is_some();
    if writes {
        let name = json!({
            "name": "Idempotency-Key",
            "in": "header",
            "required": false,
            "description": "A name for this request, made by the client (a UUID will do). Sent \
                again under the same name within 24 hours it is not done again, and gets the \
                answer that it got.",
            "schema": { "type": "string", "pattern": "^[!-~]{1,200}$", "minLength": 1,
                "maxLength": 200, "example": "5f0c7c1e-6c0f-4d4e-9f57-0a8a1d2b3c4d" },
        });
        if let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) {
            parameters.push(name);
        } else if let Some(operation) = operation.as_object_mut() {
            operation.insert("parameters".into(), json!([name]));
        }
    }
    if let Some(content) = operation.pointer_mut("/requestBody/content") {
        give_examples(content, components);
    }
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    for status in [401, 403, 429, 500, 503] {
        responses.entry(status.to_string()).or_insert_with(|| json!({}));
    }
    if has_body {
        for status in [400, 413, 415, 422] {
            responses.entry(status.to_string()).or_insert_with(|| json!({}));
        }
    }
    if has_parameters || writes {
        responses.entry("422").or_insert_with(|| json!({}));
    }
    if writes {
        responses.entry("409").or_insert_with(|| json!({}));
    }
    for (status, response) in responses {
        if let Some(response) = response.as_object_mut() {
            answer(status, response, writes, components);
        }
    }
}

fn answer(status: &str, response: &mut Map<String, Value>, writes: bool, components: &Value) {
    let header = |name: &str| json!({ "$ref": format!("#/components/headers/{name}") });
    let mut headers =
        response.get("headers").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut add = |name: &str, of: &str| headers.insert(name.to_owned(), header(of));
    if status != "401" {
        add("RateLimit", "RateLimit");
        add("RateLimit-Policy", "RateLimitPolicy");
    }
    if matches!(status, "429" | "503") {
        add("Retry-After", "RetryAfter");
    }
    if writes && status.starts_with('2') {
        add("Idempotency-Replayed", "IdempotencyReplayed");
    }
    response.insert("headers".into(), headers.into());
    if status.starts_with('2') {
        if let Some(content) = response.get_mut("content") {
            give_examples(content, components);
        }
        return;
    }
    let kinds: Vec<_> = ALL.iter().filter(|kind| kind.status.as_str() == status).collect();
    let titles: Vec<String> =
        kinds.iter().map(|kind| format!("`{}`: {}", kind.word, kind.title)).collect();
    let about = response.entry("description").or_insert_with(|| json!(titles.join("; ")));
    if about.as_str().is_some_and(str::is_empty) {
        *about = json!(titles.join("; "));
    }
    let example = kinds.first().map(|kind| {
        json!({ "type": format!("/#{}", kind.word), "code": kind.word, "title": kind.title,
            "status": kind.status.as_u16(), "detail": "what is wrong here, in words",
            "advice": kind.advice })
    });
    response.insert(
        "content".into(),
        json!({ problem::MEDIA: {
            "schema": { "$ref": "#/components/schemas/Problem" },
            "example": example,
        } }),
    );
}

fn give_examples(content: &mut Value, components: &Value) {
    for (_, media) in content.as_object_mut().into_iter().flatten() {
        let Some(schema) = media.get("schema") else { continue };
        let example = example(schema, components);
        if let Some(media) = media.as_object_mut() {
            media.entry("example").or_insert(example);
        }
    }
}

/// The schema's own example, or one made of those of its parts.
pub(super) fn example(schema: &Value, components: &Value) -> Value {
    if let Some(own) = schema.get("example") {
        return own.clone();
    }
    if let Some(own) = schema.pointer("/examples/0") {
        return own.clone();
    }
    if let Some(named) = named(schema, components) {
        return example(named, components);
    }
    if let Some(own) = schema.pointer("/enum/0") {
        return own.clone();
    }
    for some in ["oneOf", "anyOf", "allOf"] {
        let parts = schema.get(some).and_then(Value::as_array).into_iter().flatten();
        let real = |part: &&Value| part.get("type") != Some(&json!("null"));
        if let Some(part) = parts.into_iter().find(real)
            && part.get("required").is_none()
        {
            return example(part, components);
        }
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let each = properties.iter().map(|(name, own)| (name.clone(), example(own, components)));
        return Value::Object(each.collect());
    }
    let kind = schema.get("type");
    let kind = kind.and_then(|kind| kind.as_str().or_else(|| kind.get(0).and_then(Value::as_str)));
    match kind {
        Some("array") => {
            schema.get("items").map_or_else(|| json!([]), |one| json!([example(one, components)]))
        }
        Some("boolean") => json!(true),
        Some("integer" | "number") => json!(1),
        Some("string") => json!("text"),
        Some(_) | None => Value::Null,
    }
}

/// The schema that a reference names.
pub(super) fn named<'a>(schema: &Value, components: &'a Value) -> Option<&'a Value> {
    let name = schema.get("$ref")?.as_str()?.strip_prefix("#/components/")?;
    components.pointer(&format!("/{name}"))
}

const LETTERS: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$";
