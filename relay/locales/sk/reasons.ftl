# Prečo je pravidlo porušené alebo čo nie je známe. Malým písmenom a bez bodky.

## V evidencii
reason-address-undeliverable = adresa vrátila, čo na ňu bolo poslané, a odvtedy ju nikto nepoužil
reason-consent-missing = na tento účel nie je v evidencii nijaký súhlas
reason-consent-later = súhlas začína platiť až neskôr
reason-consent-other-basis = účel sa opiera o iný právny základ než súhlas a v evidencii nie je nijaký nákup
reason-consent-other-channel = súhlas platí pre { $channel }, nie pre e-mail
reason-consent-preticked = jediným súhlasom je vopred zaškrtnuté políčko
reason-consent-withdrawn = súhlas bol odvolaný
reason-consent-revoked = súhlas ukončil prevádzkovateľ
reason-consent-purpose-closed = účel, na ktorý bol súhlas udelený, bol uzavretý
reason-consent-void = súhlas sa ukázal ako neplatný
reason-consent-expired = platnosť súhlasu sa skončila
reason-consent-expired-renewal = platnosť súhlasu sa skončila: o jeho obnovenie bolo treba požiadať skôr
reason-consent-spent = súhlas platil na jedinú správu a tá už odišla
reason-consent-unconfirmed = súhlas nebol potvrdený kliknutím
reason-consent-unproven = v doklade o súhlase chýba { $lacks }
reason-age-undeclared = v evidencii nie je doložené, že osoba má najmenej { $age ->
    [one] { $age } rok
    [few] { $age } roky
   *[other] { $age } rokov
}
reason-source-forbidden = adresa bola kúpená, prevzatá z verejného zdroja alebo pozbieraná robotom
reason-purpose-unnamed = prúd neuvádza nijaký účel, takže ho nemôže kryť nijaký súhlas
reason-request-without-consent = žiadosť o súhlas je sama obchodným oznámením a v evidencii nijaký súhlas nie je
reason-request-forbidden = { $law } nedovoľuje žiadať o súhlas e-mailom, a to ani zákazníka
reason-contest-only = príjemca sa zúčastnil súťaže a na nič ďalšie súhlas nedal
reason-enquiry-only = príjemca sa iba informoval o ponuke a v evidencii nijaký súhlas nie je
reason-exemption-unknown = v evidencii je nákup, ale { $law } výnimku pre zákazníkov nepozná
reason-not-similar = ponuka sa netýka podobných tovarov alebo služieb, aké si zákazník kúpil
reason-enquiry-too-old = dopyt je starší než { $age }: viac { $law } nepripúšťa
reason-purchase-too-old = nákup alebo koniec zmluvy je starší než { $age }: viac { $law } nepripúšťa
reason-purchase-too-old-here = nákup alebo koniec zmluvy je starší než { $age }: dlhšie prevádzkovateľ kupujúceho takého tovaru za zákazníka nepovažuje
reason-objection-not-offered = v evidencii je nákup, ale zákazník nemal pri získaní adresy možnosť zasielanie odmietnuť
reason-greeting-not-covered = blahoželanie vyžaduje súhlas: zákaznícka výnimka sa vzťahuje na ponuky podobných tovarov alebo služieb
reason-refused-everything = príjemca odmietol všetky obchodné oznámenia
reason-refused-purpose = príjemca odmietol správy na tento účel
reason-topic-not-chosen = príjemca si tému „{ $topic }“ nevybral
reason-asked-for-pause = príjemca požiadal o prestávku a tá sa ešte neskončila
reason-asked-for-fewer = príjemca si želá najviac { $count ->
    [one] { $count } správu
    [few] { $count } správy
   *[other] { $count } správ
} za { $per }
reason-stream-promises-fewer = prúd posiela na jednu adresu najviac { $count ->
    [one] { $count } správu
    [few] { $count } správy
   *[other] { $count } správ
} za { $per }
reason-contact-inactive = nijaká známka života dlhšie než { $term }
reason-reconsent-repeated = za { $within } sa o obnovenie súhlasu žiadalo už { $times }-krát

## V správe
reason-class-mismatch = je označená ako { $class }, ale obsahuje reklamu
reason-label-missing = predmet ani meno odosielateľa nehovoria, že ide o obchodné oznámenie
reason-label-missing-in-text = predmet, meno odosielateľa ani text nehovoria, že ide o obchodné oznámenie
reason-adult-label-missing = je len pre dospelých a predmet sa nezačína slovami { $label }
reason-subject-misleading = predmet sa začína ako odpoveď alebo preposlaná správa, ale správa nie je ani jedným
reason-identity-missing = { $text } neuvádza { $lacks }
reason-identity-unknown = pravidlá neuvádzajú { $field } prevádzkovateľa: doplňte v policy.toml
reason-company-id-wrong = IČO prevádzkovateľa v pravidlách nie je platné: opravte ho
reason-text-missing-for-identity = chýba text, v ktorom by bol odosielateľ uvedený
reason-text-missing-for-link = chýba text, v ktorom by bol odkaz
reason-text-missing-for-origin = chýba text, v ktorom by to bolo povedané
reason-text-missing-for-request = chýba text, v ktorom by sa o niečo žiadalo
reason-privacy-link-missing = { $text } neodkazuje na zásady ochrany osobných údajov
reason-origin-unstated = { $text } nehovorí, prečo príjemca správu dostáva
reason-objection-unstated = { $text } nehovorí, že možno namietať
reason-reconsent-incomplete = { $text } neobsahuje { $lacks }
reason-unsubscribe-missing = { $text } nemá viditeľný odkaz na odhlásenie
reason-link-mailto-empty = odkaz na odhlásenie je mailto bez adresy
reason-link-http = odkaz na odhlásenie vedie na http, nie na https
reason-link-nowhere = odkaz na odhlásenie nikam nevedie
reason-link-tag = odkazom na odhlásenie je značka šablóny, ktorú nikto nenahradil
reason-link-other = odkaz na odhlásenie nie je webovou ani e-mailovou adresou
reason-tag-in-subject = v predmete zostala značka šablóny, ktorú nikto nenahradil
reason-tag-in-text = v texte zostala značka šablóny, ktorú nikto nenahradil
reason-tag-in-link = niektorým odkazom je značka šablóny, ktorú nikto nenahradil
reason-links-unfilled = odkazy servera nemožno doplniť
reason-links-without-address = odkazy servera nemožno doplniť: nie je nastavená verejná adresa

## V hlavičke
reason-from-without-address = pole From neuvádza nijakú adresu
reason-from-of-others = doména v poli From nepatrí prevádzkovateľovi
reason-from-name-of-others = meno odosielateľa ukazuje adresu, ktorá nepatrí prevádzkovateľovi
reason-sender-of-others = doména v poli Sender nepatrí prevádzkovateľovi
reason-reply-to-without-address = pole Reply-To neuvádza nijakú adresu
reason-reply-to-unreadable = v poli Reply-To nie je adresa
reason-reply-to-of-others = doména v poli Reply-To nepatrí prevádzkovateľovi
reason-reply-to-takes-none = adresa v poli Reply-To neprijíma odpovede
reason-recipients-exposed = { $count ->
    [one] { $count } príjemca vidí adresy ostatných
    [few] { $count } príjemcovia navzájom vidia svoje adresy
   *[other] { $count } príjemcov navzájom vidí svoje adresy
}
reason-list-id-missing = prúd má List-Id a správa nemá nijaké
reason-list-id-wanted = { $provider } vyžaduje List-Id: uveďte ho pri prúde
reason-list-unsubscribe-missing = chýba pole List-Unsubscribe
reason-list-unsubscribe-repeated = pole List-Unsubscribe je v správe viackrát
reason-list-unsubscribe-without-https = pole List-Unsubscribe neponúka adresu https
reason-list-unsubscribe-empty = pole List-Unsubscribe neuvádza nijakú adresu v ostrých zátvorkách
reason-list-unsubscribe-tag = v poli List-Unsubscribe zostala značka šablóny, ktorú nikto nenahradil
reason-list-unsubscribe-http = pole List-Unsubscribe vedie na http, nie na https
reason-list-unsubscribe-mailto-empty = pole List-Unsubscribe uvádza mailto bez adresy
reason-list-unsubscribe-nowhere = pole List-Unsubscribe nikam nevedie
reason-one-click-missing = pole List-Unsubscribe-Post neponúka odhlásenie jedným kliknutím
reason-one-click-unsigned = polia, podľa ktorých { $provider } odhlasuje, nekryje nijaký podpis DKIM
reason-sender-unauthenticated = { $provider } vyžaduje podpis DKIM domény z poľa From
reason-header-unsound = { $provider } vyžaduje riadnu hlavičku: { $faults }
reason-message-malformed = správu možno čítať viacerými spôsobmi: { $faults }

## Čo nie je známe
reason-pack-missing = pre krajinu prevádzkovateľa nie je známe platné právo
reason-store-silent = evidencia súhlasov neodpovedala
reason-tags-unreadable = vzor značiek šablón nemožno prečítať

## Prečo ju oprava nenapraví
reason-no-edit = { $reason }; opraviť nemožno: { $why }
reason-no-edit-sealed = text je podpísaný alebo šifrovaný
reason-no-edit-no-text = chýba text, do ktorého by sa dalo písať
reason-no-edit-malformed = stavba správy je porušená
reason-no-edit-senders = pole From neuvádza práve jedného odosielateľa

## Slová do viet: prvý pád, kde ich veta nechce inak
word-and = { $first } a { $last }
word-text = text
word-text-html = text HTML
word-text-plain = obyčajný text
word-law-at = rakúske právo
word-law-au = austrálske právo
word-law-ca = kanadské právo
word-law-cz = české právo
word-law-de = nemecké právo
word-law-eu = právo Európskej únie
word-law-pl = poľské právo
word-law-sk = slovenské právo
word-law-uk = britské právo
word-law-us = právo USA
word-pack-at = predvolené nastavenie pre Rakúsko
word-pack-au = predvolené nastavenie pre Austráliu
word-pack-ca = predvolené nastavenie pre Kanadu
word-pack-cz = predvolené nastavenie pre Česko
word-pack-de = predvolené nastavenie pre Nemecko
word-pack-eu = predvolené nastavenie pre Európsku úniu
word-pack-pl = predvolené nastavenie pre Poľsko
word-pack-sk = predvolené nastavenie pre Slovensko
word-pack-uk = predvolené nastavenie pre Spojené kráľovstvo
word-pack-us = predvolené nastavenie pre USA
# Na čo platí súhlas: štvrtý pád
word-channel-email = správy e-mailom
word-channel-sms = textové správy
word-channel-phone = telefonické hovory
word-channel-post = listy
word-channel-social = sociálne siete
word-evidence-granted-at = údaj, kedy bol udelený
word-evidence-method = údaj, ako bol udelený
word-evidence-source = údaj, odkiaľ adresa pochádza
word-evidence-record = záznam o jeho udelení
word-evidence-wording = znenie, s ktorým osoba súhlasila
# Čo text neuvádza: štvrtý pád
word-identity-name = názov
word-identity-company-id = IČO
word-identity-seat = sídlo
word-identity-register = zápis v registri
word-identity-representative = zástupcu
word-identity-vat-id = IČ DPH
word-identity-contact = e-mailovú adresu alebo telefónne číslo
word-request-identity = údaj, kto žiada
word-request-benefits = prínos pre príjemcu
word-request-privacy-link = odkaz na zásady ochrany osobných údajov
word-request-choice = odkaz na udelenie súhlasu popri odkaze na odhlásenie
word-request-contact = kontakt
word-class-opt-in-confirmation = potvrdenie prihlásenia
word-class-technical-notice = technické oznámenie
word-class-transactional = transakčná správa
word-class-solicited-reply = vyžiadaná odpoveď
word-class-non-business = neobchodná správa
word-field-missing-from = chýba pole From
word-field-missing-date = chýba pole Date
word-field-repeated-from = pole From sa opakuje
word-field-repeated-sender = pole Sender sa opakuje
word-field-repeated-reply-to = pole Reply-To sa opakuje
word-field-repeated-to = pole To sa opakuje
word-field-repeated-cc = pole Cc sa opakuje
word-field-repeated-bcc = pole Bcc sa opakuje
word-field-repeated-subject = pole Subject sa opakuje
word-field-repeated-date = pole Date sa opakuje
word-field-repeated-message-id = pole Message-ID sa opakuje
word-field-repeated-in-reply-to = pole In-Reply-To sa opakuje
word-field-repeated-references = pole References sa opakuje
word-field-repeated-mime-version = pole MIME-Version sa opakuje
word-field-none = niektorý riadok hlavičky nie je poľom
word-fields-too-many = priveľa polí hlavičky
word-nul-byte = nulový bajt
word-multipart-open = časť multipart bez konca
word-multipart-without-boundary = časť multipart bez oddeľovača
word-multipart-without-parts = časť multipart bez ďalších častí
word-multipart-cut = časť multipart odrezaná v oddeľovači
word-multipart-encoded = zakódovaná časť multipart
word-boundary-odd = riadok oddeľovača, za ktorým niečo stojí
word-parts-too-deep = časti vnorené príliš hlboko
word-parts-too-many = priveľa častí
word-parameter-repeated = dvakrát uvedený parameter poľa Content-Type
word-part-field-repeated = dvakrát uvedené pole, ktoré opisuje časť
word-encoding-unknown = neznáme kódovanie prenosu
word-charset-unknown = neznáma znaková sada

## Prečo sa so správou niečo stalo: dôvody z docs/webhooks.md

cause-besides = { $cause } ({ $besides })
cause-hard = taká schránka neexistuje
cause-full = schránka je plná
cause-policy = odmietajú ju vlastné pravidlá servera
cause-reputation = server nedôveruje odosielajúcej adrese
cause-authentication = server žiada lepšie overenie odosielateľa
cause-content = serveru prekáža obsah
cause-throttled = server žiada, aby správ chodilo menej naraz
cause-greylisted = server žiada, aby sa to skúsilo o chvíľu neskôr
cause-protocol = server nerozumel
cause-soft = server ju teraz nemôže prijať
cause-undecided = server ju odmietol
cause-unreachable = k serveru sa nedá pripojiť
cause-dns-silent = DNS neodpovedalo
cause-tls-failed = zabezpečené spojenie sa nepodarilo nadviazať
cause-tls-not-offered = server neponúka zabezpečené spojenie
cause-login-not-offered = server neponúka bezpečné prihlásenie
cause-domain-unknown = doména príjemcu neexistuje
cause-domain-takes-none = doména príjemcu neprijíma poštu
cause-host-unknown = poštové servery domény nemajú adresu
cause-mail-loop = poštovým serverom domény je tento server
cause-dane-missing = vyžaduje sa tu DANE a zóna servera preň nemá záznam
cause-mta-sts-missing = vyžaduje sa tu MTA-STS a doména nemá jeho pravidlá
cause-mta-sts-not-listed = pravidlá MTA-STS domény server neuvádzajú
cause-requiretls-unproven = bola vyžiadaná ochrana po celej ceste a nič nedokladá, čie servery domény sú
cause-requiretls-not-offered = bola vyžiadaná ochrana po celej ceste a server ju neponúka
cause-connection-lost = server ukončil spojenie
cause-cut-off = spojenie sa skončilo uprostred správy
cause-unconfirmed = spojenie sa skončilo skôr, než server správu potvrdil: mohla dôjsť
cause-not-answered = server včas neodpovedal
cause-protocol-broken = server nedodržiava protokol
cause-too-large = správa je pre server príliš veľká
cause-address-not-taken = adresa obsahuje znaky mimo ASCII a server také neprijíma
cause-header-not-taken = hlavička obsahuje znaky mimo ASCII, ktoré sa inak zapísať nedajú, a server také neprijíma
cause-eight-bit-not-taken = podpísaná alebo vnorená časť je v 8bit a server také neprijíma
cause-expired = vypršal jej čas
cause-given-up = vzdal to človek
cause-complaint = príjemca ju označil za spam
cause-complaint-limit = priveľa príjemcov označilo také správy za spam
cause-fact-missing = zatiaľ sa o nej nedá rozhodnúť
cause-cannot-edit = opraviť sa nedá
cause-turn-taken = k príjemcovi je na ceste iná správa, ktorých počet je obmedzený
cause-links-missing = odkazy sa nedajú vytvoriť, lebo v relay.toml chýba verejná adresa
cause-signing-failed = nepodarilo sa ju podpísať
cause-capture-failed = nepodarilo sa ju zapísať do priečinka
cause-internal-error = chyba vnútri relay: viac hovorí jeho protokol
cause-rate-reached = zatiaľ sa neskúšala: limit za daný čas je vyčerpaný
cause-connections-taken = zatiaľ sa neskúšala: všetky povolené spojenia sú obsadené
cause-slowed-down = zatiaľ sa neskúšala: poskytovateľ požiadal o pomalšie tempo
cause-others-first = zatiaľ sa neskúšala: na to isté miesto idú pred ňou iné
cause-sender-not-allowed = prihlásenie nesmie posielať za tohto odosielateľa
cause-from-not-allowed = prihlásenie nesmie posielať za odosielateľa uvedeného v správe
cause-stream-unknown = policy.toml pre ňu nemá prúd
cause-class-unknown = správa uvádza triedu, ktorá neexistuje
cause-recipient-not-valid = adresa príjemcu nie je platná
cause-links-are-personal = jej odkazy patria každému príjemcovi zvlášť: musí sa posielať po jednom
cause-not-allowed-now = už sa posielať nesmie
cause-not-decided = nepodarilo sa o nej rozhodnúť
cause-storage-unavailable = databáza neodpovedala
cause-no-such-address = taká adresa tu nie je
cause-malformed = správu nemožno prečítať
cause-forgotten = o správe už nie je nič známe
cause-nobody-reads-this = poštu na túto adresu nikto nečíta
