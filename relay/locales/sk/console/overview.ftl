console-overview-period = Sledovaný čas
console-overview-days = { $count ->
    [one] Dnes
    [few] { $count } dni
   *[other] { $count } dní
}
console-overview-sums = Najdôležitejšie čísla
console-overview-blocked-today = dnes zastavené
console-overview-blocked-in = { $count ->
    [one] zastavené za deň
    [few] zastavené za { $count } dni
   *[other] zastavené za { $count } dní
}
console-overview-decided-in = { $count ->
    [one] rozhodnuté za deň
    [few] rozhodnuté za { $count } dni
   *[other] rozhodnuté za { $count } dní
}
console-overview-repaired = odoslané po oprave
console-overview-empty = V tomto čase sa o ničom nerozhodovalo. Zvoľte dlhší, alebo pošlite správu: s akým prihlásením, hovoria „Odosielatelia“.
console-overview-blocked-days = Zastavené po dňoch
console-overview-decided-days = Rozhodnuté po dňoch
console-overview-chart-about = Spolu { $count }; najviac { $day }: { $most }.
console-overview-days-table = Dni ako tabuľka
console-overview-day = Deň
console-overview-decided = Rozhodnuté
console-overview-what = Čo
console-overview-blocked = Zastavené
console-overview-of = Z počtu
console-overview-nothing = Nič nebolo zastavené.
console-overview-by-rule = Zastavené podľa pravidla
console-overview-by-stream = Zastavené podľa prúdu
console-overview-by-login = Zastavené podľa prihlásenia
console-overview-lacked = Čo správam najčastejšie chýbalo
console-overview-lacked-about = Doplnilo sa to pred odoslaním. Aby to bolo správne od začiatku, upravte šablónu v nástroji.
console-overview-lacked-none = Žiadnu správu nebolo treba opraviť.
console-overview-messages = Správy
console-overview-consent = Súhlasy: { $name }
console-overview-consent-none = Zatiaľ tu nie sú žiadne kontakty. Importujte ich, alebo nechajte ľudí prihlásiť sa formulárom.
console-overview-covered = { $covered } z { $contacts } kontaktov ({ $share }) má aspoň jeden platný účel.
console-overview-counted = Spočítané { $at }.
console-overview-purpose = Účel
console-overview-valid = Platných
console-overview-share = Zo všetkých
console-overview-ends = Končí do { $count } dní
console-overview-honoured = Ako skoro odmietnutia platili
console-overview-honoured-about = Od chvíle, keď niekto odmietol, do chvíle, keď sa o tom relay dozvedelo: odvtedy sa podľa odmietnutia rozhoduje o každej správe, aj o tých vo fronte. Odmietnutia z importu a z príkazového riadka sa nepočítajú.
console-overview-honoured-none = V tomto čase nikto neodmietol.
console-overview-refusals = Odmietnutia
console-overview-median = Polovica do
console-overview-longest = Najdlhšie trvalo
console-overview-outcomes = Čo povedali iné servery
console-overview-delivered = Odovzdané
console-overview-bounced = Vrátené
console-overview-expired = Vzdané
console-overview-complaints = Sťažnosti
console-overview-lines = Poskytovatelia schránok sa mračia od 0,1 % a blokujú od 0,3 %; tieto hranice majú pre sťažnosti. Sťažnosti sú tie, ktoré nahlásili rozosielacie nástroje.
console-overview-line-below = pod 0,1 %
console-overview-line-near = od 0,1 %
console-overview-line-over = od 0,3 %
console-overview-queue = Front
console-overview-queue-none = Nič nečaká.
console-overview-oldest = Najstaršie
console-overview-work = Práca ľudí
console-overview-work-none = V tomto čase nikto nerozhodoval ani nič neprezeral.
console-overview-account = Účet
console-overview-seen = Prezrel
console-overview-other = Ostatné
console-queue-state = Stav
console-queue-ready = čaká, kým príde na rad
console-time-days = { $count } d
console-time-hours = { $count } h
console-time-minutes = { $count } min
console-time-seconds = { $count } s
console-act-report-exported = export čísel
