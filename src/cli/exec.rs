//! `imulator exec`: a server for the time of one command, whose exit code is ours.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitCode, ExitStatus};

use clap::Args;
use futures_util::future::OptionFuture;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::cli::authority::Trust;
use crate::cli::fail;
use crate::cli::options::ServeOptions;
use crate::cli::serve::{self, ReadyFile};
use crate::emulator::Emulator;
use crate::kernel::clock::sleep_real;

/// As shells say it: there is no such command.
const NOT_FOUND: u8 = 127;
/// As shells say it: there is one, but it cannot be run.
const NOT_RUN: u8 = 126;
/// As shells say it: ended by the signal of this number more.
const SIGNALLED: i32 = 128;
/// Signals on their way to the command; more at once are one.
const WAITING: usize = 8;

/// Serves for the time of one command.
#[derive(Debug, Args)]
pub struct Exec {
    #[command(flatten)]
    serve: ServeOptions,
    /// The command and its arguments, after `--`. IMULATOR_URL says where the server is; IMULATOR_CA_FILE and the
    /// usual CA variables (SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, AWS_CA_BUNDLE, NODE_EXTRA_CA_CERTS) make
    /// its TLS trusted.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl Exec {
    /// Exits as the command does; 128 and the signal's number if one ended it.
    pub fn run(self) -> ExitCode {
        match serve::runtime(&self.serve).and_then(|runtime| runtime.block_on(self.serve())) {
            Ok(code) => ExitCode::from(code),
            Err(message) => fail(&message),
        }
    }

    async fn serve(&self) -> Result<u8, String> {
        // Listened for before anything is started, so that none is lost.
        let signals = signals().map_err(|fault| fault.to_string())?;
        let emulator = serve::start(&self.serve).await?;
        let ready = ReadyFile::write(&self.serve, &emulator.url())?;
        let code = self.accompany(&emulator, signals).await;
        emulator.stop().await;
        drop(ready);
        code
    }

    /// Runs the command to its end and passes signals on; one that does not heed them in time is killed, except that an
    /// interrupt leaves it all the time it wants.
    async fn accompany(&self, emulator: &Emulator, mut signals: mpsc::Receiver<Signal>) -> Result<u8, String> {
        let pem = emulator.authority().map_err(|fault| fault.to_string())?;
        let trust = pem.as_deref().map(Trust::write).transpose();
        let trust = trust.map_err(|fault| format!("the certificates for the command: {fault}"))?;
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).env("IMULATOR_URL", emulator.url()).kill_on_drop(true);
        command.envs(trust.iter().flat_map(Trust::variables));
        let reach = Reach::set(&mut command);
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(fault) => {
                fail(&format!("{}: {fault}", self.command[0].display()));
                return Ok(if fault.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { NOT_RUN });
            }
        };
        let mut end_due = None;
        loop {
            tokio::select! {
                status = child.wait() => {
                    return status.map(code).map_err(|fault| format!("{}: {fault}", self.command[0].display()));
                }
                Some(signal) = signals.recv() => {
                    reach.pass_on(&child, signal);
                    if signal != Signal::INT {
                        end_due.get_or_insert_with(|| Box::pin(sleep_real(self.serve.stop_timeout)));
                    }
                }
                Some(()) = OptionFuture::from(end_due.as_mut()) => {
                    end_due = None;
                    reach.pass_on(&child, Signal::KILL);
                }
            }
        }
    }
}

/// Whom signals are passed on to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// The command alone. At a terminal it stays in our group, as whoever reads from there must; what is typed there
    /// reaches it without us.
    Child,
    /// The command and all that it starts, a group of its own.
    Group,
}

impl Reach {
    fn set(command: &mut Command) -> Self {
        if io::stdin().is_terminal() {
            return Self::Child;
        }
        command.process_group(0);
        Self::Group
    }

    fn pass_on(self, child: &Child, signal: Signal) {
        let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let Some(id) = id else { return };
        let sent = match self {
            Self::Group => kill_process_group(id, signal),
            Self::Child if matches!(signal, Signal::INT | Signal::QUIT) => Ok(()),
            Self::Child => kill_process(id, signal),
        };
        if let Err(fault) = sent {
            tracing::debug!(%fault, ?signal, "a signal was not passed on");
        }
    }
}

/// The signals that are passed on, as they come in.
fn signals() -> io::Result<mpsc::Receiver<Signal>> {
    let (to, from) = mpsc::channel(WAITING);
    for (kind, passed) in [
        (SignalKind::interrupt(), Signal::INT),
        (SignalKind::terminate(), Signal::TERM),
        (SignalKind::hangup(), Signal::HUP),
        (SignalKind::quit(), Signal::QUIT),
    ] {
        let (mut heard, to) = (signal(kind)?, to.clone());
        tokio::spawn(async move { while heard.recv().await.is_some() && to.send(passed).await.is_ok() {} });
    }
    Ok(from)
}

/// The code of our own exit.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| Some(SIGNALLED + status.signal()?));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}
