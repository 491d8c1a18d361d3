//! Files: what clients uploaded, kept in memory within the emulator's bounds. A file never changes; it comes and goes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use compact_str::CompactString;
use md5::{Digest, Md5};
use parking_lot::RwLock;

use crate::domain::imkit::json::Json;
use crate::domain::imkit::room::Actor;
use crate::domain::invalid::Invalid;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::UserId;

/// The bucket of whoever names none, and of sticker sets.
pub const DEFAULT_BUCKET: &str = "chatserver-upload";
/// The pieces in which the vendor's database keeps a file, in bytes; shown, nothing more.
pub const CHUNK_BYTES: usize = 261_120;

/// How much is kept of files.
#[derive(Clone, Copy, Debug)]
pub struct FileBounds {
    /// Most bytes of one file, and of the pictures of one sticker set together.
    pub file_bytes_max: usize,
    /// Most bytes of all files of the emulator together.
    pub all_bytes_max: usize,
}

impl Default for FileBounds {
    fn default() -> Self {
        Self { file_bytes_max: 16 * 1024 * 1024, all_bytes_max: 256 * 1024 * 1024 }
    }
}

/// Why a call about files was refused; nothing changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the message of each variant says what its fields are")]
pub enum FileError {
    /// A field is wrong.
    #[error("{}", .0.sentence())]
    Invalid(Invalid),
    /// The body is no form that can be read.
    #[error("{0}")]
    NoForm(String),
    /// There is no such file.
    #[error("No file with id {id} in the bucket {bucket}")]
    Missing { bucket: String, id: String },
    /// There is no such sticker set.
    #[error("No sticker set with id {0}")]
    SetMissing(String),
    /// There is no such file of a sticker set.
    #[error("resourceId: no sticker set has a file {0}")]
    ResourceMissing(String),
    /// The file is somebody else's.
    #[error("{by} may not delete this file: only {owner}, who uploaded it, and the platform administrator may")]
    NotOwner { by: UserId, owner: UserId },
    /// One file is too large.
    #[error("{field}: more than {max} bytes; that is the most this emulator takes (--max-file)")]
    TooLarge { field: String, max: usize },
    /// All files together are too large.
    #[error("file: its {bytes} bytes do not fit: {used} of {max} bytes for files are taken (--max-all-files)")]
    Full { bytes: usize, used: usize, max: usize },
}

impl From<Invalid> for FileError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

/// Where the bytes of all files of the emulator are counted.
#[derive(Debug, Default)]
pub struct FileRoom {
    /// How much there may be.
    pub bounds: FileBounds,
    used: AtomicUsize,
}

impl FileRoom {
    /// An empty one.
    pub fn new(bounds: FileBounds) -> Arc<Self> {
        Arc::new(Self { bounds, used: AtomicUsize::new(0) })
    }

    /// Keeps these bytes if there is room.
    ///
    /// # Errors
    /// The file is too large, or there is no room left.
    pub fn keep(self: &Arc<Self>, field: &str, bytes: Bytes) -> Result<Content, FileError> {
        let (max, all) = (self.bounds.file_bytes_max, self.bounds.all_bytes_max);
        if bytes.len() > max {
            return Err(FileError::TooLarge { field: field.into(), max });
        }
        let more = |used: usize| used.checked_add(bytes.len()).filter(|sum| *sum <= all);
        match self.used.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more) {
            Ok(_) => Ok(Content::new(self.clone(), bytes)),
            Err(used) => Err(FileError::Full { bytes: bytes.len(), used, max: all }),
        }
    }

    /// Keeps what a state document brings, as large as it may be.
    pub fn keep_given(self: &Arc<Self>, bytes: Bytes) -> Content {
        self.used.fetch_add(bytes.len(), Ordering::SeqCst);
        Content::new(self.clone(), bytes)
    }
}

/// Bytes that are counted while they are kept.
#[derive(Debug)]
pub struct Content {
    /// The bytes.
    pub bytes: Bytes,
    /// Their MD5, in lower-case hex.
    pub md5: String,
    room: Arc<FileRoom>,
}

impl Content {
    fn new(room: Arc<FileRoom>, bytes: Bytes) -> Self {
        let md5 = Md5::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { bytes, md5, room }
    }
}

impl Drop for Content {
    fn drop(&mut self) {
        self.room.used.fetch_sub(self.bytes.len(), Ordering::SeqCst);
    }
}

/// One file.
#[derive(Debug)]
pub struct File {
    /// The id.
    pub id: CompactString,
    /// The bucket it is in.
    pub bucket: String,
    /// Its name where it came from.
    pub filename: String,
    /// Its media type, as its sender said.
    pub mimetype: String,
    /// Who uploaded it; empty for the platform administrator.
    pub client: UserId,
    /// What its sender says about it: an object.
    pub extra: Json,
    /// When it came.
    pub uploaded: Timestamp,
    /// Its bytes.
    pub content: Content,
}

/// The files of one application.
#[derive(Debug)]
pub struct Files {
    room: Arc<FileRoom>,
    files: RwLock<BTreeMap<CompactString, Arc<File>>>,
}

impl Files {
    /// None yet.
    pub fn new(room: Arc<FileRoom>) -> Self {
        Self { room, files: RwLock::default() }
    }

    /// Where their bytes are counted.
    pub fn room(&self) -> &Arc<FileRoom> {
        &self.room
    }

    /// Puts a file in place.
    pub fn put(&self, file: File) -> Arc<File> {
        let file = Arc::new(file);
        self.files.write().insert(file.id.clone(), file.clone());
        file
    }

    /// A file.
    ///
    /// # Errors
    /// There is none of this id in this bucket.
    pub fn get(&self, bucket: &str, id: &str) -> Result<Arc<File>, FileError> {
        let found = self.files.read().get(id).filter(|file| file.bucket == bucket).cloned();
        found.ok_or_else(|| FileError::Missing { bucket: bucket.into(), id: id.into() })
    }

    /// Takes a file away.
    ///
    /// # Errors
    /// There is none, or it is somebody else's.
    pub fn delete(&self, actor: &Actor, bucket: &str, id: &str) -> Result<(), FileError> {
        let file = self.get(bucket, id)?;
        // Assumed: a file is deleted by the client who uploaded it and by the platform administrator.
        if !actor.admin && file.client != actor.client {
            return Err(FileError::NotOwner { by: actor.client.clone(), owner: file.client.clone() });
        }
        match self.files.write().remove(id) {
            Some(_) => Ok(()),
            None => Err(FileError::Missing { bucket: bucket.into(), id: id.into() }),
        }
    }

    /// All files, oldest first.
    pub fn all(&self) -> Vec<Arc<File>> {
        let mut all: Vec<_> = self.files.read().values().cloned().collect();
        all.sort_by(|one, other| (one.uploaded, &one.id).cmp(&(other.uploaded, &other.id)));
        all
    }
}
