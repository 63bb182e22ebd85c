//! Orders to put a thread live. Lower-case, without punctuation.

/// Whether `core`, an order without politeness, puts the thread live.
pub(crate) fn is_publish(core: &str) -> bool {
    let core = TIMES.iter().find_map(|time| core.strip_suffix(time)?.strip_suffix(' ')).unwrap_or(core);
    let is_object = |object: &str| PUBLISH_OBJECTS.contains(&object);
    PUBLISH_PHRASES.contains(&core)
        || PUBLISH_VERBS.iter().any(|verb| {
            core.strip_prefix(verb).and_then(|rest| rest.strip_prefix(' ')).is_some_and(is_object)
        })
        || PUBLISH_LIVE.iter().any(|(verb, live)| {
            core.strip_prefix(verb)
                .and_then(|rest| rest.strip_suffix(live))
                .is_some_and(|o| is_object(o.trim()))
        })
}

/// Verbs that need one of [`PUBLISH_OBJECTS`].
const PUBLISH_VERBS: &[&str] = &["publish", "deploy", "release", "launch", "ship"];

/// A verb, an object of [`PUBLISH_OBJECTS`], and what it shall become.
#[rustfmt::skip]
const PUBLISH_LIVE: &[(&str, &str)] = &[
    ("put ", " live"), ("put ", " online"), ("make ", " live"), ("make ", " public"), ("push ", " live"),
    ("set ", " live"), ("take ", " live"), ("bring ", " live"), ("get ", " live"), ("get ", " online"),
    ("push ", " to production"), ("push ", " to live"),
];

/// What can be published as a whole.
#[rustfmt::skip]
const PUBLISH_OBJECTS: &[&str] = &[
    "it", "this", "that", "all", "everything", "all of it", "all of this", "the page", "this page",
    "the site", "my site", "our site", "the website", "my website", "our website", "the changes",
    "these changes", "my changes", "those changes", "all changes", "all the changes", "the change",
    "this change", "that change", "the update", "this update", "the updates", "these updates",
    "this version", "the new version", "that version", "the edits",
];

/// Words for "at once", after an order.
#[rustfmt::skip]
const TIMES: &[&str] = &[
    "right now", "right away", "now", "immediately", "at once", "jetzt", "sofort", "maintenant",
    "tout de suite", "ahora", "ahora mismo", "teraz", "ora", "nu", "agora",
];

/// Whole orders to publish.
#[rustfmt::skip]
const PUBLISH_PHRASES: &[&str] = &[
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
