//! The rehearsal on its own, for benches: prints its address and serves until standard input closes.

use rehearsal::Rehearsal;
use tokio::io::{AsyncReadExt, stdin};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let rehearsal = Rehearsal::start(stop.clone()).await?;
    println!("{}", rehearsal.base_url());
    let mut input = Vec::new();
    stdin().read_to_end(&mut input).await?;
    stop.cancel();
    rehearsal.closed().await;
    Ok(())
}
