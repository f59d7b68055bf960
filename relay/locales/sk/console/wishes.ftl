console-nav-wishes = Odpovede na prečítanie
console-wish-lead = Ľudia, ktorí odpovedali na správu a možno odmietli ďalšie. Prosté „odhlásiť“ platí samo; tieto odpovede hovoria viac, alebo sa nevie, kto ich písal. Každá išla aj do schránky prevádzkovateľa.
console-wish-unread = Neprečítané
console-wish-read = Prečítané
console-wish-none = Na prečítanie nič nečaká.
console-wish-none-read = Zatiaľ nikto žiadnu neprečítal.
console-wish-came = Prišla
console-wish-waits = Čaká
console-wish-read-at = Prečítaná
console-wish-title = Čo tým človek myslel?
console-wish-subject = Predmet
console-wish-answers = Odpovedá na správu
console-wish-text = Čo napísal
console-wish-ask = Povedzte, čo to znamená. Odmietnutie platí hneď, odo dňa, keď odpoveď prišla, a odpoveď je jeho dôkazom.
console-wish-whose = Adresa odosielateľa nie je medzi príjemcami správy: čie odmietnutie to je?
console-wish-means = Znamená to
console-wish-no-to = Odmieta:
console-wish-nothing = Nie je to odmietnutie
console-wish-do = Zapísať
console-wish-home = { $count ->
    [one] Jedna odpoveď čaká
    [few] { $count } odpovede čakajú
   *[other] { $count } odpovedí čaká
} na prečítanie.
console-done-wish-read = Zapísané: nie je to odmietnutie.
console-act-wish-seen = Prečítal odpoveď
console-act-wish-read = Povedal, čo odpoveď znamená
