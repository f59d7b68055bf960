console-letters = Listy pre mňa
console-letters-hint = Na novú adresu príde najprv odkaz. Kým ho neotvoríte, nič ďalšie tam neodíde.
console-email-confirmed = potvrdená
console-email-unconfirmed = nepotvrdená
console-email-unconfirmed-next = Otvorte odkaz, ktorý na ňu prišiel, alebo uložte znova a príde ďalší.
console-email-missing = Na listy je potrebná adresa.
console-email-wrong = Toto nie je e-mailová adresa: skontrolujte, ako je napísaná.
console-email-unsent = Odkaz nemožno poslať: v policy.toml zatiaľ nie je žiadny prevádzkovateľ, v ktorého mene by sa písalo.
console-email-confirm-title = Je to vaša adresa?
console-email-confirm-lead = Listy od relé budú chodiť na { $email }.
console-letter-held = Správy, ktoré čakajú na rozhodnutie
console-letter-overview = Prehľad rozhodnutí
console-rhythm-never = nikdy
console-rhythm-hourly = každú hodinu
console-rhythm-daily = každý deň o siedmej
console-rhythm-weekly = v pondelok o siedmej
console-rhythm-monthly = prvého v mesiaci o siedmej
console-letter-confirm-subject = Potvrďte svoju adresu
console-letter-confirm-lead = Dobrý deň, účet { $name } relé Souhlas si želá, aby jeho listy chodili na túto adresu.
console-letter-confirm-button = Je to moja adresa
console-letter-confirm-end = Odkaz platí raz, 24 hodín a len pre toho, kto je prihlásený týmto účtom. Ak váš nie je, nerobte nič: ďalšie listy sem neprídu.
console-letter-held-subject = { $count ->
    [one] Na rozhodnutie čaká jedna správa
    [few] Na rozhodnutie čakajú { $count } správy
   *[other] Na rozhodnutie čaká { $count } správ
}
console-letter-held-lead = { $count ->
    [one] Na rozhodnutie čaká jedna pozdržaná správa, a to od { $since }.
    [few] Na rozhodnutie čakajú { $count } pozdržané správy, najstaršia od { $since }.
   *[other] Na rozhodnutie čaká { $count } pozdržaných správ, najstaršia od { $since }.
}
console-letter-held-soon = { $count ->
    [one] Jedna z nich bude do troch dní odmietnutá, ak nikto nerozhodne.
    [few] { $count } z nich budú do troch dní odmietnuté, ak nikto nerozhodne.
   *[other] { $count } z nich bude do troch dní odmietnutých, ak nikto nerozhodne.
}
console-letter-held-groups = Podľa kampane a pravidla, od najstarších
console-letter-held-more = Je ich viac; všetky ukáže konzola.
console-letter-held-button = Otvoriť pozdržané správy
console-letter-count = Správy
console-letter-since = Pozdržané od
console-letter-until = Odmietnutie
console-letter-why = Tento list ste si vyžiadali. Neuvádza príjemcov ani predmety, pretože opúšťa relé. Ako často a či vôbec má chodiť, nastavíte tu:
console-done-confirm = Uložené. Na adresu odišiel odkaz: otvorte ho, aby na ňu listy chodili.
console-done-confirmed = Adresa je potvrdená.
console-act-email-changed = Zmena adresy pre listy
console-act-email-confirmed = Potvrdenie adresy pre listy
console-act-letters-chosen = Voľba listov
console-letter-overview-subject = Prehľad: { $from } až { $until }
console-letter-overview-lead = Od { $from } do { $until } relé rozhodlo o správach: { $all }. Z nich bolo zastavených { $blocked } ({ $share }) a po oprave odoslaných { $repaired }.
console-letter-overview-button = Otvoriť prehľad
console-letter-bounced-share = Podiel vrátených
console-letter-any-purpose = Aspoň jeden účel
console-letter-alert-subject = Pozdržané správy potrebujú pozornosť
console-letter-alert-held = Počet pozdržaných správ: { $count }. To je viac než { $limit }.
console-letter-alert-older = Najstaršia správa je pozdržaná { $count } h, teda dlhšie než { $limit } h.
console-letter-alert-blocked = Z toho, čo za poslednú hodinu poslalo prihlásenie { $login }, bolo zastavených { $count } %. To je viac než { $limit } %.
console-letter-alert-complained = { $count } % z toho, čo prihlásenie { $login } poslalo ako { $stream }, označili príjemcovia za spam: je to pozastavené, kým to niekto neobnoví.
