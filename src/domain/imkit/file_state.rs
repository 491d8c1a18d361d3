//! The written form of files and sticker sets: what cannot be computed from their bytes, and the bytes in Base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use compact_str::CompactString;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::domain::imkit::files::{DEFAULT_BUCKET, File, Files};
use crate::domain::imkit::json::Json;
use crate::domain::imkit::stickers::{ARCHIVE_BYTES_MAX, StickerSet, Stickers, pictures_of};
use crate::domain::state::Faults;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::UserId;

/// Bytes, written in Base64.
#[derive(Clone, Debug, Default, PartialEq, Eq, JsonSchema)]
pub struct Data(#[schemars(with = "String")] pub Bytes);

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = STANDARD.decode(text).map_err(|fault| de::Error::custom(format!("is no Base64: {fault}")))?;
        Ok(Self(bytes.into()))
    }
}

/// A file in a state document; its length and MD5 follow from its bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FileState {
    /// The id.
    #[serde(rename = "_id")]
    #[schemars(with = "String")]
    pub id: CompactString,
    /// The bucket; absent: `chatserver-upload`.
    #[serde(default = "default_bucket")]
    pub bucket_name: String,
    /// Its name where it came from.
    #[serde(default)]
    pub filename: String,
    /// Its media type; absent: `application/octet-stream`.
    #[serde(default = "octets")]
    pub mimetype: String,
    /// Who uploaded it; absent: the platform administrator.
    #[serde(default, skip_serializing_if = "is_nobody")]
    pub client: UserId,
    /// What its sender says about it: an object; absent: an empty one.
    #[serde(default = "no_extra")]
    pub extra: Json,
    /// When it came, in milliseconds since 1970; absent: now.
    #[serde(rename = "uploadDateMS", default, skip_serializing_if = "Option::is_none")]
    pub uploaded: Option<Timestamp>,
    /// Its bytes, in Base64.
    #[serde(default)]
    pub data: Data,
}

fn default_bucket() -> String {
    DEFAULT_BUCKET.into()
}

fn octets() -> String {
    OCTETS.into()
}

fn no_extra() -> Json {
    Json::object([])
}

fn is_nobody(client: &UserId) -> bool {
    client.is_empty()
}

/// The media type of what nobody says anything about.
pub const OCTETS: &str = "application/octet-stream";

impl FileState {
    /// What a document says of a file.
    pub fn of(file: &File) -> Self {
        Self {
            id: file.id.clone(),
            bucket_name: file.bucket.clone(),
            filename: file.filename.clone(),
            mimetype: file.mimetype.clone(),
            client: file.client.clone(),
            extra: file.extra.clone(),
            uploaded: Some(file.uploaded),
            data: Data(file.content.bytes.clone()),
        }
    }

    /// Puts the file in place.
    pub fn put(&self, now: Timestamp, files: &Files) {
        files.put(File {
            id: self.id.clone(),
            bucket: self.bucket_name.clone(),
            filename: self.filename.clone(),
            mimetype: self.mimetype.clone(),
            client: self.client.clone(),
            extra: self.extra.clone(),
            uploaded: self.uploaded.unwrap_or(now),
            content: files.room().keep_given(self.data.0.clone()),
        });
    }

    /// Notes every fault of this file.
    pub fn check(&self, path: &str, faults: &mut Faults) {
        faults.unless(!self.id.is_empty(), format!("{path}._id"), "is empty");
        faults.unless(!self.bucket_name.is_empty(), format!("{path}.bucketName"), "is empty");
        faults.unless(self.extra.text().starts_with('{'), format!("{path}.extra"), "has to be an object");
    }
}

/// A sticker set in a state document; its pictures follow from its archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StickerSetState {
    /// The id.
    #[serde(rename = "_id")]
    #[schemars(with = "String")]
    pub id: CompactString,
    /// The name.
    #[serde(default)]
    pub name: String,
    /// Where it stands among the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<i64>,
    /// When it came, in milliseconds since 1970; absent: now.
    #[serde(rename = "createdAtMS", default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// When it last changed; absent: when it came.
    #[serde(rename = "updatedAtMS", default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<Timestamp>,
    /// The zip archive of its pictures, in Base64.
    pub zip: Data,
}

impl StickerSetState {
    /// What a document says of a set.
    pub fn of(set: &StickerSet) -> Self {
        Self {
            id: set.id.clone(),
            name: set.name.clone(),
            order: set.order,
            created: Some(set.created),
            updated: Some(set.updated),
            zip: Data(set.zip.content.bytes.clone()),
        }
    }

    /// Puts the set in place.
    pub fn put(&self, now: Timestamp, stickers: &Stickers) {
        let created = self.created.unwrap_or(now);
        let set = stickers.given(&self.id, self.zip.0.clone(), created, self.updated.unwrap_or(created));
        stickers.put(StickerSet { name: self.name.clone(), order: self.order, ..set });
    }

    /// Notes every fault of this set.
    pub fn check(&self, path: &str, faults: &mut Faults) {
        faults.unless(!self.id.is_empty(), format!("{path}._id"), "is empty");
        if let Err(fault) = pictures_of(&self.zip.0, ARCHIVE_BYTES_MAX) {
            faults.add(format!("{path}.zip"), fault.to_string());
        }
    }
}
