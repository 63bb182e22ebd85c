//! Orders to restore the release before. Lower-case, without punctuation.

/// Whether `core`, an order without politeness, takes the last release back.
pub(crate) fn is_rollback(core: &str) -> bool {
    ROLLBACK_PHRASES.contains(&core)
}

/// Whole orders to restore the release before.
#[rustfmt::skip]
const ROLLBACK_PHRASES: &[&str] = &[
    "take it back", "take that back", "take this back", "take back", "roll back", "rollback",
    "roll it back", "roll that back", "roll this back", "undo the publish", "undo publish",
    "undo publishing", "undo the publishing", "undo the last publish", "undo my last publish",
    "undo the release", "undo the last release", "undo last release", "undo the publication",
    "revert the release", "revert the last release", "revert last release", "revert the publish",
    "revert the last publish", "roll back the release", "roll back the last release", "roll back the site",
    "roll back the publish", "take the last release back", "take back the last release",
    "take back the release", "unpublish it", "unpublish this", "unpublish that",
    "go back to the previous version", "go back to the last version", "go back to the old version",
    "restore the previous version", "restore the last version", "restore the old version",
    "restore the previous release", "bring back the previous version", "bring back the old version",
    "bring the old version back", "put the old version back", "put the previous version back",
    "revert to the previous version", "revert to the last version", "back to the previous version",
    // German
    "nimm es zurück", "nimm das zurück", "nehmen sie es zurück", "nehmen sie das zurück", "zurücknehmen",
    "es zurücknehmen", "veröffentlichung zurücknehmen", "die veröffentlichung zurücknehmen",
    "veröffentlichung rückgängig machen", "die veröffentlichung rückgängig machen",
    "mach die veröffentlichung rückgängig", "machen sie die veröffentlichung rückgängig",
    "vorherige version wiederherstellen", "die vorherige version wiederherstellen",
    "zurück zur vorherigen version", "stell die vorherige version wieder her",
    // French
    "annule la publication", "annulez la publication", "annuler la publication",
    "reviens à la version précédente", "revenez à la version précédente",
    "revenir à la version précédente", "retour à la version précédente", "rétablis la version précédente",
    "rétablissez la version précédente", "restaurez la version précédente",
    // Spanish
    "deshaz la publicación", "deshacer la publicación", "deshaga la publicación",
    "revierte la publicación", "revertir la publicación", "vuelve a la versión anterior",
    "volver a la versión anterior", "vuelva a la versión anterior", "restaura la versión anterior",
    "restaurar la versión anterior",
    // Polish
    "cofnij publikację", "cofnąć publikację", "wycofaj publikację", "wycofać publikację",
    "przywróć poprzednią wersję", "przywrócić poprzednią wersję", "wróć do poprzedniej wersji",
    // Italian, Dutch, Portuguese
    "annulla la pubblicazione", "torna alla versione precedente", "publicatie terugdraaien",
    "zet de vorige versie terug", "draai het terug", "desfaz a publicação", "desfazer a publicação",
    "volta à versão anterior",
];
