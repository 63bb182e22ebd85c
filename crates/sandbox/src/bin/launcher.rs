//! The launcher as a program of its own, for tests of crates that have no binary which could act as one.

use sandbox::steward::{self, Users};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    sandbox::launcher::run_if_launched();
    let words: Vec<_> = std::env::args_os().skip(1).collect();
    match &words[..] {
        // As a service would: root's process becomes the steward, and its worker goes on.
        [word, home, program, args @ ..] if word == "steward" => {
            if steward::is_possible() {
                let ended = steward::run(Users::default(), &[Path::new(home)]);
                return ended.ok().and_then(|status| u8::try_from(status.code()?).ok()).unwrap_or(1).into();
            }
            eprintln!("launcher: {}", Command::new(program).args(args).exec());
        }
        _ => eprintln!("launcher: this program is started by others, with the words of the sandbox crate"),
    }
    ExitCode::from(64)
}
