//! Counts how many messages a second are sent, received and settled, each step synced to the disk.
//!
//! `cargo run --release -p embedded --example queue_bench [SECONDS] [PRODUCERS] [DIRECTORY]`; prints one JSON line.

use embedded::Embedded;
use ports::clock::SystemClock;
use ports::queues::MAX_RECEIVES;
use ports::{PortError, Queues};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const QUEUE: &str = "bench";
const READERS: usize = 4;
const LEASE: Duration = Duration::from_mins(5);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let seconds: u64 = args.next().map_or(Ok(5), |arg| arg.parse())?;
    let producers: usize = args.next().map_or(Ok(32), |arg| arg.parse())?;
    let base = args.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = base.join(format!("queue-bench-{}", std::process::id()));
    let store = Embedded::open(&dir, Arc::new(SystemClock)).await?;
    let settled = run(store.queues(), Duration::from_secs(seconds), producers).await?;
    drop(store);
    std::fs::remove_dir_all(&dir)?;
    let per_second = settled / seconds.max(1);
    println!(
        "{{\"producers\":{producers},\"seconds\":{seconds},\"settled\":{settled},\"enqueueAckPerSecond\":{per_second}}}"
    );
    Ok(())
}

/// Sends and settles for `time`; returns how many messages were both.
async fn run(queues: Arc<dyn Queues>, time: Duration, producers: usize) -> Result<u64, PortError> {
    queues.ensure(QUEUE, None, MAX_RECEIVES).await?;
    let (done, settled) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut work = JoinSet::new();
    for _ in 0..producers {
        let (queues, done) = (queues.clone(), done.clone());
        work.spawn(async move {
            while !done.load(Ordering::Relaxed) {
                queues.send(QUEUE, "{\"schema\":1,\"messageId\":\"0\"}").await?;
            }
            Ok::<(), PortError>(())
        });
    }
    for _ in 0..READERS {
        let (queues, done, settled) = (queues.clone(), done.clone(), settled.clone());
        work.spawn(async move {
            while !done.load(Ordering::Relaxed) {
                settle(&queues, &settled).await?;
            }
            Ok(())
        });
    }
    let begin = Instant::now();
    tokio::time::sleep(time.saturating_sub(begin.elapsed())).await;
    let counted = settled.load(Ordering::Relaxed);
    done.store(true, Ordering::Relaxed);
    while let Some(ended) = work.join_next().await {
        ended.map_err(|err| PortError::new(ports::ErrorKind::Transient, err))??;
    }
    Ok(counted)
}

/// Receives up to ten messages and settles them side by side, as a service does.
async fn settle(queues: &Arc<dyn Queues>, settled: &AtomicU64) -> Result<(), PortError> {
    let mut acks = JoinSet::new();
    for delivery in queues.receive(QUEUE, 10, Duration::from_millis(200), LEASE).await? {
        let queues = queues.clone();
        acks.spawn(async move { queues.ack(&delivery.receipt).await });
    }
    while let Some(acked) = acks.join_next().await {
        acked.map_err(|err| PortError::new(ports::ErrorKind::Transient, err))??;
        settled.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}
