//! What a kill at any moment leaves behind: nothing lost, nothing done twice, nobody left over.

// The longest test: its name lets it begin first.
#[path = "crash/at_random.rs"]
mod at_random;
#[path = "crash/checks.rs"]
mod checks;
#[path = "crash/children.rs"]
mod children;
#[path = "crash/dice.rs"]
mod dice;
#[path = "crash/people.rs"]
mod people;
#[path = "crash/points.rs"]
mod points;
