//! Whether a mail's From address is really its author's: what every judgement of a mail must be given.

/// How far the From address of a mail is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authenticity {
    /// It came by the loopback door, so the machine's own user wrote it.
    LocalDoor,
    /// Its domain has vouched for it.
    Proven(How),
    /// Nobody has.
    Unproven(Why),
}

/// What vouched for the From address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// DMARC passed.
    Dmarc,
    /// A DKIM signature of the same organization is good.
    AlignedDkim,
    /// It came from a host that the same organization's SPF record names.
    AlignedSpf,
}

/// Why a From address is not believed, in words for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// The domain says itself that this mail is not its own.
    #[error("DMARC failed")]
    DmarcFailed,
    /// DMARC passed for somebody else than the From address that we read.
    #[error("DMARC passed for another From address than the one that is read")]
    OtherFrom,
    /// Something passed, for another organization.
    #[error("DKIM or SPF passed, but for another organization than that of the From address")]
    NotAligned,
    /// SES checked, and nothing passed.
    #[error("neither DMARC nor DKIM nor SPF passed")]
    NothingPassed,
    /// SES said nothing about it.
    #[error("there is no result of a check by SES")]
    NoResults,
    /// What SES wrote cannot be told from what the sender wrote into it.
    #[error("the results of the checks cannot be read without doubt")]
    UnclearResults,
}
