//! How people say yes and no to a plan. Lower-case; a `,` at the end is any stop, or the end of the reply.

/// Says yes. What does so only as all that is said, or before a stop, ends in one.
#[rustfmt::skip]
pub(super) const YES: &[&str] = &[
    // English
    "yes", "yep", "yeah", "yup", "yes please", "yes please do", "please do ,", "ok", "okay", "okey", "k ,", "sure", "sure thing",
    "of course", "absolutely", "definitely", "certainly", "exactly", "right ,", "correct ,", "agreed", "i agree", "approved", "approve ,",
    "approve it", "approve that", "approve this", "approve the plan", "i approve", "i approve it", "i approve this", "i approve that",
    "i approve the plan", "i approve this plan", "i approve that plan", "confirmed", "i confirm", "go", "go ahead", "go ahead with it", "go ahead with that", "go ahead with this",
    "go ahead with the plan", "go ahead and do it", "go ahead and do that", "please go ahead", "you can go ahead", "you may go ahead",
    "go for it", "proceed", "proceed with it", "proceed with the plan", "proceed as planned", "please proceed", "you can proceed",
    "do it ,", "do that ,", "do this ,", "do so ,", "just do it", "please do it", "please do that", "you can do it", "you can do that",
    "let's do it", "let's do that", "let's do this", "let's go", "lets do it", "lets go", "make it so", "make it happen",
    "carry on ,", "continue ,", "start ,", "begin ,", "sounds good", "sounds great", "sounds perfect", "sounds fine", "that sounds good",
    "that sounds great", "sounds good to me", "looks good", "looks great", "looks fine", "looks right", "looks good to me", "lgtm",
    "the plan looks good", "the plan is good", "the plan is fine", "the plan is ok", "good plan", "great plan", "nice plan",
    "good idea", "great idea", "fine ,", "fine with me", "fine by me", "that's fine", "that's fine with me", "that's fine by me",
    "that is fine", "it's fine", "all fine", "all fine by me", "all good", "it's ok", "it's okay", "that's ok", "that's okay",
    "that's good", "that's great", "that's perfect", "that works", "that works for me", "works for me", "that'll work", "good ,",
    "very good ,", "great ,", "great", "perfect", "excellent", "wonderful", "awesome", "brilliant", "fantastic", "lovely ,", "cool ,", "nice ,",
    "alright", "all right", "no problem ,", "no problem at all", "no objections ,", "no objection ,", "i'm happy with that", "i'm happy with it", "i'm happy with the plan", "happy with that",
    "i like it", "i like that", "i like the plan", "i love it", "love it", "i want that ,", "that's what i want", "that is what i want",
    "that's exactly what i want", "that is exactly what i want", "exactly what i want", "that's right", "that's correct", "as planned",
    "as you suggest", "as you suggested", "as proposed", "as described", "like that ,", "exactly like that", "by all means",
    "i'm ok with that", "i'm fine with that", "i'm okay with that", "with pleasure", "gladly",
    // German
    "ja", "ja bitte", "ja gerne", "jawohl", "jo", "jap", "jup", "jepp", "klar", "na klar", "gern ,", "gerne", "sehr gerne", "sehr gern",
    "natürlich", "selbstverständlich", "genau", "genau so", "genauso", "einverstanden", "bin einverstanden", "ich bin einverstanden",
    "in ordnung", "geht in ordnung", "alles klar", "alles gut", "abgemacht", "genehmigt", "bestätigt", "ich bestätige", "freigegeben",
    "passt", "passt so", "das passt", "das passt so", "passt für mich", "passt mir", "gut", "gut so", "sehr gut", "das ist gut", "ist gut ,",
    "ist in ordnung", "das ist in ordnung", "ist ok ,", "das ist ok", "super", "prima", "perfekt", "toll", "klasse", "spitze", "wunderbar",
    "klingt gut", "das klingt gut", "klingt super", "klingt prima", "hört sich gut an", "das hört sich gut an", "sieht gut aus",
    "das sieht gut aus", "guter plan", "gute idee", "der plan ist gut", "der plan passt", "mach das ,", "mach es ,", "mach es so", "mach das so",
    "mach so", "mach mal", "mach ,", "mach nur", "mach ruhig", "mach das bitte", "mach das bitte so", "bitte machen ,", "bitte so machen",
    "machen sie das ,", "machen sie es ,", "machen sie das so", "machen sie es so", "machen sie das bitte", "machen sie es bitte so",
    "machen sie nur", "so machen", "so machen wir das", "so machen wir es", "so machen wir's", "machen wir so", "machen wir das so",
    "das machen wir so", "das können sie so machen", "das kannst du so machen", "kannst du so machen", "können sie so machen",
    "kannst du machen ,", "können sie machen ,", "du kannst das machen", "sie können das machen", "leg los", "legen sie los", "los ,",
    "los geht's", "fang an", "fangen sie an", "nur zu", "tu das ,", "tun sie das ,", "bitte umsetzen", "so umsetzen", "setz es um",
    "setz das um", "setzen sie es um", "setzen sie das um", "setzen sie das so um", "setz das so um", "bitte fortfahren", "fahren sie fort",
    "weiter so ,", "von mir aus", "das will ich so", "so will ich es", "stimmt ,", "richtig ,",
    // French
    "oui", "ouais", "oui oui", "bien sûr", "bien sur", "d'accord", "ok d'accord", "je suis d'accord", "entendu", "c'est entendu", "volontiers",
    "avec plaisir", "tout à fait", "absolument", "exactement", "parfait", "c'est parfait", "très bien", "c'est très bien", "bien ,", "c'est bien",
    "c'est bon", "c'est bon pour moi", "bon pour moi", "c'est ok", "c'est ok pour moi", "ok pour moi", "ça me va", "cela me va",
    "ça me convient", "cela me convient", "ça marche", "ça va ,", "super ,", "génial", "excellent", "bonne idée", "bon plan",
    "vas y", "allez y", "allons y", "fais le ,", "faites le ,", "fais ça ,", "faites ça ,", "faites cela ,", "fais comme ça", "faites comme ça",
    "faites ainsi", "faites donc", "tu peux y aller", "vous pouvez y aller", "tu peux le faire", "vous pouvez le faire", "procédez", "procède",
    "lance ,", "lancez ,", "lance toi", "lancez vous", "continue ,", "continuez ,", "je valide", "validé", "c'est validé", "je confirme",
    "confirmé", "j'approuve", "approuvé", "c'est ce que je veux", "c'est exactement ce que je veux", "le plan me va", "le plan me convient",
    "le plan est bon", "pas de problème ,", "pas de souci ,", "go ,",
    // Spanish
    "sí", "si ,", "si por favor", "si adelante", "si hazlo", "sí claro", "claro", "claro que sí", "por supuesto", "desde luego", "vale", "dale",
    "de acuerdo", "estoy de acuerdo", "conforme", "perfecto", "genial", "estupendo", "excelente", "muy bien", "bien ,", "está bien",
    "esta bien", "todo bien", "me parece bien", "me parece perfecto", "me parece genial", "me gusta", "me gusta el plan", "buena idea",
    "buen plan", "suena bien", "exacto", "exactamente", "correcto ,", "adelante", "adelante con eso", "adelante con ello", "adelante con el plan",
    "sigue adelante", "siga adelante", "hazlo ,", "hágalo ,", "hagalo ,", "hazlo así", "hágalo así", "haz eso ,", "haga eso ,", "puedes hacerlo",
    "puede hacerlo", "vamos ,", "vamos allá", "hagámoslo", "procede", "proceda", "continúa ,", "continúe ,", "aprobado", "lo apruebo",
    "apruebo", "apruebo el plan", "confirmado", "confirmo", "lo confirmo", "eso es lo que quiero", "es lo que quiero", "así está bien",
    "sin problema ,", "con gusto", "okey",
    // Polish
    "tak", "tak proszę", "tak jest", "no tak ,", "oczywiście", "pewnie", "jasne", "zgoda", "zgadzam się", "zgadza się", "dobrze", "dobra",
    "bardzo dobrze", "okej", "oki", "w porządku", "super", "świetnie", "idealnie", "doskonale", "znakomicie", "dokładnie", "dokładnie tak",
    "może być", "niech będzie", "niech tak będzie", "brzmi dobrze", "brzmi świetnie", "wygląda dobrze", "dobry plan", "dobry pomysł",
    "plan jest dobry", "podoba mi się", "podoba mi się ten plan", "pasuje", "pasuje mi", "odpowiada mi", "zrób to ,", "zrób tak", "zróbmy to",
    "zróbmy tak", "zrób ,", "proszę zrobić ,", "proszę to zrobić", "proszę tak zrobić", "rób ,", "rób to ,", "rób tak", "działaj", "proszę działać",
    "do dzieła", "śmiało", "dawaj", "jedziemy", "lecimy", "kontynuuj ,", "proszę kontynuować ,", "możesz to zrobić", "możesz zaczynać",
    "zaczynaj", "zatwierdzam", "zatwierdzam plan", "zatwierdzone", "akceptuję", "akceptuję plan", "potwierdzam", "potwierdzone", "wyrażam zgodę",
    "tego chcę", "właśnie tego chcę", "nie ma problemu ,", "nie ma sprawy ,",
];

/// Says no, in the same way.
#[rustfmt::skip]
pub(super) const NO: &[&str] = &[
    // English
    "no", "nope", "nah", "no way", "no please don't", "no thank you", "no thanks", "please don't ,", "don't ,", "do not ,", "please do not ,",
    "don't do it", "don't do that", "don't do this", "please don't do it", "please don't do that", "do not do it", "do not do that",
    "do not do this", "please do not do it", "please do not do that", "don't go ahead", "do not go ahead", "don't proceed", "do not proceed",
    "please do not proceed", "please don't proceed", "don't approve", "do not approve", "don't approve it", "do not approve it",
    "don't approve this", "do not approve this", "don't approve that", "do not approve that", "i don't approve", "i do not approve", "i don't approve this",
    "i do not approve this", "i don't approve it", "i do not approve it", "i don't approve of this", "i do not approve of this", "not approved", "i disapprove",
    "disapproved", "rejected", "reject ,", "reject it", "reject that", "reject the plan", "i reject it", "i reject the plan", "declined",
    "i decline", "denied", "cancel ,", "cancel it", "cancel that", "cancel this", "cancel the plan", "stop ,", "stop it", "stop that", "abort ,",
    "forget it", "forget that", "never mind ,", "nevermind ,", "scrap that", "scrap the plan", "scrap it", "rather not", "i'd rather not",
    "i would rather not", "better not", "not like that", "not like this", "i don't want that", "i don't want this", "i don't want it",
    "i do not want that", "i do not want this", "i do not want it", "i don't like it", "i don't like that", "i don't like the plan", "i do not like it",
    "i disagree", "i don't agree", "i do not agree", "absolutely not", "definitely not", "certainly not", "of course not", "not ok ,",
    "not okay ,", "not good ,", "that's not what i want", "that's not what i wanted", "that's not what i meant", "that's wrong",
    "that is wrong", "wrong ,", "leave it", "leave that", "leave this", "leave it as it is", "leave everything", "keep it",
    "keep everything", "yeah right", "yeah , right", "do nothing", "don't change anything", "do not change anything",
    // German
    "nein", "nee", "nö", "ne ,", "nein danke", "nein bitte nicht", "bitte nicht ,", "bitte nicht machen", "nicht machen ,", "nicht ,",
    "mach das nicht", "mach es nicht", "machen sie das nicht", "machen sie es nicht", "machen sie das bitte nicht", "mach das bitte nicht",
    "bitte das nicht machen", "tu das nicht", "tun sie das nicht", "auf keinen fall", "keinesfalls", "lieber nicht", "besser nicht",
    "doch nicht", "so nicht", "nicht so", "so bitte nicht", "bitte nicht so", "nicht einverstanden", "ich bin nicht einverstanden",
    "damit bin ich nicht einverstanden", "nicht genehmigt", "nicht freigegeben", "nicht bestätigt", "abgelehnt", "ich lehne ab", "ablehnen ,", "ich lehne das ab",
    "abbrechen ,", "bitte abbrechen", "brich ab", "brechen sie ab", "stopp ,", "stop ,", "halt ,", "vergiss es", "vergessen sie es", "vergiss das",
    "lass es", "lass das", "lass es lieber", "lass es sein", "lass es so", "lass alles", "lassen sie alles", "behalte alles", "lassen sie es", "lassen sie das", "lassen sie es lieber",
    "das will ich nicht", "will ich nicht ,", "ich will das nicht", "das möchte ich nicht", "ich möchte das nicht", "gefällt mir nicht",
    "das gefällt mir nicht", "nicht gut ,", "nicht umsetzen", "bitte nicht umsetzen", "das ist falsch", "falsch ,",
    // French
    "non", "nan", "non merci", "non pas ça", "surtout pas", "pas du tout", "certainement pas", "absolument pas", "en aucun cas", "hors de question",
    "ne fais pas ça", "ne faites pas ça", "ne faites pas cela", "ne le fais pas", "ne le faites pas", "n'y allez pas", "n'y va pas",
    "ne faites rien", "ne fais rien", "pas comme ça", "plutôt pas", "mieux vaut pas", "je préfère pas ,", "je ne préfère pas", "finalement non",
    "je ne suis pas d'accord", "je suis pas d'accord", "pas d'accord", "je refuse", "refusé", "rejeté", "je n'approuve pas", "n'approuvez pas",
    "je ne valide pas", "pas validé", "je ne veux pas ,", "je ne veux pas ça", "je ne veux pas de ça", "je n'en veux pas", "annule ,", "annulez ,",
    "annule ça", "annulez ça", "arrête ,", "arrêtez ,", "laisse tomber", "laissez tomber", "laisse tout", "laissez tout", "garde tout", "gardez tout", "oublie ,", "oubliez ,", "oublie ça", "oubliez ça",
    "ça ne me plaît pas", "ça ne me va pas", "ça ne me convient pas", "cela ne me convient pas", "c'est faux", "ce n'est pas bon",
    // Spanish
    "no gracias", "no por favor", "claro que no", "por supuesto que no", "para nada", "de ninguna manera", "en absoluto", "ni hablar",
    "no lo hagas", "no lo haga", "no hagas eso", "no haga eso", "no hagas nada", "no haga nada", "mejor no", "prefiero que no", "así no",
    "no así ,", "no estoy de acuerdo", "no me parece", "no me parece bien", "no me gusta", "no me convence", "no quiero ,", "no quiero eso",
    "no lo quiero", "no apruebo", "no lo apruebo", "no aprobado", "no lo apruebes", "no apruebes", "rechazado", "lo rechazo", "rechazo el plan", "cancela ,",
    "cancele ,", "cancélalo", "cancela eso", "cancela el plan", "para ,", "olvídalo", "olvídelo", "olvida eso", "déjalo", "déjelo", "déjalo así", "deja todo", "deje todo",
    "déjalo como está", "no procedas", "no proceda", "no sigas", "no siga", "está mal", "eso está mal",
    // Polish
    "nie", "nie dziękuję", "nie dzięki", "nie rób tego", "nie rób ,", "proszę nie ,", "proszę nie robić", "proszę tego nie robić", "proszę nie robić tego",
    "lepiej nie", "raczej nie", "jednak nie", "absolutnie nie", "w żadnym wypadku", "w żadnym razie", "na pewno nie", "oczywiście że nie",
    "nie tak ,", "nie w ten sposób", "nie zgadzam się", "nie ma zgody", "nie wyrażam zgody", "nie zatwierdzam", "nie zatwierdzaj",
    "nie akceptuję", "nie potwierdzam", "odrzucam", "odrzucam plan", "odrzucone", "anuluj ,", "anuluj to", "anuluj plan", "przestań", "stop ,",
    "zostaw ,", "zostaw to", "zostaw wszystko", "zostaw tak", "zostaw jak jest", "zostaw tak jak jest", "daj spokój", "zapomnij o tym", "nieważne ,", "nie chcę ,", "nie chcę tego",
    "nie podoba mi się", "to mi się nie podoba", "nie pasuje mi", "nie odpowiada mi", "to źle", "źle ,", "nie działaj",
];

/// Says neither.
#[rustfmt::skip]
pub(super) const NEUTRAL: &[&str] = &[
    // English
    "hi", "hello", "hey", "dear", "good morning", "good afternoon", "good evening", "thanks", "thank you", "thank you very much", "thank you so much",
    "many thanks", "thanks a lot", "thanks so much", "thx", "cheers", "please", "pls", "plz", "kindly", "just ,", "now ,", "right now ,",
    "right away ,", "immediately ,", "asap ,", "then ,", "so ,", "well", "oh", "and ,", "best regards", "kind regards", "regards", "best wishes",
    "have a nice day", "sorry ,", "i'm sorry ,", "everything ,", "thanks for asking", "thanks for the plan", "thank you for the plan",
    // German
    "hallo", "moin", "servus", "guten morgen", "guten tag", "guten abend", "danke", "danke schön", "dankeschön", "vielen dank", "besten dank",
    "herzlichen dank", "danke dir", "danke ihnen", "bitte", "jetzt ,", "sofort ,", "dann ,", "also ,", "na ,", "na gut", "mfg", "lg", "viele grüße",
    "liebe grüße", "beste grüße", "freundliche grüße", "mit freundlichen grüßen", "tut mir leid ,", "leider ,", "danke für den plan",
    // French
    "bonjour", "bonsoir", "salut", "merci", "merci beaucoup", "merci bien", "merci d'avance", "merci à vous", "s'il te plaît", "s'il vous plaît",
    "s'il te plait", "s'il vous plait", "svp", "stp", "maintenant ,", "tout de suite ,", "alors ,", "cordialement", "bien cordialement",
    "bonne journée", "désolé ,", "désolée ,", "merci pour le plan",
    // Spanish
    "hola", "buenos días", "buenas tardes", "buenas", "gracias", "muchas gracias", "mil gracias", "por favor", "ahora ,", "ahora mismo ,",
    "ya ,", "entonces ,", "pues", "bueno ,", "un saludo", "saludos", "lo siento ,", "gracias por el plan",
    // Polish
    "cześć", "hej", "dzień dobry", "dobry wieczór", "witam", "dziękuję", "dzięki", "dziękuję bardzo", "proszę bardzo", "bardzo dziękuję", "wielkie dzięki", "proszę",
    "teraz ,", "od razu ,", "więc ,", "to ,", "pozdrawiam", "przepraszam ,", "niestety ,", "dziękuję za plan",
];
