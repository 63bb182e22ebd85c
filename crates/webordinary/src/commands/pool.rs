//! `webordinary pool status|pause|resume|floor`.

use super::operator::call;
use crate::cli::PoolCommand;
use crate::data::DataDir;
use crate::operator::pool::{PoolChange, ShownPool};

/// Changes the pool's record of the running product if asked to, and shows it.
pub(crate) async fn run(data: &DataDir, command: &PoolCommand) -> anyhow::Result<()> {
    let change = match command {
        PoolCommand::Status => None,
        PoolCommand::Pause => Some(PoolChange { paused: Some(true), floor: None }),
        PoolCommand::Resume => Some(PoolChange { paused: Some(false), floor: None }),
        PoolCommand::Floor { containers } => Some(PoolChange { paused: None, floor: Some(*containers) }),
    };
    let body = change.map(serde_json::to_value).transpose()?;
    let pool: ShownPool = serde_json::from_value(call(data, "operator/pool", body).await?)?;
    println!("containers  {} of {} running, {} with work", pool.running, pool.desired, pool.claims);
    println!("waiting     {} without a container", pool.waiting);
    match pool.floor {
        0 => println!("floor       none: the pool follows the work"),
        floor => println!("floor       {floor}, also without work"),
    }
    if pool.paused {
        println!("paused      work waits; `webordinary pool resume` lets it go on");
    }
    if !pool.hermes {
        println!("asleep      Hermes is scaled to 0: this takes effect when it is back");
    }
    Ok(())
}
