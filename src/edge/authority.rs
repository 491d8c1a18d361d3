//! The local authority: made at first use, kept in one file of mode 600, and the certificates that it signs.
//!
//! Certificates are input and output, so they live in real time, whatever the emulator's clock says.

use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use tempfile::NamedTempFile;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::kernel::clock::{Clock, Timestamp};

/// The file below the authority's folder: key and certificate in one, so that they can never be of two authorities.
pub const FILE: &str = "imulator-ca-and-key.pem";

const DAY: i64 = 24 * 60 * 60;
/// How long an authority is good.
const AUTHORITY_SECONDS: i64 = 3650 * DAY;
/// How long a certificate is good: browsers and Apple's libraries refuse more than 398 days.
const LEAF_SECONDS: i64 = 396 * DAY;
/// How long before its making a certificate is good already, for clocks that are behind.
const SLACK_SECONDS: i64 = DAY;

/// Why there is no authority.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The file is there, but is not an authority that can be used.
    #[error("{file}: {why}; put it right, or remove it and a new authority is made")]
    Broken {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The system refused to read or write the file.
    #[error("{file}: {cause}")]
    Io {
        /// The file.
        file: PathBuf,
        /// The system's word.
        cause: io::Error,
    },
}

/// Whom a certificate is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A host name.
    Name(String),
    /// The address that a client without a host name has reached; the loopbacks are always in it.
    Address(IpAddr),
}

/// A certificate with its key.
#[derive(Debug)]
pub struct Leaf {
    /// The certificate.
    pub certificate: CertificateDer<'static>,
    /// Its private key.
    pub key: PrivateKeyDer<'static>,
    /// Until when it is good.
    pub until: Timestamp,
}

/// An authority that signs certificates.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    until: Timestamp,
}

impl Authority {
    /// A fresh one that is not kept.
    pub fn fresh() -> Self {
        Self::make().0
    }

    /// The one in this folder, if there is any.
    ///
    /// # Errors
    /// The file cannot be read, or is not an authority that is good today.
    pub fn load(folder: &Path) -> Result<Option<Self>, AuthorityError> {
        let file = folder.join(FILE);
        match fs::read(&file) {
            Ok(text) => Self::parse(&text).map(Some).map_err(|why| AuthorityError::Broken { file, why }),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(AuthorityError::Io { file, cause }),
        }
    }

    /// The one in this folder, made and kept if there is none; of two that make one at once, both get the first.
    ///
    /// # Errors
    /// As for [`Authority::load`], or the file cannot be written.
    pub fn load_or_make(folder: &Path) -> Result<Self, AuthorityError> {
        if let Some(kept) = Self::load(folder)? {
            return Ok(kept);
        }
        let (made, key) = Self::make();
        let file = folder.join(FILE);
        match keep(folder, &file, &(key + &made.pem)) {
            Ok(()) => Ok(made),
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => match Self::load(folder)? {
                Some(kept) => Ok(kept),
                None => Err(AuthorityError::Io { file, cause }),
            },
            Err(cause) => Err(AuthorityError::Io { file, cause }),
        }
    }

    /// The certificate for trust stores, as PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Signs a certificate.
    pub fn sign(&self, subject: &Subject) -> Leaf {
        let now = Clock::system().now().seconds();
        let until = (now + LEAF_SECONDS).min(self.until.seconds());
        let mut params = CertificateParams::default();
        good(&mut params, now - SLACK_SECONDS, until);
        params.distinguished_name = name("imulator");
        params.subject_alt_names = alternatives(subject);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().expect("the system gives random bytes");
        let certificate = params.signed_by(&key, &self.issuer).expect("our own parameters can be signed");
        Leaf {
            certificate: certificate.der().clone(),
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            until: Timestamp::from_seconds(until),
        }
    }

    /// An authority, and its key as PEM.
    fn make() -> (Self, String) {
        let now = Clock::system().now().seconds();
        let until = now + AUTHORITY_SECONDS;
        let mut params = CertificateParams::default();
        good(&mut params, now - SLACK_SECONDS, until);
        params.distinguished_name = name("imulator local authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().expect("the system gives random bytes");
        let key_pem = key.serialize_pem();
        let pem = params.self_signed(&key).expect("our own parameters can be signed").pem();
        (Self { issuer: Issuer::new(params, key), pem, until: Timestamp::from_seconds(until) }, key_pem)
    }

    /// Reads what is kept, and says what is wrong with it.
    fn parse(text: &[u8]) -> Result<Self, String> {
        let key = PrivateKeyDer::from_pem_slice(text).map_err(|fault| format!("its private key: {fault}"))?;
        let key = KeyPair::try_from(&key).map_err(|fault| format!("its private key: {fault}"))?;
        let certificate = CertificateDer::from_pem_slice(text).map_err(|fault| format!("its certificate: {fault}"))?;
        let (_, parsed) =
            X509Certificate::from_der(&certificate).map_err(|fault| format!("its certificate: {fault}"))?;
        if !parsed.is_ca() {
            return Err("its certificate is not that of an authority".into());
        }
        if parsed.public_key().raw != rcgen::PublicKeyData::subject_public_key_info(&key) {
            return Err("its key and its certificate are not of one pair".into());
        }
        let validity = parsed.validity();
        let [from, until] = [validity.not_before, validity.not_after].map(|at| Timestamp::from_seconds(at.timestamp()));
        let now = Clock::system().now();
        if now > until {
            return Err(format!("its certificate was good until {until}"));
        }
        if now < from {
            return Err(format!("its certificate is good from {from} on"));
        }
        let pem = certificate_pem(&certificate);
        let issuer =
            Issuer::from_ca_cert_der(&certificate, key).map_err(|fault| format!("its certificate: {fault}"))?;
        Ok(Self { issuer, pem, until })
    }
}

/// A certificate as PEM.
pub fn certificate_pem(certificate: &CertificateDer<'_>) -> String {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    pem::encode_config(&pem::Pem::new("CERTIFICATE", certificate.as_ref()), config)
}

/// Writes a file of mode 600 whole, and never over another.
fn keep(folder: &Path, file: &Path, text: &str) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    // Temporary files are of mode 600 from the start.
    let mut temporary = NamedTempFile::new_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    temporary.as_file().sync_all()?;
    temporary.persist_noclobber(file).map_err(|refused| refused.error)?;
    Ok(())
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}

fn alternatives(subject: &Subject) -> Vec<SanType> {
    let name = |name: &str| SanType::DnsName(name.try_into().expect("host names are ASCII"));
    match subject {
        Subject::Name(host) => vec![name(host)],
        Subject::Address(address) => {
            let mut addresses = vec![IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()];
            if !addresses.contains(address) {
                addresses.push(*address);
            }
            std::iter::once(name("localhost")).chain(addresses.into_iter().map(SanType::IpAddress)).collect()
        }
    }
}

/// Sets from when until when a certificate is good, in Unix seconds.
fn good(params: &mut CertificateParams, from: i64, until: i64) {
    let start = rcgen::date_time_ymd(1970, 1, 1);
    let [from, until] = [from, until].map(|seconds| Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
    (params.not_before, params.not_after) = (start + from, start + until);
}
