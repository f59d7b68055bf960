console-nav-decisions = Rozhodnutia
console-decision-words = Predmet, odosielateľ alebo kampaň
console-decision-what = Výsledok
console-decision-blocked = zablokované
console-decision-to = Príjemca
console-decision-rule = Pravidlo
console-decision-law = Právo
console-decision-stream = Prúd
console-decision-login = Prihlásenie
console-decision-purpose = Účel
console-decision-class = Druh správy
console-decision-campaign = Kampaň
console-decision-why = Prečo
console-decision-at = Kedy
console-decision-last = Naposledy
console-decision-count = Príjemcov
console-decision-sums = Počty podľa výsledku
console-decision-views = Zobrazenie
console-decision-view-groups = Podľa kampane a pravidla
console-decision-view-each = Jednotlivo
console-decision-none = Nič nevyhovuje. Zvoľte dlhší čas alebo iný výsledok, alebo zobrazte všetko.
console-decision-too-much = Do súboru sa zmestí najviac 50 000 riadkov: zvoľte kratší čas.
console-decision-empty = Nič nebolo zablokované. Voľbou „čokoľvek“ uvidíte, čo bolo odoslané.
console-decision-no-subject = (bez predmetu)
console-decision-no-message = odmietnuté skôr, než správa prišla
console-decision-unknown = nikto v evidencii
console-decision-together-refused = odmietnuté spolu s iným príjemcom
console-decision-together-deferred = odložené spolu s iným príjemcom
console-decision-because = Prečo to tak dopadlo
console-decision-because-none = Každé pravidlo, ktoré sa správy týka, bolo dodržané.
console-decision-kept = { $count ->
    [one] Jedno pravidlo bolo dodržané
    [few] { $count } pravidlá boli dodržané
   *[other] { $count } pravidiel bolo dodržaných
}
console-decision-outside = { $count ->
    [one] Jedno pravidlo sa jej netýka
    [few] { $count } pravidlá sa jej netýkajú
   *[other] { $count } pravidiel sa jej netýka
}
console-decision-repaired = Po oprave
console-decision-edits = Čo bolo zmenené
console-decision-standing = Súhlas v tej chvíli
console-decision-standing-unknown = Evidencia súhlasov neodpovedala.
console-decision-standing-none = K tejto adrese nebolo v evidencii nič.
console-decision-grants = Udelené účely
console-decision-refusals = Odmietnutia
console-decision-relations = Vzťahy
console-decision-everything = všetko
console-decision-basis = Právny základ
console-decision-method = Ako
console-decision-since = Od
console-decision-to-time = Do
console-decision-counts = Platilo to?
console-decision-grant-ended = nie: skončilo { $at }
console-decision-grant-over = nie: čas uplynul
console-decision-grant-future = nie: ešte nezačalo
console-decision-grant-other = nie: je na iný účel
console-decision-grant-asked = posudzovalo sa: dôvody sú vyššie
console-decision-history = Čo sa stalo
console-decision-detail = Podrobnosti
console-decision-proof = Miesto v reťazci
console-decision-line = { $chain }, riadok { $seq }
console-decision-hash = Odtlačok
console-decision-policy = Politika
console-decision-packs = Použité právo
console-decision-message = Správa
console-decision-same-message = Všetci príjemcovia tejto správy
console-decision-same-person = Všetko pre tohto príjemcu
console-fate-sent = odoslané
console-fate-repaired = odoslané po oprave
console-fate-held = pozdržané
console-fate-refused = odmietnuté
console-fate-deferred = odložené
console-fate-stopped = zastavené neskôr
console-class-commercial = obchodná informácia
console-class-greeting = blahoželanie
console-class-review-request = žiadosť o hodnotenie
console-class-reconsent-request = žiadosť o nový súhlas
console-class-opt-in-confirmation = potvrdenie prihlásenia
console-class-technical-notice = technické oznámenie
console-class-transactional = transakčná správa
console-class-solicited-reply = vyžiadaná odpoveď
console-class-non-business = neobchodná správa
console-class-mixed = transakčná s reklamou
console-act-decisions-exported = rozhodnutia vyvezené
console-act-decision-seen = rozhodnutie zobrazené
console-from-address = Odosielateľ
