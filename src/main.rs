//! The binary around the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    imulator::cli::run(std::env::args_os())
}
