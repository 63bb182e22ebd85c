//! The words of wide requests, in English, German, French, Spanish and Polish.

pub(super) const REMOVE: &[&str] = &[
    "delete",
    "remove",
    "drop",
    "rid",
    "erase",
    "lösche",
    "entferne",
    "löscht",
    "entfernt",
    "supprime",
    "supprimez",
    "enlève",
    "retire",
    "elimina",
    "borra",
    "quita",
    "suprime",
    "usuń",
    "skasuj",
    "wykasuj",
];

pub(super) const REPLACE: &[&str] = &[
    "change",
    "rebuild",
    "restructure",
    "redo",
    "rework",
    "rewrite",
    "replace",
    "reorganise",
    "reorganize",
    "ändere",
    "überarbeite",
    "ersetze",
    "schreibe",
    "change",
    "changez",
    "refais",
    "refaites",
    "réécris",
    "remplace",
    "cambia",
    "rehaz",
    "reescribe",
    "reorganiza",
    "zmień",
    "przebuduj",
    "przepisz",
    "zastąp",
];

pub(super) const REDESIGN: &[&str] = &[
    "redesign",
    "redesigning",
    "relaunch",
    "redesigne",
    "neugestalten",
    "neugestaltung",
    "refonte",
    "redessine",
    "rediseña",
    "rediseñar",
    "rediseño",
    "przeprojektuj",
    "przeprojektować",
];

/// New looks, as a request begins with them.
pub(super) const DESIGNS: &[&str] = &[
    "layout", "design", "look", "style", "theme", "aussehen", "mise", "diseño", "estilo", "układ", "wygląd",
];

pub(super) const ALL: &[&str] = &[
    "all",
    "every",
    "each",
    "whole",
    "entire",
    "alle",
    "allen",
    "jede",
    "ganze",
    "gesamte",
    "toutes",
    "tout",
    "chaque",
    "todas",
    "toda",
    "todo",
    "cada",
    "wszystkie",
    "wszystkich",
    "każdą",
    "całą",
];

pub(super) const PAGES: &[&str] = &[
    "page",
    "pages",
    "blog",
    "shop",
    "store",
    "category",
    "categories",
    "seite",
    "seiten",
    "página",
    "páginas",
    "tienda",
    "boutique",
    "stronę",
    "strony",
    "stron",
    "sklep",
];

pub(super) const SITES: &[&str] =
    &["site", "website", "webseite", "website", "homepage", "sitio", "web", "witrynę"];

pub(super) const NAVIGATION: &[&str] =
    &["navigation", "menu", "nav", "menü", "navigación", "menú", "nawigację"];

/// Words that make the page a place rather than the thing: what stands before them is the thing.
pub(super) const AROUND: &[&str] = &[
    "on",
    "from",
    "in",
    "at",
    "of",
    "word",
    "text",
    "auf",
    "von",
    "aus",
    "im",
    "in",
    "sur",
    "dans",
    "du",
    "en",
    "na",
    "ze",
    "z",
    "comma",
    "photo",
    "foto",
    "virgule",
    "przecinek",
    "komma",
];

/// What a page or a menu has, and which is small.
pub(super) const OF_A_PAGE: &[&str] = &[
    "title",
    "heading",
    "header",
    "footer",
    "number",
    "numbers",
    "break",
    "link",
    "links",
    "label",
    "entry",
    "item",
    "image",
    "photo",
    "text",
    "background",
    "colour",
    "color",
    "name",
    "eintrag",
    "titel",
    "titre",
    "título",
    "tytuł",
];

pub(super) const NEGATIONS: &[&str] = &[
    "don't", "dont", "not", "never", "no", "without", "nicht", "kein", "keine", "nie", "ne", "pas", "jamais",
    "nunca", "sin", "bez", "würde",
];
