//! What the form of an operation's request tells: its fields, and values that they do not take.

use imulator::api::operation::Operation;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

/// A request's fields, each with its resolved schema, and those that are required.
pub fn fields(row: &Operation) -> (Map<String, Value>, Vec<String>) {
    let mut generator = SchemaGenerator::default();
    let request = (row.forms)(&mut generator).request.to_value();
    let definitions = Value::Object(generator.take_definitions(true));
    let request = resolved(&request, &definitions);
    let required = request["required"].as_array().into_iter().flatten();
    let required = required.filter_map(|name| name.as_str().map(str::to_owned)).collect();
    let fields = request["properties"].as_object().cloned().unwrap_or_default();
    (fields.into_iter().map(|(name, schema)| (name, resolved(&schema, &definitions))).collect(), required)
}

/// A schema with what it refers to in its place, also among its choices.
fn resolved(schema: &Value, definitions: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return resolved(&definitions[name], definitions);
    }
    let mut schema = schema.clone();
    for choice in ["anyOf", "oneOf"] {
        let list = schema.get_mut(choice).and_then(Value::as_array_mut);
        list.into_iter().flatten().for_each(|item| *item = resolved(item, definitions));
    }
    schema
}

/// The JSON types that a schema takes; nothing if it takes any.
pub fn types(schema: &Value) -> Option<Vec<String>> {
    let words = |value: &Value| match value {
        Value::String(word) => Some(vec![word.clone()]),
        Value::Array(words) => Some(words.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()),
        _ => None,
    };
    for choice in ["anyOf", "oneOf"] {
        if let Some(list) = schema[choice].as_array() {
            let all: Option<Vec<Vec<String>>> = list.iter().map(types).collect();
            return all.map(|all| all.concat());
        }
    }
    if schema["enum"].is_array() || schema["const"].is_string() {
        return Some(vec!["string".into()]);
    }
    words(&schema["type"])
}

/// Values that a field does not take, unless it takes anything or is a flag.
pub fn wrong_values(schema: &Value) -> Vec<Value> {
    let Some(types) = types(schema) else { return Vec::new() };
    if types.iter().any(|word| word == "boolean") {
        return Vec::new();
    }
    let takes = |word: &str| types.iter().any(|taken| taken == word || (taken == "number" && word == "integer"));
    let candidates =
        [("integer", json!(7)), ("boolean", json!(true)), ("string", json!("x y")), ("object", json!({"a": 1}))];
    let mut wrong: Vec<Value> =
        candidates.into_iter().filter(|(word, _)| !takes(word)).map(|(_, value)| value).collect();
    if !takes("array") {
        wrong.push(json!([[7]]));
    } else if schema.to_string().contains("\"string\"") {
        wrong.extend([json!([7]), json!([null]), json!([["x"]])]);
    }
    wrong
}
