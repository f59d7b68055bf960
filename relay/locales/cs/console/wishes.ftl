console-nav-wishes = Odpovědi k přečtení
console-wish-lead = Lidé, kteří odpověděli na zprávu a možná odmítli další. Prosté „odhlásit“ platí samo; tyto odpovědi říkají víc, nebo se neví, kdo je psal. Každá šla i do schránky správce.
console-wish-unread = Nepřečtené
console-wish-read = Přečtené
console-wish-none = Na přečtení nic nečeká.
console-wish-none-read = Zatím nikdo žádnou nepřečetl.
console-wish-came = Přišla
console-wish-waits = Čeká
console-wish-read-at = Přečtena
console-wish-title = Co tím člověk myslel?
console-wish-subject = Předmět
console-wish-answers = Odpovídá na zprávu
console-wish-text = Co napsal
console-wish-ask = Řekněte, co to znamená. Odmítnutí platí hned, ode dne, kdy odpověď přišla, a odpověď je jeho důkazem.
console-wish-whose = Adresa odesílatele není mezi příjemci zprávy: čí odmítnutí to je?
console-wish-means = Znamená to
console-wish-no-to = Odmítá:
console-wish-nothing = Není to odmítnutí
console-wish-do = Zapsat
console-wish-home = { $count ->
    [one] Jedna odpověď čeká
    [few] { $count } odpovědi čekají
   *[other] { $count } odpovědí čeká
} na přečtení.
console-done-wish-read = Zapsáno: není to odmítnutí.
console-act-wish-seen = Přečetl odpověď
console-act-wish-read = Řekl, co odpověď znamená
