# Proč je pravidlo porušeno nebo co není známo. Malým písmenem a bez tečky.

## V evidenci
reason-address-undeliverable = adresa vrátila, co na ni bylo posláno, a od té doby ji nikdo nepoužil
reason-consent-missing = pro tento účel není v evidenci žádný souhlas
reason-consent-later = souhlas začíná platit až později
reason-consent-other-basis = účel se opírá o jiný právní základ než souhlas a v evidenci není žádný nákup
reason-consent-other-channel = souhlas platí pro { $channel }, ne pro e-mail
reason-consent-preticked = jediným souhlasem je předem zaškrtnuté políčko
reason-consent-withdrawn = souhlas byl odvolán
reason-consent-revoked = souhlas ukončil správce
reason-consent-purpose-closed = účel, pro který byl souhlas udělen, byl uzavřen
reason-consent-void = souhlas byl shledán neplatným
reason-consent-expired = platnost souhlasu skončila
reason-consent-expired-renewal = platnost souhlasu skončila: o jeho obnovení bylo třeba požádat dříve
reason-consent-spent = souhlas platil pro jedinou zprávu a ta už odešla
reason-consent-unconfirmed = souhlas nebyl potvrzen kliknutím
reason-consent-unproven = v dokladu o souhlasu chybí { $lacks }
reason-age-undeclared = v evidenci není doloženo, že osobě je nejméně { $age ->
    [one] { $age } rok
    [few] { $age } roky
   *[other] { $age } let
}
reason-source-forbidden = adresa byla koupena, převzata z veřejného zdroje nebo posbírána robotem
reason-purpose-unnamed = proud neuvádí žádný účel, takže jej nemůže krýt žádný souhlas
reason-request-without-consent = žádost o souhlas je sama obchodním sdělením a v evidenci žádný souhlas není
reason-request-forbidden = { $law } nedovoluje žádat o souhlas e-mailem, a to ani zákazníka
reason-contest-only = příjemce se zúčastnil soutěže a k ničemu dalšímu souhlas nedal
reason-enquiry-only = příjemce pouze poptával a v evidenci žádný souhlas není
reason-exemption-unknown = v evidenci je nákup, ale { $law } výjimku pro zákazníky nezná
reason-not-similar = nabídka se netýká obdobných výrobků nebo služeb, jaké zákazník koupil
reason-enquiry-too-old = poptávka je starší než { $age }: víc { $law } nepřipouští
reason-purchase-too-old = nákup nebo konec smlouvy je starší než { $age }: víc { $law } nepřipouští
reason-purchase-too-old-here = nákup nebo konec smlouvy je starší než { $age }: déle správce kupujícího takového zboží za zákazníka nepovažuje
reason-objection-not-offered = v evidenci je nákup, ale zákazník neměl při získání adresy možnost zasílání odmítnout
reason-greeting-not-covered = přání vyžaduje souhlas: zákaznická výjimka se vztahuje na nabídky obdobných výrobků nebo služeb
reason-refused-everything = příjemce odmítl všechna obchodní sdělení
reason-refused-purpose = příjemce odmítl zprávy pro tento účel
reason-topic-not-chosen = příjemce si téma „{ $topic }“ nevybral
reason-asked-for-pause = příjemce požádal o přestávku a ta ještě neskončila
reason-asked-for-fewer = příjemce si přeje nejvýše { $count ->
    [one] { $count } zprávu
    [few] { $count } zprávy
   *[other] { $count } zpráv
} za { $per }
reason-stream-promises-fewer = proud posílá na jednu adresu nejvýše { $count ->
    [one] { $count } zprávu
    [few] { $count } zprávy
   *[other] { $count } zpráv
} za { $per }
reason-contact-inactive = žádná známka života po dobu delší než { $term }
reason-reconsent-repeated = za { $within } se o obnovení souhlasu žádalo už { $times }krát

## Ve zprávě
reason-class-mismatch = je označena jako { $class }, ale obsahuje reklamu
reason-label-missing = předmět ani jméno odesílatele neříkají, že jde o obchodní sdělení
reason-label-missing-in-text = předmět, jméno odesílatele ani text neříkají, že jde o obchodní sdělení
reason-adult-label-missing = je jen pro dospělé a předmět nezačíná slovy { $label }
reason-subject-misleading = předmět začíná jako odpověď nebo přeposlaná zpráva, ale zpráva není ani jedním
reason-identity-missing = { $text } neuvádí { $lacks }
reason-identity-unknown = pravidla neuvádějí { $field } správce: doplňte v policy.toml
reason-company-id-wrong = IČO správce v pravidlech není platné: opravte je
reason-text-missing-for-identity = chybí text, ve kterém by byl odesílatel uveden
reason-text-missing-for-link = chybí text, ve kterém by byl odkaz
reason-text-missing-for-origin = chybí text, ve kterém by to bylo řečeno
reason-text-missing-for-request = chybí text, ve kterém by se o něco žádalo
reason-privacy-link-missing = { $text } neodkazuje na zásady ochrany osobních údajů
reason-origin-unstated = { $text } neříká, proč příjemce zprávu dostává
reason-objection-unstated = { $text } neříká, že lze vznést námitku
reason-reconsent-incomplete = { $text } neobsahuje { $lacks }
reason-unsubscribe-missing = { $text } nemá viditelný odkaz k odhlášení
reason-link-mailto-empty = odkaz k odhlášení je mailto bez adresy
reason-link-http = odkaz k odhlášení vede na http, ne na https
reason-link-nowhere = odkaz k odhlášení nikam nevede
reason-link-tag = odkazem k odhlášení je značka šablony, kterou nikdo nenahradil
reason-link-other = odkaz k odhlášení není webovou ani e-mailovou adresou
reason-tag-in-subject = v předmětu zůstala značka šablony, kterou nikdo nenahradil
reason-tag-in-text = v textu zůstala značka šablony, kterou nikdo nenahradil
reason-tag-in-link = některým odkazem je značka šablony, kterou nikdo nenahradil
reason-links-unfilled = odkazy serveru nelze doplnit
reason-links-without-address = odkazy serveru nelze doplnit: není nastavena veřejná adresa

## V záhlaví
reason-from-without-address = pole From neuvádí žádnou adresu
reason-from-of-others = doména v poli From nepatří správci
reason-from-name-of-others = jméno odesílatele ukazuje adresu, která nepatří správci
reason-sender-of-others = doména v poli Sender nepatří správci
reason-reply-to-without-address = pole Reply-To neuvádí žádnou adresu
reason-reply-to-unreadable = v poli Reply-To není adresa
reason-reply-to-of-others = doména v poli Reply-To nepatří správci
reason-reply-to-takes-none = adresa v poli Reply-To nepřijímá odpovědi
reason-recipients-exposed = { $count ->
    [one] { $count } příjemce vidí adresy ostatních
    [few] { $count } příjemci navzájem vidí své adresy
   *[other] { $count } příjemců navzájem vidí své adresy
}
reason-list-id-missing = proud má List-Id a zpráva nemá žádné
reason-list-id-wanted = { $provider } vyžaduje List-Id: uveďte je u proudu
reason-list-unsubscribe-missing = chybí pole List-Unsubscribe
reason-list-unsubscribe-repeated = pole List-Unsubscribe je ve zprávě vícekrát
reason-list-unsubscribe-without-https = pole List-Unsubscribe nenabízí adresu https
reason-list-unsubscribe-empty = pole List-Unsubscribe neuvádí žádnou adresu v ostrých závorkách
reason-list-unsubscribe-tag = v poli List-Unsubscribe zůstala značka šablony, kterou nikdo nenahradil
reason-list-unsubscribe-http = pole List-Unsubscribe vede na http, ne na https
reason-list-unsubscribe-mailto-empty = pole List-Unsubscribe uvádí mailto bez adresy
reason-list-unsubscribe-nowhere = pole List-Unsubscribe nikam nevede
reason-one-click-missing = pole List-Unsubscribe-Post nenabízí odhlášení jedním kliknutím
reason-one-click-unsigned = pole, podle kterých { $provider } odhlašuje, nekryje žádný podpis DKIM
reason-sender-unauthenticated = { $provider } vyžaduje podpis DKIM domény z pole From
reason-header-unsound = { $provider } vyžaduje řádné záhlaví: { $faults }
reason-message-malformed = zprávu lze číst více způsoby: { $faults }

## Co není známo
reason-pack-missing = pro zemi správce není známo platné právo
reason-store-silent = evidence souhlasů neodpověděla
reason-tags-unreadable = vzor značek šablon nelze přečíst

## Proč ji oprava nenapraví
reason-no-edit = { $reason }; opravit nelze: { $why }
reason-no-edit-sealed = text je podepsaný nebo šifrovaný
reason-no-edit-no-text = chybí text, do kterého by se dalo psát
reason-no-edit-malformed = stavba zprávy je porušená
reason-no-edit-senders = pole From neuvádí právě jednoho odesílatele

## Slova do vět: první pád, kde je věta nechce jinak
word-and = { $first } a { $last }
word-text = text
word-text-html = text HTML
word-text-plain = prostý text
word-law-at = rakouské právo
word-law-au = australské právo
word-law-ca = kanadské právo
word-law-cz = české právo
word-law-de = německé právo
word-law-eu = právo Evropské unie
word-law-pl = polské právo
word-law-sk = slovenské právo
word-law-uk = britské právo
word-law-us = právo USA
word-pack-at = výchozí nastavení pro Rakousko
word-pack-au = výchozí nastavení pro Austrálii
word-pack-ca = výchozí nastavení pro Kanadu
word-pack-cz = výchozí nastavení pro Česko
word-pack-de = výchozí nastavení pro Německo
word-pack-eu = výchozí nastavení pro Evropskou unii
word-pack-pl = výchozí nastavení pro Polsko
word-pack-sk = výchozí nastavení pro Slovensko
word-pack-uk = výchozí nastavení pro Spojené království
word-pack-us = výchozí nastavení pro USA
# Pro co platí souhlas: čtvrtý pád
word-channel-email = zprávy e-mailem
word-channel-sms = textové zprávy
word-channel-phone = telefonní hovory
word-channel-post = dopisy
word-channel-social = sociální sítě
word-evidence-granted-at = údaj, kdy byl udělen
word-evidence-method = údaj, jak byl udělen
word-evidence-source = údaj, odkud adresa pochází
word-evidence-record = záznam o jeho udělení
word-evidence-wording = znění, se kterým osoba souhlasila
# Co text neuvádí: čtvrtý pád
word-identity-name = název
word-identity-company-id = IČO
word-identity-seat = sídlo
word-identity-register = zápis v rejstříku
word-identity-representative = zástupce
word-identity-vat-id = DIČ
word-identity-contact = e-mailovou adresu nebo telefonní číslo
word-request-identity = údaj, kdo žádá
word-request-benefits = přínos pro příjemce
word-request-privacy-link = odkaz na zásady ochrany osobních údajů
word-request-choice = odkaz k udělení souhlasu vedle odkazu k odhlášení
word-request-contact = kontakt
word-class-opt-in-confirmation = potvrzení přihlášení
word-class-technical-notice = technické oznámení
word-class-transactional = transakční zpráva
word-class-solicited-reply = vyžádaná odpověď
word-class-non-business = neobchodní zpráva
word-field-missing-from = chybí pole From
word-field-missing-date = chybí pole Date
word-field-repeated-from = pole From se opakuje
word-field-repeated-sender = pole Sender se opakuje
word-field-repeated-reply-to = pole Reply-To se opakuje
word-field-repeated-to = pole To se opakuje
word-field-repeated-cc = pole Cc se opakuje
word-field-repeated-bcc = pole Bcc se opakuje
word-field-repeated-subject = pole Subject se opakuje
word-field-repeated-date = pole Date se opakuje
word-field-repeated-message-id = pole Message-ID se opakuje
word-field-repeated-in-reply-to = pole In-Reply-To se opakuje
word-field-repeated-references = pole References se opakuje
word-field-repeated-mime-version = pole MIME-Version se opakuje
word-field-none = některý řádek záhlaví není polem
word-fields-too-many = příliš mnoho polí záhlaví
word-nul-byte = nulový bajt
word-multipart-open = část multipart bez konce
word-multipart-without-boundary = část multipart bez oddělovače
word-multipart-without-parts = část multipart bez dalších částí
word-multipart-cut = část multipart uříznutá v oddělovači
word-multipart-encoded = zakódovaná část multipart
word-boundary-odd = řádek oddělovače, za kterým něco stojí
word-parts-too-deep = části vnořené příliš hluboko
word-parts-too-many = příliš mnoho částí
word-parameter-repeated = dvakrát uvedený parametr pole Content-Type
word-part-field-repeated = dvakrát uvedené pole, které popisuje část
word-encoding-unknown = neznámé kódování přenosu
word-charset-unknown = neznámá znaková sada

## Proč se zprávou něco stalo: důvody z docs/webhooks.md

cause-besides = { $cause } ({ $besides })
cause-hard = taková schránka neexistuje
cause-full = schránka je plná
cause-policy = odmítají ji vlastní pravidla serveru
cause-reputation = server nedůvěřuje odesílající adrese
cause-authentication = server žádá lepší ověření odesílatele
cause-content = serveru vadí obsah
cause-throttled = server žádá, aby zpráv chodilo méně najednou
cause-greylisted = server žádá, aby se to zkusilo o chvíli později
cause-protocol = server nerozuměl
cause-soft = server ji teď nemůže přijmout
cause-undecided = server ji odmítl
cause-unreachable = k serveru se nelze připojit
cause-dns-silent = DNS neodpovědělo
cause-tls-failed = zabezpečené spojení se nepodařilo navázat
cause-tls-not-offered = server nenabízí zabezpečené spojení
cause-login-not-offered = server nenabízí bezpečné přihlášení
cause-domain-unknown = doména příjemce neexistuje
cause-domain-takes-none = doména příjemce nepřijímá poštu
cause-host-unknown = poštovní servery domény nemají adresu
cause-mail-loop = poštovním serverem domény je tento server
cause-dane-missing = vyžaduje se tu DANE a zóna serveru pro něj nemá záznam
cause-mta-sts-missing = vyžaduje se tu MTA-STS a doména nemá jeho pravidla
cause-mta-sts-not-listed = pravidla MTA-STS domény server neuvádějí
cause-requiretls-unproven = byla vyžádána ochrana po celé cestě a nic nedokládá, čí servery domény jsou
cause-requiretls-not-offered = byla vyžádána ochrana po celé cestě a server ji nenabízí
cause-connection-lost = server ukončil spojení
cause-cut-off = spojení skončilo uprostřed zprávy
cause-unconfirmed = spojení skončilo dřív, než server zprávu potvrdil: mohla dojít
cause-not-answered = server včas neodpověděl
cause-protocol-broken = server nedodržuje protokol
cause-too-large = zpráva je pro server příliš velká
cause-address-not-taken = adresa obsahuje znaky mimo ASCII a server takové nepřijímá
cause-header-not-taken = záhlaví obsahuje znaky mimo ASCII, které jinak zapsat nelze, a server takové nepřijímá
cause-eight-bit-not-taken = podepsaná nebo vnořená část je v 8bit a server takové nepřijímá
cause-expired = vypršel jí čas
cause-given-up = vzdal to člověk
cause-complaint = příjemce ji označil za spam
cause-complaint-limit = příliš mnoho příjemců označilo takové zprávy za spam
cause-fact-missing = zatím o ní nelze rozhodnout
cause-cannot-edit = opravit ji nelze
cause-turn-taken = k příjemci je na cestě jiná zpráva, jejichž počet je omezen
cause-links-missing = odkazy nelze vytvořit, protože v relay.toml chybí veřejná adresa
cause-signing-failed = nepodařilo se ji podepsat
cause-capture-failed = nepodařilo se ji zapsat do složky
cause-internal-error = chyba uvnitř relay: víc říká jeho protokol
cause-rate-reached = zatím se nezkoušela: limit za daný čas je vyčerpán
cause-connections-taken = zatím se nezkoušela: všechna povolená spojení jsou obsazená
cause-slowed-down = zatím se nezkoušela: poskytovatel požádal o pomalejší tempo
cause-others-first = zatím se nezkoušela: na stejné místo jdou před ní jiné
cause-sender-not-allowed = přihlášení nesmí posílat za tohoto odesílatele
cause-from-not-allowed = přihlášení nesmí posílat za odesílatele uvedeného ve zprávě
cause-stream-unknown = policy.toml pro ni nemá proud
cause-class-unknown = zpráva uvádí třídu, která neexistuje
cause-recipient-not-valid = adresa příjemce není platná
cause-links-are-personal = její odkazy patří každému příjemci zvlášť: musí se posílat po jednom
cause-not-allowed-now = už se posílat nesmí
cause-not-decided = nepodařilo se o ní rozhodnout
cause-storage-unavailable = databáze neodpověděla
cause-no-such-address = taková adresa tu není
cause-malformed = zprávu nelze přečíst
cause-forgotten = o zprávě už není nic známo
cause-nobody-reads-this = poštu na tuto adresu nikdo nečte
