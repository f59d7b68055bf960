//! The readable page: the same document, for people. No script, nothing from elsewhere.

use askama::Template;
use axum::{
    Router,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use serde_json::{Map, Value};

use super::{
    Shared,
    document::{Document, each_operation, named},
    problem::{ALL, Kind},
};

/// `/`, `/openapi.json`, `/api.css`: for everybody who reaches the listener.
pub(super) fn router(document: Document) -> Router<Shared> {
    let (page, text) = (page(&document.value), document.text);
    let served = |kind: &'static str, text: String| {
        get(move || {
            let answer = (StatusCode::OK, [(header::CONTENT_TYPE, kind)], text.clone());
            async { answer.into_response() }
        })
    };
    Router::new()
        .route("/", served("text/html; charset=utf-8", page))
        .route("/openapi.json", served("application/json", text))
        .route("/api.css", served("text/css; charset=utf-8", STYLE.to_owned()))
}

#[derive(Template)]
#[template(path = "api.html")]
struct Reference {
    title: String,
    about: String,
    keys: String,
    sections: Vec<Section>,
    problems: &'static [&'static Kind],
}

/// The operations of one tag.
struct Section {
    name: String,
    about: String,
    operations: Vec<Operation>,
}

struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    about: String,
    scopes: String,
    parameters: Vec<Field>,
    fields: Vec<Field>,
    request: Option<String>,
    answers: Vec<Answer>,
}

/// A parameter or a field of a body.
struct Field {
    name: String,
    kind: String,
    needed: bool,
    about: String,
}

struct Answer {
    status: String,
    about: String,
    example: Option<String>,
}

fn page(document: &Value) -> String {
    let components = document.get("components").cloned().unwrap_or_default();
    let mut sections: Vec<Section> = list(document, "tags")
        .map(|tag| Section {
            name: words(tag, "name"),
            about: words(tag, "description"),
            operations: Vec::new(),
        })
        .collect();
    each_operation(&mut document.clone(), |path, method, operation| {
        let tag = operation.pointer("/tags/0").and_then(Value::as_str);
        let section = sections.iter_mut().find(|section| tag == Some(section.name.as_str()));
        if let Some(section) = section {
            section.operations.push(shown(path, method, operation, &components));
        }
    });
    let reference = Reference {
        title: pointed(document, "/info/title"),
        about: pointed(document, "/info/description"),
        keys: pointed(document, "/components/securitySchemes/key/description"),
        sections,
        problems: ALL,
    };
    // Writing into a String does not fail.
    reference.render().unwrap_or_default()
}

fn shown(path: &str, method: &str, operation: &Value, components: &Value) -> Operation {
    let body = operation.pointer("/requestBody/content/application~1json");
    let schema = body.and_then(|body| body.get("schema"));
    let scopes: Vec<&str> = operation
        .pointer("/security/0/key")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let parameters = list(operation, "parameters").map(|parameter| {
        let schema = parameter.get("schema").cloned().unwrap_or_default();
        Field {
            name: words(parameter, "name"),
            kind: format!("{}, {}", words(parameter, "in"), kind(&schema, components)),
            needed: parameter.get("required") == Some(&Value::Bool(true)),
            about: words(parameter, "description"),
        }
    });
    let answers = operation.get("responses").and_then(Value::as_object);
    Operation {
        id: words(operation, "operationId"),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: words(operation, "summary"),
        about: words(operation, "description"),
        scopes: scopes.join(", "),
        parameters: parameters.collect(),
        fields: schema.map(|schema| fields(schema, components)).unwrap_or_default(),
        request: body.and_then(|body| body.get("example")).map(pretty),
        answers: answers.into_iter().flatten().map(answer).collect(),
    }
}

fn answer((status, response): (&String, &Value)) -> Answer {
    let contents = response.get("content").and_then(Value::as_object);
    let media = contents.and_then(|contents| contents.values().next());
    let good = status.starts_with('2');
    Answer {
        status: status.clone(),
        about: words(response, "description"),
        example: media.filter(|_| good).and_then(|media| media.get("example")).map(pretty),
    }
}

fn fields(schema: &Value, components: &Value) -> Vec<Field> {
    let schema = named(schema, components).unwrap_or(schema);
    let empty = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let needed: Vec<&str> = list(schema, "required").filter_map(Value::as_str).collect();
    let each = properties.iter().map(|(name, own)| {
        let about = words(own, "description");
        let behind = reference(own).and_then(|own| named(own, components));
        let behind = behind.map(|own| words(own, "description")).unwrap_or_default();
        Field {
            name: name.clone(),
            kind: kind(own, components),
            needed: needed.contains(&name.as_str()),
            about: if about.is_empty() { behind } else { about },
        }
    });
    each.collect()
}

/// The part of a schema that refers to another: itself, or the one that may also be null.
fn reference(schema: &Value) -> Option<&Value> {
    let parts = ["oneOf", "allOf", "anyOf"].into_iter().flat_map(|some| list(schema, some));
    std::iter::once(schema).chain(parts).find(|part| part.get("$ref").is_some())
}

/// What a field takes, in a few words.
fn kind(schema: &Value, components: &Value) -> String {
    let schema = reference(schema).and_then(|own| named(own, components)).unwrap_or(schema);
    let choice: Vec<String> = list(schema, "enum")
        .chain(list(schema, "oneOf").filter_map(|one| one.pointer("/enum/0").or(one.get("const"))))
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    if !choice.is_empty() {
        return choice.join(" | ");
    }
    let own = schema.get("type");
    let own = own.and_then(|own| own.as_str().or_else(|| own.get(0).and_then(Value::as_str)));
    match (own, schema.get("format").and_then(Value::as_str)) {
        (Some("array"), _) => {
            let item = schema.get("items").map(|item| kind(item, components)).unwrap_or_default();
            let most = schema.get("maxItems").map(|most| format!(", at most {most}"));
            format!("list of {item}{}", most.unwrap_or_default())
        }
        (Some("string"), Some(format)) => format.to_owned(),
        (Some(own), _) => own.to_owned(),
        (None, _) => String::new(),
    }
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn words(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn pointed(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

const STYLE: &str = include_str!("../../../templates/api.css");
