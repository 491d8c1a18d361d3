//! A TLS client that checks everything: the authority, the name, the versions.

use std::net::SocketAddr;
use std::sync::Arc;

use imulator::Emulator;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore, SupportedProtocolVersion};

/// The first address that an emulator answers at.
pub fn address(emulator: &Emulator) -> SocketAddr {
    emulator.url().trim_start_matches("http://").parse().expect("an address")
}

/// The certificate of the emulator's own authority.
pub fn pem(emulator: &Emulator) -> String {
    emulator.authority().expect("an authority can be had").expect("there is one")
}

/// What a client trusts and speaks.
pub struct Client {
    pub pem: String,
    pub protocols: &'static [&'static str],
    pub versions: &'static [&'static SupportedProtocolVersion],
}

impl Client {
    pub fn trusting(pem: &str) -> Self {
        Self { pem: pem.to_owned(), protocols: &["http/1.1"], versions: rustls::DEFAULT_VERSIONS }
    }

    /// A handshake under this name.
    pub async fn shake(&self, to: SocketAddr, name: &str) -> Result<TlsStream<TcpStream>, rustls::Error> {
        let mut roots = RootCertStore::empty();
        for root in CertificateDer::pem_slice_iter(self.pem.as_bytes()) {
            roots.add(root.expect("PEM")).expect("a certificate");
        }
        let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(self.versions)
            .expect("versions that are there")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = self.protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let stream = TcpStream::connect(to).await.expect("the emulator accepts");
        let name = ServerName::try_from(name.to_owned()).expect("a name or an address");
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|fault| {
            let inner = fault.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            inner.cloned().unwrap_or_else(|| rustls::Error::General(fault.to_string()))
        })
    }
}
