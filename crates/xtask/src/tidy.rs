//! `cargo xtask tidy`: the rules of the house that no compiler checks.
pub(crate) fn run() -> anyhow::Result<()> {
    Ok(())
}
