console-nav-purposes = Účely
console-purpose-add = Přidat účel
console-purpose-add-lead = Většina účelu se po uložení nedá změnit, protože na něm stojí souhlasy. Měnit se dají jen témata.
console-purpose-empty = Zatím tu není žádný účel, takže nic obchodního se poslat nesmí. Nějaký přidejte.
console-purpose-lasts = Platí po dobu
console-purpose-since-activity = { $span } od poslední známky života: { $kinds }
console-purpose-asks = Vyžaduje
console-purpose-holders = Platí teď
console-purpose-ends-month = Skončí do 30 dnů
console-purpose-ends-quarter = Skončí do 90 dnů
console-purpose-expired = Vypršelo
console-purpose-refused = Odmítlo
console-purpose-lints = Na co by se ptal inspektor
console-purpose-lints-sure = Vím, proč to tak je; přesto uložit
console-purpose-closed = uzavřen
console-purpose-closed-at = Tento účel byl uzavřen { $at }. Žádný souhlas k němu už neplatí.
console-purpose-form-lacks = Formulář „{ $form }“ se ptá na účel „{ $purpose }“, který tu není nebo je uzavřen: nikdo o něj není žádán.
console-purpose-stream-strays = Proud „{ $stream }“: účel „{ $purpose }“ nemá téma „{ $topic }“, takže si ho nikdo nemůže zvolit.
console-purpose-id = Krátké jméno
console-purpose-id-hint = Pro programy a policy.toml: a-z, 0-9, - a _. Už se nezmění.
console-purpose-name = Název
console-purpose-name-hint = Co lidé čtou ve formulářích a na svých stránkách.
console-purpose-name-wrong = Účel potřebuje název a krátké jméno z a-z, 0-9, - a _.
console-purpose-exists = Účel s tímto krátkým jménem už je. Zvolte jiné.
console-purpose-basis-missing = Zvolte právní základ.
console-purpose-duration-wrong = Účel musí nějakou dobu platit: zvolte počet let, měsíců nebo dnů.
console-purpose-activity-wrong = Každou známku života zvolte jednou.
console-purpose-unconfirmed = Citlivý účel potřebuje potvrzení kliknutím: jinak by kdokoli mohl přihlásit kohokoli.
console-purpose-days-wrong = Zvolte 0 až 3650 dnů.
console-purpose-unit = Jednotka
console-unit-years = let
console-unit-months = měsíců
console-unit-days = dnů
console-purpose-since = Počítat od poslední známky života
console-purpose-since-hint = Těchto druhů. Není-li zvolen žádný, počítá se od souhlasu.
console-purpose-double-opt-in = potvrzení kliknutím
console-purpose-double-opt-in-about = Platí, jen když ho potvrdí kliknutí v dopise (double opt-in)
console-purpose-once = jedna zpráva
console-purpose-once-about = Stačí na jednu zprávu
console-purpose-of-age = zletilost
console-purpose-of-age-about = Platí, jen když osoba prohlásí, že je zletilá
console-purpose-sensitive = citlivý
console-purpose-sensitive-about = Být na seznamu vypovídá o citlivé věci (zdraví, víra, politika, sex)
console-purpose-channel = Cesta
console-purpose-expiring = Ohlásit předem, že skončí (dny)
console-purpose-expiring-hint = Aby se dalo včas požádat o obnovení. 0: nikdy.
console-purpose-note = Poznámka
console-purpose-note-hint = Co účel zahrnuje, pro lidi; nic se podle toho nerozhoduje.
console-purpose-streams = Proudy, které na něm stojí
console-purpose-who = Kdo ho má
console-purpose-forms = Formuláře, které se na něj ptají, a jejich znění
console-purpose-forms-none = Žádný formulář se na něj neptá.
console-topics = Témata
console-topics-hint = Z čeho si osoba může vybrat: na každém řádku jedno, jako „semena = Semena a bylinky“; nejvýše 20.
console-topics-none = Nemá žádná.
console-topics-wrong = Téma je jméno z a-z, 0-9, - a _, rovnítko a název; žádná dvě stejná, nejvýše 20.
console-close-title = Uzavřít účel
console-close-do = Uzavřít …
console-close-lead = Všechny souhlasy k němu skončí a žádný nový nevznikne. Znovu otevřít ho nejde.
console-close-warning = Od této chvíle k tomuto účelu nikdo nic nedostane a nejde to vrátit. Kdo bude chtít těmto lidem znovu psát, musí každého požádat znovu.
console-close-why = Proč se uzavírá
console-close-why-missing = Napište, proč se uzavírá.
console-close-sure = Vím, že všechny souhlasy k němu končí natrvalo
console-close-unsure = Potvrďte, že všechny souhlasy k němu končí natrvalo.
console-close-now = Uzavřít natrvalo
console-no-personal-data = Bez osobních údajů: zůstane navždy.
console-done-closed = Účel je uzavřen. Konce souhlasů se zapisují.
console-lint-consent-over-five-years = Souhlas na víc než pět let se těžko hájí: obvyklé jsou 3 až 5 let.
console-lint-activity-over-four-years = Kdo se neozve déle než čtyři roky, nemá zájem: obvyklé jsou 2 až 4 roky.
console-lint-interest-over-two-years = Kdo nakoupil před více než dvěma lety, sotva je zákazník: zvolte 2 roky, nebo souhlas.
console-lint-over-ten-years = Žádný zákon kvůli tomu neukládá držet údaje déle než deset let.
console-lint-no-double-opt-in = Bez potvrzení kliknutím se těžko dokládá, kdo souhlas dal.
console-lint-opens-alone = Zprávy otevírají i programy: počítejte i nákupy, kliknutí nebo přihlášení.
console-lint-no-age = Nic se neptá, zda je osoba zletilá.
console-lint-ends-unannounced = Nikdo se předem nedozví, že skončí: obvyklých je 30 dnů.
console-lint-announced-at-once = Konec se ohlásí dřív, než začne: zvolte méně dnů.
console-lint-unusual-basis = Obchodní sdělení stojí na souhlasu nebo oprávněném zájmu.
console-lint-other-channel = Zprávy jdou e-mailem: toto se uchovává jako důkaz pro jiné systémy.
console-lint-no-note = Žádná poznámka neříká, co účel zahrnuje.
console-channel-email = e-mail
console-channel-sms = SMS
console-channel-phone = telefon
console-channel-post = pošta
console-channel-social = sociální sítě
console-activity-purchase = nákup
console-activity-open = otevřená zpráva
console-activity-click = kliknutí
console-activity-login = přihlášení
console-assign-do = Přiřadit mnoha
console-assign-title = Přiřadit účel
console-assign-heading = Přiřadit „{ $purpose }“
console-assign-lead = Nejdřív se jen spočítá a nic se nezapíše; pak to potvrdíte. Nikdy to nepřejde odmítnutí.
console-assign-whom = Komu
console-assign-whom-hint = Všem, kdo teď splňují podmínky, nebo adresám níže.
console-assign-addresses = Adresy
console-assign-addresses-hint = Na každém řádku jedna, nejvýše 10 000; místo podmínek. Na víc je tu import.
console-assign-count = Nejdřív spočítat
console-assign-whom-missing = Zvolte podmínku, nebo napište adresy.
console-assign-filter-wrong = Podmínek je příliš mnoho, nebo je nelze přečíst.
console-assign-address-wrong = Některá z adres není adresa. Zkontrolujte seznam.
console-assign-many = Víc než 10 000 adres: použijte import.
console-assign-dry = Zatím se nic nezapsalo. Stalo by se toto:
console-assign-done = Zapsáno:
console-assign-seen = prohlédnuto kontaktů
console-assign-granted = dostane účel
console-assign-already = už ho má
console-assign-refused = odmítlo: beze změny
console-assign-void = skončilo by dřív, než začne
console-assign-sure = Doklad, který jste napsali, se uloží ke každému z nich.
console-review-title = Roční kontrola
console-review-due = Měla být { $at }: projděte kontakty a podepište.
console-review-next = Příští je { $at }.
console-review-never = Kontakty zatím nikdo neprošel. Projděte seznam níže a podepište.
console-review-what = Kdo
console-review-contacts = všechny kontakty
console-review-sign = Podepsat kontrolu
console-review-note = Co se zjistilo a udělalo
console-review-note-missing = Napište, co se zjistilo a udělalo.
console-review-do = Podepsat
console-review-past = Dříve podepsané
console-review-none = Žádná.
console-review-at = Kdy
console-review-by = Kdo
console-act-purpose-added = přidán účel
console-act-topics-set = změněna témata účelu
console-act-purpose-closed = uzavřen účel
console-act-purpose-assigned = účel přiřazen mnoha
console-act-review-signed = podepsána kontrola kontaktů
console-span-years = { $count ->
    [one] 1 rok
    [few] { $count } roky
   *[other] { $count } let
}
console-span-months = { $count ->
    [one] 1 měsíc
    [few] { $count } měsíce
   *[other] { $count } měsíců
}
console-span-weeks = { $count ->
    [one] 1 týden
    [few] { $count } týdny
   *[other] { $count } týdnů
}
console-span-days = { $count ->
    [one] 1 den
    [few] { $count } dny
   *[other] { $count } dnů
}
