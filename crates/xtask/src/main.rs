//! `cargo xtask test | ci | tidy | bench`: what contributors and CI run.

mod aws_demo;
mod bench;
mod ci;
mod needs;
mod stage;
mod test;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND
  test [-- ARGS]    install what the tests need, build everything once, run the tests; ARGS go to the runner
  ci                format, clippy, documentation, tidy, tests
  aws-demo [--once] show the fleet on an AWS stand-in on loopback
  tidy              check the rules of the house
  bench [NAME…]     measure: turn, queue, proxy, start, edit, aws (all of them when none is named)";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Err(error) = run(&words) else { return ExitCode::SUCCESS };
    eprintln!("xtask: {error:#}");
    ExitCode::FAILURE
}

fn run(words: &[String]) -> anyhow::Result<()> {
    let (command, rest) = words.split_first().map_or(("", words), |(first, rest)| (first.as_str(), rest));
    let rest = rest.strip_prefix(&["--".to_owned()]).unwrap_or(rest);
    match command {
        "test" => test::run(rest),
        "ci" => ci::run(),
        "aws-demo" => aws_demo::run(rest),
        "tidy" => tidy::run(),
        "bench" => bench::run(rest),
        _ => anyhow::bail!(USAGE),
    }
}
