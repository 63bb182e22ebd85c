//! The launcher as a program of its own, for tests of crates that have no binary which could act as one.

use std::process::ExitCode;

fn main() -> ExitCode {
    sandbox::launcher::run_if_launched();
    eprintln!("launcher: this program is started by others, with the words of the sandbox crate");
    ExitCode::from(64)
}
