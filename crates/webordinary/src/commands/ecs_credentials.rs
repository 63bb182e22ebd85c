//! `webordinary ecs-credentials`.

use crate::data::DataDir;
use crate::ecs::Credentials;
use crate::ready::Ready;

/// Prints the variables of the fleet that runs on `data`.
pub(crate) fn run(data: &DataDir) -> anyhow::Result<()> {
    let ready = Ready::read(data)?;
    for (name, value) in Credentials::of(data)?.environment(&ready.ecs) {
        println!("export {name}={value}");
    }
    Ok(())
}
