console-nav-purposes = Účely
console-purpose-add = Pridať účel
console-purpose-add-lead = Väčšina účelu sa po uložení nedá zmeniť, lebo na ňom stoja súhlasy. Meniť sa dajú len témy.
console-purpose-empty = Zatiaľ tu nie je žiadny účel, takže nič obchodné sa poslať nesmie. Nejaký pridajte.
console-purpose-lasts = Platí po dobu
console-purpose-since-activity = { $span } od poslednej známky života: { $kinds }
console-purpose-asks = Vyžaduje
console-purpose-holders = Platí teraz
console-purpose-ends-month = Skončí do 30 dní
console-purpose-ends-quarter = Skončí do 90 dní
console-purpose-expired = Vypršalo
console-purpose-refused = Odmietlo
console-purpose-lints = Na čo by sa pýtal inšpektor
console-purpose-lints-sure = Viem, prečo to tak je; napriek tomu uložiť
console-purpose-closed = uzavretý
console-purpose-closed-at = Tento účel bol uzavretý { $at }. Žiadny súhlas naň už neplatí.
console-purpose-form-lacks = Formulár „{ $form }“ sa pýta na účel „{ $purpose }“, ktorý tu nie je alebo je uzavretý: nikto oň nie je žiadaný.
console-purpose-stream-strays = Prúd „{ $stream }“: účel „{ $purpose }“ nemá tému „{ $topic }“, takže si ju nikto nemôže zvoliť.
console-purpose-id = Krátke meno
console-purpose-id-hint = Pre programy a policy.toml: a-z, 0-9, - a _. Už sa nezmení.
console-purpose-name = Názov
console-purpose-name-hint = Čo ľudia čítajú vo formulároch a na svojich stránkach.
console-purpose-name-wrong = Účel potrebuje názov a krátke meno z a-z, 0-9, - a _.
console-purpose-exists = Účel s týmto krátkym menom už je. Zvoľte iné.
console-purpose-basis-missing = Zvoľte právny základ.
console-purpose-duration-wrong = Účel musí nejaký čas platiť: zvoľte počet rokov, mesiacov alebo dní.
console-purpose-activity-wrong = Každú známku života zvoľte raz.
console-purpose-unconfirmed = Citlivý účel potrebuje potvrdenie kliknutím: inak by ktokoľvek mohol prihlásiť kohokoľvek.
console-purpose-days-wrong = Zvoľte 0 až 3650 dní.
console-purpose-unit = Jednotka
console-unit-years = rokov
console-unit-months = mesiacov
console-unit-days = dní
console-purpose-since = Počítať od poslednej známky života
console-purpose-since-hint = Týchto druhov. Ak nie je zvolený žiadny, počíta sa od súhlasu.
console-purpose-double-opt-in = potvrdenie kliknutím
console-purpose-double-opt-in-about = Platí, len keď ho potvrdí kliknutie v liste (double opt-in)
console-purpose-once = jedna správa
console-purpose-once-about = Stačí na jednu správu
console-purpose-of-age = plnoletosť
console-purpose-of-age-about = Platí, len keď osoba vyhlási, že je plnoletá
console-purpose-sensitive = citlivý
console-purpose-sensitive-about = Byť na zozname vypovedá o citlivej veci (zdravie, viera, politika, sex)
console-purpose-channel = Cesta
console-purpose-expiring = Ohlásiť vopred, že skončí (dni)
console-purpose-expiring-hint = Aby sa dalo včas požiadať o obnovenie. 0: nikdy.
console-purpose-note = Poznámka
console-purpose-note-hint = Čo účel zahŕňa, pre ľudí; nič sa podľa toho nerozhoduje.
console-purpose-streams = Prúdy, ktoré na ňom stoja
console-purpose-who = Kto ho má
console-purpose-forms = Formuláre, ktoré sa naň pýtajú, a ich znenie
console-purpose-forms-none = Žiadny formulár sa naň nepýta.
console-topics = Témy
console-topics-hint = Z čoho si osoba môže vybrať: na každom riadku jedna, ako „semena = Semená a bylinky“; najviac 20.
console-topics-none = Nemá žiadne.
console-topics-wrong = Téma je meno z a-z, 0-9, - a _, znamienko rovná sa a názov; žiadne dve rovnaké, najviac 20.
console-close-title = Uzavrieť účel
console-close-do = Uzavrieť …
console-close-lead = Všetky súhlasy naň skončia a žiadny nový nevznikne. Znova otvoriť ho nejde.
console-close-warning = Od tejto chvíle na tento účel nikto nič nedostane a nedá sa to vrátiť. Kto bude chcieť týmto ľuďom znova písať, musí každého požiadať znova.
console-close-why = Prečo sa uzatvára
console-close-why-missing = Napíšte, prečo sa uzatvára.
console-close-sure = Viem, že všetky súhlasy naň končia natrvalo
console-close-unsure = Potvrďte, že všetky súhlasy naň končia natrvalo.
console-close-now = Uzavrieť natrvalo
console-no-personal-data = Bez osobných údajov: zostane navždy.
console-done-closed = Účel je uzavretý. Konce súhlasov sa zapisujú.
console-lint-consent-over-five-years = Súhlas na viac než päť rokov sa ťažko háji: obvyklé sú 3 až 5 rokov.
console-lint-activity-over-four-years = Kto sa neozve dlhšie než štyri roky, nemá záujem: obvyklé sú 2 až 4 roky.
console-lint-interest-over-two-years = Kto nakúpil pred viac než dvoma rokmi, sotva je zákazník: zvoľte 2 roky, alebo súhlas.
console-lint-over-ten-years = Žiadny zákon na to neukladá držať údaje dlhšie než desať rokov.
console-lint-no-double-opt-in = Bez potvrdenia kliknutím sa ťažko dokladá, kto súhlas dal.
console-lint-opens-alone = Správy otvárajú aj programy: počítajte aj nákupy, kliknutia alebo prihlásenia.
console-lint-no-age = Nič sa nepýta, či je osoba plnoletá.
console-lint-ends-unannounced = Nikto sa vopred nedozvie, že skončí: obvyklých je 30 dní.
console-lint-announced-at-once = Koniec sa ohlási skôr, než začne: zvoľte menej dní.
console-lint-unusual-basis = Obchodné správy stoja na súhlase alebo oprávnenom záujme.
console-lint-other-channel = Správy idú e-mailom: toto sa uchováva ako dôkaz pre iné systémy.
console-lint-no-note = Žiadna poznámka nehovorí, čo účel zahŕňa.
console-channel-email = e-mail
console-channel-sms = SMS
console-channel-phone = telefón
console-channel-post = pošta
console-channel-social = sociálne siete
console-activity-purchase = nákup
console-activity-open = otvorená správa
console-activity-click = kliknutie
console-activity-login = prihlásenie
console-assign-do = Priradiť mnohým
console-assign-title = Priradiť účel
console-assign-heading = Priradiť „{ $purpose }“
console-assign-lead = Najprv sa len spočíta a nič sa nezapíše; potom to potvrdíte. Nikdy to neprejde odmietnutie.
console-assign-whom = Komu
console-assign-whom-hint = Všetkým, kto teraz spĺňa podmienky, alebo adresám nižšie.
console-assign-addresses = Adresy
console-assign-addresses-hint = Na každom riadku jedna, najviac 10 000; namiesto podmienok. Na viac je tu import.
console-assign-count = Najprv spočítať
console-assign-whom-missing = Zvoľte podmienku, alebo napíšte adresy.
console-assign-filter-wrong = Podmienok je príliš veľa, alebo ich nemožno prečítať.
console-assign-address-wrong = Niektorá z adries nie je adresa. Skontrolujte zoznam.
console-assign-many = Viac než 10 000 adries: použite import.
console-assign-dry = Zatiaľ sa nič nezapísalo. Stalo by sa toto:
console-assign-done = Zapísané:
console-assign-seen = prezretých kontaktov
console-assign-granted = dostane účel
console-assign-already = už ho má
console-assign-refused = odmietlo: bez zmeny
console-assign-void = skončilo by skôr, než začne
console-assign-sure = Doklad, ktorý ste napísali, sa uloží ku každému z nich.
console-review-title = Ročná kontrola
console-review-due = Mala byť { $at }: prejdite kontakty a podpíšte.
console-review-next = Ďalšia je { $at }.
console-review-never = Kontakty zatiaľ nikto neprešiel. Prejdite zoznam nižšie a podpíšte.
console-review-what = Kto
console-review-contacts = všetky kontakty
console-review-sign = Podpísať kontrolu
console-review-note = Čo sa zistilo a urobilo
console-review-note-missing = Napíšte, čo sa zistilo a urobilo.
console-review-do = Podpísať
console-review-past = Skôr podpísané
console-review-none = Žiadna.
console-review-at = Kedy
console-review-by = Kto
console-act-purpose-added = pridaný účel
console-act-topics-set = zmenené témy účelu
console-act-purpose-closed = uzavretý účel
console-act-purpose-assigned = účel priradený mnohým
console-act-review-signed = podpísaná kontrola kontaktov
console-span-years = { $count ->
    [one] 1 rok
    [few] { $count } roky
   *[other] { $count } rokov
}
console-span-months = { $count ->
    [one] 1 mesiac
    [few] { $count } mesiace
   *[other] { $count } mesiacov
}
console-span-weeks = { $count ->
    [one] 1 týždeň
    [few] { $count } týždne
   *[other] { $count } týždňov
}
console-span-days = { $count ->
    [one] 1 deň
    [few] { $count } dni
   *[other] { $count } dní
}
