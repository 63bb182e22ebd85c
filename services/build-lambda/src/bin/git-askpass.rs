//! The askpass as a program of its own, for tests and for whoever composes a program that is none itself.

use std::process::ExitCode;

fn main() -> ExitCode {
    workspace::run_if_askpass().unwrap_or_else(|| {
        eprintln!("git-askpass: this program is started by git, from a directory with a token");
        ExitCode::from(64)
    })
}
