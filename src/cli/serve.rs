//! `imulator serve`: start, say so, wait for a signal, stop in good order.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::cli::options::{LogFormat, ServeOptions};
use crate::cli::{descriptors, fail, print};
use crate::document::{self, DocumentError};
use crate::domain::state::State;
use crate::emulator::Emulator;

/// The world that an emulator without fixtures starts from.
const DEMO: &str = include_str!("../../fixtures/worlds/demo.json");

/// Serves until a signal.
pub fn run(options: ServeOptions) -> ExitCode {
    match runtime(&options).and_then(|runtime| runtime.block_on(serve(&options))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

/// The log, and what asynchronous work runs on.
pub fn runtime(options: &ServeOptions) -> Result<Runtime, String> {
    log(options)?;
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.map_err(|fault| format!("the runtime did not start: {fault}"))
}

fn log(options: &ServeOptions) -> Result<(), String> {
    let filter = EnvFilter::try_new(&options.log).map_err(|fault| format!("--log {}: {fault}", options.log))?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .log_internal_errors(false);
    let set = match options.log_format {
        LogFormat::Text => subscriber.try_init(),
        LogFormat::Json => subscriber.json().try_init(),
    };
    set.map_err(|fault| format!("the log did not start: {fault}"))
}

async fn serve(options: &ServeOptions) -> Result<(), String> {
    // Listened for before the ready line, so that a signal right after it is not lost.
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|fault| fault.to_string())?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|fault| fault.to_string())?;
    descriptors::raise(&options.config());
    let emulator = start(options).await?;
    let url = emulator.url();
    let ready = ReadyFile::write(options, &url)?;
    print(&format!("imulator ready on {url}\n"));
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    emulator.stop().await;
    drop(ready);
    Ok(())
}

/// An emulator as the options say, answering requests.
pub async fn start(options: &ServeOptions) -> Result<Emulator, String> {
    let mut config = options.config();
    descriptors::fit(&mut config);
    let mut builder = Emulator::builder().config(config).clock(options.clock.clone());
    for state in fixtures(options).map_err(|fault| fault.to_string())? {
        builder = builder.state(state);
    }
    builder.start().await.map_err(|fault| fault.to_string())
}

fn fixtures(options: &ServeOptions) -> Result<Vec<State>, DocumentError> {
    if options.empty {
        return Ok(Vec::new());
    }
    if options.fixture.is_empty() {
        return Ok(vec![document::from_text(DEMO, "the built-in demo world")?]);
    }
    options.fixture.iter().map(|path| document::from_file(path)).collect()
}

/// A file that is there while requests are answered.
pub struct ReadyFile(PathBuf);

impl ReadyFile {
    /// Writes it, if one is asked for.
    pub fn write(options: &ServeOptions, url: &str) -> Result<Option<Self>, String> {
        let Some(path) = &options.ready_file else { return Ok(None) };
        let content = serde_json::json!({"http": url, "pid": std::process::id()}).to_string();
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".new");
        let written = fs::write(&temporary, content + "\n").and_then(|()| fs::rename(&temporary, path));
        written.map_err(|fault| format!("--ready-file {}: {fault}", path.display()))?;
        Ok(Some(Self(path.clone())))
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        if let Err(fault) = fs::remove_file(&self.0) {
            tracing::warn!(%fault, file = %self.0.display(), "the ready file could not be removed");
        }
    }
}
