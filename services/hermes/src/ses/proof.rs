//! Whether a mail that SES received is believed, and whether it may be looked at at all.

use super::alignment::aligned;
use super::results::{Finding, Results};
use super::stamps::{Stamps, Told};
use super::{Grade, Notice, Verdicts};
use crate::authenticity::{Authenticity, How, Why};

/// What SES' scanners found in a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// A virus.
    Virus,
    /// Spam.
    Spam,
}

impl Harm {
    /// A short name for logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Virus => "virus",
            Self::Spam => "spam",
        }
    }
}

/// What a mail is dropped for, if it is: either the notice or SES' headers say so.
pub fn harm(notice: &Notice, stamps: &Stamps) -> Option<Harm> {
    let verdicts = notice.witness.as_ref().map(|witness| witness.verdicts).unwrap_or_default();
    let failed = |told, stamped| told == Some(Grade::Fail) || stamped == Some(Grade::Fail);
    if failed(verdicts.virus, stamps.virus) {
        return Some(Harm::Virus);
    }
    failed(verdicts.spam, stamps.spam).then_some(Harm::Spam)
}

/// MAIL FROM: the notice's, else what SES wrote on the mail.
pub fn mail_from<'a>(notice: &'a Notice, stamps: &'a Stamps) -> Option<&'a str> {
    let told = notice.witness.as_ref().map(|witness| witness.envelope.from.as_str());
    told.or(stamps.return_path.as_deref())
}

/// Whether the From address `from` is believed: with DMARC passed, or, DMARC not failed, with a DKIM or SPF pass of the same
/// organization. The notice says only that something passed; for whom is in the header.
pub fn prove(from: &str, notice: &Notice, stamps: &Stamps) -> Authenticity {
    let receipt = notice.witness.as_ref().map(|witness| witness.verdicts);
    let told = stamps.told(mail_from(notice, stamps).unwrap_or_default());
    let results = match &told {
        Told::Results(results) => Some(results),
        Told::Nothing | Told::Unclear => None,
    };
    match dmarc(from, receipt.as_ref(), results) {
        Dmarc::Passed => return Authenticity::Proven(How::Dmarc),
        Dmarc::Failed => return Authenticity::Unproven(Why::DmarcFailed),
        Dmarc::PassedForAnother => return Authenticity::Unproven(Why::OtherFrom),
        Dmarc::Unclear => return Authenticity::Unproven(Why::UnclearResults),
        Dmarc::SaysNothing => {}
    }
    match (results, &told) {
        (Some(results), _) => by_alignment(from, receipt.as_ref(), results),
        (None, Told::Unclear) => Authenticity::Unproven(Why::UnclearResults),
        (None, _) => Authenticity::Unproven(Why::NoResults),
    }
}

enum Dmarc {
    Passed,
    PassedForAnother,
    Failed,
    Unclear,
    SaysNothing,
}

fn dmarc(from: &str, receipt: Option<&Verdicts>, results: Option<&Results>) -> Dmarc {
    let told = receipt.map(|verdicts| verdicts.dmarc);
    let findings: Vec<&Finding> = results.map(|r| r.of("dmarc").collect()).unwrap_or_default();
    if told == Some(Some(Grade::Fail)) || findings.iter().any(|finding| finding.failed()) {
        return Dmarc::Failed;
    }
    // A mail has one From, so SES finds once.
    let found = match findings.as_slice() {
        [] => None,
        [finding] => Some(*finding),
        _ => return Dmarc::Unclear,
    };
    let vouched = found.filter(|f| f.passed()).and_then(|f| f.property(&["header.from"]));
    match (told, vouched) {
        (Some(Some(Grade::Pass)) | None, Some(for_whom)) if !aligned(for_whom, from) => {
            Dmarc::PassedForAnother
        }
        (Some(Some(Grade::Pass)), _) | (None, Some(_)) => Dmarc::Passed,
        _ => Dmarc::SaysNothing,
    }
}

fn by_alignment(from: &str, receipt: Option<&Verdicts>, results: &Results) -> Authenticity {
    // Where there is a receipt, both must say so.
    let agreed = |of: fn(&Verdicts) -> Option<Grade>| receipt.is_none_or(|v| of(v) == Some(Grade::Pass));
    let dkim: Vec<&str> = passes(results, "dkim", &["header.d", "header.i"]);
    let spf: Vec<&str> = passes(results, "spf", &["smtp.mailfrom", "envelope-from"]);
    let (dkim_agreed, spf_agreed) = (agreed(|v| v.dkim), agreed(|v| v.spf));
    if dkim_agreed && dkim.iter().any(|of| aligned(of, from)) {
        return Authenticity::Proven(How::AlignedDkim);
    }
    if spf_agreed && spf.iter().any(|of| aligned(of, from)) {
        return Authenticity::Proven(How::AlignedSpf);
    }
    let passed = (dkim_agreed && !dkim.is_empty()) || (spf_agreed && !spf.is_empty());
    Authenticity::Unproven(if passed { Why::NotAligned } else { Why::NothingPassed })
}

/// For whom a method passed.
fn passes<'a>(results: &'a Results, method: &'a str, properties: &[&str]) -> Vec<&'a str> {
    results.of(method).filter(|f| f.passed()).filter_map(|f| f.property(properties)).collect()
}
