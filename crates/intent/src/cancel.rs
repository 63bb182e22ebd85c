//! Orders to stop what is running. Lower-case, without punctuation.

/// Whether `core`, an order without politeness, stops what is running.
pub(crate) fn is_cancel(core: &str) -> bool {
    CANCEL.contains(&core)
}

#[rustfmt::skip]
const CANCEL: &[&str] = &[
    // English
    "stop", "stop it", "stop that", "stop this", "stop now", "stop working", "stop working on it",
    "stop working on that", "stop working on this", "stop right there", "no stop", "wait stop", "stop stop",
    "cancel", "cancel it", "cancel that", "cancel this", "cancel my request", "cancel the request",
    "cancel my last message", "abort", "abort it", "abort that", "abort this", "never mind", "nevermind",
    "never mind that", "nevermind that", "never mind then", "forget it", "forget that", "forget about it",
    "forget about that", "scrap that", "scrap it", "disregard that", "disregard my last message",
    "ignore my last message", "ignore that", "don't bother", "actually no", "leave it", "leave it be", "halt",
    // German
    "stopp", "stoppe", "stopp das", "stoppen", "stoppe das", "stoppen sie", "stoppen sie das", "abbrechen",
    "brich ab", "brich es ab", "brich das ab", "brechen sie ab", "brechen sie das ab", "das abbrechen",
    "abbruch", "lass es", "lass das", "lass es sein", "lass das sein", "lass es bleiben", "lass gut sein",
    "lassen sie es", "lassen sie das", "lassen sie es sein", "vergiss es", "vergiss das", "vergessen sie es",
    "vergessen sie das", "hör auf", "hör auf damit", "hören sie auf", "aufhören", "doch nicht",
    "nein doch nicht", "nein stopp",
    // French
    "arrête", "arrete", "arrêtez", "arretez", "arrêter", "arrête ça", "arrêtez ça", "arrête tout",
    "arrêtez tout", "annule", "annulez", "annuler", "annule ça", "annulez ça", "annulez cela",
    "annule ma demande", "annulez ma demande", "laisse tomber", "laissez tomber", "laisse", "laissez",
    "oublie", "oublie ça", "oubliez", "oubliez ça", "oubliez cela", "finalement non", "stoppe", "stoppez",
    "non arrête", "non arrêtez",
    // Spanish
    "para", "pare", "para ya", "para eso", "detente", "deténgase", "detenlo", "alto", "basta", "cancela",
    "cancelar", "cancele", "cancélalo", "cancelalo", "cancélelo", "cancela eso", "cancele eso",
    "cancela mi petición", "déjalo", "dejalo", "déjelo", "deja eso", "déjalo estar", "olvídalo", "olvidalo",
    "olvídelo", "olvida eso", "olvide eso", "no importa", "mejor no", "no para", "aborta",
    // Polish
    "przestań", "przestan", "przestać", "zatrzymaj", "zatrzymaj się", "zatrzymaj to", "zatrzymać", "anuluj",
    "anuluj to", "anulować", "zostaw", "zostaw to", "nieważne", "niewazne", "daj spokój", "daj temu spokój",
    "przerwij", "przerwij to", "przerwać", "wstrzymaj", "wstrzymaj to", "jednak nie", "zapomnij o tym",
    "nie stop",
];
