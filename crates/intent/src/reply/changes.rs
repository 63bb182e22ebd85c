//! The words of a change to a plan, and those of a doubt about it. Lower-case, without punctuation.

/// Joins a change to a yes or a no, and is no part of it.
#[rustfmt::skip]
pub(super) const BUT: &[&str] = &[
    "but", "however", "though", "and", "aber", "jedoch", "allerdings", "und", "mais", "toutefois", "et",
    "pero", "y", "ale", "jednak", "lecz",
];

/// Joins a change and is part of it.
#[rustfmt::skip]
pub(super) const ONLY: &[&str] = &[
    "only", "just", "except", "but only", "nur", "bloß", "außer", "lediglich", "bis auf", "seulement",
    "juste", "sauf", "uniquement", "excepté", "solo", "sólo", "solamente", "excepto", "salvo", "únicamente",
    "menos", "tylko", "jedynie", "oprócz", "poza", "z wyjątkiem",
];

/// Polish verbs behind which an "i" is an "and", and no English "I".
pub(super) const AND_VERBS: &[&str] =
    &["dodaj", "zostaw", "zmień", "usuń", "zrób", "popraw", "przenieś", "wstaw", "zachowaj", "nie"];

/// Takes a part out, whatever it is called.
pub(super) const EXCEPT: &[&str] = &[
    "except",
    "außer",
    "bis auf",
    "sauf",
    "excepté",
    "excepto",
    "salvo",
    "menos",
    "oprócz",
    "poza",
    "z wyjątkiem",
];

/// What stands for the plan that is refused.
#[rustfmt::skip]
pub(super) const INSTEAD: &[&str] = &[
    "instead", "rather", "better", "i meant", "i mean", "i wanted", "i want", "i only want", "i just want",
    "i only wanted", "i'd like", "i would like", "i'd prefer", "i would prefer", "i'd rather",
    "i would rather", "lieber", "stattdessen", "besser", "ich meinte", "ich wollte", "ich will", "ich möchte",
    "ich hätte gern", "ich hätte gerne", "ich würde lieber", "plutôt", "mieux", "à la place", "je voulais",
    "je veux", "je voudrais", "j'aimerais", "je préfère", "je préférerais", "mejor", "en vez de eso",
    "en lugar de eso", "quería", "quiero", "quisiera", "prefiero", "me gustaría", "quise decir", "lepiej",
    "raczej", "zamiast tego", "chciałem", "chciałam", "chcę", "chciałbym", "chciałabym", "wolę", "wolałbym",
    "wolałabym", "chodziło mi o",
];

/// Begins a change that names a part or a way, behind a "but".
#[rustfmt::skip]
pub(super) const PARTS: &[&str] = &[
    "in", "with", "without", "not the", "not on", "not in", "mit", "ohne", "auf", "nicht die", "nicht den",
    "nicht das", "nicht auf", "nicht im", "en", "avec", "sans", "pas le", "pas la", "pas les", "dans", "con",
    "sin", "no el", "no la", "no los", "no las", "na", "w", "z", "bez",
];

/// A part, behind an "only".
#[rustfmt::skip]
pub(super) const ONLY_PARTS: &[&str] = &[
    "the", "on the", "in the", "for the", "in", "with", "without", "die", "der", "das", "den", "dem", "auf",
    "im", "mit", "ohne", "le", "la", "les", "l", "dans", "sur", "en", "avec", "sans", "el", "los", "las",
    "con", "sin", "na", "w", "z", "bez",
];

/// Names nothing by itself.
pub(super) const PRONOUNS: &[&str] =
    &["it", "this", "that", "these", "they", "das", "es", "dies", "ça", "cela", "c'est", "eso", "esto", "to"];

/// Whom a verb means that asks for no change ("give me a minute").
pub(super) const SELVES: &[&str] = &["me", "us", "mir", "mich", "uns", "moi", "nous", "mi", "mnie", "nam"];

/// May stand before the verb of a change.
#[rustfmt::skip]
pub(super) const LEADS: &[&str] = &[
    "please", "also", "then", "can you", "could you", "would you", "can we", "could we", "you should",
    "you must", "let's", "i'd like you to", "i want you to", "i would like you to", "i'd rather",
    "i would rather", "make sure to", "make sure you", "be sure to", "try to", "remember to", "bitte", "auch",
    "noch", "dann", "kannst du", "könntest du", "können sie", "könnten sie", "lieber", "doch",
    "s'il te plaît", "s'il vous plaît", "svp", "stp", "aussi", "peux tu", "pouvez vous", "pourriez vous",
    "merci de", "plutôt", "veuillez", "por favor", "también", "puedes", "podrías", "puede", "podría", "mejor",
    "que se", "que", "proszę", "też", "także", "możesz", "czy możesz", "lepiej", "raczej", "only", "just",
    "nur", "seulement", "juste", "solo", "sólo", "tylko", "jedynie", "instead", "rather",
];

/// Turns the verb of a change into its opposite.
#[rustfmt::skip]
pub(super) const NOT: &[&str] =
    &["don't", "dont", "do not", "never", "not", "nicht", "ne", "n'", "no", "nunca", "nie", "sin", "sans",
        "without", "bez"];

/// Tells to change or to keep something, as the first word.
#[rustfmt::skip]
pub(super) const VERBS: &[&str] = &[
    // English
    "keep", "leave", "make", "change", "use", "add", "remove", "delete", "put", "move", "show", "hide",
    "write", "rename", "replace", "set", "skip", "include", "touch", "do", "give", "start", "take", "drop",
    "turn", "translate", "shorten", "update", "fix", "create", "merge", "mention", "reduce", "increase",
    "center", "align", "preserve", "retain", "omit", "exclude", "limit", "begin", "swap", "copy", "switch",
    "reuse",
    // German
    "behalte", "behalten", "behalt", "lass", "lasse", "lassen", "mach", "mache", "machen", "ändere", "ändern",
    "änder", "nimm", "nehmen", "verwende", "verwenden", "benutze", "benutzen", "füge", "fügen", "entferne",
    "entfernen", "lösche", "löschen", "setz", "setze", "setzen", "stell", "stelle", "verschiebe",
    "verschieben", "zeig", "zeige", "zeigen", "schreib", "schreibe", "schreiben", "ersetze", "ersetzen",
    "nenn", "nenne", "nennen", "erhalte", "belasse", "belassen", "kürze", "kürzen", "übernimm", "übernehmen",
    "achte", "fang", "beginne",
    // French
    "garde", "gardez", "garder", "laisse", "laissez", "laisser", "fais", "faites", "faire", "change",
    "changez", "changer", "utilise", "utilisez", "utiliser", "ajoute", "ajoutez", "ajouter", "enlève",
    "enlevez", "enlever", "retire", "retirez", "retirer", "supprime", "supprimez", "supprimer", "mets",
    "mettez", "mettre", "déplace", "déplacez", "déplacer", "montre", "montrez", "écris", "écrivez", "écrire",
    "remplace", "remplacez", "remplacer", "touche", "touchez", "toucher", "touches", "conserve", "conservez",
    "conserver", "renomme", "renommez", "modifie", "modifiez", "modifier", "en gardant", "en laissant",
    "raccourcis", "raccourcissez",
    // Spanish
    "mantén", "mantenga", "mantener", "manten", "deja", "deje", "dejar", "dejes", "haz", "haga", "hacer",
    "cambia", "cambie", "cambiar", "cambies", "usa", "use", "usar", "uses", "utiliza", "añade", "añada",
    "añadir", "agrega", "agregue", "agregar", "quita", "quite", "quitar", "quites", "borra", "borre",
    "borrar", "borres", "elimina", "elimine", "eliminar", "elimines", "pon", "ponga", "poner", "pongas",
    "mueve", "mueva", "mover", "muevas", "muestra", "muestre", "escribe", "escriba", "reemplaza", "sustituye",
    "toques", "toque", "tocar", "conserva", "conserve", "conservar", "modifica", "modifiques", "modificar",
    "acorta", "déjalo", "hazlo", "ponlo", "ponle", "llama",
    // Polish
    "zostaw", "zostawić", "zostawcie", "zachowaj", "zachować", "zrób", "zrobić", "rób", "zmień", "zmienić",
    "zmieniaj", "zmieniać", "użyj", "używaj", "użyć", "dodaj", "dodać", "dodawaj", "usuń", "usunąć", "usuwaj",
    "usuwać", "wstaw", "wstawić", "przenieś", "przenieść", "pokaż", "pokazać", "ukryj", "napisz", "napisać",
    "zamień", "zamienić", "zastąp", "ruszaj", "ruszać", "dotykaj", "nazwij", "skróć", "skrócić", "popraw",
    "ustaw", "daj", "pomiń", "weź",
];

/// Ends a German change.
#[rustfmt::skip]
pub(super) const LAST_VERBS: &[&str] = &[
    "ändern", "behalten", "lassen", "machen", "nehmen", "verwenden", "benutzen", "einfügen", "hinzufügen",
    "entfernen", "löschen", "setzen", "stellen", "verschieben", "zeigen", "schreiben", "ersetzen", "nennen",
    "erhalten", "belassen", "anfassen", "kürzen", "übernehmen", "anlegen", "einbauen", "austauschen",
    "tauschen", "weglassen", "umbenennen", "beibehalten",
];

/// Says how something is to be, wherever it stands.
#[rustfmt::skip]
pub(super) const MODALS: &[&str] = &[
    "should", "must", "stays", "shouldn't", "mustn't", "needs to", "has to", "soll", "sollen", "sollte",
    "sollten", "muss", "müssen", "darf", "bleibt", "bleiben", "doit", "doivent", "reste", "restent",
    "devrait", "debe", "deben", "debería", "tiene que", "tienen que", "queda", "quede", "quedan", "ma być",
    "mają być", "ma zostać", "mają zostać", "musi", "muszą", "powinien", "powinna", "powinno", "powinny",
    "niech", "zostaje", "zostają",
];

/// Who speaks: what they should or must do changes no plan.
#[rustfmt::skip]
pub(super) const SPEAKERS: &[&str] = &[
    "i", "we", "i'm", "i'll", "we'll", "i've", "my", "ich", "wir", "je", "j'ai", "nous", "on", "yo",
    "nosotros", "mi", "ja", "my",
];

/// Puts off, asks, or makes it depend on something.
#[rustfmt::skip]
pub(super) const DOUBTS: &[&str] = &[
    // English
    "if", "or not", "unless", "until", "till", "wait", "hold", "later", "tomorrow", "tonight", "today", "yet",
    "not now", "maybe", "perhaps", "probably", "possibly", "unsure", "not sure", "think", "thinking", "ask",
    "asking", "asked", "discuss", "talk", "decide", "depends", "provided", "assuming", "in case", "when",
    "once", "before", "after", "why", "what", "how", "how much", "cost", "costs", "expensive", "price", "see",
    "check", "look", "read", "show me", "tell me", "let me", "explain", "understand", "time", "week", "month",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "principle", "guess",
    "suppose", "worried", "afraid", "whether", "doubt", "doubts", "question", "questions", "don't know",
    "idea", "still", "first show", "publish", "preview", "backup", "plan", "proposal", "suggestion",
    "suggestions", "approve", "approves", "approval", "permission", "agree", "agrees", "confirm", "nothing",
    "no change", "no changes", "reservations", "minute", "minutes", "moment", "hour", "again", "kidding",
    "joking",
    // German
    "wenn", "oder nicht", "falls", "sofern", "bis", "warte", "warten", "später", "morgen", "heute", "noch nicht",
    "jetzt nicht", "nicht jetzt", "erst", "zuerst", "vorher", "nachher", "vielleicht", "eventuell",
    "wahrscheinlich", "vermutlich", "unsicher", "nicht sicher", "überlegen", "überlege", "überleg",
    "nachdenken", "frage", "fragen", "besprechen", "entscheiden", "kommt darauf an", "abhängig", "sobald",
    "nachdem", "bevor", "warum", "wieso", "was", "wie", "kostet", "kosten", "teuer", "preis", "sehen",
    "anschauen", "ansehen", "prüfen", "zeig mir", "zeigen sie mir", "erklär", "erklären", "verstehe", "zeit",
    "woche", "monat", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag",
    "prinzip", "prinzipiell", "grundsätzlich", "glaube", "denke", "weiß nicht", "zweifel", "ob",
    "vorausgesetzt", "unter der bedingung", "vorschlag", "genehmigen", "zustimmen", "zustimmung", "nichts",
    "vorbehalt", "moment", "minute", "stunde", "nochmal", "erneut", "spaß",
    // French
    "si", "sauf si", "ou pas", "ou non", "jusqu'à", "jusqu'au", "attends", "attendez", "attendre", "plus tard", "demain",
    "aujourd'hui", "ce soir", "pas encore", "pas maintenant", "peut être", "probablement", "pas sûr",
    "pas sûre", "réfléchir", "réfléchis", "demander", "demande", "discuter", "décider", "dépend",
    "à condition", "condition", "quand", "lorsque", "dès", "avant", "après", "pourquoi", "quoi", "comment",
    "combien", "coûte", "coût", "cher", "prix", "voir", "vérifier", "regarder", "montre moi", "montrez moi",
    "dis moi", "dites moi", "explique", "expliquez", "comprends", "temps", "semaine", "mois", "lundi",
    "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "principe", "crois", "pense", "sais pas",
    "doute", "d'abord", "hésite", "proposition", "valider", "approuver", "rien", "réserve", "réserves",
    "moment", "minute", "heure", "rire",
    // Spanish
    "siempre que", "o no", "siempre y cuando", "a menos", "hasta", "espera", "espere", "esperar", "más tarde",
    "luego", "después", "mañana", "hoy", "todavía", "aún", "ahora no", "quizás", "quizá", "tal vez",
    "probablemente", "no estoy seguro", "no estoy segura", "pensar", "pienso", "pensarlo", "preguntar",
    "pregunto", "consultar", "consultarlo", "hablar", "decidir", "depende", "cuando", "antes", "primero",
    "por qué", "qué", "cómo", "cuánto", "cuesta", "cuestan", "caro", "precio", "ver", "verlo", "revisar",
    "mirar", "muéstrame", "enséñame", "dime", "explica", "explícame", "entiendo", "tiempo", "semana", "mes",
    "lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo", "principio", "creo", "no sé",
    "duda", "dudas", "en caso", "propuesta", "aprobar", "apruebe", "nada", "reservas", "momento", "minuto",
    "hora", "otra vez", "broma",
    // Polish
    "jeśli", "albo nie", "czy nie", "jeżeli", "jak tylko", "o ile", "pod warunkiem", "chyba że", "dopóki", "aż", "poczekaj",
    "czekaj", "zaczekaj", "czekać", "poczekać", "później", "potem", "jutro", "dziś", "dzisiaj", "jeszcze",
    "nie teraz", "może", "być może", "prawdopodobnie", "nie jestem pewien", "nie jestem pewna", "zastanowić",
    "zastanowię", "pomyśleć", "pomyślę", "zapytać", "zapytam", "spytać", "omówić", "zdecydować", "zależy",
    "gdy", "kiedy", "po tym", "zanim", "najpierw", "dlaczego", "czemu", "co", "jak", "ile", "kosztuje",
    "koszt", "drogo", "drogie", "cena", "zobaczyć", "sprawdzić", "obejrzeć", "pokaż mi", "powiedz",
    "wyjaśnij", "rozumiem", "czasu", "czas", "tydzień", "tygodniu", "miesiąc", "poniedziałek", "wtorek",
    "środę", "czwartek", "piątek", "sobotę", "niedzielę", "zasadzie", "chyba", "myślę", "sądzę", "nie wiem",
    "wątpliwości", "czy", "propozycja", "propozycję", "zatwierdzić", "zgodę", "nic", "moment", "chwilę",
    "chwila", "minutę", "żartuję", "żart",
];
