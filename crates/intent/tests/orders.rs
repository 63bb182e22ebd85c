//! Orders that stop work or take changes back, phrase by phrase.

use intent::{Day, Intent, Undo, intent, intent_by, undo, undo_by};

#[test]
fn orders_to_stop() {
    for text in [
        "stop",
        "Stop!",
        "STOP STOP",
        "please stop",
        "Could you stop?",
        "stop that please",
        "cancel",
        "Cancel that, thanks",
        "Never mind.",
        "nevermind",
        "Thanks, never mind that",
        "forget it",
        "Actually, no",
        "stop\n\nBest regards\nAnn",
        "Stopp!",
        "Bitte abbrechen",
        "Lass es",
        "Lass es bitte sein",
        "Vergiss es, danke",
        "Hören Sie bitte auf",
        "Doch nicht",
        "Arrête",
        "Arrêtez, s'il vous plaît",
        "Laisse tomber",
        "Annule ça, merci",
        "Para",
        "¡Para, por favor!",
        "Déjalo",
        "Olvídalo, gracias",
        "Cancela",
        "Przestań",
        "Proszę przestać",
        "Anuluj to",
        "Nieważne, dzięki",
    ] {
        assert_eq!(intent(text), Intent::Cancel, "{text}");
    }
}

#[test]
fn orders_to_undo() {
    for (text, want) in [
        ("undo", Undo::Last(1)),
        ("Undo that, please", Undo::Last(1)),
        ("undo the last change", Undo::Last(1)),
        ("Can you undo it?", Undo::Last(1)),
        ("revert that", Undo::Last(1)),
        ("change it back please", Undo::Last(1)),
        ("Undo the last two", Undo::Last(2)),
        ("undo the last 3 changes", Undo::Last(3)),
        ("Please undo your last five edits.", Undo::Last(5)),
        ("undo 12 changes", Undo::Last(12)),
        ("undo the undo", Undo::Redo),
        ("redo", Undo::Redo),
        ("Rückgängig machen", Undo::Last(1)),
        ("Mach das bitte rückgängig", Undo::Last(1)),
        ("Mach die letzten zwei Änderungen rückgängig", Undo::Last(2)),
        ("Bitte die letzten 3 Änderungen zurücknehmen", Undo::Last(3)),
        ("Stell es wieder her", Undo::Redo),
        ("Annule la dernière modification, s'il te plaît", Undo::Last(1)),
        ("Annulez les deux dernières modifications", Undo::Last(2)),
        ("Annule l'annulation", Undo::Redo),
        ("Deshaz el último cambio, por favor", Undo::Last(1)),
        ("Deshaz los últimos dos cambios", Undo::Last(2)),
        ("Rehacer", Undo::Redo),
        ("Cofnij to, proszę", Undo::Last(1)),
        ("Cofnij ostatnie dwie zmiany", Undo::Last(2)),
        ("Cofnij ostatnich 5 zmian", Undo::Last(5)),
        ("Cofnij cofnięcie", Undo::Redo),
    ] {
        assert_eq!(undo(text), Some(want), "{text}");
        assert_eq!(intent(text), Intent::Undo(want), "{text}");
    }
    assert_eq!(undo_by("undo the last two\n\nAnn", "Ann Example"), Some(Undo::Last(2)));
    assert_eq!(undo("undo the last two\n\nBest regards\nAnn"), Some(Undo::Last(2)));
}

#[test]
fn orders_to_go_back_to_a_day() {
    use jiff::civil::Weekday::{Friday, Monday, Tuesday, Wednesday};
    let on = |month, day, year| Day::Date { month, day, year };
    for (text, want) in [
        ("go back to Tuesday's version", Day::Weekday(Tuesday)),
        ("Go back to last Tuesday's version", Day::Weekday(Tuesday)),
        ("Please go back to how it was yesterday", Day::Yesterday),
        ("go back to yesterday", Day::Yesterday),
        ("back to the version of 12 November", on(11, 12, None)),
        ("Back to the version of November 12th, 2025", on(11, 12, Some(2025))),
        ("restore the version from the 3rd of May", on(5, 3, None)),
        ("restore the version of 2026-11-12", on(11, 12, Some(2026))),
        ("put it back the way it was on Monday", Day::Weekday(Monday)),
        ("make it look like it did on Friday", Day::Weekday(Friday)),
        ("Zurück zur Version vom Dienstag", Day::Weekday(Tuesday)),
        ("Stell bitte die Version von gestern wieder her", Day::Yesterday),
        ("Mach es wieder so, wie es gestern war", Day::Yesterday),
        ("Bitte zurück zum Stand vom 12.11.", on(11, 12, None)),
        ("Reviens à la version de mardi", Day::Weekday(Tuesday)),
        ("Revenez à la version d'hier, merci", Day::Yesterday),
        ("Remettez tout comme c'était mercredi", Day::Weekday(Wednesday)),
        ("Retour à la version du 12 novembre 2025", on(11, 12, Some(2025))),
        ("Vuelve a la versión del martes", Day::Weekday(Tuesday)),
        ("Vuelve a como estaba ayer", Day::Yesterday),
        ("Restaura la versión del 12 de noviembre", on(11, 12, None)),
        ("Wróć do wersji z wtorku", Day::Weekday(Tuesday)),
        ("Przywróć wczorajszą wersję", Day::Yesterday),
        ("Wróć do wersji z 12 listopada", on(11, 12, None)),
    ] {
        assert_eq!(intent(text), Intent::Undo(Undo::Until(want)), "{text}");
    }
}

#[test]
fn what_only_resembles_them_is_an_instruction() {
    for text in [
        "don't stop",
        "stop?",
        "stop at the second paragraph",
        "Stop the slideshow on the home page",
        "stop tomorrow",
        "cancel the Friday class on the events page",
        "Never mind the typo, change the footer",
        "forget that and do the blog",
        "para la página de contacto usa esta foto",
        "ne t'arrête pas",
        "nicht abbrechen",
        "no pares",
        "nie przestawaj",
        "undo?",
        "don't undo that",
        "undo the headline",
        "undo the last two paragraphs",
        "undo everything",
        "undo the last 0 changes",
        "undo the last two changes but keep the photo",
        "undo the last change tomorrow",
        "redo the header",
        "redo that",
        "go back to Tuesday",
        "change it back to Tuesday",
        "go back to the version of 11/12",
        "go back to the version of 30 February",
        "go back to the version before Tuesday",
        "go back to Tuesday's or Wednesday's version",
        "go back to the version",
        "roll back to Tuesday's version",
        "add a back link to the version of 12 November",
        "zurück",
        "wieder Dienstag",
        "Mach das nicht rückgängig",
        "Zurück zur Version vom Dienstag, aber mit dem neuen Foto",
        "n'annule pas la dernière modification",
        "annulez les deux dernières réservations",
        "no deshagas el último cambio",
        "nie cofaj ostatniej zmiany",
        "> undo",
    ] {
        assert_eq!(intent(text), Intent::Instruct, "{text}");
    }
    assert_eq!(intent_by("undo\n\nBob", "Ann Example"), Intent::Instruct);
    assert_eq!(intent("take it back"), Intent::Rollback);
    assert_eq!(intent("Undo the last publish"), Intent::Rollback);
    assert_eq!(intent("go back to the previous version"), Intent::Rollback);
}
