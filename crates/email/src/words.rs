//! The phrases that short replies are made of, lower-case, without punctuation.

/// Polite or approving phrases that change nothing, at either end of a reply. Longer ones stand first.
#[rustfmt::skip]
pub(crate) const POLITE: &[&str] = &[
    // English
    "i would like you to", "i'd like you to", "i would like to", "i'd like to", "i want you to", "i want to",
    "you can now", "you can", "you may", "feel free to",
    "please and thank you", "thank you very much", "thank you so much", "it looks good", "it looks great",
    "this looks good", "this looks great", "that looks good", "that looks great", "it's perfect",
    "this is perfect", "it is perfect", "i'm happy with it", "i'm happy with this", "i am happy with it",
    "i like it", "i love it", "go ahead and", "go ahead", "looks good to me", "looks good", "looks great",
    "looks perfect", "looks nice", "looks fine", "all good", "well done", "good job", "great job",
    "good work", "great work", "thank you", "many thanks", "thanks a lot", "thanks so much",
    "best regards", "kind regards", "warm regards", "best wishes", "good morning", "good afternoon",
    "good evening", "love it", "very good", "very nice", "please", "pls", "plz", "thanks", "thx", "cheers",
    "okay", "ok", "yes", "yep", "yeah", "yup", "sure", "great", "good", "perfect", "nice", "awesome",
    "wonderful", "excellent", "lovely", "fantastic", "brilliant", "amazing", "lgtm", "approved", "hi",
    "hello", "hey", "alright", "fine", "cool", "regards", "best", "kindly", "just", "let's", "lets", "and",
    "so",
    // German
    "vielen dank", "herzlichen dank", "danke schön", "besten dank", "schönen dank", "sieht gut aus",
    "sieht super aus", "alles gut", "alles klar", "viele grüße", "liebe grüße", "mit freundlichen grüßen",
    "freundliche grüße", "beste grüße", "guten morgen", "guten tag", "in ordnung", "bitte", "danke", "ja",
    "gut", "super", "passt", "perfekt", "prima", "toll", "hallo", "einverstanden", "mfg", "lg",
    // French
    "s'il te plaît", "s'il vous plaît", "s'il te plait", "s'il vous plait", "merci beaucoup",
    "merci d'avance", "c'est parfait", "c'est bon", "très bien", "d'accord", "bonne journée",
    "bien cordialement", "svp", "stp", "merci", "oui", "parfait", "bonjour", "cordialement", "génial",
    // Spanish
    "por favor", "puede", "muchas gracias", "de acuerdo", "muy bien", "está bien", "todo bien", "un saludo",
    "buenos días", "gracias", "sí", "perfecto", "vale", "hola", "genial", "saludos", "estupendo",
    // Polish
    "wygląda dobrze", "bardzo dziękuję", "dzień dobry", "w porządku", "pozdrawiam", "proszę", "dziękuję",
    "dzięki", "tak", "świetnie", "dobrze", "cześć", "super",
    // Italian, Dutch, Portuguese
    "per favore", "per piacere", "grazie mille", "va bene", "grazie", "ciao", "alsjeblieft", "alstublieft",
    "dank je wel", "dank je", "dank u", "bedankt", "prima", "goed", "por gentileza", "muito obrigado",
    "muito obrigada", "obrigado", "obrigada", "sim",
];

/// Phrases before an order that make a question of it and still tell to do it.
#[rustfmt::skip]
pub(crate) const REQUESTS: &[&str] = &[
    "can you please", "could you please", "would you please", "can you", "could you", "können sie", "könnten sie",
    "kannst du", "könntest du", "pouvez vous", "peux tu", "pourriez vous", "pourrais tu", "tu peux", "vous pouvez",
    "podrías", "podría", "puedes", "możesz", "czy możesz", "pode", "puoi", "kun je", "kunt u",
];

/// Verbs that need one of [`PUBLISH_OBJECTS`].
pub(crate) const PUBLISH_VERBS: &[&str] = &["publish", "deploy", "release", "launch", "ship"];

/// A verb, an object of [`PUBLISH_OBJECTS`], and what it shall become.
#[rustfmt::skip]
pub(crate) const PUBLISH_LIVE: &[(&str, &str)] = &[
    ("put ", " live"), ("put ", " online"), ("make ", " live"), ("make ", " public"), ("push ", " live"),
    ("set ", " live"), ("take ", " live"), ("bring ", " live"), ("get ", " live"), ("get ", " online"),
    ("push ", " to production"), ("push ", " to live"),
];

/// What can be published as a whole.
#[rustfmt::skip]
pub(crate) const PUBLISH_OBJECTS: &[&str] = &[
    "it", "this", "that", "all", "everything", "all of it", "all of this", "the page", "this page",
    "the site", "my site", "our site", "the website", "my website", "our website", "the changes",
    "these changes", "my changes", "those changes", "all changes", "all the changes", "the change",
    "this change", "that change", "the update", "this update", "the updates", "these updates",
    "this version", "the new version", "that version", "the edits",
];

/// Words for "at once", after an order.
#[rustfmt::skip]
pub(crate) const TIMES: &[&str] = &[
    "right now", "right away", "now", "immediately", "at once", "jetzt", "sofort", "maintenant",
    "tout de suite", "ahora", "ahora mismo", "teraz", "ora", "nu", "agora",
];

/// Whole orders to publish.
#[rustfmt::skip]
pub(crate) const PUBLISH_PHRASES: &[&str] = &[
    "publish", "go live", "publish changes", "ready to publish", "it's ready to publish", "it can go live",
    "this can go live", "it can be published", "this can be published", "let it go live",
    // German
    "veröffentlichen", "veröffentliche", "veröffentliche es", "veröffentliche das",
    "veröffentliche die seite", "veröffentliche die website", "veröffentliche alles",
    "veröffentliche die änderungen", "veröffentlichen sie es", "veröffentlichen sie das",
    "veröffentlichen sie die seite", "es veröffentlichen", "das veröffentlichen",
    "die seite veröffentlichen", "alles veröffentlichen", "die änderungen veröffentlichen",
    "so veröffentlichen", "publizieren", "online stellen", "live stellen", "live schalten",
    "stell es online", "stelle es online", "stell das online", "stellen sie es online", "geh live",
    "live gehen", "kann live gehen", "kann online gehen", "schalte es live", "freischalten",
    // French
    "publie", "publiez", "publier", "publie le", "publie la", "publie les", "publiez le", "publiez la",
    "publiez les", "publie ça", "publiez ça", "publiez cela", "publie la page", "publiez la page",
    "publie le site", "publiez le site", "publie tout", "publiez tout", "publiez les modifications",
    "publie les modifications", "publier le site", "publier les modifications", "le publier",
    "mets en ligne", "mettez en ligne", "mettre en ligne", "mets le en ligne", "mettez le en ligne",
    "mets la en ligne", "mettez la en ligne", "mets ça en ligne", "mettez ça en ligne",
    "mettez la page en ligne", "mettez le site en ligne",
    // Spanish
    "publica", "publicar", "publicarlo", "publicarla", "publícalo", "publicalo", "publícala", "publíquelo",
    "publíquela", "publique", "publica esto", "publica todo", "publica la página", "publica el sitio",
    "publica los cambios", "publicar los cambios", "ponlo en línea", "súbelo",
    // Polish
    "opublikuj", "opublikować", "opublikuj to", "opublikować to", "opublikuj stronę", "opublikować stronę",
    "opublikuj zmiany", "opublikować zmiany", "opublikuj wszystko", "publikuj", "publikujemy",
    "o publikację", "można publikować", "można opublikować",
    // Italian, Dutch, Portuguese, Swedish, Danish, Norwegian
    "pubblica", "pubblicare", "pubblicalo", "pubblicala", "pubblica tutto", "pubblica il sito",
    "publiceer", "publiceren", "publiceer het", "publiceer dit", "publiceer de site", "zet het online",
    "zet het live", "publicá lo", "publique isso", "publica isso", "publicera", "publicera det",
    "publicér", "publicer", "publiser",
];

/// Whole orders to restore the release before.
#[rustfmt::skip]
pub(crate) const ROLLBACK_PHRASES: &[&str] = &[
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
