//! Kills at random moments, one after the other on the same data, while mails come in.
//!
//! `WEBORDINARY_TEST_SEED` repeats a schedule; `WEBORDINARY_KILLS` makes it longer than the usual 30.

use crate::checks::{calm, ends_well, killed, sound};
use crate::dice::{Dice, new_seed, setting};
use crate::people::{People, Wish};
use fleet_tests::processes;
use fleet_tests::{Fleet, Options};
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::time::{sleep_until, timeout_at};

/// Kills when nothing else is asked for.
const KILLS: usize = 30;

/// One life of the product. It is thrown as a whole before it begins, so that a seed repeats the schedule.
struct Life {
    /// From its start to its end.
    length: Duration,
    /// When Claude Code alone is killed in it.
    agent: Option<Duration>,
    wishes: Vec<Wish>,
}

impl Life {
    fn thrown(dice: &mut Dice) -> Self {
        let length = dice.millis(50, 2500);
        let agent = dice.millis(50, 2500);
        let agent = (dice.one_in(3) && agent < length).then_some(agent);
        let wishes = (0..dice.between(0, 3)).map(|_| wish(dice)).collect();
        Self { length, agent, wishes }
    }

    fn kills(&self) -> usize {
        1 + usize::from(self.agent.is_some())
    }
}

fn wish(dice: &mut Dice) -> Wish {
    let last = u64::try_from(People::talks()).map_or(0, |talks| talks - 1);
    let talk = usize::try_from(dice.between(0, last)).unwrap_or_default();
    let (publish, slow) = (dice.one_in(7), dice.one_in(4));
    if publish { Wish::Publish { talk } } else { Wish::Change { talk, slow: slow.into() } }
}

#[tokio::test]
async fn kills_at_random_lose_nothing_and_double_nothing() {
    let wanted = setting("WEBORDINARY_KILLS").unwrap_or(KILLS);
    let seed = setting("WEBORDINARY_TEST_SEED").unwrap_or_else(new_seed);
    println!("{wanted} kills; WEBORDINARY_TEST_SEED={seed} repeats them");
    let (mut dice, began) = (Dice::new(seed), Instant::now());
    let mut fleet = Fleet::start(&Options::quick()).await;
    let mut people = People::begin(&fleet).await;
    fleet.kill().await;
    let mut kills = 1;
    while kills < wanted {
        let life = Life::thrown(&mut dice);
        kills += life.kills();
        live(&mut fleet, &mut people, &life).await;
        killed(&mut fleet, &format!("seed {seed}, kill {kills}")).await;
    }
    println!("{kills} kills and {} mails in {:?}", people.mails(), began.elapsed());
    fleet.restart(&Options::quick()).await;
    people.send(&fleet).await;
    people.wait(&fleet).await;
    for talk in 0..People::talks() {
        people.write(Wish::Publish { talk });
    }
    people.send(&fleet).await;
    people.wait(&fleet).await;
    people.are_served(&fleet).await;
    calm(&fleet).await;
    sound(&fleet);
    ends_well(fleet).await;
    println!("all answered after {:?}", began.elapsed());
}

/// Starts the product, sends it mails, and kills it when its time has come, wherever it is then.
async fn live(fleet: &mut Fleet, people: &mut People, life: &Life) {
    let start = tokio::time::Instant::now();
    let end = start + life.length;
    for wish in &life.wishes {
        people.write(*wish);
    }
    fleet.relaunch(&Options::quick());
    if timeout_at(end, fleet.until_ready()).await.is_err() {
        return fleet.signal(Signal::KILL);
    }
    let fleet = &*fleet;
    let agent = async {
        if let Some(after) = life.agent {
            sleep_until(start + after).await;
            kill_agents(&fleet.data());
        }
    };
    let end = async {
        sleep_until(end).await;
        fleet.signal(Signal::KILL);
    };
    // The mail program notices only by its broken connection.
    tokio::join!(people.send(fleet), agent, end);
}

/// `kill -9` for every Claude Code of this product, and for nothing else of it.
pub(crate) fn kill_agents(data: &Path) -> usize {
    let agents = processes::with(data, "claude-code-linux");
    let own = |command: &str| !command.starts_with("launcher");
    let pids = agents.iter().filter(|agent| own(&agent.command)).filter_map(|agent| Pid::from_raw(agent.pid));
    pids.filter_map(|pid| kill_process(pid, Signal::KILL).ok()).count()
}
