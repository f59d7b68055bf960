who = Zprávy posílá:
company-id = IČO
privacy = Zpracování osobních údajů
unsubscribe-title = Odhlášení obchodních sdělení
unsubscribe-lead = Potvrďte, že si je už nepřejete dostávat. Odhlášení platí okamžitě.
unsubscribe-from = Nechci dostávat
everything = žádná obchodní sdělení
only = jen
unsubscribe-button = Odhlásit
nothing-yet = Dokud tlačítko nestisknete, nic se nezmění.
preferences-link = Vybrat, co chci dostávat
done-title = Odhlášeno
done-everything = Žádná další obchodní sdělení vám už nepošleme.
done-next = Zprávy nutné k vyřízení vašich objednávek a smluv mohou chodit dál.
preferences-title = Co chci dostávat
preferences-lead = Zrušte zaškrtnutí u toho, co už dostávat nechcete.
no-purposes = K vaší adrese teď žádný souhlas neevidujeme.
refused-all = Obchodní sdělení jste odmítli. Žádná vám neposíláme.
purposes = Druhy zpráv
valid-until = platí do
not-sent = neposíláme
save-button = Uložit
refuse-all-button = Nechci dostávat nic
saved = Uloženo. Platí to okamžitě.
renew-title = Prodloužení souhlasu
renew-wording = Souhlasím, aby mi odesílatel { $name } dál zasílal obchodní sdělení k účelu „{ $purpose }“.
renew-button = Souhlasím a prodlužuji
confirm-title = Potvrzení souhlasu
confirm-wording = Souhlasím, aby mi odesílatel { $name } zasílal obchodní sdělení k účelu „{ $purpose }“.
confirm-button = Potvrzuji souhlas
revocable = Souhlas můžete kdykoli odvolat odkazem v každé zprávě.
agreed-title = Děkujeme
agreed = Váš souhlas jsme zaznamenali.
forged-title = Tento odkaz neplatí
forged = Odkaz není úplný, nebo nevznikl u nás. Nic se nezměnilo.
forged-next = Otevřete celý odkaz přímo ze zprávy. Nepomůže-li to, napište odesílateli na adresu uvedenou ve zprávě.
expired-title = Platnost odkazu skončila
expired = Tento odkaz už nelze použít. Nic se nezměnilo.
expired-next = Použijte odkaz z novější zprávy, nebo napište odesílateli na adresu uvedenou ve zprávě.
busy-title = Teď to nejde
busy = Vaši volbu se nepodařilo uložit. Nic se nezměnilo.
busy-next = Zkuste to prosím za několik minut znovu.
bad-title = Formuláři nerozumíme
bad = Odeslaný formulář není úplný. Nic se nezměnilo.
bad-next = Vraťte se na předchozí stránku a odešlete ji znovu.
done-purpose = Zprávy k účelu „{ $purpose }“ vám už nepošleme.
day = { $day }. { $month }. { $year }
refusal-letter-subject = Potvrzení odhlášení
refusal-letter-lead = Dobrý den, potvrzujeme, že jsme { $day } přijali vaše odmítnutí.
refusal-letter-end = Na tuto zprávu nemusíte odpovídat. Pokud jste se neodhlásili vy, napište nám.
form-title = Přihlášení k odběru zpráv
form-lead = Přihlašujete se k e-mailovým zprávám, které posílá { $name }.
form-address = E-mailová adresa
form-choices = Chci dostávat
form-age = { $age ->
    [one] Je mi alespoň { $age } rok.
    [few] Jsou mi alespoň { $age } roky.
   *[other] Je mi alespoň { $age } let.
}
form-data = Uložíme e-mailovou adresu, vaši volbu a jako důkaz souhlasu její čas a IP adresu. Správcem údajů je { $name }.
form-button = Přihlásit se
form-then = Pošleme vám zprávu s odkazem. Odběr začne, až ho potvrdíte.
form-trap = Toto pole nevyplňujte
form-wrong = Ještě něco chybí
form-wrong-address = Napište e-mailovou adresu ve tvaru jmeno@domena.cz.
form-wrong-choice = Vyberte aspoň jednu možnost.
form-wrong-age = Bez potvrzení věku vás přihlásit nemůžeme.
typo-title = Je adresa správně?
typo-lead = Napsali jste { $written }. Nemá to být { $suggested }?
typo-use = Použít { $address }
typo-keep = Nechat { $address }
sent-title = Podívejte se do e-mailu
sent = Na zadanou adresu jsme poslali zprávu s odkazem. Odběr začne, až ho potvrdíte.
sent-next = Nepřišla? Hledejte i v nevyžádané poště. Na stejnou adresu posíláme { $hours ->
    [one] nejvýš jednu zprávu za hodinu.
    [few] nejvýš jednu zprávu za { $hours } hodiny.
   *[other] nejvýš jednu zprávu za { $hours } hodin.
}
ask-letter-subject = Potvrďte přihlášení k odběru
ask-letter-lead = Dobrý den, na tuto adresu někdo objednal e-mailové zprávy, které posílá { $name }. Potvrdíte, že jste to vy, a tím i tento souhlas?
ask-letter-button = Potvrdit přihlášení
ask-letter-ignore = { $days ->
    [one] Nejste to vy? Nedělejte nic: nic vám nepošleme a údaje do { $days } dne smažeme.
    [few] Nejste to vy? Nedělejte nic: nic vám nepošleme a údaje do { $days } dnů smažeme.
   *[other] Nejste to vy? Nedělejte nic: nic vám nepošleme a údaje do { $days } dnů smažeme.
}
gone-title = Odkaz už neplatí
gone = Přihlášení nebylo včas potvrzeno, a tak jsme údaje smazali. Nic se nezměnilo.
gone-next = Chcete-li zprávy dostávat, přihlaste se znovu.
form-again = Přihlásit se znovu
already-title = Už je potvrzeno
already = Tento odkaz jste už použili. Souhlas je zaznamenán.
