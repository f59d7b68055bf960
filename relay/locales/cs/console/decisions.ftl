console-nav-decisions = Rozhodnutí
console-decision-words = Předmět, odesílatel nebo kampaň
console-decision-what = Výsledek
console-decision-blocked = zablokováno
console-decision-to = Příjemce
console-decision-rule = Pravidlo
console-decision-law = Právo
console-decision-stream = Proud
console-decision-login = Přihlášení
console-decision-purpose = Účel
console-decision-class = Druh zprávy
console-decision-campaign = Kampaň
console-decision-why = Proč
console-decision-at = Kdy
console-decision-last = Naposledy
console-decision-count = Příjemců
console-decision-sums = Počty podle výsledku
console-decision-views = Zobrazení
console-decision-view-groups = Podle kampaně a pravidla
console-decision-view-each = Jednotlivě
console-decision-none = Nic neodpovídá. Zvolte delší dobu nebo jiný výsledek, nebo zobrazte vše.
console-decision-too-much = Do souboru se vejde nejvýše 50 000 řádků: zvolte kratší dobu.
console-decision-empty = Nic nebylo zablokováno. Volbou „cokoli“ uvidíte, co bylo odesláno.
console-decision-no-subject = (bez předmětu)
console-decision-no-message = odmítnuto dříve, než zpráva přišla
console-decision-unknown = nikdo v evidenci
console-decision-together-refused = odmítnuto společně s jiným příjemcem
console-decision-together-deferred = odloženo společně s jiným příjemcem
console-decision-because = Proč to tak dopadlo
console-decision-because-none = Každé pravidlo, které se zprávy týká, bylo dodrženo.
console-decision-kept = { $count ->
    [one] Jedno pravidlo bylo dodrženo
    [few] { $count } pravidla byla dodržena
   *[other] { $count } pravidel bylo dodrženo
}
console-decision-outside = { $count ->
    [one] Jedno pravidlo se jí netýká
    [few] { $count } pravidla se jí netýkají
   *[other] { $count } pravidel se jí netýká
}
console-decision-repaired = Po opravě
console-decision-edits = Co bylo změněno
console-decision-standing = Souhlas v té chvíli
console-decision-standing-unknown = Evidence souhlasů neodpověděla.
console-decision-standing-none = K této adrese nebylo v evidenci nic.
console-decision-grants = Udělené účely
console-decision-refusals = Odmítnutí
console-decision-relations = Vztahy
console-decision-everything = vše
console-decision-basis = Právní titul
console-decision-method = Jak
console-decision-since = Od
console-decision-to-time = Do
console-decision-counts = Platilo to?
console-decision-grant-ended = ne: skončilo { $at }
console-decision-grant-over = ne: doba uplynula
console-decision-grant-future = ne: ještě nezačalo
console-decision-grant-other = ne: je pro jiný účel
console-decision-grant-asked = posuzovalo se: důvody jsou výše
console-decision-history = Co se stalo
console-decision-detail = Podrobnosti
console-decision-proof = Místo v řetězci
console-decision-line = { $chain }, řádek { $seq }
console-decision-hash = Otisk
console-decision-policy = Politika
console-decision-packs = Použité právo
console-decision-message = Zpráva
console-decision-same-message = Všichni příjemci této zprávy
console-decision-same-person = Vše pro tohoto příjemce
console-fate-sent = odesláno
console-fate-repaired = odesláno po opravě
console-fate-held = pozdrženo
console-fate-refused = odmítnuto
console-fate-deferred = odloženo
console-fate-stopped = zastaveno později
console-class-commercial = obchodní sdělení
console-class-greeting = přání
console-class-review-request = žádost o hodnocení
console-class-reconsent-request = žádost o nový souhlas
console-class-opt-in-confirmation = potvrzení přihlášení
console-class-technical-notice = technické oznámení
console-class-transactional = transakční zpráva
console-class-solicited-reply = vyžádaná odpověď
console-class-non-business = neobchodní zpráva
console-class-mixed = transakční s reklamou
console-act-decisions-exported = rozhodnutí vyvezena
console-act-decision-seen = rozhodnutí zobrazeno
console-from-address = Odesílatel
