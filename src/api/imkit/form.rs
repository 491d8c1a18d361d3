//! Forms: multipart/form-data as IMKIT's uploads send it.

use bytes::Bytes;
use futures_util::stream;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use multer::Multipart;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::api::call::Call;
use crate::api::imkit::gateway::Imkit;
use crate::domain::imkit::file_state::OCTETS;
use crate::domain::imkit::files::FileError;
use crate::domain::imkit::json::Json;
use crate::domain::invalid::Invalid;

/// The media type of a form.
pub const FORM: &str = "multipart/form-data";
/// The most fields of a form.
const FIELDS_MAX: usize = 64;
/// The most bytes of a text: `extra` is sent back in a header, and clients take no longer ones.
const TEXT_BYTES_MAX: usize = 4 * 1024;
/// The most bytes of a file's name, for the same reason.
const NAME_BYTES_MAX: usize = 1024;

/// A file that was sent.
#[derive(Debug)]
pub struct Upload {
    /// Its name where it came from.
    pub filename: String,
    /// Its media type.
    pub mimetype: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// A form with the file that it brings.
#[derive(Debug, Default)]
pub struct Form {
    texts: Vec<(String, String)>,
    file: Option<Upload>,
}

/// Whether a request's body is a form.
pub fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("").trim_start();
    kind.get(..FORM.len()).is_some_and(|start| start.eq_ignore_ascii_case(FORM))
}

impl Form {
    /// Reads the call's body.
    ///
    /// # Errors
    /// It is no form, or a field is too long.
    pub async fn of(call: &Call<Imkit>) -> Result<Self, FileError> {
        let kind = call.arrival.header("content-type").unwrap_or("");
        let boundary = multer::parse_boundary(kind).map_err(|fault| {
            FileError::NoForm(format!("content-type: has to be {FORM} with a boundary, as files are sent: {fault}"))
        })?;
        let unread = |fault: multer::Error| FileError::NoForm(format!("the form cannot be read: {fault}"));
        let body = call.arrival.body.clone();
        let mut parts = Multipart::new(stream::once(async move { Ok::<_, std::convert::Infallible>(body) }), boundary);
        let (mut form, mut count) = (Self::default(), 0);
        while let Some(part) = parts.next_field().await.map_err(unread)? {
            count += 1;
            if count > FIELDS_MAX {
                return Err(FileError::NoForm(format!("the form has more than {FIELDS_MAX} fields")));
            }
            let name = part.name().unwrap_or("").to_owned();
            if name == "file" {
                let filename = part.file_name().unwrap_or("").to_owned();
                within("file: its name", filename.len(), NAME_BYTES_MAX)?;
                let mimetype = part.content_type().map_or_else(|| OCTETS.to_owned(), ToString::to_string);
                form.file = Some(Upload { filename, mimetype, bytes: part.bytes().await.map_err(unread)? });
                continue;
            }
            let text = part.text().await.map_err(unread)?;
            within(&name, text.len(), TEXT_BYTES_MAX)?;
            form.texts.retain(|(present, _)| *present != name);
            form.texts.push((name, text));
        }
        Ok(form)
    }

    /// A field that says something.
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self.texts.iter().find(|(present, _)| present == name);
        found.map(|(_, text)| text.as_str()).filter(|text| !text.trim().is_empty())
    }

    /// A field that holds JSON.
    ///
    /// # Errors
    /// It does not, or its JSON is of another form.
    pub fn json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Invalid> {
        let wrong = |fault: serde_json::Error| Invalid::new(name, format!("is not the JSON expected: {fault}"));
        self.text(name).map(|text| serde_json::from_str(text).map_err(wrong)).transpose()
    }

    /// The file, if there is one.
    pub fn file(&mut self) -> Option<Upload> {
        self.file.take()
    }

    /// The file.
    ///
    /// # Errors
    /// There is none.
    pub fn needed_file(&mut self) -> Result<Upload, Invalid> {
        self.file().ok_or_else(|| Invalid::required("file"))
    }
}

fn within(field: &str, bytes: usize, max: usize) -> Result<(), FileError> {
    if bytes <= max {
        return Ok(());
    }
    Err(Invalid::new(field, format!("has {bytes} bytes; at most {max} are taken")).into())
}

/// What a sender says about its file: an object.
#[derive(Clone, Debug)]
pub struct Extra(pub Json);

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Json::deserialize(from)?;
        if value.text().starts_with('{') {
            return Ok(Self(value));
        }
        Err(serde::de::Error::custom(format!("{} is no object", crate::api::why::cut(value.text()))))
    }
}

impl Default for Extra {
    fn default() -> Self {
        Self(Json::object([]))
    }
}
