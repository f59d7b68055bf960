console-letters = Dopisy pro mě
console-letters-hint = Na novou adresu přijde nejprve odkaz. Dokud ho neotevřete, nic dalšího tam neodejde.
console-email-confirmed = potvrzená
console-email-unconfirmed = nepotvrzená
console-email-unconfirmed-next = Otevřete odkaz, který na ni přišel, nebo uložte znovu a přijde další.
console-email-missing = Pro dopisy je potřeba adresa.
console-email-wrong = Toto není e-mailová adresa: zkontrolujte, jak je napsaná.
console-email-unsent = Odkaz nelze poslat: v policy.toml zatím není žádný správce, jehož jménem by se psalo.
console-email-confirm-title = Je to vaše adresa?
console-email-confirm-lead = Dopisy od relé budou chodit na { $email }.
console-letter-held = Zprávy, které čekají na rozhodnutí
console-letter-overview = Přehled rozhodnutí
console-rhythm-never = nikdy
console-rhythm-hourly = každou hodinu
console-rhythm-daily = každý den v sedm
console-rhythm-weekly = v pondělí v sedm
console-rhythm-monthly = prvního v měsíci v sedm
console-letter-confirm-subject = Potvrďte svou adresu
console-letter-confirm-lead = Dobrý den, účet { $name } relé Souhlas si přeje, aby jeho dopisy chodily na tuto adresu.
console-letter-confirm-button = Je to moje adresa
console-letter-confirm-end = Odkaz platí jednou, 24 hodin a jen pro toho, kdo je přihlášen tímto účtem. Pokud váš není, nedělejte nic: další dopisy sem nepřijdou.
console-letter-held-subject = { $count ->
    [one] Na rozhodnutí čeká jedna zpráva
    [few] Na rozhodnutí čekají { $count } zprávy
   *[other] Na rozhodnutí čeká { $count } zpráv
}
console-letter-held-lead = { $count ->
    [one] Na rozhodnutí čeká jedna pozdržená zpráva, a to od { $since }.
    [few] Na rozhodnutí čekají { $count } pozdržené zprávy, nejstarší od { $since }.
   *[other] Na rozhodnutí čeká { $count } pozdržených zpráv, nejstarší od { $since }.
}
console-letter-held-soon = { $count ->
    [one] Jedna z nich bude do tří dnů odmítnuta, pokud nikdo nerozhodne.
    [few] { $count } z nich budou do tří dnů odmítnuty, pokud nikdo nerozhodne.
   *[other] { $count } z nich bude do tří dnů odmítnuto, pokud nikdo nerozhodne.
}
console-letter-held-groups = Podle kampaně a pravidla, od nejstarších
console-letter-held-more = Je jich víc; všechny ukáže konzole.
console-letter-held-button = Otevřít pozdržené zprávy
console-letter-count = Zprávy
console-letter-since = Pozdrženo od
console-letter-until = Odmítnutí
console-letter-why = Tento dopis jste si vyžádali. Neuvádí příjemce ani předměty, protože opouští relé. Jak často a zda vůbec má chodit, nastavíte zde:
console-done-confirm = Uloženo. Na adresu odešel odkaz: otevřete ho, aby na ni dopisy chodily.
console-done-confirmed = Adresa je potvrzená.
console-act-email-changed = Změna adresy pro dopisy
console-act-email-confirmed = Potvrzení adresy pro dopisy
console-act-letters-chosen = Volba dopisů
console-letter-overview-subject = Přehled: { $from } až { $until }
console-letter-overview-lead = Od { $from } do { $until } relé rozhodlo o zprávách: { $all }. Z nich bylo zastaveno { $blocked } ({ $share }) a po opravě odesláno { $repaired }.
console-letter-overview-button = Otevřít přehled
console-letter-bounced-share = Podíl vrácených
console-letter-any-purpose = Aspoň jeden účel
console-letter-alert-subject = Pozdržené zprávy potřebují pozornost
console-letter-alert-held = Počet pozdržených zpráv: { $count }. To je víc než { $limit }.
console-letter-alert-older = Nejstarší zpráva je pozdržená { $count } h, tedy déle než { $limit } h.
console-letter-alert-blocked = Z toho, co za poslední hodinu poslalo přihlášení { $login }, bylo zastaveno { $count } %. To je víc než { $limit } %.
console-letter-alert-complained = { $count } % z toho, co přihlášení { $login } poslalo jako { $stream }, označili příjemci za spam: je to pozastaveno, dokud to někdo neobnoví.
