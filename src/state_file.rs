//! The state file: loaded at the start, written back when something changed, always a whole document.
//!
//! A write goes to a temporary file, is flushed to the disk and renamed over the old one. A lock beside the file refuses
//! a second process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::api::house::House;
use crate::document::{self, DocumentError, InJson};
use crate::domain::state::State;
use crate::domain::world::World;
use crate::kernel::clock::{Stopwatch, sleep_real};

/// The shortest time between two looks for changes, whatever the interval is set to.
const INTERVAL_MIN: Duration = Duration::from_millis(10);
/// A write may take this part of the time at most: the next one waits that many times its duration.
const INTERVAL_FACTOR: u32 = 10;

/// Why a state file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateFileError {
    /// Another process has it.
    #[error("--state {0}: another process uses this file")]
    Locked(PathBuf),
    /// The system refused.
    #[error("--state {path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's word.
        cause: io::Error,
    },
    /// It is no state document.
    #[error("--state {0}")]
    Document(#[from] DocumentError),
}

/// Keeps a world in a file.
#[derive(Clone, Debug)]
pub struct Keeper {
    path: PathBuf,
    /// Held for its lock.
    _lock: Arc<File>,
}

impl Keeper {
    /// Takes the file for this process.
    ///
    /// # Errors
    /// Another process has it, or the folder cannot be written to.
    pub fn open(path: &Path) -> Result<Self, StateFileError> {
        let refused = |cause| StateFileError::Io { path: path.to_owned(), cause };
        let lock_path = beside(path, "lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(lock_path).map_err(refused)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: Arc::new(lock) }),
            Err(TryLockError::WouldBlock) => Err(StateFileError::Locked(path.to_owned())),
            Err(TryLockError::Error(cause)) => Err(refused(cause)),
        }
    }

    /// The kept world, if there is one.
    ///
    /// # Errors
    /// The file is there, but is no state document.
    pub fn load(&self) -> Result<Option<State>, StateFileError> {
        match std::fs::metadata(&self.path) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
            // Anything else that cannot be read must not be taken for absent: it would be overwritten.
            _ => Ok(Some(document::from_file(&self.path)?)),
        }
    }

    /// Writes the world whenever something changed, until told to stop, and a last time then.
    pub async fn keep(self, house: Arc<House>, mut stop: watch::Receiver<bool>) {
        let mut written = (0, house.epoch());
        let interval = house.config.state_interval.max(INTERVAL_MIN);
        let mut pause = interval;
        loop {
            let stopped = tokio::select! {
                () = sleep_real(pause) => false,
                () = told(&mut stop) => true,
            };
            let changes = (house.journal.last(), house.epoch());
            if changes != written || stopped {
                let watch = Stopwatch::start();
                let (keeper, house) = (self.clone(), house.clone());
                let done = tokio::task::spawn_blocking(move || keeper.write(&house.world())).await;
                match done {
                    Ok(Ok(())) => written = changes,
                    Ok(Err(fault)) => {
                        tracing::error!(%fault, file = %self.path.display(), "the state could not be written");
                    }
                    Err(fault) => tracing::error!(%fault, "the state could not be written"),
                }
                pause = interval.max(watch.elapsed() * INTERVAL_FACTOR);
            }
            if stopped {
                return;
            }
        }
    }

    /// Writes the world; it takes the old file's place in one piece.
    ///
    /// # Errors
    /// The system refused; the old file is untouched then.
    pub fn write(&self, world: &World) -> io::Result<()> {
        let temporary = beside(&self.path, "new");
        let mut to = BufWriter::new(secret_file(&temporary)?);
        document::write(&world.written(InJson), &mut to)?;
        to.write_all(b"\n")?;
        to.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&temporary, &self.path)?;
        // The rename is safe once the folder is flushed too; not every system lets a folder be opened.
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).or(Ok(()))
    }
}

/// Waits until the keeper is told to stop, or forgotten.
async fn told(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stopped| *stopped).await);
}

/// A new file that its owner alone can read: it holds keys and tokens.
fn secret_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The file's own name with another ending after it.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}
