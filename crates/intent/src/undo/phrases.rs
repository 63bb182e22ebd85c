//! How people ask to have their own changes taken back. Lower-case, without punctuation.

use crate::day::Numbers;

/// Whole orders to take back the last change.
#[rustfmt::skip]
pub(super) const LAST: &[&str] = &[
    // English
    "undo", "undo it", "undo that", "undo this", "undo the change", "undo that change", "undo this change",
    "undo the last change", "undo last change", "undo my last change", "undo your last change",
    "undo the last one", "undo the last edit", "undo the last step", "undo what you did",
    "undo what you just did", "revert it", "revert that", "revert this", "revert the change",
    "revert that change", "revert the last change", "revert your last change", "revert last change",
    "reverse that", "reverse the last change", "take back the last change", "take the last change back",
    "take that change back", "change it back", "change that back",
    // German
    "rückgängig", "rückgängig machen", "mach das rückgängig", "mach es rückgängig", "mache das rückgängig",
    "mache es rückgängig", "machen sie das rückgängig", "machen sie es rückgängig", "das rückgängig machen",
    "es rückgängig machen", "letzte änderung rückgängig machen", "die letzte änderung rückgängig machen",
    "mach die letzte änderung rückgängig", "machen sie die letzte änderung rückgängig",
    "die änderung rückgängig machen", "mach die änderung rückgängig", "machen sie die änderung rückgängig",
    "nimm die letzte änderung zurück", "nehmen sie die letzte änderung zurück",
    "letzte änderung zurücknehmen", "die letzte änderung zurücknehmen", "nimm die änderung zurück",
    // French
    "défais", "défais ça", "défaites ça", "défaire", "annule la dernière modification",
    "annulez la dernière modification", "annuler la dernière modification", "annule le dernier changement",
    "annulez le dernier changement", "annuler le dernier changement", "annule la modification",
    "annulez la modification", "annule cette modification", "annulez cette modification",
    "annule le changement", "annulez le changement", "reviens en arrière", "revenez en arrière",
    // Spanish
    "deshaz", "deshazlo", "deshacer", "deshacerlo", "deshágalo", "deshaga", "deshaz eso", "deshaz el cambio",
    "deshaz el último cambio", "deshacer el último cambio", "deshaga el último cambio",
    "deshaz la última modificación", "revierte el cambio", "revierte el último cambio",
    "revertir el último cambio", "deshacer el cambio",
    // Polish
    "cofnij", "cofnij to", "cofnąć", "cofnąć to", "cofnij zmianę", "cofnij tę zmianę",
    "cofnij ostatnią zmianę", "cofnąć ostatnią zmianę", "wycofaj zmianę", "wycofaj ostatnią zmianę",
    "odwróć ostatnią zmianę",
];

/// Whole orders to take back the last undo.
#[rustfmt::skip]
pub(super) const REDO: &[&str] = &[
    "redo", "redo the change", "redo the last change", "redo that change", "undo the undo", "undo that undo",
    "undo my undo", "undo your undo", "undo the last undo", "undo my last undo", "undo undo",
    "revert the undo", "wiederherstellen", "stell es wieder her", "stelle es wieder her",
    "stellen sie es wieder her", "stell die änderung wieder her", "stelle die änderung wieder her",
    "die änderung wiederherstellen", "rétablis la modification", "rétablissez la modification",
    "rétablir la modification", "rétablir", "rétablis", "rétablissez", "annule l'annulation",
    "annulez l'annulation", "annuler l'annulation", "rehacer", "rehacer el cambio", "rehaz el cambio",
    "deshaz el deshacer", "restablece el cambio", "restaura el cambio", "ponów", "ponów zmianę",
    "przywróć zmianę", "przywróć tę zmianę", "przywróć ostatnią zmianę", "cofnij cofnięcie",
];

/// The words in which a language asks for several changes, or for a day's version. An order holds none but these, a
/// number or a day, and of each group that is needed at least one.
pub(super) struct Tongue {
    /// Takes changes back.
    pub undo: &'static [&'static str],
    /// What is taken back, or that it is the last of it.
    pub changes: &'static [&'static str],
    /// May stand beside these.
    pub between: &'static [&'static str],
    /// Goes back to a day.
    pub back: &'static [&'static str],
    /// Says that it is the site as it was on a day.
    pub version: &'static [&'static str],
    /// May stand beside these.
    pub around: &'static [&'static str],
    /// Of dates.
    pub numbers: Numbers,
}

#[rustfmt::skip]
pub(super) const TONGUES: &[Tongue] = &[
    Tongue {
        undo: &["undo", "revert", "reverse"],
        changes: &["last", "latest", "changes", "edits", "steps"],
        between: &["the", "my", "your", "our", "these", "those", "ones", "of"],
        back: &["back", "return", "revert", "restore", "reset", "make"],
        version: &["version", "state", "was", "were", "looked", "did", "had"],
        around: &["go", "put", "bring", "set", "switch", "get", "change", "to", "the", "of", "from", "on",
            "how", "way", "it", "as", "that", "we", "look", "like", "site", "website", "everything", "things",
            "all", "last"],
        numbers: Numbers::Either,
    },
    Tongue {
        undo: &["rückgängig", "zurücknehmen", "zurück"],
        changes: &["letzten", "änderungen", "schritte", "bearbeitungen"],
        between: &["mach", "mache", "machen", "nimm", "nehmen", "sie", "die", "meine", "deine", "ihre",
            "bitte"],
        back: &["zurück", "zurücksetzen", "wieder", "wiederherstellen"],
        version: &["version", "fassung", "stand", "zustand", "war", "aussah"],
        around: &["geh", "gehe", "gehen", "sie", "kehre", "kehr", "setz", "setze", "setzen", "stell",
            "stelle", "stellen", "mach", "mache", "machen", "hol", "hole", "her", "zu", "zur", "zum", "auf",
            "die", "der", "den", "dem", "das", "von", "vom", "am", "es", "wie", "so", "alles", "seite",
            "website", "letzten"],
        numbers: Numbers::DayFirst,
    },
    Tongue {
        undo: &["annule", "annulez", "annuler", "défais", "défaites", "défaire"],
        changes: &["derniers", "dernières", "modifications", "changements"],
        between: &["les", "mes", "tes", "vos", "ces"],
        back: &["reviens", "revenez", "revenir", "retour", "retourne", "retournez", "restaure", "restaurez",
            "restaurer", "rétablis", "rétablissez", "remets", "remettez"],
        version: &["version", "état", "l'état", "était", "c'était"],
        around: &["à", "la", "le", "de", "du", "comme", "tout", "site", "au", "ce",
            "que", "qu'il"],
        numbers: Numbers::DayFirst,
    },
    Tongue {
        undo: &["deshaz", "deshacer", "deshaga", "revierte", "revertir"],
        changes: &["últimos", "últimas", "ultimos", "cambios", "modificaciones"],
        between: &["los", "las", "mis", "tus", "sus", "estos", "esos"],
        back: &["vuelve", "volver", "vuelva", "regresa", "regresar", "restaura", "restaurar", "restaure",
            "recupera"],
        version: &["versión", "version", "estado", "estaba", "era"],
        around: &["a", "al", "la", "el", "lo", "de", "del", "como", "todo", "sitio", "que", "web"],
        numbers: Numbers::DayFirst,
    },
    Tongue {
        undo: &["cofnij", "cofnąć", "wycofaj", "wycofać", "odwróć"],
        changes: &["ostatnie", "ostatnich", "zmiany", "zmian", "kroki", "kroków"],
        between: &["te", "moje", "twoje", "swoje"],
        back: &["wróć", "wrócić", "powrót", "przywróć", "przywrócić", "cofnij"],
        version: &["wersji", "wersja", "wersję", "stanu", "stan", "było", "wyglądała", "była"],
        around: &["do", "z", "ze", "dnia", "tak", "jak", "to", "tego", "strony", "stronę", "strona",
            "wszystko", "w", "we"],
        numbers: Numbers::DayFirst,
    },
];

/// Numbers as words.
#[rustfmt::skip]
pub(super) const NUMBERS: &[(u32, &[&str])] = &[
    (2, &["two", "zwei", "beiden", "deux", "dos", "dwa", "dwie", "dwóch"]),
    (3, &["three", "drei", "trois", "tres", "trzy", "trzech"]),
    (4, &["four", "vier", "quatre", "cuatro", "cztery", "czterech"]),
    (5, &["five", "fünf", "cinq", "cinco", "pięć", "pięciu"]),
    (6, &["six", "sechs", "seis", "sześć", "sześciu"]),
    (7, &["seven", "sieben", "sept", "siete", "siedem", "siedmiu"]),
    (8, &["eight", "acht", "huit", "ocho", "osiem", "ośmiu"]),
    (9, &["nine", "neun", "neuf", "nueve", "dziewięć", "dziewięciu"]),
    (10, &["ten", "zehn", "dix", "diez", "dziesięć", "dziesięciu"]),
];
