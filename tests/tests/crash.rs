//! What a kill at any moment leaves behind: nothing lost, nothing done twice, nobody left over.

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
#[path = "crash/random.rs"]
mod random;
