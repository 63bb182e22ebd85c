//! The protocol of claims, checked exhaustively: two containers, three messages, and two faults in every order, with the
//! transition functions that the stores and the repository's door use.
//!
//! A fault is a container's death, or its falling asleep for longer than its lease: it then goes on where it was, and
//! believes that it still holds its claim.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use domain::lease::{Fence, Lease};
use domain::progress::Progress;
use domain::{ContainerId, Epoch, Timestamp};
use stateright::{Checker, HasDiscoveries, Model, Property};
use std::time::Duration;

const CONTAINERS: usize = 2;
const MESSAGES: usize = 3;
const FAULTS: usize = 2;
const TWICE: &str = "no message has two commits";
const LIFE: Duration = Duration::from_millis(1);

/// What a turn makes of a message: a commit on top of the branch as it was.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
struct Made {
    message: usize,
    turn: u32,
    parent: usize,
}

/// A message's row.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
struct Row {
    progress: Progress<Made>,
    turns: u32,
}

/// A container, and what it believes.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
enum Container {
    /// Dead; another will be started in its place.
    Dead,
    /// Waits for a claim.
    Free,
    /// Has taken the claim, and not yet opened the repository.
    Claimed(Epoch),
    /// Looks for what is due.
    Looking(Epoch),
    /// A turn is running.
    Working(Epoch, usize, u32),
    /// An outcome is prepared, and its last effect is to be done.
    Moving(Epoch, Made),
    /// The last effect is done.
    Answering(Epoch, Made),
}

#[derive(Clone, Debug, Hash, PartialEq, Eq)]
struct World {
    now: Timestamp,
    lease: Lease,
    fence: Fence,
    branch: Vec<Made>,
    rows: Vec<Row>,
    containers: [Container; CONTAINERS],
    faults: usize,
}

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
enum Action {
    /// Hermes records the next message.
    Record,
    /// A container does its next step.
    Step(usize),
    /// A container dies.
    Die(usize),
    /// Another is started in its place.
    Start(usize),
    /// Nobody renews the claim for longer than its lease.
    Lapse,
}

/// Whether epochs are heeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fences {
    Heeded,
    Ignored,
}

struct Protocol {
    fences: Fences,
}

fn id(container: usize) -> ContainerId {
    format!("c{container}").parse().unwrap()
}

impl World {
    fn holds(&self, container: usize, epoch: Epoch) -> bool {
        self.lease.is_held_by(&id(container), epoch, self.now)
    }

    fn due(&self) -> Option<usize> {
        self.rows.iter().position(|row| !matches!(row.progress, Progress::Answered { .. }))
    }

    fn commits_of(&self, message: usize) -> usize {
        self.branch.iter().filter(|made| made.message == message).count()
    }
}

impl Protocol {
    /// The next step of a container that is alive. A step that the store refuses ends it: it has lost its claim.
    fn step(&self, world: &mut World, which: usize) {
        let next = self.stepped(world, which);
        world.containers[which] = next.unwrap_or(Container::Dead);
    }

    fn stepped(&self, world: &mut World, which: usize) -> Option<Container> {
        let may = |world: &World, epoch| self.fences == Fences::Ignored || world.holds(which, epoch);
        match world.containers[which] {
            Container::Dead => None,
            Container::Free => {
                let Some(taken) = world.lease.take(&id(which), world.now, LIFE) else {
                    return Some(Container::Free);
                };
                world.lease = taken;
                Some(Container::Claimed(world.lease.epoch))
            }
            Container::Claimed(epoch) => {
                world.fence = world.fence.raise(epoch).ok()?;
                Some(Container::Looking(epoch))
            }
            Container::Looking(epoch) => {
                let Some(message) = world.due() else {
                    world.lease = world.lease.let_go(&id(which), epoch, world.now)?;
                    return Some(Container::Free);
                };
                let row = &mut world.rows[message];
                if let Progress::Prepared { outcome, .. } = row.progress {
                    return Some(Container::Moving(epoch, outcome));
                }
                let begun = row.progress.begin(epoch, row.turns).ok()?;
                may(world, epoch).then_some(())?;
                let row = &mut world.rows[message];
                (row.progress, row.turns) = (begun, row.turns + 1);
                Some(Container::Working(epoch, message, row.turns))
            }
            Container::Working(epoch, message, turn) => {
                may(world, epoch).then_some(())?;
                let made = Made { message, turn, parent: world.branch.len() };
                let row = &mut world.rows[message];
                row.progress = row.progress.prepare(turn, made).ok()?;
                Some(Container::Moving(epoch, made))
            }
            Container::Moving(epoch, made) => self.moved(world, (which, epoch), made),
            Container::Answering(epoch, made) => {
                may(world, epoch).then_some(())?;
                let row = &mut world.rows[made.message];
                if let Some(answered) = row.progress.answer(made, Timestamp(0)).ok()? {
                    row.progress = answered;
                }
                Some(Container::Looking(epoch))
            }
        }
    }

    /// Moves the branch to what was made; where it has gone elsewhere meanwhile, the turn is to be run anew.
    fn moved(&self, world: &mut World, (which, epoch): (usize, Epoch), made: Made) -> Option<Container> {
        if !world.branch.contains(&made) {
            if self.fences == Fences::Heeded {
                world.fence.check(epoch).ok()?;
            }
            if world.branch.len() != made.parent {
                (self.fences == Fences::Ignored || world.holds(which, epoch)).then_some(())?;
                let row = &mut world.rows[made.message];
                row.progress = row.progress.unprepare().ok()?.unwrap_or_else(|| row.progress.clone());
                return Some(Container::Looking(epoch));
            }
            world.branch.push(made);
        }
        Some(Container::Answering(epoch, made))
    }
}

impl Model for Protocol {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            now: Timestamp(0),
            lease: Lease::default(),
            fence: Fence::default(),
            branch: Vec::new(),
            rows: Vec::new(),
            containers: [Container::Free; CONTAINERS],
            faults: 0,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        if world.rows.len() < MESSAGES {
            actions.push(Action::Record);
        }
        let mut holder_lives = false;
        for (which, container) in world.containers.iter().enumerate() {
            match container {
                Container::Dead => actions.push(Action::Start(which)),
                // It is asked only while something waits.
                Container::Free if world.due().is_none() || world.lease.holder(world.now).is_some() => {}
                Container::Free => actions.push(Action::Step(which)),
                Container::Claimed(epoch)
                | Container::Looking(epoch)
                | Container::Working(epoch, ..)
                | Container::Moving(epoch, _)
                | Container::Answering(epoch, _) => {
                    holder_lives |= world.holds(which, *epoch);
                    actions.push(Action::Step(which));
                    if world.faults < FAULTS {
                        actions.push(Action::Die(which));
                    }
                }
            }
        }
        if world.lease.holder(world.now).is_some() && (!holder_lives || world.faults < FAULTS) {
            actions.push(Action::Lapse);
        }
    }

    fn next_state(&self, last: &World, action: Action) -> Option<World> {
        let mut world = last.clone();
        match action {
            Action::Record => world.rows.push(Row { progress: Progress::Waiting, turns: 0 }),
            Action::Step(which) => self.step(&mut world, which),
            Action::Die(which) => {
                world.containers[which] = Container::Dead;
                world.faults += 1;
            }
            Action::Start(which) => world.containers[which] = Container::Free,
            Action::Lapse => {
                let asleep = (0..CONTAINERS).any(|which| match world.containers[which] {
                    Container::Dead | Container::Free => false,
                    Container::Claimed(epoch)
                    | Container::Looking(epoch)
                    | Container::Working(epoch, ..)
                    | Container::Moving(epoch, _)
                    | Container::Answering(epoch, _) => world.holds(which, epoch),
                });
                world.faults += usize::from(asleep);
                world.now = world.lease.until;
            }
        }
        (world != *last).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(TWICE, |_, world: &World| {
                (0..MESSAGES).all(|message| world.commits_of(message) <= 1)
            }),
            Property::always("an answer is true", |_, world: &World| {
                world.rows.iter().all(|row| match &row.progress {
                    Progress::Answered { outcome, .. } => world.branch.contains(outcome),
                    _ => true,
                })
            }),
            Property::always("messages are carried out in their order", |_, world: &World| {
                world.branch.is_sorted_by_key(|made| made.message)
            }),
            Property::sometimes("a container goes on after its lease", |_, world: &World| {
                let asleep = |container: &Container| matches!(container, Container::Moving(epoch, _) if world.lease.epoch > *epoch);
                world.containers.iter().any(asleep)
            }),
            Property::eventually("every message is answered", |_, world: &World| {
                world.rows.len() == MESSAGES && world.due().is_none()
            }),
        ]
    }
}

#[test]
fn nothing_is_lost_or_done_twice_in_any_order_of_events() {
    let checked = Protocol { fences: Fences::Heeded }.checker().threads(2).spawn_dfs().join();
    checked.assert_properties();
    assert!(checked.unique_state_count() > 10_000, "too few: {}", checked.unique_state_count());
}

#[test]
fn without_fences_the_same_check_finds_a_second_commit() {
    let checked = Protocol { fences: Fences::Ignored }
        .checker()
        .finish_when(HasDiscoveries::AnyOf([TWICE].into()))
        .spawn_bfs()
        .join();
    let found = checked.discovery(TWICE);
    assert!(found.is_some(), "the model cannot tell a broken protocol from a sound one");
}
