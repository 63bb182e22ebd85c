//! The words of destructive and wide wishes, language by language. Lower-case, without punctuation.

/// The words in which a language deletes, rewrites and reshapes.
pub(super) struct Tongue {
    /// Verbs that take something away.
    pub delete: &'static [&'static str],
    /// Says of something, behind it, that it is to go.
    pub gone: &'static [&'static str],
    /// Verbs that make all text of their object anew.
    pub rewrite: &'static [&'static str],
    /// Makes the site's looks or order anew.
    pub renew: &'static [&'static str],
    /// Verbs that change one of `structure`.
    pub change: &'static [&'static str],
    /// What holds the site together.
    pub structure: &'static [&'static str],
    /// What loses or changes much with itself.
    pub wide: &'static [&'static str],
    /// The whole of the site.
    pub site: &'static [&'static str],
    /// Says that all of something is meant.
    pub all: &'static [&'static str],
    /// What there is much of, where all of it is meant.
    pub mass: &'static [&'static str],
    /// Stands before a noun and does not narrow it.
    pub before: &'static [&'static str],
    /// How many other words may stand before the noun that they belong to ("the contact page").
    pub modifiers: usize,
    /// Small things, whatever they belong to ("the page title").
    pub small: &'static [&'static str],
    /// Begins another part of the sentence.
    pub bounds: &'static [&'static str],
}

#[rustfmt::skip]
pub(super) const TONGUES: &[Tongue] = &[
    Tongue {
        delete: &["delete", "remove", "get rid of", "take down", "erase", "drop", "scrap", "throw out",
            "throw away", "wipe", "shut down", "kill", "deleting", "removing", "merge"],
        gone: &["removed", "deleted", "gone", "should go", "can go", "must go"],
        rewrite: &["rewrite", "translate", "rework", "revise", "redo", "rebuild", "replace", "restyle",
            "convert", "rename", "move", "rearrange"],
        renew: &["redesign", "restructure", "reorganise", "reorganize", "overhaul", "revamp", "relaunch",
            "rebrand", "new layout", "new design", "new look", "new theme", "new structure", "new navigation",
            "different layout", "different design", "different theme", "different look", "start over",
            "from scratch", "start afresh"],
        change: &["change", "rework", "redo", "replace", "rebuild", "rearrange", "update", "modify",
            "rethink", "simplify"],
        structure: &["navigation", "nav", "main menu", "menu structure", "navigation menu", "layout",
            "design", "theme", "structure", "site structure", "look", "sitemap", "url structure", "urls"],
        wide: &["page", "pages", "subpage", "subpages", "homepage", "blog", "blogs", "blog posts",
            "blog post", "post", "posts", "article", "articles", "shop", "store", "gallery", "portfolio",
            "navigation", "main menu", "navigation menu", "sidebar", "header", "footer", "section",
            "sections", "category", "categories", "languages", "language version", "collection"],
        site: &["site", "website", "web site"],
        all: &["all", "every", "each", "any", "all of"],
        mass: &["photos", "photo", "images", "image", "pictures", "picture", "products", "product", "texts",
            "text", "content", "contents", "events", "event", "entries", "news", "files", "comments",
            "testimonials", "videos"],
        before: &["the", "a", "an", "my", "our", "this", "that", "these", "those", "whole", "entire",
            "complete", "old", "of", "your", "existing", "current", "outdated", "other", "two", "three",
            "both"],
        modifiers: 3,
        small: &["title", "titles", "heading", "headline", "label", "labels", "link", "links", "button",
            "buttons", "item", "items", "entry", "entries", "number", "numbers", "name", "names", "word",
            "words", "line", "lines", "sentence", "sentences", "paragraph", "paragraphs", "comma", "commas",
            "text", "icon", "icons", "logo", "color", "colour", "colors", "background", "border", "margin",
            "padding", "font", "image", "photo", "picture", "images", "photos", "pictures", "date",
            "description", "tag", "tags", "typo", "point", "bullet", "quote", "caption", "subtitle",
            "summary", "url", "address", "email", "phone"],
        bounds: &["on", "in", "from", "to", "with", "at", "and", "or", "under", "above", "below", "between",
            "about", "for", "by", "where", "that", "which", "into", "of", "so", "is", "are", "should"],
    },
    Tongue {
        delete: &["lösche", "lösch", "löschen", "entferne", "entfernen", "streiche", "streichen", "wirf",
            "nimm", "nehmen", "lösch mal", "schmeiß", "beseitige"],
        gone: &["löschen", "entfernen", "gelöscht", "entfernt", "weg", "raus", "rausnehmen", "rauswerfen",
            "wegnehmen", "streichen", "gestrichen", "abschaffen", "herausnehmen"],
        rewrite: &["übersetze", "übersetzen", "überarbeite", "überarbeiten", "ersetze", "ersetzen", "benenne",
            "verschiebe"],
        renew: &["neues design", "neues layout", "neue struktur", "neuer look", "neue navigation",
            "neugestalten", "neu gestalten", "gestalte die seite neu", "gestalte die website neu",
            "umgestalten", "komplett neu", "ganz neu", "von grund auf", "umstrukturieren", "neu aufbauen",
            "neu strukturieren", "anderes layout", "anderes design", "von vorne anfangen", "umbauen"],
        change: &["ändere", "ändern", "änder", "überarbeite", "überarbeiten", "ersetze", "ersetzen",
            "vereinfache", "vereinfachen", "wechsle", "wechseln", "baue", "bau"],
        structure: &["navigation", "hauptnavigation", "hauptmenü", "menüstruktur", "layout", "design",
            "theme", "struktur", "seitenstruktur", "aufbau", "gestaltung"],
        wide: &["blog", "shop", "galerie", "navigation", "hauptmenü", "fußzeile", "kopfzeile", "rubrik",
            "kategorie", "kategorien", "artikel", "beitrag", "beiträge", "blogbeitrag", "bereich",
            "abschnitt", "onlineshop", "webshop", "unterseiten", "portfolio"],
        site: &["website", "webseite", "homepage", "internetseite", "webpräsenz"],
        all: &["alle", "sämtliche", "jede", "jeden"],
        mass: &["fotos", "bilder", "produkte", "texte", "inhalte", "termine", "einträge", "dateien",
            "kommentare", "videos", "beiträge", "artikel"],
        before: &["die", "den", "das", "meine", "meinen", "unsere", "unseren", "diese", "diesen", "ganze",
            "ganzen", "gesamte", "gesamten", "komplette", "kompletten", "alte", "alten", "beiden", "bitte",
            "sie", "mir", "zwei", "drei", "der"],
        modifiers: 0,
        small: &["titel", "link", "button", "überschrift", "name", "text", "wort", "nummer", "zahl",
            "eintrag", "punkt"],
        bounds: &[],
    },
    Tongue {
        delete: &["supprime", "supprimez", "supprimer", "efface", "effacez", "effacer", "enlève", "enlevez",
            "enlever", "retire", "retirez", "retirer"],
        gone: &["supprimé", "supprimée", "supprimés", "supprimées", "enlevé", "enlevée", "retiré", "retirée",
            "disparaître"],
        rewrite: &["traduis", "traduisez", "traduire", "réécris", "réécrivez", "réécrire", "refais",
            "refaites", "refaire", "remplace", "remplacez", "remplacer", "renomme", "renommez"],
        renew: &["refonte", "nouveau design", "nouvelle mise en page", "nouvelle maquette", "nouveau look",
            "nouveau thème", "nouvelle navigation", "nouvelle structure", "restructure", "restructurez",
            "restructurer", "réorganise", "réorganisez", "réorganiser", "repars de zéro", "repartez de zéro",
            "repartir de zéro", "redessine", "redessinez", "relooker"],
        change: &["change", "changez", "changer", "modifie", "modifiez", "modifier", "refais", "refaites",
            "refaire", "remplace", "remplacez", "simplifie", "simplifiez"],
        structure: &["navigation", "menu principal", "mise en page", "design", "thème", "structure",
            "arborescence", "maquette", "charte graphique"],
        wide: &["page", "pages", "blog", "boutique", "galerie", "navigation", "menu principal", "article",
            "articles", "section", "sections", "rubrique", "rubriques", "catégorie", "catégories",
            "pied de page", "entête"],
        site: &["site", "site web", "site internet"],
        all: &["tous", "toutes", "toute", "tout", "chaque"],
        mass: &["photos", "images", "produits", "textes", "contenus", "contenu", "événements", "fichiers",
            "commentaires", "vidéos", "articles"],
        before: &["la", "le", "les", "l", "ma", "mon", "mes", "notre", "nos", "cette", "ce", "ces", "votre",
            "vos", "entière", "entier", "vieille", "ancienne", "ancien", "anciennes", "anciens", "deux"],
        modifiers: 0,
        small: &[],
        bounds: &[],
    },
    Tongue {
        delete: &["elimina", "elimine", "eliminar", "borra", "borre", "borrar", "quita", "quite", "quitar",
            "suprime", "suprima", "suprimir"],
        gone: &["eliminado", "eliminada", "borrado", "borrada", "eliminarse", "borrarse", "fuera"],
        rewrite: &["traduce", "traduzca", "traducir", "reescribe", "reescriba", "reescribir", "rehaz",
            "rehacer", "reemplaza", "reemplace", "renombra", "sustituye"],
        renew: &["rediseña", "rediseñe", "rediseñar", "rediseño", "nuevo diseño", "nueva estructura",
            "nueva navegación", "nuevo tema", "nuevo aspecto", "reestructura", "reestructure",
            "reestructurar", "reorganiza", "reorganice", "reorganizar", "desde cero", "otro diseño"],
        change: &["cambia", "cambie", "cambiar", "modifica", "modifique", "modificar", "rehaz", "rehacer",
            "reemplaza", "reemplace", "simplifica", "simplifique"],
        structure: &["navegación", "menú principal", "diseño", "tema", "estructura", "maquetación",
            "plantilla", "disposición"],
        wide: &["página", "páginas", "pagina", "paginas", "blog", "tienda", "galería", "navegación",
            "menú principal", "artículo", "artículos", "entrada", "entradas", "sección", "secciones",
            "categoría", "categorías", "pie de página"],
        site: &["sitio", "sitio web", "web"],
        all: &["todos", "todas", "todo", "toda", "cada"],
        mass: &["fotos", "imágenes", "productos", "textos", "contenidos", "contenido", "eventos", "archivos",
            "comentarios", "vídeos", "artículos"],
        before: &["la", "el", "los", "las", "mi", "mis", "nuestra", "nuestro", "nuestras", "nuestros", "esta",
            "este", "estas", "estos", "entera", "entero", "antigua", "antiguo", "vieja", "viejo", "dos"],
        modifiers: 0,
        small: &[],
        bounds: &[],
    },
    Tongue {
        delete: &["usuń", "usunąć", "skasuj", "skasować", "wyrzuć", "wyrzucić", "zlikwiduj", "wykasuj"],
        gone: &["usunięta", "usunięty", "usunięte", "skasowana", "skasowany", "usunąć", "skasować",
            "wyrzucić", "do usunięcia", "do kosza"],
        rewrite: &["przetłumacz", "przetłumaczyć", "przepisz", "przepisać", "przerób", "przerobić", "zastąp",
            "zamień"],
        renew: &["przeprojektuj", "przeprojektować", "nowy układ", "nowy wygląd", "nowy projekt",
            "nowy szablon", "nowa struktura", "nową strukturę", "nowa nawigacja", "nową nawigację",
            "przebuduj", "przebudować", "przebudowa", "zreorganizuj", "od zera", "od nowa", "odśwież wygląd",
            "inny układ", "inny wygląd"],
        change: &["zmień", "zmienić", "przerób", "przerobić", "przebuduj", "uprość", "zastąp", "wymień"],
        structure: &["nawigację", "nawigacja", "menu główne", "układ", "wygląd", "szablon", "strukturę",
            "motyw", "projekt graficzny"],
        wide: &["stronę", "strony", "podstronę", "podstrony", "blog", "bloga", "sklep", "galerię",
            "nawigację", "menu główne", "artykuł", "artykuły", "wpis", "wpisy", "sekcję", "sekcje",
            "kategorię", "kategorie", "stopkę"],
        site: &["witrynę", "witryna", "serwis"],
        all: &["wszystkie", "wszystko", "każdą", "każdy", "całą", "cały", "całe"],
        mass: &["zdjęcia", "obrazy", "produkty", "teksty", "treści", "wydarzenia", "pliki", "komentarze",
            "filmy", "wpisy", "artykuły"],
        before: &["tę", "ta", "tę całą", "moją", "mój", "moje", "naszą", "nasz", "nasze", "te", "ten",
            "starą", "stary", "stare", "dwie", "proszę", "internetową"],
        modifiers: 0,
        small: &["główną"],
        bounds: &[],
    },
];

/// Whatever is deleted, it is all there is.
pub(super) const EVERYTHING: &[&str] = &["everything", "alles", "tout", "todo", "wszystko", "all"];

/// German nouns end in what they are: a "Kontaktseite" is a page, a "Seitentitel" is none.
pub(super) const WIDE_ENDINGS: &[&str] = &["seite", "seiten"];

/// Turns a wish into its opposite.
#[rustfmt::skip]
pub(super) const NOT: &[&str] = &[
    "don't", "dont", "not", "never", "no", "without", "instead of", "nicht", "nie", "niemals", "keine",
    "keinen", "kein", "ohne", "ne", "pas", "jamais", "sans", "nunca", "sin", "bez", "didn't", "doesn't",
    "won't", "cannot", "can't",
];
