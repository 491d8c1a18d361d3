//! TLS on the port of plain HTTP: told by the first byte, with a certificate for the name that the client asks for.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

use crate::config::{Config, TlsSource};
use crate::edge::authority::{Authority, AuthorityError, Subject};
use crate::edge::hosts;
use crate::kernel::clock::{Clock, Timestamp, sleep_real};

/// The first byte of a TLS connection: a record of the handshake. No HTTP method starts with it.
const HANDSHAKE: u8 = 0x16;
/// The fatal alert `unrecognized_name` (RFC 6066, section 3) as a record, which rustls cannot be asked to send.
const UNRECOGNIZED_NAME: [u8; 7] = [0x15, 3, 3, 0, 2, 2, 112];
/// Certificates that are kept at once; a client may ask for any number of names below `imkit.io`.
const LEAVES_MAX: usize = 256;
/// A certificate is made anew this long before its end.
const RENEWED_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// A connection, plain or TLS.
pub type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// Why TLS cannot be answered as it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The authority that is kept cannot be used.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// A file of one's own certificate cannot be used.
    #[error("{option} {file}: {why}")]
    File {
        /// The option that names the file.
        option: &'static str,
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// Answers TLS, or leaves it.
#[derive(Debug)]
pub struct Tls(Answer);

#[derive(Debug)]
enum Answer {
    Off,
    One(Arc<ServerConfig>),
    Named(Box<Named>),
}

impl Tls {
    /// Reads what is there already: nothing is made before the first connection needs it.
    ///
    /// # Errors
    /// A file is there that cannot be used.
    pub fn open(config: &Config) -> Result<Self, TlsError> {
        Ok(Self(match &config.tls {
            TlsSource::Off => Answer::Off,
            TlsSource::Files { certificate, key } => Answer::One(one(certificate.clone(), key.clone())?),
            TlsSource::Authority { folder } => {
                Answer::Named(Box::new(Named::open(folder.clone(), config.names.clone())?))
            }
        }))
    }

    /// The authority's certificate as PEM, made now if there was none; `None` where no authority is used.
    ///
    /// # Errors
    /// The authority that is kept cannot be used.
    pub fn authority(&self) -> Result<Option<String>, TlsError> {
        match &self.0 {
            Answer::Named(named) => Ok(Some(named.made.lock().authority(named.folder.as_ref())?.pem().to_owned())),
            _ => Ok(None),
        }
    }

    /// Makes of a connection what its first byte says; `allowed` is the real time until requests can be read.
    ///
    /// # Errors
    /// The client was too slow, or no TLS came about.
    pub async fn welcome(&self, stream: TcpStream, allowed: Duration) -> io::Result<Stream> {
        if matches!(self.0, Answer::Off) {
            return Ok(Either::Left(stream));
        }
        tokio::select! {
            biased;
            stream = self.tell(stream) => stream,
            () = sleep_real(allowed) => Err(io::Error::new(io::ErrorKind::TimedOut, "nothing came within --header-timeout")),
        }
    }

    async fn tell(&self, stream: TcpStream) -> io::Result<Stream> {
        let mut first = [0];
        if stream.peek(&mut first).await? == 0 || first[0] != HANDSHAKE {
            return Ok(Either::Left(stream));
        }
        // Plain connections, of which there may be thousands, do not carry the room for a handshake.
        Box::pin(self.handshake(stream)).await
    }

    async fn handshake(&self, stream: TcpStream) -> io::Result<Stream> {
        let address = stream.local_addr()?.ip().to_canonical();
        let mut started = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let asked = started.client_hello().server_name().map(str::to_ascii_lowercase);
        let Some(config) = self.config(asked.as_deref(), address)? else {
            started.io.write_all(&UNRECOGNIZED_NAME).await?;
            started.io.shutdown().await?;
            let name = asked.unwrap_or_default();
            tracing::warn!(%name, "a TLS client was refused: no documented host has this name; --tls-name adds it");
            return Err(io::Error::other("TLS was refused"));
        };
        match started.into_stream(config).await {
            Ok(stream) => Ok(Either::Right(Box::new(stream))),
            Err(fault) => {
                if let Some(rustls::Error::AlertReceived(alert)) =
                    fault.get_ref().and_then(|fault| fault.downcast_ref())
                {
                    tracing::warn!(
                        ?alert,
                        "a TLS client did not take the certificate; `imulator ca` writes what it has to trust"
                    );
                }
                Err(fault)
            }
        }
    }

    /// How to answer a client that asked for this name, or for none at this address; `None` refuses it.
    fn config(&self, asked: Option<&str>, address: IpAddr) -> io::Result<Option<Arc<ServerConfig>>> {
        match &self.0 {
            Answer::Off => Ok(None),
            Answer::One(config) => Ok(Some(config.clone())),
            Answer::Named(named) => named.config(asked, address).map_err(|fault| {
                tracing::error!(%fault, "TLS could not be answered");
                io::Error::other(fault)
            }),
        }
    }
}

/// A certificate for each name, from the local authority.
#[derive(Debug)]
struct Named {
    folder: Option<PathBuf>,
    names: Vec<String>,
    made: Mutex<Made>,
}

#[derive(Debug, Default)]
struct Made {
    authority: Option<Authority>,
    leaves: HashMap<Subject, (Arc<ServerConfig>, Timestamp)>,
}

impl Named {
    fn open(folder: Option<PathBuf>, names: Vec<String>) -> Result<Self, TlsError> {
        let authority = match folder.as_deref().map(Authority::load) {
            None => None,
            Some(Ok(kept)) => kept,
            // Plain HTTP has to start all the same; the first use says that nothing can be kept.
            Some(Err(AuthorityError::Io { .. })) => None,
            Some(Err(broken)) => return Err(broken.into()),
        };
        Ok(Self { folder, names, made: Mutex::new(Made { authority, leaves: HashMap::new() }) })
    }

    fn config(&self, asked: Option<&str>, address: IpAddr) -> Result<Option<Arc<ServerConfig>>, TlsError> {
        let subject = match asked {
            Some(name) if hosts::is_served(name, &self.names) => Subject::Name(name.to_owned()),
            Some(_) => return Ok(None),
            None => Subject::Address(address),
        };
        let now = Clock::system().now();
        let mut made = self.made.lock();
        if let Some((config, until)) = made.leaves.get(&subject)
            && until.millis() - RENEWED_MILLIS > now.millis()
        {
            return Ok(Some(config.clone()));
        }
        let leaf = made.authority(self.folder.as_ref())?.sign(&subject);
        let config = server(vec![leaf.certificate], leaf.key).expect("the certificate is of its key");
        if made.leaves.len() >= LEAVES_MAX {
            made.leaves.clear();
        }
        made.leaves.insert(subject, (config.clone(), leaf.until));
        Ok(Some(config))
    }
}

impl Made {
    /// The authority; where it cannot be kept, one that ends with this process.
    fn authority(&mut self, folder: Option<&PathBuf>) -> Result<&Authority, TlsError> {
        if self.authority.is_none() {
            let made = match folder.map(|folder| Authority::load_or_make(folder)) {
                None => Authority::fresh(),
                Some(Ok(kept)) => kept,
                Some(Err(fault @ AuthorityError::Io { .. })) => {
                    tracing::warn!(%fault, "the local authority cannot be kept and ends with this process; --ca-dir chooses another folder");
                    Authority::fresh()
                }
                Some(Err(broken)) => return Err(broken.into()),
            };
            self.authority = Some(made);
        }
        Ok(self.authority.as_ref().expect("it was made just now"))
    }
}

/// A certificate of one's own, for whatever name is asked for.
fn one(certificate: PathBuf, key: PathBuf) -> Result<Arc<ServerConfig>, TlsError> {
    let fault = |option, file: &PathBuf, why: String| TlsError::File { option, file: file.clone(), why };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&certificate)
        .and_then(Iterator::collect)
        .map_err(|why| fault("--tls-cert", &certificate, why.to_string()))?;
    if chain.is_empty() {
        return Err(fault("--tls-cert", &certificate, "there is no certificate in it".into()));
    }
    let private = PrivateKeyDer::from_pem_file(&key).map_err(|why| fault("--tls-key", &key, why.to_string()))?;
    server(chain, private).map_err(|why| fault("--tls-key", &key, format!("does not go with --tls-cert: {why}")))
}

fn server(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn a_certificate_is_made_once_a_name_and_their_number_is_bounded() {
        let named = Named::open(None, Vec::new()).expect("there is nothing to read");
        let config =
            |name: &str| named.config(Some(name), Ipv4Addr::LOCALHOST.into()).expect("no fault").expect("served");
        let first = config("a0.imkit.io");
        assert!(Arc::ptr_eq(&first, &config("a0.imkit.io")));
        for number in 1..=LEAVES_MAX {
            config(&format!("a{number}.imkit.io"));
            assert!(named.made.lock().leaves.len() <= LEAVES_MAX);
        }
        assert!(!Arc::ptr_eq(&first, &config("a0.imkit.io")), "it was dropped meanwhile");
    }

    #[test]
    fn a_certificate_near_its_end_is_made_anew() {
        let named = Named::open(None, Vec::new()).expect("there is nothing to read");
        let config = || named.config(None, Ipv4Addr::LOCALHOST.into()).expect("no fault").expect("served");
        let first = config();
        for (_, until) in named.made.lock().leaves.values_mut() {
            *until = Timestamp::from_millis(Clock::system().now().millis() + RENEWED_MILLIS - 1);
        }
        assert!(!Arc::ptr_eq(&first, &config()));
    }
}
