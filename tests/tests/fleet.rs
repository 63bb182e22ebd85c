//! What users, operators and their programs do with a running fleet.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

#[path = "fleet/build_check.rs"]
mod build_check;
#[path = "fleet/chat.rs"]
mod chat;
#[path = "fleet/chat_page.rs"]
mod chat_page;
#[path = "fleet/commands.rs"]
mod commands;
#[path = "fleet/dead_letters.rs"]
mod dead_letters;
#[path = "fleet/ecs.rs"]
mod ecs;
#[path = "fleet/ending.rs"]
mod ending;
#[path = "fleet/interrupt.rs"]
mod interrupt;
#[path = "fleet/letters.rs"]
mod letters;
#[path = "fleet/life.rs"]
mod life;
#[path = "fleet/mail.rs"]
mod mail;
#[path = "fleet/money.rs"]
mod money;
#[path = "fleet/parallel.rs"]
mod parallel;
#[path = "fleet/plan.rs"]
mod plan;
#[path = "fleet/previews.rs"]
mod previews;
#[path = "fleet/projects.rs"]
mod projects;
#[path = "fleet/publish.rs"]
mod publish;
#[path = "fleet/refusals.rs"]
mod refusals;
#[path = "fleet/saved.rs"]
mod saved;
#[path = "fleet/sign_in.rs"]
mod sign_in;
#[path = "fleet/site_tools.rs"]
mod site_tools;
#[path = "fleet/undo.rs"]
mod undo;
