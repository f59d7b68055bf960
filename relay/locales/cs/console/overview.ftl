console-overview-period = Sledovaná doba
console-overview-days = { $count ->
    [one] Dnes
    [few] { $count } dny
   *[other] { $count } dní
}
console-overview-sums = Nejdůležitější čísla
console-overview-blocked-today = dnes zastaveno
console-overview-blocked-in = { $count ->
    [one] zastaveno za den
    [few] zastaveno za { $count } dny
   *[other] zastaveno za { $count } dní
}
console-overview-decided-in = { $count ->
    [one] rozhodnuto za den
    [few] rozhodnuto za { $count } dny
   *[other] rozhodnuto za { $count } dní
}
console-overview-repaired = odesláno po opravě
console-overview-empty = V této době se o ničem nerozhodovalo. Zvolte delší, nebo pošlete zprávu: s jakým přihlášením, říkají „Odesílatelé“.
console-overview-blocked-days = Zastaveno po dnech
console-overview-decided-days = Rozhodnuto po dnech
console-overview-chart-about = Celkem { $count }; nejvíc { $day }: { $most }.
console-overview-days-table = Dny jako tabulka
console-overview-day = Den
console-overview-decided = Rozhodnuto
console-overview-what = Co
console-overview-blocked = Zastaveno
console-overview-of = Z počtu
console-overview-nothing = Nic nebylo zastaveno.
console-overview-by-rule = Zastaveno podle pravidla
console-overview-by-stream = Zastaveno podle proudu
console-overview-by-login = Zastaveno podle přihlášení
console-overview-lacked = Co zprávám nejčastěji chybělo
console-overview-lacked-about = Doplnilo se to před odesláním. Aby to bylo správně od začátku, upravte šablonu v nástroji.
console-overview-lacked-none = Žádnou zprávu nebylo třeba opravit.
console-overview-messages = Zprávy
console-overview-consent = Souhlasy: { $name }
console-overview-consent-none = Zatím tu nejsou žádné kontakty. Importujte je, nebo nechte lidi přihlásit formulářem.
console-overview-covered = { $covered } z { $contacts } kontaktů ({ $share }) má aspoň jeden platný účel.
console-overview-counted = Spočteno { $at }.
console-overview-purpose = Účel
console-overview-valid = Platných
console-overview-share = Ze všech
console-overview-ends = Končí do { $count } dnů
console-overview-honoured = Jak brzy odmítnutí platila
console-overview-honoured-about = Od chvíle, kdy někdo odmítl, do chvíle, kdy se o tom relay dozvědělo: od té doby se podle odmítnutí rozhoduje o každé zprávě, i o těch ve frontě. Odmítnutí z importu a z příkazové řádky se nepočítají.
console-overview-honoured-none = V této době nikdo neodmítl.
console-overview-refusals = Odmítnutí
console-overview-median = Polovina do
console-overview-longest = Nejdéle trvalo
console-overview-outcomes = Co řekly jiné servery
console-overview-delivered = Předáno
console-overview-bounced = Vráceno
console-overview-expired = Vzdáno
console-overview-complaints = Stížnosti
console-overview-lines = Poskytovatelé schránek se mračí od 0,1 % a blokují od 0,3 %; tyto meze mají pro stížnosti. Stížnosti jsou ty, které nahlásily rozesílací nástroje.
console-overview-line-below = pod 0,1 %
console-overview-line-near = od 0,1 %
console-overview-line-over = od 0,3 %
console-overview-queue = Fronta
console-overview-queue-none = Nic nečeká.
console-overview-oldest = Nejstarší
console-overview-work = Práce lidí
console-overview-work-none = V této době nikdo nerozhodoval ani nic neprohlížel.
console-overview-account = Účet
console-overview-seen = Prohlédl
console-overview-other = Ostatní
console-queue-state = Stav
console-queue-ready = čeká, až přijde na řadu
console-time-days = { $count } d
console-time-hours = { $count } h
console-time-minutes = { $count } min
console-time-seconds = { $count } s
console-act-report-exported = export čísel
