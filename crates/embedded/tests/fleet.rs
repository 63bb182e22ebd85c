//! The fleet in this process: which tasks stop, and which start again.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use embedded::fleet::Ending;
use embedded::{Embedded, InProcessFleet, TaskContext};
use ports::fleet::Protection;
use ports::{ErrorKind, Fleet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

const SERVICE: &str = "edit";

/// What tasks tell the test.
#[derive(Debug, PartialEq)]
enum Said {
    Started(String),
    Stopped(String),
}

type Heard = mpsc::UnboundedReceiver<Said>;

/// A fleet whose tasks run until they are told to stop.
fn patient() -> (InProcessFleet, Heard) {
    let (tell, heard) = mpsc::unbounded_channel();
    let fleet = InProcessFleet::new();
    fleet.register(
        SERVICE,
        Arc::new(move |task: TaskContext| {
            let tell = tell.clone();
            Box::pin(async move {
                tell.send(Said::Started(task.id.clone())).unwrap();
                task.stop.cancelled().await;
                let _ = tell.send(Said::Stopped(task.id));
            })
        }),
    );
    (fleet, heard)
}

/// Sets the count one by one, so that the order of starting is known.
async fn started(fleet: &InProcessFleet, heard: &mut Heard, count: u32) -> Vec<String> {
    let mut ids = Vec::new();
    for desired in 1..=count {
        fleet.set_desired(SERVICE, desired).await.unwrap();
        match heard.recv().await.unwrap() {
            Said::Started(id) => ids.push(id),
            other @ Said::Stopped(_) => panic!("{other:?}"),
        }
    }
    ids
}

#[tokio::test]
async fn the_newest_tasks_stop_first_and_protected_ones_do_not() {
    let (fleet, mut heard) = patient();
    let ids = started(&fleet, &mut heard, 3).await;
    fleet.protect(SERVICE, &ids[2], Protection::On).await.unwrap();
    fleet.set_desired(SERVICE, 2).await.unwrap();
    assert_eq!(heard.recv().await.unwrap(), Said::Stopped(ids[1].clone()));
    fleet.set_desired(SERVICE, 0).await.unwrap();
    assert_eq!(heard.recv().await.unwrap(), Said::Stopped(ids[0].clone()));
    while fleet.count(SERVICE).await.unwrap().running > 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(fleet.count(SERVICE).await.unwrap().running, 1);
    fleet.protect(SERVICE, &ids[2], Protection::Off).await.unwrap();
    assert_eq!(heard.recv().await.unwrap(), Said::Stopped(ids[2].clone()));
}

#[tokio::test]
async fn a_task_that_is_stopping_cannot_be_protected_any_more() {
    let (tell, mut heard) = mpsc::unbounded_channel();
    let fleet = InProcessFleet::new();
    fleet.register(
        SERVICE,
        Arc::new(move |task: TaskContext| {
            let tell = tell.clone();
            Box::pin(async move {
                task.stop.cancelled().await;
                tell.send(task.id).unwrap();
                std::future::pending::<()>().await;
            })
        }),
    );
    fleet.set_desired(SERVICE, 1).await.unwrap();
    while fleet.count(SERVICE).await.unwrap().running == 0 {
        tokio::task::yield_now().await;
    }
    fleet.set_desired(SERVICE, 0).await.unwrap();
    let id = heard.recv().await.unwrap();
    let err = fleet.protect(SERVICE, &id, Protection::On).await.unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn a_task_that_ends_or_panics_is_started_again_more_and_more_slowly() {
    let (tell, mut starts) = mpsc::unbounded_channel();
    let fleet = InProcessFleet::new();
    fleet.register(
        SERVICE,
        Arc::new(move |task: TaskContext| {
            tell.send(Instant::now()).unwrap();
            assert!(task.id.as_bytes()[0].is_multiple_of(2), "some tasks panic at once");
            Box::pin(async {})
        }),
    );
    fleet.set_desired(SERVICE, 1).await.unwrap();
    let mut at = Vec::new();
    for _ in 0..3 {
        at.push(starts.recv().await.unwrap());
    }
    assert!(at[1] - at[0] >= Duration::from_millis(200), "{at:?}");
    assert!(at[2] - at[1] >= Duration::from_millis(400), "{at:?}");
    fleet.set_desired(SERVICE, 0).await.unwrap();
    fleet.drain(Duration::from_mins(1)).await;
    assert!(starts.try_recv().is_err());
    assert_eq!(fleet.count(SERVICE).await.unwrap().running, 0);
}

#[tokio::test]
async fn draining_stops_protected_tasks_too_and_starts_none() {
    let (fleet, mut heard) = patient();
    let ids = started(&fleet, &mut heard, 1).await;
    fleet.protect(SERVICE, &ids[0], Protection::On).await.unwrap();
    fleet.drain(Duration::from_mins(1)).await;
    assert_eq!(heard.recv().await.unwrap(), Said::Stopped(ids[0].clone()));
    assert_eq!(fleet.count(SERVICE).await.unwrap().running, 0);
    fleet.set_desired(SERVICE, 2).await.unwrap();
    assert!(heard.try_recv().is_err());
}

#[tokio::test]
async fn a_task_that_does_not_end_is_aborted_after_the_grace() {
    let (tell, mut starts) = mpsc::unbounded_channel();
    let fleet = InProcessFleet::new();
    fleet.register(
        SERVICE,
        Arc::new(move |_| {
            tell.send(()).unwrap();
            Box::pin(std::future::pending())
        }),
    );
    fleet.set_desired(SERVICE, 2).await.unwrap();
    starts.recv().await.unwrap();
    starts.recv().await.unwrap();
    assert_eq!(fleet.count(SERVICE).await.unwrap().running, 2);
    fleet.drain(Duration::from_millis(20)).await;
    assert_eq!(fleet.count(SERVICE).await.unwrap().running, 0);
}

#[tokio::test]
async fn a_stopped_task_is_replaced_and_can_be_looked_at_afterwards() {
    let (fleet, mut heard) = patient();
    let ids = started(&fleet, &mut heard, 1).await;
    fleet.protect(SERVICE, &ids[0], Protection::On).await.unwrap();
    let stopping = fleet.stop_task(&ids[0], "it hangs").unwrap();
    assert!(matches!(&stopping.ending, Ending::Stopping { reason, .. } if reason == "it hangs"));
    let said = [heard.recv().await.unwrap(), heard.recv().await.unwrap()];
    assert!(said.contains(&Said::Stopped(ids[0].clone())), "{said:?}");
    assert!(said.iter().any(|said| matches!(said, Said::Started(id) if *id != ids[0])), "{said:?}");
    while fleet.count(SERVICE).await.unwrap().running > 1 {
        tokio::task::yield_now().await;
    }
    let tasks = fleet.tasks();
    let of = |over: bool| {
        tasks.iter().filter(move |t| matches!(t.ending, Ending::Stopped { .. }) == over).collect::<Vec<_>>()
    };
    assert_eq!((of(true).len(), of(false).len()), (1, 1), "{tasks:?}");
    assert_eq!(of(true)[0].id, ids[0]);
    assert_eq!(fleet.stop_task(&ids[0], "again").unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_desired_count_is_kept_over_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(testkit::ManualClock::new());
    for (default, next, expected) in [(1, 0, 1), (1, 3, 0), (1, 3, 3)] {
        let store = Embedded::open(dir.path(), clock.clone()).await.unwrap();
        let fleet = store.fleet();
        fleet.register(SERVICE, Arc::new(|task| Box::pin(async move { task.stop.cancelled().await })));
        assert_eq!(fleet.restore(SERVICE, default).await.unwrap(), expected);
        assert_eq!(fleet.count(SERVICE).await.unwrap().desired, expected);
        fleet.set_desired(SERVICE, next).await.unwrap();
        fleet.drain(Duration::from_mins(1)).await;
    }
}
