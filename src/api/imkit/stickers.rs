//! Sticker sets: listed and served to everybody, brought as zip archives by the platform administrator.

use std::sync::Arc;

use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::imkit::envelope;
use crate::api::imkit::fields::Nothing;
use crate::api::imkit::files::Deleted;
use crate::api::imkit::form::Form;
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::signed_url;
use crate::api::reply::Reply;
use crate::api::why::quote_text;
use crate::domain::imkit::files::{File, FileError};
use crate::domain::imkit::stickers::{Said, StickerSet, resource_id};
use crate::domain::invalid::Invalid;
use crate::kernel::clock::Timestamp;

/// A set as everybody sees it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PublicSet {
    #[serde(rename = "_id")]
    id: String,
    name: String,
    zip: PublicResource,
    #[serde(rename = "updatedAtMS")]
    updated: Timestamp,
}

/// How a file of a set is asked for.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PublicResource {
    resource_id: String,
}

/// A file of a set, as its store knows it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    #[serde(rename = "ETag")]
    etag: String,
    location: String,
    key: String,
    bucket: String,
    #[serde(rename = "resourceId")]
    resource_id: String,
}

/// A set as the platform administrator sees it who has just sent it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SentSet {
    #[serde(rename = "_id")]
    id: String,
    #[serde(rename = "__v")]
    version: u32,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<i64>,
    zip: Resource,
    images: Vec<Resource>,
    #[serde(rename = "updatedAtMS")]
    updated: Timestamp,
    #[serde(rename = "createdAtMS")]
    created: Timestamp,
}

/// The same in a list: its order stands behind its archive.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedSet {
    #[serde(rename = "_id")]
    id: String,
    #[serde(rename = "__v")]
    version: u32,
    name: String,
    zip: Resource,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<i64>,
    images: Vec<Resource>,
    #[serde(rename = "updatedAtMS")]
    updated: Timestamp,
    #[serde(rename = "createdAtMS")]
    created: Timestamp,
}

/// Sets, sorted by id.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sets<S> {
    total_count: usize,
    data: Vec<S>,
}

impl<S> Sets<S> {
    fn of(call: &Call<Imkit>, view: impl Fn(&StickerSet) -> S) -> Self {
        let data: Vec<S> = call.app.stickers.all().iter().map(|set| view(set)).collect();
        Self { total_count: data.len(), data }
    }
}

fn resource(call: &Call<Imkit>, set: &StickerSet, file: &File) -> Resource {
    Resource {
        etag: format!("\"{}\"", file.content.md5),
        // Assumed: the location of a sticker is its address on this emulator; like the vendor's store it wants a signature.
        location: signed_url::base(&call.arrival) + &signed_url::path(file),
        key: file.id.to_string(),
        bucket: file.bucket.clone(),
        resource_id: resource_id(set, file),
    }
}

fn sent(call: &Call<Imkit>, set: &StickerSet) -> SentSet {
    let ListedSet { id, version, name, zip, order, images, updated, created } = listed(call, set);
    SentSet { id, version, name, order, zip, images, updated, created }
}

fn listed(call: &Call<Imkit>, set: &StickerSet) -> ListedSet {
    ListedSet {
        id: set.id.to_string(),
        version: 0,
        name: set.name.clone(),
        zip: resource(call, set, &set.zip),
        order: set.order,
        images: set.images.iter().map(|image| resource(call, set, image)).collect(),
        updated: set.updated,
        created: set.created,
    }
}

/// `GET /stickers`: for everybody.
///
/// # Errors
/// None.
pub async fn list_stickers(call: Call<Imkit>, _: Nothing) -> Result<Sets<PublicSet>, FileError> {
    Ok(Sets::of(&call, |set| PublicSet {
        id: set.id.to_string(),
        name: set.name.clone(),
        zip: PublicResource { resource_id: resource_id(set, &set.zip) },
        updated: set.updated,
    }))
}

/// Asks for a file of a set.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetResource {
    /// `set/file`.
    resource_id: Option<String>,
}

/// `GET /stickers/res`: 302 to the file's signed address.
///
/// # Errors
/// 400 without an id, 404.
pub async fn get_resource(call: Call<Imkit>, request: GetResource) -> Result<Reply, FileError> {
    let id = request.resource_id.filter(|id| !id.is_empty()).ok_or_else(|| Invalid::required("resourceId"))?;
    let file: Arc<File> = call.app.stickers.resource_of(&id)?;
    let mut reply = envelope::empty(StatusCode::FOUND);
    let location = HeaderValue::from_str(&signed_url::sign(&call, &file)).expect("an escaped address is ASCII");
    reply.headers.insert(LOCATION, location);
    Ok(reply)
}

/// `GET /admin/stickers`.
///
/// # Errors
/// None.
pub async fn list_sets(call: Call<Imkit>, _: Nothing) -> Result<Sets<ListedSet>, FileError> {
    Ok(Sets::of(&call, |set| listed(&call, set)))
}

/// Makes a sticker set or changes it: a form with `_id`, `name`, `order` and the archive `file`.
#[derive(Debug, Deserialize)]
pub struct PutStickers {}

impl JsonSchema for PutStickers {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PutStickers".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "required": ["_id"], "properties": {
            "_id": {"type": "string"}, "name": {"type": "string"}, "order": {"type": "integer"},
            "file": {"type": "string", "format": "binary"}}})
    }
}

/// `POST /admin/stickers`.
///
/// # Errors
/// 400 for the form or its archive, 413 for pictures that are too large, or too much with all other files.
pub async fn put_stickers(call: Call<Imkit>, _: PutStickers) -> Result<SentSet, FileError> {
    let mut form = Form::of(&call).await?;
    let id = form.text("_id").ok_or_else(|| Invalid::required("_id"))?.to_owned();
    if id.contains('/') {
        let why = format!("is {}, and must not hold a slash: resource ids divide set and file by it", quote_text(&id));
        return Err(Invalid::new("_id", why).into());
    }
    let wrong = |text: &str| Invalid::new("order", format!("is {}, and has to be a whole number", quote_text(text)));
    let order = form.text("order").map(|text| text.trim().parse().map_err(|_| wrong(text))).transpose()?;
    let name = form.text("name").map(str::to_owned);
    let said = Said { name, order, zip: form.file().map(|upload| upload.bytes) };
    Ok(sent(&call, &*call.app.stickers.upsert(call.now(), &id, said)?))
}

/// `DELETE /admin/stickers/:id`.
///
/// # Errors
/// 404.
pub async fn delete_stickers(call: Call<Imkit>, _: Nothing) -> Result<Deleted, FileError> {
    call.app.stickers.delete(call.arrival.param("id"))?;
    Ok(Deleted::ONE)
}
