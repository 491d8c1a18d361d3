//! The command line: flags and environment into plain data; nothing else reads either.

mod authority;
mod client;
mod compare;
mod descriptors;
mod exec;
mod journal;
mod options;
mod replay;
mod serve;
mod tools;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::builder::Resettable;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::cli::options::ServeOptions;

/// A failure of the start or of the command line itself.
const FAILED: u8 = 2;
/// A check that found something.
const FOUND: u8 = 1;

/// Emulates the HTTP APIs of Tencent Chat, Tencent Room Engine and IMKIT on one port, with state behind them.
///
/// Without a command it serves: `imulator [OPTIONS]` is `imulator serve [OPTIONS]`.
#[derive(Debug, Parser)]
#[command(name = "imulator", version, args_conflicts_with_subcommands = true, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeOptions,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve until SIGINT or SIGTERM; the default command.
    Serve(ServeOptions),
    /// Serve for the time of one command: `imulator exec [OPTIONS] -- COMMAND…`, with IMULATOR_URL set for it.
    Exec(exec::Exec),
    /// Write the certificate of the local authority, for trust stores.
    Ca(authority::Ca),
    /// Check state documents: the first syntax or type fault, else every rule fault, each with its JSON path.
    Check(tools::Check),
    /// Make a UserSig, or tell whether one is good and why not.
    Usersig(tools::UserSig),
    /// Print the table of operations: name, method, path, limits, rate, documentation.
    Operations(tools::Operations),
    /// Print the OpenAPI 3.1 document of all operations.
    Openapi,
    /// Print the JSON Schema of the state document.
    Schema,
    /// Print journal entries of a running emulator for a person.
    Journal(journal::Journal),
    /// Send the recorded exchanges of a journal to another server and print how its replies differ.
    Replay(replay::Replay),
    /// Exit 0 if a running emulator answers; for containers without a shell.
    Healthcheck(tools::Healthcheck),
}

/// Runs the command line.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match parse(arguments.into_iter().collect()) {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => return fail(&one_line(&error.render().to_string())),
        Err(help) => {
            // A reader that has gone does no harm.
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
    };
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(options) => serve::run(options),
        Command::Exec(exec) => exec.run(),
        Command::Ca(ca) => ca.run(),
        Command::Check(check) => check.run(),
        Command::Usersig(usersig) => usersig.run(),
        Command::Operations(operations) => operations.run(),
        Command::Openapi => print_json(&crate::api::openapi::document()),
        Command::Schema => print_json(&crate::api::openapi::state_schema()),
        Command::Journal(journal) => journal.run(),
        Command::Replay(replay) => replay.run(),
        Command::Healthcheck(healthcheck) => healthcheck.run(),
    }
}

fn parse(arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    // Whoever wants a server for one command only does not care which port it has.
    command =
        command.mut_subcommand("exec", |exec| exec.mut_arg("listen", |listen| listen.default_value("localhost:0")));
    let named = arguments.get(1).and_then(|first| first.to_str()).and_then(|first| command.find_subcommand(first));
    if named.is_some() {
        // The environment speaks to the named command alone: a slip in what is meant for `serve` does not end others.
        command = command.mut_args(|argument| argument.env(Resettable::Reset));
    }
    Cli::from_arg_matches(&command.try_get_matches_from(arguments)?)
}

/// Clap's message in one line, without the usage.
fn one_line(message: &str) -> String {
    let lines = message.lines().take_while(|line| !line.starts_with("Usage") && !line.starts_with("For more"));
    let said: Vec<&str> = lines.map(str::trim).filter(|line| !line.is_empty()).collect();
    let said = said.join("; ");
    format!("{}; see imulator --help", said.strip_prefix("error: ").unwrap_or(&said))
}

/// Prints to standard output; a reader that has gone does no harm.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

fn print_json(document: &serde_json::Value) -> ExitCode {
    let mut text = serde_json::to_string_pretty(document).expect("a tree of values is JSON");
    text.push('\n');
    print(&text);
    ExitCode::SUCCESS
}

/// Says in one line what failed.
fn fail(message: &str) -> ExitCode {
    // Nobody may be listening there, which is no reason to panic.
    let _ = writeln!(std::io::stderr(), "imulator: {}", message.replace('\n', " "));
    ExitCode::from(FAILED)
}
