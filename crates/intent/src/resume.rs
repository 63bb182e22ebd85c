//! Orders to go on with what was stopped. Lower-case, without punctuation.

use crate::order::{Said, said};

/// Whether `text` only asks to go on with what was stopped ("continue", "go on", "mach weiter bitte").
pub fn is_resume(text: &str) -> bool {
    matches!(said(text, ""), Said::Core(core) if RESUME.contains(&core.as_str()))
}

#[rustfmt::skip]
const RESUME: &[&str] = &[
    // English
    "continue", "go on", "carry on", "keep going", "go ahead", "proceed", "resume", "continue it",
    "continue that", "continue with it", "continue with that", "continue with this",
    "continue where you left off", "carry on with it", "carry on with that", "go on with it",
    "go on with that", "resume it", "resume that", "pick up where you left off",
    "carry on where you left off", "finish it", "finish that", "finish what you started", "finish the work",
    "continue the work", "resume the work", "continue working", "keep working", "you can continue",
    // German
    "weiter", "mach weiter", "mache weiter", "machen sie weiter", "weitermachen", "macht weiter",
    "fortfahren", "fahr fort", "fahre fort", "fahren sie fort", "fortsetzen", "setz es fort", "setze es fort",
    "weiter so", "mach damit weiter", "mach da weiter", "mach dort weiter", "weiter machen", "arbeite weiter",
    "du kannst weitermachen", "kannst weitermachen", "sie können weitermachen", "mach es fertig",
    "mach das fertig",
    // French
    "continue", "continuez", "continuer", "reprends", "reprenez", "reprendre", "poursuis", "poursuivez",
    "vas y", "allez y", "vas y continue", "allez y continuez", "continue comme ça", "termine", "terminez",
    "reprends où tu en étais", "tu peux continuer", "vous pouvez continuer", "continue s'il te plaît",
    // Spanish
    "continúa", "continua", "continúe", "continuar", "sigue", "siga", "seguir", "sigue adelante", "adelante",
    "prosigue", "prosiga", "reanuda", "reanude", "sigue con eso", "continúa con eso",
    "continúa donde lo dejaste", "sigue donde lo dejaste", "seguir adelante",
    // Polish
    "kontynuuj", "kontynuować", "dalej", "rób dalej", "działaj dalej", "kontynuuj to", "idź dalej", "dokończ",
    "dokończ to", "wznów", "kontynuujmy", "kontynuuj pracę", "jedź dalej",
];
