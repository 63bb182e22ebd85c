//! The words by which mail programs mark quotes, forwards and signatures, in many languages. Lower-case.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    From,
    Date,
    To,
    Copy,
    Subject,
    Reply,
}

/// Labels of quoted headers.
#[rustfmt::skip]
pub(super) const HEADER_LABELS: &[(Label, &[&str])] = &[
    (Label::From, &[
        "from", "von", "de", "da", "van", "fra", "från", "od", "от", "від", "差出人", "发件人", "寄件者", "보낸 사람",
        "kimden", "gönderen", "lähettäjä", "feladó", "από", "odesílatel", "odosielateľ", "expéditeur",
        "remitente", "mittente", "afzender", "de la", "saatja", "nuo", "no", "dari", "từ", "จาก", "מאת",
        "من",
    ]),
    (Label::Date, &[
        "sent", "date", "gesendet", "datum", "envoyé", "envoyé le", "enviado", "enviado el", "enviada",
        "enviada em", "enviado em", "fecha", "inviato", "data", "verzonden", "sendt", "dato", "skickat",
        "wysłano", "wysłane", "отправлено", "дата", "надіслано", "日期", "发送时间", "送信日時", "傳送時間", "寄件日期",
        "보낸 날짜", "tarih", "gönderildi", "lähetetty", "päiväys", "elküldve", "dátum", "odesláno",
        "odoslané", "trimis", "dikirim", "ngày", "ημερομηνία", "נשלח", "التاريخ", "когда",
    ]),
    (Label::To, &[
        "to", "an", "à", "para", "a", "aan", "til", "till", "do", "кому", "宛先", "收件人", "받는 사람", "kime",
        "vastaanottaja", "címzett", "προς", "komu", "pour", "către", "kepada", "đến", "אל", "إلى",
        "destinatario",
    ]),
    (Label::Copy, &[
        "cc", "bcc", "kopie", "kopia", "copie", "cópia", "copia", "копия", "抄送", "副本", "kopi",
    ]),
    (Label::Subject, &[
        "subject", "betreff", "objet", "asunto", "oggetto", "onderwerp", "emne", "ämne", "temat", "тема",
        "主题", "主旨", "件名", "제목", "konu", "aihe", "tárgy", "θέμα", "předmět", "predmet", "subiect",
        "assunto", "perihal", "subjek", "tiêu đề", "chủ đề", "נושא", "الموضوع",
    ]),
    (Label::Reply, &[
        "reply-to", "reply to", "antwort an", "risposta", "répondre à", "responder a", "odpowiedz do",
    ]),
];

/// Verbs that stand in an introduction ("On … wrote:").
#[rustfmt::skip]
pub(super) const WROTE: &[&str] = &[
    "wrote", "sent", "writes", "said", "schrieb", "schrieben", "schreibt", "geschrieben", "a écrit",
    "écrit", "escribió", "escribio", "escribía", "ha scritto", "scrisse", "scritto", "napisał", "napisała",
    "napisał(a)", "napisali", "pisze", "schreef", "geschreven", "skrev", "escreveu", "написал", "написала",
    "написал(а)", "написав", "написала", "пишет", "писал", "пише", "写道", "寫道", "のメッセージ", "書きました", "님이 작성",
    "작성", "yazdı", "şunu yazdı", "kirjoitti", "írta", "napsal", "napsala", "napsal(a)", "napísal",
    "napísala", "a scris", "έγραψε", "menulis", "đã viết", "เขียนว่า", "כתב", "כתבה", "كتب", "rašė",
    "kirjutas", "va escriure", "skrifaði", "napisao", "napisala", "je napisal", "написа",
    "wrote the following", "het volgende geschreven", "folgendes geschrieben",
];

/// How an introduction begins. Case counts: a sentence rarely begins so.
#[rustfmt::skip]
pub(super) const STARTERS: &[&str] = &[
    "On ", "Am ", "Le ", "El ", "Il ", "Em ", "Op ", "Den ", "På ", "Dne ", "Dňa ", "W dniu ", "Dnia ",
    "Vào ", "Pada ", "La ", "Στις ", "În ", "Kl. ", "Tis ", "Ons ", "Lun", "Mar", "Mer", "Gio", "Ven",
    "Sab", "Dom", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "pon", "wt", "śr", "czw", "pt", "sob",
    "niedz", "пн", "вт", "ср", "чт", "пт", "сб", "вс", "нд", "В ", "У ", "Von:", "ב-", "في ", "El dia ",
    "De ", "Dana ", "U ", "Al ", "Em", "ter", "seg", "qua", "qui", "sex", "sáb", "dom", 
    "在 ", "於 ",
];

/// Words of a line such as `-----Original Message-----`.
#[rustfmt::skip]
pub(super) const ORIGINAL: &[&str] = &[
    "original message", "original appointment", "original mail", "original email", "reply message",
    "reply separator", "ursprüngliche nachricht", "ursprungliche nachricht", "originalnachricht",
    "antwort nachricht", "original-nachricht", "message d'origine", "message d’origine",
    "message original", "message initial", "mensaje original", "messaggio originale", "mensagem original",
    "oorspronkelijk bericht", "origineel bericht", "oprindelig meddelelse", "opprinnelig melding",
    "ursprungligt meddelande", "originalmeddelande", "oryginalna wiadomość", "wiadomość oryginalna",
    "исходное сообщение", "оригінальне повідомлення", "původní zpráva", "pôvodná správa",
    "alkuperäinen viesti", "eredeti üzenet", "orijinal mesaj", "özgün ileti", "mesaj original", "原始邮件",
    "原始郵件", "元のメッセージ", "원본 메시지", "αρχικό μήνυμα", "tin nhắn gốc", "izvorna poruka", "original besked",
];

/// Words that introduce a forwarded mail.
#[rustfmt::skip]
pub(super) const FORWARDED: &[&str] = &[
    "forwarded message", "forwarded mail", "original forwarded message", "weitergeleitete nachricht",
    "anfang der weitergeleiteten nachricht", "anfang der weitergeleiteten e-mail", "message transféré",
    "début du message transféré", "début du message réexpédié", "mensaje reenviado",
    "inicio del mensaje reenviado", "messaggio inoltrato", "inizio messaggio inoltrato",
    "mensagem encaminhada", "mensagem reencaminhada", "doorgestuurd bericht", "begin doorgestuurd bericht",
    "videresendt meddelelse", "videresendt melding", "vidarebefordrat meddelande", "wiadomość przekazana",
    "przekazana wiadomość", "пересылаемое сообщение", "пересланное сообщение", "переслане повідомлення",
    "přeposlaná zpráva", "välitetty viesti", "továbbított üzenet", "iletilen mesaj", "转发的邮件", "轉寄郵件",
    "转发邮件", "転送メッセージ", "전달된 메시지",
];

/// How a device line begins.
#[rustfmt::skip]
pub(super) const SENT_FROM: &[&str] = &[
    "sent from", "sent via", "sent with", "sent by", "sent using", "from my ", "posted from",
    "written on my", "envoyé depuis", "envoyé de", "envoyé à partir", "télécharger outlook",
    "obtenir outlook", "gesendet von", "gesendet mit", "von meinem", "von meiner",
    "diese nachricht wurde von", "holen sie sich outlook", "outlook für", "enviado desde", "enviado do",
    "enviado de", "enviado a partir", "enviada do", "obtener outlook", "obter o outlook", "inviato da",
    "scarica outlook", "verzonden met", "verzonden vanaf", "verzonden via", "verstuurd vanaf", "wysłane z",
    "wysłano z", "pobierz outlook", "skickat från", "sendt fra", "lähetetty", "отправлено с",
    "отправлено из", "надіслано з", "odesláno z", "odoslané z", "küldve", "elküldve", "trimis de pe",
    "gönderildi", "從我的", "发自我的", "寄件來自", "iphoneから", "나의 iphone",
];

/// Devices and programs that add such a line.
#[rustfmt::skip]
pub(super) const DEVICES: &[&str] = &[
    "iphone", "ipad", "ipod", "android", "samsung", "galaxy", "blackberry", "htc", "windows", "outlook",
    "mail", "mobile", "phone", "cell", "device", "tablet", "nokia", "pixel", "huawei", "xiaomi", "oneplus",
    "yahoo", "gmail", "mobil", "handy", "telefon", "téléphone", "móvil", "celular", "proton", "spark",
    "smartphone", "macbook",
];

/// Words of confidentiality notices; two of them make one.
#[rustfmt::skip]
pub(super) const DISCLAIMER: &[&str] = &[
    "confidential", "intended recipient", "intended solely", "intended only", "addressee", "privileged",
    "unauthorized", "unauthorised", "disclosure", "notify the sender", "advise the sender", "delete this",
    "virus", "in error", "liability", "vertraulich", "empfänger", "unbefugt", "irrtümlich", "confidentiel",
    "destinataire", "confidencial", "destinatario", "riservat", "vertrouwelijk", "geadresseerde", "poufn",
    "adresat", "think before you print", "before printing", "environment", "registered office",
    "company number",
];
