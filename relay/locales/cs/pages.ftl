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
topics = Témata
topics-hint = Odškrtnete-li téma, zprávy o něm nepřijdou. Co žádné téma nemá, chodí dál.
not-sent = neposíláme
no-choice = nezávisí na vaší volbě: vyžaduje to smlouva nebo zákon
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
dossier-title = Osobní údaje, které o vás evidujeme
dossier-intro = Kopie vašich osobních údajů podle článků 15 a 20 obecného nařízení o ochraně osobních údajů (GDPR), pořízená { $day }.
dossier-address = Adresa
dossier-since = V evidenci od
dossier-country = Země
dossier-active = Poslední známka života
dossier-erased = Vymazáno
dossier-none = Nic neevidujeme.
dossier-purposes = K čemu smí být vaše adresa použita
dossier-purpose = Účel
dossier-basis = Právní titul
dossier-from = Od
dossier-until = Do
dossier-how = Jak byl získán
dossier-ended = Ukončeno
dossier-refusals = Co jste odmítli
dossier-scope = Co
dossier-when = Kdy
dossier-all = veškerá obchodní sdělení
dossier-all-but = veškerá obchodní sdělení kromě: { $purposes }
dossier-list = ze seznamu { $file } ({ $source }); doložil(a) { $name }, { $day }
dossier-relations = Nákupy, smlouvy a poptávky
dossier-kind = Druh
dossier-goods = Kategorie
dossier-wishes = Jak často a o čem chcete zprávy dostávat
dossier-most = Nejvýše
dossier-paused = Nic dříve než
dossier-no-topic = žádné
dossier-messages = Co bylo rozhodnuto o zprávách pro vás
dossier-what = Co se stalo
dossier-message = Zpráva
dossier-events = Všechny záznamy s důkazy
dossier-by = Zapsal
dossier-proof = Důkaz
dossier-gone = žádný, nebo vymazán
dossier-rights = Kdykoli a zdarma můžete žádat o opravu, výmaz nebo omezení těchto údajů, můžete si je přenést, odvolat souhlas a vznést námitku proti reklamě. Můžete podat stížnost u dozorového úřadu v zemi, kde žijete (v Česku Úřad pro ochranu osobních údajů).
basis-consent = souhlas, čl. 6 odst. 1 písm. a) GDPR
basis-contract = smlouva, čl. 6 odst. 1 písm. b) GDPR
basis-legal-obligation = právní povinnost, čl. 6 odst. 1 písm. c) GDPR
basis-vital-interest = životně důležitý zájem, čl. 6 odst. 1 písm. d) GDPR
basis-public-interest = veřejný zájem, čl. 6 odst. 1 písm. e) GDPR
basis-legitimate-interest = oprávněný zájem, čl. 6 odst. 1 písm. f) GDPR
dpo = Pověřenec pro ochranu osobních údajů
notice-title = Osobní údaje v našich e-mailech
notice-who = Správcem údajů je { $name }
notice-what = Které údaje a komu
notice-data = Zpracováváme vaši e-mailovou adresu, co jste si vybrali a co jste odmítli, jak často chcete zprávy dostávat, vaše nákupy, smlouvy a poptávky, a kdy jste zprávu otevřeli, klikli v ní nebo se přihlásili, pokud nám to hlásí naše nástroje. Ke každé zprávě uchováváme záznam, proč odešla.
notice-processors = Pro nás je zpracovávají: { $names }
notice-why = K čemu vaši e-mailovou adresu používáme
notice-lasts = { $term } od chvíle, kdy jste souhlasili nebo kdy důvod vznikl
notice-active = { $term } od vaší poslední aktivity
notice-once = pro jednu zprávu
notice-consent = Tento souhlas dáváte dobrovolně a můžete ho kdykoli odvolat odkazem v každé zprávě.
notice-interest = Kdykoli můžete vznést námitku, i odkazem v každé zprávě; pak už vám psát nebudeme.
notice-other = Nezávisí na vašem souhlasu.
notice-proof = Jak, kdy a s jakým zněním jste souhlasili a z jaké IP adresy, uchováváme jako důkaz po dobu: { $term } od konce souhlasu.
notice-review = Adresy procházíme nejméně jednou za tuto dobu: { $term }, a odstraňujeme ty, pro které už není důvod.
notice-refusal = Když zprávy odmítnete, ponecháme si kód vytvořený z vaší adresy, aby vám nikdo nenapsal omylem.
notice-rights = Vaše práva
notice-access = Kdykoli a zdarma máte právo na přístup: dozvíte se, které údaje o vás máme, a dostanete jejich kopii.
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
silent-letter-lead = Dobrý den, dlouho jste na naše zprávy nijak nereagovali, a tak jsme vás { $day } odhlásili.
silent-letter-end = Na tuto zprávu nemusíte odpovídat. Chcete-li zprávy dostávat dál, přihlaste se znovu nebo nám napište.
form-title = Přihlášení k odběru zpráv
form-lead = Odesílatel { $name } vám bude posílat zprávy e-mailem, dokud se neodhlásíte.
form-address = E-mailová adresa
form-choices = Vyberte si
form-age = { $age ->
    [one] Je mi alespoň { $age } rok.
    [few] Jsou mi alespoň { $age } roky.
   *[other] Je mi alespoň { $age } let.
}
form-data = Správce údajů { $name } uloží e-mailovou adresu, vaši volbu a jako důkaz souhlasu její čas a IP adresu.
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
ask-letter-lead = Dobrý den, na tuto adresu si někdo objednal e-mailové zprávy. Jejich odesílatelem je { $name } a souhlas zní:
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
language = Čeština
languages = Jazyk
lifts = Dříve jste tato sdělení odmítli. Tímto potvrzením odmítnutí odvoláváte.
how-often = Jak často
as-it-comes = jak je odesílatel posílá
at-most = { $days ->
    [7] { $count ->
        [1] nejvýš jednou týdně
        [2] nejvýš dvakrát týdně
        [3] nejvýš třikrát týdně
        [4] nejvýš čtyřikrát týdně
       *[other] nejvýš { $count }krát týdně
    }
    [30] { $count ->
        [1] nejvýš jednou za měsíc
        [2] nejvýš dvakrát za měsíc
        [3] nejvýš třikrát za měsíc
        [4] nejvýš čtyřikrát za měsíc
       *[other] nejvýš { $count }krát za měsíc
    }
   *[other] nejvýš { $count }krát za { $days } dní
}
pause = Přestávka
no-pause = bez přestávky
paused-until = nic do { $day }
pause-days = { $days ->
    [one] { $days } den nic neposílat
    [few] { $days } dny nic neposílat
   *[other] { $days } dní nic neposílat
}
object-title = Námitka proti zpracování
object-lead = Máte právo kdykoli vznést námitku proti zpracování osobních údajů pro přímý marketing (čl. 21 GDPR). Odesílatel je pak k tomuto účelu nesmí dál používat, ať už se opírá o souhlas, nebo o svůj zájem.
object-wording = Vznáším námitku proti zpracování svých osobních údajů pro přímý marketing.
object-button = Vznést námitku
objected = Vaši námitku jsme zaznamenali. Platí od této chvíle.
form-main = Tlačítkem „Přihlásit se“ dáváte tento souhlas:
ask-letter-question = Jste to vy a souhlasíte? Potvrďte to tlačítkem.
typo-again = Napsat jinou adresu
case-title = Spis o zprávě nebo osobě
case-controller = Správce
case-message = Zpráva
case-address = Adresa
case-made = Pořízeno
case-key = Podepsáno klíčem
case-part = Tato stránka je součástí archivu; jeho ostatní soubory ji dokazují. Zda se v něm změnil jediný bajt, řekne:
case-utc = Všechny časy jsou v UTC.
case-is-left = Zpráva je v archivu tak, jak odešla; její otisk je v žurnálu.
case-is-received = Zpráva je v archivu tak, jak přišla od odesílatele.
case-is-not-kept = Doručené zprávy se neuchovávají, jen otisk toho, co odešlo: kdo zprávu má, doloží jím, že je to ona.
case-is-never-left = Žádné odeslání zprávy není v evidenci.
case-file = V archivu
case-digest = SHA-256 toho, co odešlo
case-decided = Co bylo rozhodnuto
case-line = Řádek žurnálu
case-class = Druh a proud zpráv
case-purpose = Účel
case-law = Pravidla a právo
case-rule = Pravidlo
case-outcome = Výsledek
case-duty = Povinnost a předpis
case-outside = Pravidla, která se zprávy netýkají:
case-edits = Co bylo doplněno, aby zpráva byla v souladu s právem:
case-repaired = Pravidla u takto doplněné zprávy:
case-done = Co se stalo
case-said = Podrobnosti
case-people = Co řekl příjemce
case-nobody = Adresa není v evidenci
case-person = Klíč v řádcích
case-recorded = Zapsáno
case-erased = Vymazán, jak žádá zákon; závazek k němu zůstává.
case-policies = Pravidla v platnosti
case-missing = není v evidenci
case-proof = Čím je to doloženo
case-chained = Otisk každého řádku a záznamu výše zahrnuje otisk předchozího. Kontrolní body kladou otisky pod podpis; cesty od řádků k nim jsou v souboru case.json.
case-chain = Řetěz
case-lines = Řádky
case-signed = Podepsáno
case-root = Kořen stromu
event-granted = uděleno
event-refused = odmítnuto
event-withdrawn = odvoláno
event-revoked = odebráno správcem
event-terminated = účel ukončen
event-invalidated = shledáno neplatným
event-expiring = brzy vyprší
event-expired = vypršelo
event-relation = nákup, smlouva nebo poptávka
event-activity = známka života
event-preference = přání, jak často a o čem psát
event-corrected = opraveno
event-informed = informováno
event-inactive = dlouho bez známky života
event-reactivated = známka života po výzvě
event-erased = vymazáno
fate-decided = rozhodnuto
fate-delivered = doručeno
fate-deferred = odloženo
fate-bounced = nedoručitelné
fate-suppressed = neodesláno pro odmítnutí
fate-held = zadrženo
fate-released = uvolněno
fate-rejected = zamítnuto
fate-expired = lhůta doručení vypršela
fate-reported = oznámení odesláno
fate-policy-loaded = nová pravidla v platnosti
fate-operator = zásah správce systému
fate-purpose-added = přidán účel
fate-purpose-topics = témata účelu změněna
fate-purpose-closed = účel uzavřen
fate-import-begun = zahájen import
fate-entries-listed = zapsány položky seznamu
fate-reviewed = kontakty prověřeny
method-form = formulář
method-double-opt-in = formulář potvrzený odkazem v e-mailu
method-import = převzato ze souboru
method-api = jiný program
method-manual = zapsáno ručně
method-chat = chat
method-order = objednávka
method-renewal-click = obnoveno odkazem
method-preticked = předem zaškrtnuté políčko
relation-purchase = nákup
relation-contract = smlouva
relation-enquiry = poptávka
relation-contest = soutěž
action-send = odeslat
action-send-edited = odeslat doplněnou
action-defer = odložit
action-hold = zadržet
action-reject = zamítnout
outcome-broken = porušeno
outcome-undecided = nerozhodnuto
outcome-kept = dodrženo
outcome-outside = netýká se
