//! Files: uploaded, searched, downloaded with or without a token, counted, deleted; videos looked into.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::imkit::fields::{Nothing, number};
use crate::api::imkit::file_view::FileView;
use crate::api::imkit::form::{Extra, Form, Upload};
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::query::Query;
use crate::api::imkit::{envelope, signed_url};
use crate::api::reply::Reply;
use crate::domain::imkit::files::{DEFAULT_BUCKET, File, FileError};
use crate::domain::imkit::video;

/// Uploads a file: a form with `file` and, as JSON, `extra`.
#[derive(Debug, Deserialize)]
pub struct UploadFile {}

impl JsonSchema for UploadFile {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "UploadFile".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "required": ["file"], "properties": {
            "file": {"type": "string", "format": "binary"},
            "extra": {"type": "string", "contentMediaType": "application/json",
                "contentSchema": {"type": "object", "properties": {"roomID": {"type": "string"}}}}}})
    }
}

fn view(call: &Call<Imkit>, file: Arc<File>) -> FileView {
    FileView { app: call.app.id.to_string(), file }
}

fn keep(call: &Call<Imkit>, bucket: &str, upload: Upload, extra: Extra) -> Result<Arc<File>, FileError> {
    let (app, now) = (&call.app, call.now());
    let content = app.files.room().keep("file", upload.bytes)?;
    Ok(app.files.put(File {
        id: app.tenancy.ids.object_id(now.seconds()).into(),
        bucket: bucket.to_owned(),
        filename: upload.filename,
        mimetype: upload.mimetype,
        client: call.actor().client.clone(),
        extra: extra.0,
        uploaded: now,
        content,
    }))
}

/// `POST /files/:bucket`.
///
/// # Errors
/// 400 for the form, 413 for a file that is too large, or too much with all others.
pub async fn upload_file(call: Call<Imkit>, _: UploadFile) -> Result<FileView, FileError> {
    let mut form = Form::of(&call).await?;
    // Assumed: an upload without extra, or whose extra names no room, is taken; anybody of the application may read it.
    let extra = form.json::<Extra>("extra")?.unwrap_or_default();
    let file = keep(&call, call.arrival.param("bucket"), form.needed_file()?, extra)?;
    Ok(view(&call, file))
}

/// Searches files.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ListFiles {
    /// A query over files, MongoDB's syntax.
    q: Option<String>,
    /// How many to leave out.
    skip: Option<String>,
    /// How many at most; 0 or absent: all.
    limit: Option<String>,
}

/// Files that match.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilePage {
    /// How many match, before the page is cut.
    total_count: usize,
    data: Vec<FileView>,
}

/// `GET /files/:bucket`: oldest first.
///
/// # Errors
/// 400 for a query that cannot be read.
pub async fn list_files(call: Call<Imkit>, request: ListFiles) -> Result<FilePage, FileError> {
    let query = request.q.as_deref().filter(|text| !text.is_empty()).map(|text| Query::read("q", text)).transpose()?;
    let skip = number("skip", request.skip.as_deref())?.unwrap_or(0);
    let limit = number("limit", request.limit.as_deref())?.filter(|limit| *limit > 0).unwrap_or(usize::MAX);
    let bucket = call.arrival.param("bucket");
    let all = call.app.files.all().into_iter().filter(|file| file.bucket == bucket).map(|file| view(&call, file));
    let found: Vec<FileView> = all.filter(|file| query.as_ref().is_none_or(|query| query.holds(file))).collect();
    Ok(FilePage { total_count: found.len(), data: found.into_iter().skip(skip).take(limit).collect() })
}

/// Downloads a file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetFile {
    /// `1` or `true`: answer with a signed address alone.
    signed_url_only: Option<String>,
}

/// A signed address.
#[derive(Debug, Serialize)]
struct SignedUrl {
    url: String,
}

/// The file that the path names, by its id, or by the key that a sticker set's file has.
fn find(call: &Call<Imkit>) -> Result<Arc<File>, FileError> {
    let (bucket, id) = (call.arrival.param("bucket"), call.arrival.param("id"));
    let missing = |fault| call.app.stickers.keyed(bucket, id).ok_or(fault);
    call.app.files.get(bucket, id).or_else(missing)
}

/// `GET /files/:bucket/:id`: the bytes, or with `signedUrlOnly` an address that needs no token.
///
/// # Errors
/// 404.
pub async fn get_file(call: Call<Imkit>, request: GetFile) -> Result<Reply, FileError> {
    let file = find(&call)?;
    if matches!(request.signed_url_only.as_deref(), Some("1" | "true")) {
        return Ok(envelope::succeed(&SignedUrl { url: signed_url::sign(&call, &file) }));
    }
    // Assumed: a download answers 200 with the bytes, also where the vendor redirects to its store.
    let body = file.content.bytes.clone();
    Ok(Reply { headers: view(&call, file).headers(), ..Reply::new(StatusCode::OK, body) })
}

/// `HEAD /files/:bucket/:id`: the headers of a download.
///
/// # Errors
/// 404.
pub async fn head_file(call: Call<Imkit>, _: Nothing) -> Result<Reply, FileError> {
    let headers = view(&call, find(&call)?).headers();
    Ok(Reply { headers, ..Reply::new(StatusCode::OK, Bytes::new()) })
}

/// `GET /files/:bucket/:id/metadata`.
///
/// # Errors
/// 404.
pub async fn get_metadata(call: Call<Imkit>, _: Nothing) -> Result<FileView, FileError> {
    Ok(view(&call, find(&call)?))
}

/// How many were deleted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Deleted {
    n: u32,
    ok: u32,
}

impl Deleted {
    /// One.
    pub const ONE: Self = Self { n: 1, ok: 1 };
}

/// `DELETE /files/:bucket/:id`.
///
/// # Errors
/// 404, or 403 for somebody else's file.
pub async fn delete_file(call: Call<Imkit>, _: Nothing) -> Result<Deleted, FileError> {
    call.app.files.delete(call.actor(), call.arrival.param("bucket"), call.arrival.param("id"))?;
    // Assumed: deleting a file answers as deleting a room does, with n and ok.
    Ok(Deleted::ONE)
}

/// Looks into a video: a form with `file` and, as JSON, `autoUpload`.
#[derive(Debug, Deserialize)]
pub struct VideoInfo {}

impl JsonSchema for VideoInfo {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "VideoInfo".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "required": ["file"], "properties": {
            "file": {"type": "string", "format": "binary"},
            "autoUpload": {"type": "string", "contentMediaType": "application/json", "contentSchema":
                {"type": "object", "properties": {"bucket": {"type": "string"}, "extra": {"type": "object"}}}}}})
    }
}

/// Where a video that is looked into is kept.
#[derive(Debug, Deserialize)]
struct AutoUpload {
    bucket: Option<String>,
    #[serde(default)]
    extra: Option<Extra>,
}

/// What is known of a video; what is not known is left out.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VideoFacts {
    #[serde(skip_serializing_if = "Option::is_none")]
    original_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    /// Whole seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_url: Option<String>,
}

/// `POST /files/video-info`: with `autoUpload` the video is kept as well.
///
/// # Errors
/// 400 for the form, 413 for a file that is too large, or too much with all others.
pub async fn video_info(call: Call<Imkit>, _: VideoInfo) -> Result<VideoFacts, FileError> {
    let mut form = Form::of(&call).await?;
    let keeping = form.json::<AutoUpload>("autoUpload")?;
    let upload = form.needed_file()?;
    // Assumed: a video is an MP4 file, its size that of its first track with one, its duration whole seconds; what
    // cannot be read is left out, and so is thumbnailUrl.
    let video = video::probe(&upload.bytes);
    let (width, height) = video.size.unzip();
    let facts = VideoFacts { width, height, duration: video.seconds, ..VideoFacts::default() };
    let Some(AutoUpload { bucket, extra }) = keeping else { return Ok(facts) };
    let bucket = bucket.filter(|bucket| !bucket.is_empty()).unwrap_or_else(|| DEFAULT_BUCKET.to_owned());
    let file = keep(&call, &bucket, upload, extra.unwrap_or_default())?;
    let url = signed_url::base(&call.arrival) + &signed_url::path(&file);
    Ok(VideoFacts { original_id: Some(file.id.to_string()), original_url: Some(url), ..facts })
}
