//! Sticker sets: each came as a zip archive with a tab's picture and up to 99 stickers.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::sync::Arc;

use bytes::Bytes;
use compact_str::CompactString;
use parking_lot::RwLock;
use zip::ZipArchive;

use crate::domain::imkit::files::{Content, DEFAULT_BUCKET, File, FileError, FileRoom};
use crate::domain::imkit::json::Json;
use crate::domain::invalid::Invalid;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::UserId;

/// Most bytes that the pictures of a set in a document may have together, whatever the emulator takes by upload.
pub const ARCHIVE_BYTES_MAX: usize = 256 * 1024 * 1024;
/// The most pictures of a set: `tab.png` and `01.png` to `99.png`.
const PICTURES_MAX: usize = 100;

/// One set.
#[derive(Clone, Debug)]
pub struct StickerSet {
    /// The id, chosen by the application.
    pub id: CompactString,
    /// The name.
    pub name: String,
    /// Where it stands among the others.
    pub order: Option<i64>,
    /// The archive.
    pub zip: Arc<File>,
    /// The archive's pictures, in its order.
    pub images: Vec<Arc<File>>,
    /// When it came.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
}

/// What is said of a set; what is not said stays.
#[derive(Debug, Default)]
pub struct Said {
    /// The name.
    pub name: Option<String>,
    /// Where it stands among the others.
    pub order: Option<i64>,
    /// The archive.
    pub zip: Option<Bytes>,
}

/// The archive of a set and its pictures.
struct Archive {
    zip: Arc<File>,
    images: Vec<Arc<File>>,
}

/// The sticker sets of one application.
#[derive(Debug)]
pub struct Stickers {
    app: String,
    room: Arc<FileRoom>,
    sets: RwLock<BTreeMap<CompactString, Arc<StickerSet>>>,
}

impl Stickers {
    /// None yet.
    pub fn new(app: &str, room: Arc<FileRoom>) -> Self {
        Self { app: app.to_owned(), room, sets: RwLock::default() }
    }

    /// Makes a set, or changes it.
    ///
    /// # Errors
    /// The archive is missing, cannot be read, or is too large.
    pub fn upsert(&self, now: Timestamp, id: &str, said: Said) -> Result<Arc<StickerSet>, FileError> {
        let archive = said.zip.map(|zip| self.open(now, id, zip)).transpose()?;
        let mut sets = self.sets.write();
        let old = sets.get(id);
        let archive = match (archive, old) {
            (Some(archive), _) => archive,
            // Assumed: a known set that comes without an archive keeps its own.
            (None, Some(old)) => Archive { zip: old.zip.clone(), images: old.images.clone() },
            (None, None) => return Err(Invalid::required("file").into()),
        };
        let set = Arc::new(StickerSet {
            id: id.into(),
            name: said.name.or_else(|| Some(old?.name.clone())).unwrap_or_default(),
            order: said.order.or_else(|| old?.order),
            zip: archive.zip,
            images: archive.images,
            created: old.map_or(now, |old| old.created),
            updated: now,
        });
        sets.insert(set.id.clone(), set.clone());
        Ok(set)
    }

    /// Puts a set in place as a checked state document describes it.
    pub fn put(&self, set: StickerSet) {
        self.sets.write().insert(set.id.clone(), Arc::new(set));
    }

    /// A set out of its archive, as a state document brings it; one that cannot be read has no pictures.
    pub fn given(&self, id: &str, zip: Bytes, created: Timestamp, updated: Timestamp) -> StickerSet {
        let pictures = pictures_of(&zip, ARCHIVE_BYTES_MAX).unwrap_or_default();
        let keep = |bytes| self.room.keep_given(bytes);
        let images = pictures.into_iter().map(|(name, bytes)| self.resource(updated, id, &name, keep(bytes)));
        let images = images.collect();
        let zip = self.resource(updated, id, &zip_name(id), keep(zip));
        StickerSet { id: id.into(), name: String::new(), order: None, zip, images, created, updated }
    }

    /// Takes a set away.
    ///
    /// # Errors
    /// There is none of this id.
    pub fn delete(&self, id: &str) -> Result<(), FileError> {
        self.sets.write().remove(id).map(drop).ok_or_else(|| FileError::SetMissing(id.into()))
    }

    /// All sets, sorted by id.
    pub fn all(&self) -> Vec<Arc<StickerSet>> {
        self.sets.read().values().cloned().collect()
    }

    /// The file that a resource id, `set/file`, stands for.
    ///
    /// # Errors
    /// There is none.
    pub fn resource_of(&self, resource: &str) -> Result<Arc<File>, FileError> {
        self.find(|set, file| resource_id(set, file) == resource)
            .ok_or_else(|| FileError::ResourceMissing(resource.into()))
    }

    /// The file that is kept under this key of the bucket.
    pub fn keyed(&self, bucket: &str, key: &str) -> Option<Arc<File>> {
        self.find(|_, file| file.bucket == bucket && file.id == key)
    }

    fn find(&self, wanted: impl Fn(&StickerSet, &File) -> bool) -> Option<Arc<File>> {
        let sets = self.sets.read();
        let files = sets.values().flat_map(|set| set.files().map(move |file| (set, file)));
        files.filter(|(set, file)| wanted(set, file)).map(|(_, file)| file.clone()).next()
    }

    fn open(&self, now: Timestamp, id: &str, zip: Bytes) -> Result<Archive, FileError> {
        let max = self.room.bounds.file_bytes_max;
        let content = self.room.keep("file", zip.clone())?;
        let mut images = Vec::new();
        for (name, bytes) in pictures_of(&zip, max)? {
            images.push(self.resource(now, id, &name, self.room.keep("file", bytes)?));
        }
        Ok(Archive { zip: self.resource(now, id, &zip_name(id), content), images })
    }

    fn resource(&self, now: Timestamp, id: &str, name: &str, content: Content) -> Arc<File> {
        let mimetype = if name.ends_with(".png") { "image/png" } else { "application/zip" };
        Arc::new(File {
            id: format!("{}/stickers/{id}/{name}", self.app).into(),
            bucket: DEFAULT_BUCKET.into(),
            filename: name.to_owned(),
            mimetype: mimetype.into(),
            client: UserId::default(),
            extra: Json::object([]),
            uploaded: now,
            content,
        })
    }
}

impl StickerSet {
    /// Its archive and its pictures.
    pub fn files(&self) -> impl Iterator<Item = &Arc<File>> {
        std::iter::once(&self.zip).chain(&self.images)
    }
}

/// How a file of a set is asked for: `set/file`.
pub fn resource_id(set: &StickerSet, file: &File) -> String {
    format!("{}/{}", set.id, file.filename)
}

fn zip_name(id: &str) -> String {
    format!("{id}.zip")
}

/// The pictures of an archive, inflated to this many bytes at most.
///
/// # Errors
/// It is no archive, has no pictures, or is too large.
pub fn pictures_of(zip: &Bytes, bytes_max: usize) -> Result<Vec<(String, Bytes)>, FileError> {
    let wrong = |why: String| FileError::Invalid(Invalid::new("file", why));
    let mut archive =
        ZipArchive::new(Cursor::new(zip)).map_err(|fault| wrong(format!("is no zip archive: {fault}")))?;
    let names: Vec<String> = archive.file_names().filter_map(|name| picture_name(&name.ok()?)).collect();
    // Assumed: of a sticker archive only tab.png and 01.png to 99.png count, in any folder.
    if names.is_empty() || names.len() > PICTURES_MAX {
        let why = format!("has {} pictures; a set has tab.png and 01.png to 99.png, each once", names.len());
        return Err(wrong(why));
    }
    let (mut pictures, mut left): (Vec<(String, Bytes)>, _) = (Vec::new(), bytes_max);
    for place in 0..archive.len() {
        let entry = archive.by_index(place).map_err(|fault| wrong(format!("has an entry that is broken: {fault}")))?;
        let Some(name) = entry.name().ok().and_then(|name| picture_name(&name)) else { continue };
        if pictures.iter().any(|(present, _)| *present == name) {
            return Err(wrong(format!("has {name} twice")));
        }
        let mut bytes = Vec::new();
        // What an entry says about its size may be a lie; one byte past the bound tells.
        let most = u64::try_from(left).unwrap_or(u64::MAX).saturating_add(1);
        entry
            .take(most)
            .read_to_end(&mut bytes)
            .map_err(|fault| wrong(format!("{name} cannot be inflated: {fault}")))?;
        left = left.checked_sub(bytes.len()).ok_or(FileError::TooLarge { field: "file".into(), max: bytes_max })?;
        pictures.push((name, bytes.into()));
    }
    Ok(pictures)
}

/// The name of a picture of a set, if this is one: `tab.png`, or two digits and `.png`.
fn picture_name(path: &str) -> Option<String> {
    let name = path.rsplit(['/', '\\']).next()?;
    let stem = name.strip_suffix(".png")?;
    let digits = stem.len() == 2 && stem.bytes().all(|byte| byte.is_ascii_digit()) && stem != "00";
    (stem == "tab" || digits).then(|| name.to_owned())
}
