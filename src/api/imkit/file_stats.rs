//! Statistics of files by the tags of the rooms that they were sent to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::api::call::Call;
use crate::api::imkit::envelope;
use crate::api::imkit::fields::time;
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::list::Inspect;
use crate::api::reply::Reply;
use crate::domain::imkit::files::{File, FileError};
use crate::domain::invalid::Invalid;

/// The code of tags that are no array of strings.
const INVALID_TAGS: &str = "INVALID_TAGS";

/// Counts files.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileStats {
    /// Room tags.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    tags: Value,
    /// Files from here on: ISO 8601.
    #[serde(default, deserialize_with = "crate::api::decode::optional")]
    range_start: Option<String>,
    /// Files up to here: ISO 8601.
    #[serde(default, deserialize_with = "crate::api::decode::optional")]
    range_end: Option<String>,
}

/// What the files of one tag come to.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Sum {
    /// Bytes.
    size: usize,
    count: usize,
}

/// The answer, which has no envelope.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Stats {
    inspect: Inspect,
    data: Map<String, Value>,
    total_count: usize,
    total_size: usize,
}

/// The room that a file was sent to; one client writes `roomId`.
fn room_of(file: &File) -> Option<String> {
    let extra: Map<String, Value> = serde_json::from_str(file.extra.text()).ok()?;
    extra.get("roomID").or_else(|| extra.get("roomId"))?.as_str().map(str::to_owned)
}

/// `POST /files/stats`: bytes and numbers of files for each tag.
///
/// # Errors
/// 400 for tags that are no array of strings, or a time that is none.
pub async fn file_stats(call: Call<Imkit>, request: FileStats) -> Result<Reply, FileError> {
    let app = &call.app;
    let tags: Vec<String> = serde_json::from_value(request.tags.clone()).map_err(|_| {
        let why = format!("is {}, and has to be an array of strings", crate::api::why::quote(&request.tags));
        Invalid::new("tags", why).with_info(INVALID_TAGS)
    })?;
    let from = request.range_start.as_deref().map(|text| time("rangeStart", text)).transpose()?;
    let to = request.range_end.as_deref().map(|text| time("rangeEnd", text)).transpose()?;
    let mut sums: Vec<(&str, Sum)> = Vec::with_capacity(tags.len());
    for tag in &tags {
        if !sums.iter().any(|(known, _)| known == tag) {
            sums.push((tag, Sum::default()));
        }
    }
    // Assumed: a file counts for each tag of the room that its extra names, whoever asks.
    let counted =
        |file: &File| from.is_none_or(|from| file.uploaded >= from) && to.is_none_or(|to| file.uploaded <= to);
    for file in app.files.all().iter().filter(|file| counted(file)) {
        let tags = room_of(file).and_then(|room| app.rooms.registry().read(&room, |room| room.info.room_tags.clone()));
        let tags = tags.unwrap_or_default();
        for (_, sum) in sums.iter_mut().filter(|(tag, _)| tags.iter().any(|own| own == tag)) {
            sum.count += 1;
            sum.size += file.content.bytes.len();
        }
    }
    let mut query = json!({"appID": app.id});
    for (name, bound) in [("$gte", from), ("$lte", to)] {
        if let Some(bound) = bound {
            query["createdAt"][name] = json!(bound.to_string());
        }
    }
    query["tags"] = json!(tags);
    let stats = Stats {
        inspect: Inspect { query, took_ms: 0 },
        total_count: sums.iter().map(|(_, sum)| sum.count).sum(),
        total_size: sums.iter().map(|(_, sum)| sum.size).sum(),
        data: sums.iter().map(|(tag, sum)| ((*tag).to_owned(), json!(sum))).collect(),
    };
    Ok(envelope::bare(&stats))
}
