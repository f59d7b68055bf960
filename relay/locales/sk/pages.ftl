who = Správy posiela:
company-id = IČO
privacy = Spracúvanie osobných údajov
unsubscribe-title = Odhlásenie reklamných správ
unsubscribe-lead = Potvrďte, že si ich už neželáte dostávať. Odhlásenie platí okamžite.
unsubscribe-from = Nechcem dostávať
everything = žiadne reklamné správy
only = iba
unsubscribe-button = Odhlásiť
nothing-yet = Kým tlačidlo nestlačíte, nič sa nezmení.
preferences-link = Vybrať, čo chcem dostávať
done-title = Odhlásené
done-everything = Žiadne ďalšie reklamné správy vám už nepošleme.
done-next = Správy potrebné na vybavenie vašich objednávok a zmlúv môžu chodiť ďalej.
preferences-title = Čo chcem dostávať
preferences-lead = Zrušte zaškrtnutie pri tom, čo už dostávať nechcete.
no-purposes = K vašej adrese teraz neevidujeme žiadny súhlas.
refused-all = Reklamné správy ste odmietli. Žiadne vám neposielame.
purposes = Druhy správ
valid-until = platí do
topics = Témy
topics-hint = Ak tému odškrtnete, správy o nej neprídu. Čo žiadnu tému nemá, chodí ďalej.
not-sent = neposielame
no-choice = nezávisí od vašej voľby: vyžaduje to zmluva alebo zákon
save-button = Uložiť
refuse-all-button = Nechcem dostávať nič
saved = Uložené. Platí to okamžite.
renew-title = Predĺženie súhlasu
renew-wording = Súhlasím, aby mi odosielateľ { $name } naďalej zasielal reklamné správy na účel „{ $purpose }“.
renew-button = Súhlasím a predlžujem
confirm-title = Potvrdenie súhlasu
confirm-wording = Súhlasím, aby mi odosielateľ { $name } zasielal reklamné správy na účel „{ $purpose }“.
confirm-button = Potvrdzujem súhlas
revocable = Súhlas môžete kedykoľvek odvolať odkazom v každej správe.
agreed-title = Ďakujeme
agreed = Váš súhlas sme zaznamenali.
dossier-title = Osobné údaje, ktoré o vás evidujeme
dossier-intro = Kópia vašich osobných údajov podľa článkov 15 a 20 všeobecného nariadenia o ochrane údajov (GDPR), vyhotovená { $day }.
dossier-address = Adresa
dossier-since = V evidencii od
dossier-country = Krajina
dossier-active = Posledná známka života
dossier-erased = Vymazané
dossier-none = Nič neevidujeme.
dossier-purposes = Na čo sa smie vaša adresa použiť
dossier-purpose = Účel
dossier-basis = Právny základ
dossier-from = Od
dossier-until = Do
dossier-how = Ako bol získaný
dossier-ended = Ukončené
dossier-refusals = Čo ste odmietli
dossier-scope = Čo
dossier-when = Kedy
dossier-all = všetky marketingové správy
dossier-all-but = všetky marketingové správy okrem: { $purposes }
dossier-list = zo zoznamu { $file } ({ $source }); doložil(a) { $name }, { $day }
dossier-relations = Nákupy, zmluvy a dopyty
dossier-kind = Druh
dossier-goods = Kategórie
dossier-wishes = Ako často a o čom chcete správy dostávať
dossier-most = Najviac
dossier-paused = Nič skôr ako
dossier-no-topic = žiadna
dossier-messages = Čo sa rozhodlo o správach pre vás
dossier-what = Čo sa stalo
dossier-message = Správa
dossier-events = Všetky záznamy s dôkazmi
dossier-by = Zapísal
dossier-proof = Dôkaz
dossier-gone = žiadny, alebo vymazaný
dossier-rights = Kedykoľvek a bezplatne môžete žiadať o opravu, vymazanie alebo obmedzenie týchto údajov, môžete si ich preniesť, odvolať súhlas a namietať proti reklame. Môžete podať sťažnosť dozornému orgánu v krajine, kde žijete (na Slovensku Úrad na ochranu osobných údajov).
basis-consent = súhlas, čl. 6 ods. 1 písm. a) GDPR
basis-contract = zmluva, čl. 6 ods. 1 písm. b) GDPR
basis-legal-obligation = zákonná povinnosť, čl. 6 ods. 1 písm. c) GDPR
basis-vital-interest = životne dôležitý záujem, čl. 6 ods. 1 písm. d) GDPR
basis-public-interest = verejný záujem, čl. 6 ods. 1 písm. e) GDPR
basis-legitimate-interest = oprávnený záujem, čl. 6 ods. 1 písm. f) GDPR
dpo = Zodpovedná osoba pre ochranu osobných údajov
notice-title = Osobné údaje v našich e-mailoch
notice-who = Prevádzkovateľom údajov je { $name }
notice-what = Ktoré údaje a komu
notice-data = Spracúvame vašu e-mailovú adresu, čo ste si vybrali a čo ste odmietli, ako často chcete správy dostávať, vaše nákupy, zmluvy a dopyty, a kedy ste správu otvorili, klikli v nej alebo sa prihlásili, ak nám to hlásia naše nástroje. Ku každej správe uchovávame záznam, prečo odišla.
notice-processors = Pre nás ich spracúvajú: { $names }
notice-why = Na čo vašu e-mailovú adresu používame
notice-lasts = { $term } od chvíle, keď ste súhlasili alebo keď dôvod vznikol
notice-active = { $term } od vašej poslednej aktivity
notice-once = na jednu správu
notice-consent = Tento súhlas dávate dobrovoľne a môžete ho kedykoľvek odvolať odkazom v každej správe.
notice-interest = Kedykoľvek môžete namietať, aj odkazom v každej správe; potom vám už písať nebudeme.
notice-other = Nezávisí od vášho súhlasu.
notice-proof = Ako, kedy a s akým znením ste súhlasili a z akej IP adresy, uchovávame ako dôkaz počas: { $term } od konca súhlasu.
notice-review = Adresy prechádzame najmenej raz za tento čas: { $term }, a odstraňujeme tie, na ktoré už nie je dôvod.
notice-refusal = Keď správy odmietnete, ponecháme si kód vytvorený z vašej adresy, aby vám nikto nenapísal omylom.
notice-rights = Vaše práva
notice-access = Kedykoľvek a bezplatne máte právo na prístup: dozviete sa, ktoré údaje o vás máme, a dostanete ich kópiu.
forged-title = Tento odkaz neplatí
forged = Odkaz nie je úplný, alebo nevznikol u nás. Nič sa nezmenilo.
forged-next = Otvorte celý odkaz priamo zo správy. Ak to nepomôže, napíšte odosielateľovi na adresu uvedenú v správe.
expired-title = Platnosť odkazu sa skončila
expired = Tento odkaz sa už nedá použiť. Nič sa nezmenilo.
expired-next = Použite odkaz z novšej správy, alebo napíšte odosielateľovi na adresu uvedenú v správe.
busy-title = Teraz to nejde
busy = Vašu voľbu sa nepodarilo uložiť. Nič sa nezmenilo.
busy-next = Skúste to prosím o niekoľko minút znova.
bad-title = Formuláru nerozumieme
bad = Odoslaný formulár nie je úplný. Nič sa nezmenilo.
bad-next = Vráťte sa na predchádzajúcu stránku a odošlite ju znova.
done-purpose = Správy na účel „{ $purpose }“ vám už nepošleme.
day = { $day }. { $month }. { $year }
refusal-letter-subject = Potvrdenie odhlásenia
refusal-letter-lead = Dobrý deň, potvrdzujeme, že sme { $day } prijali vaše odmietnutie.
refusal-letter-end = Na túto správu nemusíte odpovedať. Ak ste sa neodhlásili vy, napíšte nám.
silent-letter-lead = Dobrý deň, dlho ste na naše správy nijako nereagovali, a tak sme vás { $day } odhlásili.
silent-letter-end = Na túto správu nemusíte odpovedať. Ak chcete správy dostávať ďalej, prihláste sa znova alebo nám napíšte.
form-title = Prihlásenie na odber správ
form-lead = Odosielateľ { $name } vám bude posielať správy e-mailom, kým sa neodhlásite.
form-address = E-mailová adresa
form-choices = Vyberte si
form-age = { $age ->
    [one] Mám aspoň { $age } rok.
    [few] Mám aspoň { $age } roky.
   *[other] Mám aspoň { $age } rokov.
}
form-data = Prevádzkovateľ { $name } uloží e-mailovú adresu, vašu voľbu a ako dôkaz súhlasu jej čas a IP adresu.
form-button = Prihlásiť sa
form-then = Pošleme vám správu s odkazom. Odber sa začne, keď ho potvrdíte.
form-trap = Toto pole nevypĺňajte
form-wrong = Ešte niečo chýba
form-wrong-address = Napíšte e-mailovú adresu v tvare meno@domena.sk.
form-wrong-choice = Vyberte aspoň jednu možnosť.
form-wrong-age = Bez potvrdenia veku vás prihlásiť nemôžeme.
typo-title = Je adresa správna?
typo-lead = Napísali ste { $written }. Nemá to byť { $suggested }?
typo-use = Použiť { $address }
typo-keep = Nechať { $address }
sent-title = Pozrite si e-mail
sent = Na zadanú adresu sme poslali správu s odkazom. Odber sa začne, keď ho potvrdíte.
sent-next = Neprišla? Hľadajte aj v nevyžiadanej pošte. Na rovnakú adresu posielame { $hours ->
    [one] najviac jednu správu za hodinu.
    [few] najviac jednu správu za { $hours } hodiny.
   *[other] najviac jednu správu za { $hours } hodín.
}
ask-letter-subject = Potvrďte prihlásenie na odber
ask-letter-lead = Dobrý deň, na túto adresu si niekto objednal e-mailové správy. Ich odosielateľom je { $name } a súhlas znie:
ask-letter-button = Potvrdiť prihlásenie
ask-letter-ignore = { $days ->
    [one] Nie ste to vy? Nerobte nič: nič vám nepošleme a údaje do { $days } dňa vymažeme.
    [few] Nie ste to vy? Nerobte nič: nič vám nepošleme a údaje do { $days } dní vymažeme.
   *[other] Nie ste to vy? Nerobte nič: nič vám nepošleme a údaje do { $days } dní vymažeme.
}
gone-title = Odkaz už neplatí
gone = Prihlásenie nebolo včas potvrdené, a tak sme údaje vymazali. Nič sa nezmenilo.
gone-next = Ak chcete správy dostávať, prihláste sa znova.
form-again = Prihlásiť sa znova
already-title = Už je potvrdené
already = Tento odkaz ste už použili. Súhlas je zaznamenaný.
language = Slovenčina
languages = Jazyk
lifts = Tieto správy ste predtým odmietli. Týmto potvrdením odmietnutie odvolávate.
how-often = Ako často
as-it-comes = ako ich odosielateľ posiela
at-most = { $days ->
    [7] { $count ->
        [1] najviac raz za týždeň
        [2] najviac dvakrát za týždeň
        [3] najviac trikrát za týždeň
        [4] najviac štyrikrát za týždeň
       *[other] najviac { $count }-krát za týždeň
    }
    [30] { $count ->
        [1] najviac raz za mesiac
        [2] najviac dvakrát za mesiac
        [3] najviac trikrát za mesiac
        [4] najviac štyrikrát za mesiac
       *[other] najviac { $count }-krát za mesiac
    }
   *[other] najviac { $count }-krát za { $days } dní
}
pause = Prestávka
no-pause = bez prestávky
paused-until = nič do { $day }
pause-days = { $days ->
    [one] { $days } deň nič neposielať
    [few] { $days } dni nič neposielať
   *[other] { $days } dní nič neposielať
}
object-title = Námietka proti spracúvaniu
object-lead = Máte právo kedykoľvek namietať proti spracúvaniu osobných údajov na účely priameho marketingu (čl. 21 GDPR). Odosielateľ ich potom na tento účel nesmie ďalej používať, či už sa opiera o súhlas, alebo o svoj záujem.
object-wording = Namietam proti spracúvaniu svojich osobných údajov na účely priameho marketingu.
object-button = Namietať
objected = Vašu námietku sme zaznamenali. Platí od tejto chvíle.
form-main = Tlačidlom „Prihlásiť sa“ dávate tento súhlas:
ask-letter-question = Ste to vy a súhlasíte? Potvrďte to tlačidlom.
typo-again = Napísať inú adresu
case-title = Spis o správe alebo osobe
case-controller = Prevádzkovateľ
case-message = Správa
case-address = Adresa
case-made = Vyhotovené
case-key = Podpísané kľúčom
case-part = Táto stránka je súčasťou archívu; jeho ostatné súbory ju dokazujú. Či sa v ňom zmenil jediný bajt, povie:
case-utc = Všetky časy sú v UTC.
case-is-left = Správa je v archíve tak, ako odišla; jej odtlačok je v žurnáli.
case-is-received = Správa je v archíve tak, ako prišla od odosielateľa.
case-is-not-kept = Doručené správy sa neuchovávajú, len odtlačok toho, čo odišlo: kto správu má, doloží ním, že je to ona.
case-is-never-left = Žiadne odoslanie správy nie je v evidencii.
case-file = V archíve
case-digest = SHA-256 toho, čo odišlo
case-decided = Čo sa rozhodlo
case-line = Riadok žurnálu
case-class = Druh a prúd správ
case-purpose = Účel
case-law = Pravidlá a právo
case-rule = Pravidlo
case-outcome = Výsledok
case-duty = Povinnosť a predpis
case-outside = Pravidlá, ktoré sa správy netýkajú:
case-edits = Čo sa doplnilo, aby bola správa v súlade s právom:
case-repaired = Pravidlá pri takto doplnenej správe:
case-done = Čo sa stalo
case-said = Podrobnosti
case-people = Čo povedal príjemca
case-nobody = Adresa nie je v evidencii
case-person = Kľúč v riadkoch
case-recorded = Zapísané
case-erased = Vymazaný, ako žiada zákon; záväzok k nemu zostáva.
case-policies = Platné pravidlá
case-missing = nie je v evidencii
case-proof = Čím je to doložené
case-chained = Odtlačok každého riadka a záznamu vyššie zahŕňa odtlačok predchádzajúceho. Kontrolné body kladú odtlačky pod podpis; cesty od riadkov k nim sú v súbore case.json.
case-chain = Reťaz
case-lines = Riadky
case-signed = Podpísané
case-root = Koreň stromu
event-granted = udelené
event-refused = odmietnuté
event-withdrawn = odvolané
event-revoked = odobraté prevádzkovateľom
event-terminated = účel ukončený
event-invalidated = uznané za neplatné
event-expiring = čoskoro vyprší
event-expired = vypršalo
event-relation = nákup, zmluva alebo dopyt
event-activity = známka života
event-preference = želanie, ako často a o čom písať
event-corrected = opravené
event-informed = informované
event-inactive = dlho bez známky života
event-reactivated = známka života po výzve
event-erased = vymazané
fate-decided = rozhodnuté
fate-delivered = doručené
fate-deferred = odložené
fate-bounced = nedoručiteľné
fate-suppressed = neodoslané pre odmietnutie
fate-held = zadržané
fate-released = uvoľnené
fate-rejected = zamietnuté
fate-expired = lehota doručenia vypršala
fate-reported = oznámenie odoslané
fate-policy-loaded = nové pravidlá v platnosti
fate-operator = zásah správcu systému
fate-purpose-added = pridaný účel
fate-purpose-topics = témy účelu zmenené
fate-purpose-closed = účel uzavretý
fate-import-begun = začatý import
fate-entries-listed = zapísané položky zoznamu
fate-reviewed = kontakty preverené
method-form = formulár
method-double-opt-in = formulár potvrdený odkazom v e-maile
method-import = prevzaté zo súboru
method-api = iný program
method-manual = zapísané ručne
method-chat = chat
method-order = objednávka
method-renewal-click = obnovené odkazom
method-preticked = vopred zaškrtnuté políčko
relation-purchase = nákup
relation-contract = zmluva
relation-enquiry = dopyt
relation-contest = súťaž
action-send = odoslať
action-send-edited = odoslať doplnenú
action-defer = odložiť
action-hold = zadržať
action-reject = zamietnuť
outcome-broken = porušené
outcome-undecided = nerozhodnuté
outcome-kept = dodržané
outcome-outside = netýka sa
