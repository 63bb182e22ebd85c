//! The build service as a function that lives for one event at a time.
//!
//! The door notes an order and hands the work to a run of its own. A run carries out the orders of one project; what it
//! leaves goes to the next. Nothing is lost with an event: the scheduled sweep hands over whatever is open.

use crate::event::{Event, Orders};
use crate::http_event::{HttpEvent, HttpReply};
use crate::run::{Allowance, Shop, Turn};
use crate::service::{BuildService, retry_wait};
use crate::webhook::{self, Bell};
use async_trait::async_trait;
use axum::Router;
use axum::response::IntoResponse;
use domain::ProjectId;
use http::StatusCode;
use ports::{Invoker, Result};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Longest time that the door waits until the work is handed over: GitHub waits 10 s for an answer.
const HAND_OVER: Duration = Duration::from_secs(5);
/// Runs that may call one another. Lambda ends a chain of about 16 as a loop; the sweep begins a new one.
const HOPS_MAX: u32 = 12;
/// Runs that find another at the project, until it is left to that one. Their pauses together are longer than a lease,
/// so by then it either works, and looks for orders before it ends, or is gone and its lease has lapsed.
const TAKEN_MAX: u32 = 6;
/// Longest answer to a request, in bytes.
const ANSWER_MAX: usize = 64 * 1024;

/// The function. One run of it handles one event.
pub struct Function {
    shop: Arc<Shop>,
    door: Router,
    invoker: Arc<dyn Invoker>,
    reserve: Duration,
}

/// What a run answers.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Reply {
    /// To a request.
    Http(HttpReply),
    /// To an event that nobody waits for.
    Done(Done),
}

/// What became of an event, for whoever looks.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "done")]
pub enum Done {
    /// No order of the project is open.
    Nothing,
    /// What is left goes on in another run.
    GoesOn,
    /// What is left waits for the sweep.
    Left,
    /// The orders of so many projects were handed over.
    HandedOver {
        /// How many.
        projects: usize,
    },
}

/// Hands a project's orders to a run of their own.
struct Ring(Arc<dyn Invoker>);

#[async_trait]
impl Bell for Ring {
    async fn ring(&self, project: &ProjectId) {
        match timeout(HAND_OVER, self.0.invoke(&Orders::of(project).to_event())).await {
            Ok(Ok(())) => {}
            Ok(Err(err)) => tracing::error!(%project, error = %err, "an order is left to the sweep"),
            Err(_) => {
                tracing::error!(%project, "an order is left to the sweep: it cannot be handed over in time");
            }
        }
    }
}

impl Function {
    /// The function of `service`. `invoker` calls this very function; the last `reserve` of each run is kept to end
    /// well: to bring production back to what it was, and to tell.
    pub fn new(service: &BuildService, invoker: Arc<dyn Invoker>, reserve: Duration) -> Self {
        let door = webhook::router(service.webhooks(Arc::new(Ring(Arc::clone(&invoker)))));
        Self { shop: service.shop(), door, invoker, reserve }
    }

    /// Handles one event. `left` is the time until the run is ended from outside.
    pub async fn handle(&self, event: Event, left: Duration) -> Result<Reply> {
        let until = Instant::now() + left.saturating_sub(self.reserve);
        match event {
            Event::Http(request) => Ok(Reply::Http(self.answer(request).await)),
            Event::Orders(orders) => match orders.project.clone() {
                Some(project) => self.carry_out(&project, orders, until).await.map(Reply::Done),
                None => self.hand_over().await.map(Reply::Done),
            },
            Event::Sweep => {
                let time = until.duration_since(Instant::now());
                if let Ok(swept) = timeout(time, self.shop.sweep()).await {
                    swept?;
                } else {
                    tracing::warn!("the search for missed pushes did not end in time");
                }
                self.hand_over().await.map(Reply::Done)
            }
        }
    }

    async fn answer(&self, event: HttpEvent) -> HttpReply {
        let bearer = event.bearer();
        let response = match event.into_request() {
            Ok(request) => match self.door.clone().oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            },
            Err(says) => (StatusCode::BAD_REQUEST, says).into_response(),
        };
        HttpReply::of(response, bearer, ANSWER_MAX).await
    }

    async fn carry_out(&self, project: &ProjectId, orders: Orders, until: Instant) -> Result<Done> {
        let allowance = Allowance { tries: orders.tries, until: Some(until) };
        let (tries, pause) = match self.shop.turn(project, &allowance, &CancellationToken::new()).await {
            Ok(Turn::Done | Turn::Stopped) => return Ok(Done::Nothing),
            Ok(Turn::Left) => (0, Duration::ZERO),
            Ok(Turn::Taken) if orders.hops >= TAKEN_MAX => return Ok(Done::Left),
            Ok(Turn::Taken) => (orders.tries, retry_wait(orders.hops)),
            Err(err) => {
                tracing::warn!(%project, tries = orders.tries + 1, error = %err, "an order is tried again later");
                (orders.tries + 1, retry_wait(orders.tries))
            }
        };
        if orders.hops >= HOPS_MAX {
            tracing::warn!(%project, "orders are left to the sweep");
            return Ok(Done::Left);
        }
        // Lambda cannot call itself later, and a pause costs less than a queue with a delay.
        sleep(pause.min(until.duration_since(Instant::now()))).await;
        let next = Orders { project: Some(project.clone()), tries, hops: orders.hops + 1 };
        self.invoker.invoke(&next.to_event()).await?;
        Ok(Done::GoesOn)
    }

    /// Gives each project that has open orders a run of its own.
    async fn hand_over(&self) -> Result<Done> {
        let open = self.shop.deps.releases.open_orders().await?;
        let projects: BTreeSet<ProjectId> = open.into_iter().map(|order| order.project).collect();
        for project in &projects {
            self.invoker.invoke(&Orders::of(project).to_event()).await?;
        }
        Ok(Done::HandedOver { projects: projects.len() })
    }
}
