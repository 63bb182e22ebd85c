//! The words that say what becomes of work that is running. Lower-case; a `,` is any stop.

/// The same work, changed: what follows belongs to it. A stop that a mark ends in must be there.
#[rustfmt::skip]
pub(super) const AMEND: &[&str] = &[
    // English
    "wait ,", "wait .", "hold on ,", "hold on .", "hang on ,", "hang on .", "no ,", "no .", "nope ,",
    "no wait ,", "sorry ,", "sorry i meant", "sorry i mean", "i meant", "i mean ,", "i mean",
    "what i meant was", "oops ,", "oops .", "correction ,", "small correction ,", "my mistake ,",
    "my mistake .", "actually ,", "actually", "on second thought ,", "on second thoughts ,", "better ,",
    "scratch that ,",
    // German
    "warte ,", "warte .", "warten sie ,", "moment ,", "moment .", "moment mal ,", "halt ,", "nein ,",
    "nein .", "nee ,", "doch lieber", "lieber doch", "ich meinte", "ich meine ,", "gemeint war",
    "entschuldigung ,", "sorry ich meinte", "korrektur ,", "eigentlich ,", "ups ,", "mein fehler ,",
    // French
    "attends ,", "attendez ,", "attends .", "attendez .", "un instant ,", "non ,", "non .", "pardon ,",
    "désolé ,", "désolée ,", "je voulais dire", "je veux dire", "correction ,", "en fait ,", "finalement ,",
    "plutôt ,", "oups ,",
    // Spanish
    "espera ,", "espere ,", "espera .", "un momento ,", "no ,", "perdón ,", "perdona ,", "perdone ,",
    "lo siento ,", "quería decir", "quise decir", "quiero decir", "corrección ,", "en realidad ,", "mejor ,",
    "de hecho ,",
    // Polish
    "czekaj ,", "poczekaj ,", "zaczekaj ,", "chwila ,", "chwileczkę ,", "nie ,", "nie .", "przepraszam ,",
    "sorry ,", "miałem na myśli", "miałam na myśli", "chodziło mi o", "poprawka ,", "korekta ,",
    "właściwie ,", "w sumie ,", "jednak ,",
];

/// Joins more to the same work.
#[rustfmt::skip]
pub(super) const JOINS: &[&str] = &["and", "und", "et", "y", "oraz", "i jeszcze", "i zrób", "i dodaj", "i zmień", "i niech"];

/// Something else instead, where a stop, a joining word or a verb follows.
#[rustfmt::skip]
pub(super) const REPLACE: &[&str] = &[
    // English
    "actually no", "actually , no", "no actually", "forget that", "forget it", "forget about that",
    "forget this", "forget what i said", "forget what i wrote", "forget my last message", "instead of that",
    "scrap that", "scrap it", "drop that", "never mind", "never mind that", "nevermind", "nevermind that",
    "disregard that", "ignore that", "ignore my last message", "leave that", "stop that",
    // German
    "vergiss das", "vergiss es", "vergessen sie das", "vergessen sie es", "doch nicht", "nein doch nicht",
    "lass das", "lassen sie das", "stattdessen", "statt dessen", "anstelle davon", "verwirf das",
    "verwerfen sie das",
    // French
    "oublie ça", "oubliez ça", "oublie cela", "oubliez cela", "laisse tomber", "laissez tomber",
    "à la place", "au lieu de ça", "au lieu de cela", "finalement non", "en fait non",
    "annule ça",
    // Spanish
    "olvida eso", "olvídalo", "olvidalo", "olvide eso", "olvídelo", "déjalo", "dejalo", "en vez de eso",
    "en lugar de eso", "mejor no", "en realidad no",
    "descarta eso",
    // Polish
    "zapomnij o tym", "nieważne", "zostaw to", "zamiast tego", "jednak nie", "właściwie nie",
    "porzuć to",
];

/// After what runs, where a stop, a joining word or a verb follows.
#[rustfmt::skip]
pub(super) const QUEUE: &[&str] = &[
    "after that", "after this", "after it", "next", "then also", "then", "and then", "and next",
    "and after that", "also afterwards", "also , afterwards", "later also", "als nächstes",
    "als nächstes noch", "dann noch", "après ça", "après cela", "et puis", "puis", "después",
    "después de eso", "después de esto", "y después", "lo siguiente", "po tym", "a potem też",
];

/// After what runs, whatever follows.
#[rustfmt::skip]
pub(super) const QUEUE_ALWAYS: &[&str] = &[
    // English
    "and then also", "and afterwards", "afterwards", "and also after that", "also after that",
    "then also please", "when that's done", "when it's done", "when this is done", "when that is done",
    "when it is done", "once that's done", "once it's done", "once this is done", "once that is done",
    "once that's finished", "after you're done", "after you are done", "after you finish",
    "after you have finished", "after you've finished",
    // German
    "danach", "und danach", "außerdem danach", "anschließend", "und anschließend", "im anschluss",
    "und dann noch", "und dann auch", "hinterher", "wenn das fertig ist", "wenn das erledigt ist",
    "sobald das fertig ist",
    // French
    "ensuite", "et ensuite", "et puis aussi", "une fois fini", "une fois terminé", "une fois que c'est fini",
    "quand c'est fini", "quand ce sera fini", "par la suite",
    // Spanish
    "y luego", "luego", "y luego también", "a continuación", "cuando esté listo", "cuando esté hecho",
    "una vez terminado", "una vez hecho", "después también",
    // Polish
    "potem", "a potem", "następnie", "a następnie", "w następnej kolejności", "gdy to będzie gotowe",
    "jak to będzie gotowe", "kiedy to będzie gotowe",
];

/// After what runs, as a clause that may also stand at the end.
#[rustfmt::skip]
pub(super) const WHEN_DONE: &[&str] = &[
    "when you're done", "when you are done", "when youre done", "when you're finished",
    "when you are finished", "when you've finished", "when you have finished", "when you finish",
    "once you're done", "once you are done", "once you're finished", "once you have finished",
    "once you've finished", "once you finish", "when done", "as soon as you're done",
    "as soon as you are done", "as soon as you're finished", "as soon as you are finished",
    "wenn du fertig bist", "wenn sie fertig sind", "sobald du fertig bist", "sobald sie fertig sind",
    "wenn du damit fertig bist", "wenn sie damit fertig sind", "quand tu as fini", "quand vous avez fini",
    "quand tu auras fini", "quand vous aurez fini", "dès que tu as fini", "dès que vous avez fini",
    "lorsque tu auras fini", "lorsque vous aurez fini", "cuando termines", "cuando acabes", "cuando termine",
    "cuando acabe", "cuando hayas terminado", "en cuanto termines", "una vez que termines", "jak skończysz",
    "kiedy skończysz", "gdy skończysz", "jak pan skończy", "jak pani skończy",
];

/// "Not this but that": how it begins, and the word before the other.
#[rustfmt::skip]
pub(super) const NOT_BUT: &[(&str, &[&str])] = &[
    ("not", &["but"]), ("nicht", &["sondern"]), ("kein", &["sondern"]), ("keine", &["sondern"]),
    ("keinen", &["sondern"]), ("pas", &["mais"]), ("non pas", &["mais"]), ("no", &["sino"]),
    ("nie", &["tylko", "lecz", "ale"]),
];

/// After a "not", these say when: nothing is put in its place.
#[rustfmt::skip]
pub(super) const NOT_WHEN: &[&str] = &[
    "yet", "now", "today", "sure", "really", "ever", "noch", "jetzt", "heute", "sicher", "encore",
    "maintenant", "tout", "todavía", "aún", "ahora", "hoy", "jeszcze", "teraz", "dzisiaj", "dziś",
];

/// A remainder that begins like this asks for nothing.
#[rustfmt::skip]
pub(super) const NEGATIONS: &[&str] = &[
    "not", "don't", "dont", "do not", "never", "no", "stop", "nicht", "nein", "nie", "kein", "keine",
    "keinen", "ne", "pas", "non", "jamais", "nunca", "ni", "żaden", "żadnych",
];

/// Verbs that may follow a mark without a stop ("after that make …").
#[rustfmt::skip]
pub(super) const VERBS: &[&str] = &[
    "i", "please", "also", "can", "could", "i'd", "let's", "do", "make", "change", "add", "put", "write",
    "work", "fix", "remove", "delete", "update", "replace", "set", "show", "create", "rename", "start",
    "take", "give", "translate", "bitte", "mach", "mache", "machen", "ändere", "ändern", "füge", "setz",
    "setze", "schreib", "schreibe", "lösche", "nimm", "erstelle", "kannst", "können", "könntest", "könnten",
    "noch", "auch", "fais", "faites", "change", "changez", "ajoute", "ajoutez", "mets", "mettez", "remplace",
    "remplacez", "supprime", "supprimez", "écris", "écrivez", "peux", "pouvez", "pourriez", "aussi", "haz",
    "haga", "cambia", "cambie", "añade", "añada", "agrega", "pon", "ponga", "escribe", "quita", "borra",
    "elimina", "puedes", "podrías", "también", "proszę", "zrób", "zmień", "dodaj", "wstaw", "usuń", "napisz",
    "popraw", "też", "także", "możesz",
];
