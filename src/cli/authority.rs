//! `imulator ca`: the certificate of the local authority for trust stores, and what a child process has to be told of it.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use rustls_native_certs::{load_certs_from_paths, load_native_certs};
use tempfile::TempDir;

use crate::cli::options::AuthorityOptions;
use crate::cli::{fail, print};
use crate::edge::authority::{Authority, certificate_pem};

/// The certificate, under the name by which scripts find it.
const FILE: &str = "imulator-ca.pem";
/// The system's roots with the certificate behind them.
const BUNDLE: &str = "roots-and-imulator-ca.pem";
/// Everybody may read a certificate.
const MODE: u32 = 0o644;

/// Variables whose file takes the place of all other roots.
const REPLACING: [&str; 4] = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE"];
/// The variable whose file comes to the roots that are built in.
const ADDING: &str = "NODE_EXTRA_CA_CERTS";
/// The certificate alone, for whoever takes it from nowhere else.
const ALONE: &str = "IMULATOR_CA_FILE";

/// Writes the certificate of the local authority.
#[derive(Debug, Args)]
pub struct Ca {
    /// The folder to write imulator-ca.pem into.
    dir: PathBuf,
    #[command(flatten)]
    authority: AuthorityOptions,
}

impl Ca {
    /// Prints the file's path.
    pub fn run(self) -> ExitCode {
        match self.write() {
            Ok(file) => {
                print(&format!("{}\n", file.display()));
                ExitCode::SUCCESS
            }
            Err(message) => fail(&message),
        }
    }

    fn write(&self) -> Result<PathBuf, String> {
        let kept = self.authority.folder().ok_or("this user has no folder for data; --ca-dir names one")?;
        let authority = Authority::load_or_make(&kept).map_err(|fault| fault.to_string())?;
        let file = self.dir.join(FILE);
        publish(&self.dir, &file, authority.pem()).map_err(|fault| format!("{}: {fault}", file.display()))?;
        Ok(file)
    }
}

/// Writes a file that everybody may read, whole or not at all.
fn publish(dir: &Path, file: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let mut temporary = tempfile::Builder::new().permissions(fs::Permissions::from_mode(MODE)).tempfile_in(dir)?;
    temporary.write_all(text.as_bytes())?;
    temporary.persist(file)?;
    Ok(())
}

/// Files of certificates for one child process; gone when dropped.
pub struct Trust {
    folder: TempDir,
    adding: &'static str,
}

impl Trust {
    /// Writes them: the authority's certificate alone, and behind all roots that are trusted without us.
    pub fn write(pem: &str) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("imulator-").tempdir()?;
        fs::write(folder.path().join(FILE), pem)?;
        // What cannot be read was no root before, either.
        let mut roots = load_native_certs().certs;
        for path in REPLACING.into_iter().chain([ADDING]).filter_map(set_already).map(PathBuf::from) {
            let (file, folder) = if path.is_dir() { (None, Some(path)) } else { (Some(path), None) };
            roots.extend(load_certs_from_paths(file.as_deref(), folder.as_deref()).certs);
        }
        roots.sort_by(|one, other| one.as_ref().cmp(other.as_ref()));
        roots.dedup();
        let bundle: String = roots.iter().map(certificate_pem).chain([pem.to_owned()]).collect();
        fs::write(folder.path().join(BUNDLE), bundle)?;
        Ok(Self { folder, adding: if set_already(ADDING).is_some() { BUNDLE } else { FILE } })
    }

    /// The variables that name them.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, PathBuf)> {
        let replacing = REPLACING.into_iter().map(|name| (name, BUNDLE));
        let all = replacing.chain([(ADDING, self.adding), (ALONE, FILE)]);
        all.map(|(name, file)| (name, self.folder.path().join(file)))
    }
}

#[allow(clippy::disallowed_methods, reason = "what the child is given has to hold what it would have had without us")]
fn set_already(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
