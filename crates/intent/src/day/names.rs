//! The names of days and months, lower-case, in the forms in which they are said.

use jiff::civil::Weekday;

pub(super) const YESTERDAY: &[&str] =
    &["yesterday", "gestern", "hier", "ayer", "wczoraj", "wczorajszą", "wczorajszej"];

#[rustfmt::skip]
pub(super) const WEEKDAYS: &[(Weekday, &[&str])] = &[
    (Weekday::Monday, &["monday", "mondays", "montag", "lundi", "lunes", "poniedziałek", "poniedziałku",
        "poniedziałkową", "poniedziałkowej"]),
    (Weekday::Tuesday, &["tuesday", "tuesdays", "dienstag", "mardi", "martes", "wtorek", "wtorku", "wtorkową",
        "wtorkowej"]),
    (Weekday::Wednesday, &["wednesday", "wednesdays", "mittwoch", "mercredi", "miércoles", "miercoles",
        "środa", "środę", "środy", "środową", "środowej"]),
    (Weekday::Thursday, &["thursday", "thursdays", "donnerstag", "jeudi", "jueves", "czwartek", "czwartku",
        "czwartkową", "czwartkowej"]),
    (Weekday::Friday, &["friday", "fridays", "freitag", "vendredi", "viernes", "piątek", "piątku", "piątkową",
        "piątkowej"]),
    (Weekday::Saturday, &["saturday", "saturdays", "samstag", "sonnabend", "samedi", "sábado", "sabado",
        "sobota", "sobotę", "soboty", "sobotnią", "sobotniej"]),
    (Weekday::Sunday, &["sunday", "sundays", "sonntag", "dimanche", "domingo", "niedziela", "niedzielę",
        "niedzieli", "niedzielną", "niedzielnej"]),
];

/// January first.
#[rustfmt::skip]
pub(super) const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "januar", "jänner", "janvier", "enero", "styczeń", "stycznia"],
    &["february", "feb", "februar", "février", "fevrier", "febrero", "luty", "lutego"],
    &["march", "mar", "märz", "mars", "marzo", "marzec", "marca"],
    &["april", "apr", "avril", "abril", "kwiecień", "kwietnia"],
    &["may", "mai", "mayo", "maj", "maja"],
    &["june", "jun", "juni", "juin", "junio", "czerwiec", "czerwca"],
    &["july", "jul", "juli", "juillet", "julio", "lipiec", "lipca"],
    &["august", "aug", "août", "aout", "agosto", "sierpień", "sierpnia"],
    &["september", "sep", "sept", "septembre", "septiembre", "wrzesień", "września"],
    &["october", "oct", "oktober", "okt", "octobre", "octubre", "październik", "października"],
    &["november", "nov", "novembre", "noviembre", "listopad", "listopada"],
    &["december", "dec", "dezember", "dez", "décembre", "decembre", "diciembre", "grudzień", "grudnia"],
];
