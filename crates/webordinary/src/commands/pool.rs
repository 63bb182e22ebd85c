//! `webordinary pool status|pause|resume|floor`.

use super::operator::Operator;
use crate::cli::PoolCommand;
use hermes::operator::{PoolChange, ShownPool};

const PATH: &str = "hermes/api/pool";

/// Changes the pool's record if asked to, and shows it.
pub(crate) async fn run(operator: &Operator, command: &PoolCommand) -> anyhow::Result<()> {
    let change = match command {
        PoolCommand::Status => None,
        PoolCommand::Pause => Some(PoolChange { paused: Some(true), floor: None }),
        PoolCommand::Resume => Some(PoolChange { paused: Some(false), floor: None }),
        PoolCommand::Floor { containers } => Some(PoolChange { paused: None, floor: Some(*containers) }),
    };
    let pool: ShownPool = match change {
        Some(change) => operator.post(PATH, &change).await?,
        None => operator.get(PATH).await?,
    };
    println!("containers  {} of {} running, {} with work", pool.running, pool.desired, pool.claims);
    println!("waiting     {} without a container", pool.waiting);
    match pool.floor {
        0 => println!("floor       none: the pool follows the work"),
        floor => println!("floor       {floor}, also without work"),
    }
    if pool.paused {
        println!("paused      work waits; `webordinary pool resume` lets it go on");
    }
    if pool.hermes == 0 {
        println!("asleep      Hermes is scaled to 0: this takes effect when it is back");
    }
    Ok(())
}
