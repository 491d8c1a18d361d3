//! FileView: a file as replies show it, in a body or in headers.

use std::sync::Arc;

use http::header::{CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderName, HeaderValue};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};

use crate::api::imkit::envelope;
use crate::api::imkit::query::Document;
use crate::domain::imkit::file_state::OCTETS;
use crate::domain::imkit::files::{CHUNK_BYTES, File};
use crate::kernel::clock::Timestamp;

/// The headers of a file that are IMKIT's own, in the order of the documented sample; browsers may read them.
pub const OWN_HEADERS: &str = "x-imkit-objectid, x-imkit-chunksize, x-imkit-uploaddatems, x-imkit-uploaddate, \
     x-imkit-md5, x-imkit-filename, x-imkit-extra, x-imkit-appid, x-imkit-client, x-imkit-bucketname, x-imkit-id";

/// A file's record.
#[derive(Clone, Debug)]
pub struct FileView {
    /// The application.
    pub app: String,
    /// The file.
    pub file: Arc<File>,
}

impl Serialize for FileView {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let file = &self.file;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("_id", &file.id)?;
        map.serialize_entry("length", &file.content.bytes.len())?;
        map.serialize_entry("chunkSize", &CHUNK_BYTES)?;
        map.serialize_entry("uploadDate", &file.uploaded.to_string())?;
        map.serialize_entry("md5", &file.content.md5)?;
        map.serialize_entry("filename", &file.filename)?;
        map.serialize_entry("extra", &file.extra)?;
        map.serialize_entry("appID", &self.app)?;
        map.serialize_entry("mimetype", &file.mimetype)?;
        if !file.client.is_empty() {
            map.serialize_entry("client", &file.client)?;
        }
        map.serialize_entry("bucketName", &file.bucket)?;
        map.serialize_entry("id", &file.id)?;
        map.serialize_entry("uploadDateMS", &file.uploaded)?;
        map.end()
    }
}

impl JsonSchema for FileView {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ImkitFile".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "required": ["_id", "id", "length", "md5", "bucketName"], "properties": {
            "_id": {"type": "string"}, "length": {"type": "integer"}, "chunkSize": {"type": "integer"},
            "uploadDate": {"type": "string"}, "md5": {"type": "string"}, "filename": {"type": "string"},
            "extra": {"type": "object"}, "appID": {"type": "string"}, "mimetype": {"type": "string"},
            "client": {"type": "string"}, "bucketName": {"type": "string"}, "id": {"type": "string"},
            "uploadDateMS": {"type": "integer"}}})
    }
}

impl Document for FileView {
    fn value(&self, name: &str) -> Option<Value> {
        json!(self).get_mut(name).map(Value::take)
    }
}

impl FileView {
    /// The headers that come with the file's bytes.
    pub fn headers(&self) -> HeaderMap {
        let file = &self.file;
        let mut headers = envelope::headers();
        let mut set = |name: &'static str, value: &str| {
            headers.insert(HeaderName::from_static(name), text(value));
        };
        set("x-imkit-objectid", &file.id);
        set(CONTENT_LENGTH.as_str(), &file.content.bytes.len().to_string());
        set("x-imkit-chunksize", &CHUNK_BYTES.to_string());
        set("x-imkit-uploaddatems", &file.uploaded.millis().to_string());
        set("x-imkit-uploaddate", &date(file.uploaded));
        set("x-imkit-md5", &file.content.md5);
        set("x-imkit-filename", &file.filename);
        set("x-imkit-extra", &ascii_json(file.extra.text()));
        set("x-imkit-appid", &self.app);
        set("x-imkit-bucketname", &file.bucket);
        set("x-imkit-id", &file.id);
        if !file.client.is_empty() {
            set("x-imkit-client", &file.client);
        }
        let kind = HeaderValue::from_str(&file.mimetype).unwrap_or(HeaderValue::from_static(OCTETS));
        headers.insert(CONTENT_TYPE, kind);
        // A page that somebody uploaded shares its origin with the control API; it must not run there.
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if ["html", "xml", "svg"].iter().any(|kind| file.mimetype.contains(kind)) {
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
        }
        headers
    }
}

/// A text as a header's value.
fn text(value: &str) -> HeaderValue {
    // Assumed: what is not ASCII in a header about a file is percent-encoded, and escaped in x-imkit-extra.
    let ascii = percent_encoding::utf8_percent_encode(value, percent_encoding::CONTROLS).to_string();
    HeaderValue::from_str(&ascii).expect("printable ASCII is a header value")
}

/// JSON with what is not ASCII as `\u` escapes.
fn ascii_json(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| ascii.push_str(&format!("\\u{unit:04x}")));
        }
    }
    ascii
}

/// A moment as JavaScript prints it.
fn date(moment: Timestamp) -> String {
    // Assumed: x-imkit-uploadDate is in UTC.
    let utc = jiff::Timestamp::from_millisecond(moment.millis()).unwrap_or_default();
    utc.to_zoned(jiff::tz::TimeZone::UTC).strftime("%a %b %d %Y %H:%M:%S GMT+0000 (UTC)").to_string()
}
