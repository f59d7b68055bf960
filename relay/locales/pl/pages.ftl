who = Wiadomości wysyła:
company-id = Nr rejestrowy
privacy = Przetwarzanie danych osobowych
unsubscribe-title = Rezygnacja z informacji handlowych
unsubscribe-lead = Potwierdź, że nie chcesz ich już otrzymywać. Rezygnacja działa od razu.
unsubscribe-from = Nie chcę otrzymywać
everything = żadnych informacji handlowych
only = tylko
unsubscribe-button = Rezygnuję
nothing-yet = Dopóki nie naciśniesz przycisku, nic się nie zmieni.
preferences-link = Wybierz, co chcę otrzymywać
done-title = Zrezygnowano
done-everything = Nie wyślemy już żadnych informacji handlowych.
done-next = Wiadomości potrzebne do obsługi zamówień i umów mogą nadal przychodzić.
preferences-title = Co chcę otrzymywać
preferences-lead = Odznacz to, czego już nie chcesz.
no-purposes = Nie mamy obecnie żadnej zgody dla tego adresu.
refused-all = Informacje handlowe zostały odrzucone. Nie wysyłamy żadnych.
purposes = Rodzaje wiadomości
valid-until = ważna do
topics = Tematy
topics-hint = Wiadomości na odznaczony temat nie przyjdą. Te bez tematu przychodzą dalej.
not-sent = nie wysyłamy
no-choice = nie zależy od wyboru: wymaga tego umowa lub prawo
save-button = Zapisz
refuse-all-button = Nie chcę otrzymywać niczego
saved = Zapisano. Działa od razu.
renew-title = Przedłużenie zgody
renew-wording = Zgadzam się, aby { $name } nadal przesyłał mi informacje handlowe w celu „{ $purpose }”.
renew-button = Zgadzam się i przedłużam
confirm-title = Potwierdzenie zgody
confirm-wording = Zgadzam się, aby { $name } przesyłał mi informacje handlowe w celu „{ $purpose }”.
confirm-button = Potwierdzam zgodę
revocable = Zgodę można w każdej chwili wycofać za pomocą odnośnika w każdej wiadomości.
agreed-title = Dziękujemy
agreed = Zgoda została zapisana.
dossier-title = Dane osobowe zapisane na Państwa temat
dossier-intro = Kopia Państwa danych osobowych na podstawie art. 15 i 20 rozporządzenia o ochronie danych (RODO), sporządzona { $day }.
dossier-address = Adres
dossier-since = Zapisano od
dossier-country = Kraj
dossier-active = Ostatnia aktywność
dossier-erased = Usunięto
dossier-none = Nic nie jest zapisane.
dossier-purposes = Do czego wolno używać Państwa adresu
dossier-purpose = Cel
dossier-basis = Podstawa prawna
dossier-from = Od
dossier-until = Do
dossier-how = Jak uzyskano
dossier-ended = Zakończono
dossier-refusals = Czego Państwo odmówili
dossier-scope = Czego
dossier-when = Kiedy
dossier-all = wszelkich informacji handlowych
dossier-all-but = wszelkich informacji handlowych oprócz: { $purposes }
dossier-list = z listy { $file } ({ $source }), potwierdził(a) { $name }, { $day }
dossier-relations = Zakupy, umowy i zapytania
dossier-kind = Rodzaj
dossier-goods = Kategorie
dossier-wishes = Jak często i o czym chcą Państwo otrzymywać wiadomości
dossier-most = Najwyżej
dossier-paused = Nic przed
dossier-no-topic = żaden
dossier-messages = Co postanowiono o wiadomościach do Państwa
dossier-what = Co się stało
dossier-message = Wiadomość
dossier-letters = Co nam Państwo odpisali
dossier-events = Wszystkie zapisy z dowodami
dossier-by = Zapisał
dossier-proof = Dowód
dossier-gone = brak albo usunięty
dossier-rights = W każdej chwili i bezpłatnie mogą Państwo żądać sprostowania, usunięcia lub ograniczenia przetwarzania tych danych, przenieść je, wycofać zgodę i sprzeciwić się reklamie. Mogą Państwo wnieść skargę do organu nadzorczego w kraju zamieszkania (w Polsce: Prezes Urzędu Ochrony Danych Osobowych).
basis-consent = zgoda, art. 6 ust. 1 lit. a RODO
basis-contract = umowa, art. 6 ust. 1 lit. b RODO
basis-legal-obligation = obowiązek prawny, art. 6 ust. 1 lit. c RODO
basis-vital-interest = żywotny interes, art. 6 ust. 1 lit. d RODO
basis-public-interest = interes publiczny, art. 6 ust. 1 lit. e RODO
basis-legitimate-interest = prawnie uzasadniony interes, art. 6 ust. 1 lit. f RODO
dpo = Inspektor ochrony danych
notice-title = Dane osobowe w naszych e-mailach
notice-who = Administratorem danych jest { $name }
notice-what = Jakie dane i kto je otrzymuje
notice-data = Przetwarzamy adres e-mail, to, co Państwo wybrali i czego odmówili, jak często chcą Państwo otrzymywać wiadomości, zakupy, umowy i zapytania, a także kiedy wiadomość została otwarta, kliknięta lub nastąpiło logowanie, jeśli zgłaszają to nasze narzędzia. O każdej wiadomości przechowujemy zapis, dlaczego została wysłana.
notice-processors = W naszym imieniu przetwarzają je: { $names }
notice-why = Do czego używamy Państwa adresu e-mail
notice-lasts = { $term } od chwili wyrażenia zgody lub powstania podstawy
notice-active = { $term } od ostatniej aktywności
notice-once = na jedną wiadomość
notice-consent = Zgoda jest dobrowolna i można ją w każdej chwili wycofać odnośnikiem w każdej wiadomości.
notice-interest = W każdej chwili mogą Państwo wnieść sprzeciw, także odnośnikiem w każdej wiadomości; wtedy nie będziemy już pisać.
notice-other = Nie zależy to od Państwa zgody.
notice-proof = To, jak, kiedy i na jaką treść wyrazili Państwo zgodę oraz z jakiego adresu IP, przechowujemy jako dowód przez: { $term } od końca zgody.
notice-review = Adresy przeglądamy co najmniej raz na: { $term }, i usuwamy te, dla których nie ma już podstawy.
notice-refusal = W razie odmowy zachowujemy kod utworzony z Państwa adresu, aby nikt nie napisał do Państwa przez pomyłkę.
notice-rights = Państwa prawa
notice-access = W każdej chwili i bezpłatnie mają Państwo prawo dostępu: dowiedzieć się, jakie dane o Państwu mamy, i otrzymać ich kopię.
forged-title = Ten odnośnik jest nieprawidłowy
forged = Odnośnik jest niepełny albo nie powstał u nas. Nic się nie zmieniło.
forged-next = Otwórz cały odnośnik bezpośrednio z wiadomości. Jeśli to nie pomoże, napisz do nadawcy na adres podany w wiadomości.
expired-title = Ten odnośnik wygasł
expired = Nie można go już użyć. Nic się nie zmieniło.
expired-next = Użyj odnośnika z nowszej wiadomości albo napisz do nadawcy na adres podany w wiadomości.
busy-title = Teraz to niemożliwe
busy = Nie udało się zapisać wyboru. Nic się nie zmieniło.
busy-next = Spróbuj ponownie za kilka minut.
bad-title = Formularz jest niepełny
bad = Przesłany formularz nie jest pełny. Nic się nie zmieniło.
bad-next = Wróć do poprzedniej strony i wyślij ją ponownie.
done-purpose = Nie wyślemy już wiadomości w celu „{ $purpose }”.
day = { $day } { $month ->
    [1] stycznia
    [2] lutego
    [3] marca
    [4] kwietnia
    [5] maja
    [6] czerwca
    [7] lipca
    [8] sierpnia
    [9] września
    [10] października
    [11] listopada
   *[12] grudnia
} { $year }
refusal-letter-subject = Potwierdzenie rezygnacji
refusal-letter-lead = Dzień dobry, potwierdzamy, że { $day } otrzymaliśmy Twoją odmowę.
refusal-letter-end = Na tę wiadomość nie trzeba odpowiadać. Jeśli to nie Ty zrezygnowałeś lub zrezygnowałaś, napisz do nas.
silent-letter-lead = Dzień dobry, od dawna nie było żadnej reakcji na nasze wiadomości, więc { $day } wypisaliśmy ten adres.
silent-letter-end = Na tę wiadomość nie trzeba odpowiadać. Jeśli chcesz znów otrzymywać nasze wiadomości, zapisz się ponownie lub napisz do nas.
form-title = Zapis na wiadomości
form-lead = { $name } będzie wysyłać wiadomości e-mail, dopóki się nie wypiszesz.
form-address = Adres e-mail
form-choices = Wybierz
form-age = { $age ->
    [one] Mam co najmniej { $age } rok.
    [few] Mam co najmniej { $age } lata.
   *[other] Mam co najmniej { $age } lat.
}
form-data = Administrator danych { $name } zapisze adres e-mail, Twój wybór oraz, jako dowód zgody, jego czas i adres IP.
form-button = Zapisz mnie
form-then = Wyślemy wiadomość z odnośnikiem. Nic się nie zacznie, dopóki go nie potwierdzisz.
form-trap = Tego pola nie wypełniaj
form-wrong = Jeszcze czegoś brakuje
form-wrong-address = Wpisz adres e-mail, na przykład imie@domena.pl.
form-wrong-choice = Wybierz co najmniej jedną możliwość.
form-wrong-age = Bez tego oświadczenia nie możemy Cię zapisać.
typo-title = Czy adres jest poprawny?
typo-lead = Wpisano { $written }. Czy nie powinno być { $suggested }?
typo-use = Użyj { $address }
typo-keep = Zostaw { $address }
sent-title = Sprawdź pocztę
sent = Na podany adres wysłaliśmy wiadomość z odnośnikiem. Nic się nie zacznie, dopóki go nie potwierdzisz.
sent-next = Nie dotarła? Sprawdź też folder ze spamem. Na ten sam adres wysyłamy { $hours ->
    [one] najwyżej jedną wiadomość na godzinę.
    [few] najwyżej jedną wiadomość na { $hours } godziny.
   *[other] najwyżej jedną wiadomość na { $hours } godzin.
}
ask-letter-subject = Potwierdź zapis
ask-letter-lead = Dzień dobry, ktoś zapisał ten adres na wiadomości e-mail. Nadawcą jest { $name }, a zgoda brzmi:
ask-letter-button = Potwierdź zapis
ask-letter-ignore = { $days ->
    [one] To nie Ty? Nie rób nic: niczego nie wyślemy, a dane usuniemy w ciągu { $days } dnia.
    [few] To nie Ty? Nie rób nic: niczego nie wyślemy, a dane usuniemy w ciągu { $days } dni.
   *[other] To nie Ty? Nie rób nic: niczego nie wyślemy, a dane usuniemy w ciągu { $days } dni.
}
gone-title = Ten odnośnik już nie działa
gone = Zapis nie został potwierdzony na czas, więc dane zostały usunięte. Nic się nie zmieniło.
gone-next = Jeśli chcesz otrzymywać wiadomości, zapisz się ponownie.
form-again = Zapisz się ponownie
already-title = Już potwierdzono
already = Ten odnośnik został już użyty. Zgoda jest zapisana.
language = Polski
languages = Język
lifts = Te wiadomości zostały wcześniej odrzucone. To potwierdzenie cofa tę odmowę.
how-often = Jak często
as-it-comes = tak, jak wysyła nadawca
at-most = { $days ->
    [7] { $count ->
        [1] najwyżej raz w tygodniu
        [2] najwyżej dwa razy w tygodniu
       *[other] najwyżej { $count } razy w tygodniu
    }
    [30] { $count ->
        [1] najwyżej raz w miesiącu
        [2] najwyżej dwa razy w miesiącu
       *[other] najwyżej { $count } razy w miesiącu
    }
   *[other] najwyżej { $count } razy w ciągu { $days } dni
}
pause = Przerwa
no-pause = bez przerwy
paused-until = nic do { $day }
pause-days = { $days ->
    [one] nic przez { $days } dzień
   *[other] nic przez { $days } dni
}
object-title = Sprzeciw wobec marketingu
object-lead = W każdej chwili można sprzeciwić się przetwarzaniu danych osobowych na potrzeby marketingu bezpośredniego (art. 21 RODO). Nadawca nie może ich wtedy dalej używać w tym celu, ani na podstawie zgody, ani własnego interesu.
object-wording = Sprzeciwiam się przetwarzaniu moich danych osobowych na potrzeby marketingu bezpośredniego.
object-button = Zgłoś sprzeciw
objected = Sprzeciw został zapisany. Obowiązuje od tej chwili.
form-main = Przyciskiem „Zapisz mnie” wyrażasz tę zgodę:
ask-letter-question = Czy to Ty i czy wyrażasz tę zgodę? Potwierdź to przyciskiem.
typo-again = Wpisz inny adres
case-title = Akta sprawy
case-controller = Administrator danych
case-message = Wiadomość
case-address = Adres
case-made = Sporządzono
case-key = Podpisano kluczem
case-part = Ta strona jest częścią archiwum, którego pozostałe pliki jej dowodzą. Czy zmieniono w nim choć jeden bajt, powie:
case-utc = Wszystkie czasy podano w UTC.
case-is-left = Wiadomość jest w archiwum w postaci, w jakiej wyszła; jej skrót jest w dzienniku.
case-is-received = Wiadomość jest w archiwum w postaci, w jakiej nadeszła od nadawcy.
case-is-not-kept = Doręczonych wiadomości się nie przechowuje, tylko skrót tego, co wyszło: kto ma wiadomość, może nim wykazać, że to ona.
case-is-never-left = Nie zapisano żadnego wysłania wiadomości.
case-file = W archiwum
case-digest = SHA-256 tego, co wyszło
case-decided = Co postanowiono
case-line = Wiersz dziennika
case-class = Rodzaj i strumień
case-purpose = Cel
case-law = Zasady i prawo
case-rule = Reguła
case-outcome = Wynik
case-duty = Obowiązek i przepis
case-outside = Reguły, które nie dotyczą wiadomości:
case-edits = Co dodano, aby była zgodna z prawem:
case-repaired = Reguły dla tak uzupełnionej wiadomości:
case-done = Co zrobiono
case-said = Szczegóły
case-people = Co oświadczył odbiorca
case-nobody = Adresu nie zapisano
case-person = Klucz w wierszach
case-recorded = Zapisano
case-erased = Usunięty, jak wymaga prawo; zobowiązanie do niego pozostaje.
case-policies = Obowiązujące zasady
case-missing = nie zapisano
case-proof = Co tego dowodzi
case-chained = Skrót każdego wiersza i wpisu powyżej obejmuje skrót poprzedniego. Punkty kontrolne obejmują skróty podpisem; ścieżki od wierszy do nich są w pliku case.json.
case-chain = Łańcuch
case-lines = Wiersze
case-signed = Podpisano
case-root = Korzeń drzewa
event-granted = udzielono
event-refused = odmówiono
event-withdrawn = wycofano
event-revoked = cofnięto przez administratora
event-terminated = cel zakończono
event-invalidated = uznano za nieważne
event-expiring = wkrótce wygaśnie
event-expired = wygasło
event-relation = zakup, umowa lub zapytanie
event-activity = aktywność
event-preference = życzenie co do częstotliwości i tematów
event-corrected = poprawiono
event-informed = poinformowano
event-inactive = długo bez aktywności
event-reactivated = ponownie aktywny
event-bounced = wiadomość wróciła
event-erased = usunięto
fate-decided = postanowiono
fate-delivered = doręczono
fate-deferred = odłożono
fate-bounced = niedoręczalne
fate-complained = zgłoszone jako spam
fate-suppressed = nie wysłano z powodu odmowy
fate-held = wstrzymano
fate-released = zwolniono
fate-rejected = odrzucono
fate-expired = upłynął czas na doręczenie
fate-reported = wysłano zawiadomienie
fate-policy-loaded = weszły w życie nowe zasady
fate-operator = działanie operatora
fate-purpose-added = dodano cel
fate-purpose-topics = zmieniono tematy celu
fate-purpose-closed = zamknięto cel
fate-import-begun = rozpoczęto import
fate-entries-listed = zapisano pozycje listy
fate-reviewed = przejrzano kontakty
method-form = formularz
method-double-opt-in = formularz potwierdzony linkiem w e-mailu
method-import = przejęto z pliku
method-api = inny program
method-manual = wpisano ręcznie
method-chat = czat
method-order = zamówienie
method-renewal-click = odnowiono linkiem
method-preticked = pole zaznaczone z góry
relation-purchase = zakup
relation-contract = umowa
relation-enquiry = zapytanie
relation-contest = konkurs
action-send = wysłać
action-send-edited = wysłać z uzupełnieniem
action-defer = odłożyć
action-hold = wstrzymać
action-reject = odrzucić
outcome-broken = naruszono
outcome-undecided = nierozstrzygnięte
outcome-kept = zachowano
outcome-outside = nie dotyczy

## Nazwy pól, autorów i powodów we wpisach

field-address = adres
field-after = po zmianie
field-at = kiedy
field-at-most = najwyżej
field-attempt = próba
field-attested-by = potwierdził(a)
field-basis = podstawa prawna
field-because = dlaczego
field-before = przed zmianą
field-bulk = zbiorczo
field-by = kto
field-categories = towary
field-code = powód
field-completes = kończy
field-confirmed-at = potwierdzono kliknięciem
field-country = kraj
field-ended-at = zakończono
field-events = liczba oświadczeń
field-evidence = rodzaj dowodu
field-except = oprócz
field-extended = przedłużono
field-file = plik
field-from = od
field-grant = dotyczy
field-grants = zakończono
field-how = jak
field-import = import
field-imported = z importu
field-ip = adres IP
field-kind = rodzaj
field-language = język
field-lifts-refusal = znosi wcześniejszą odmowę
field-line = wiersz
field-list = lista
field-login = login
field-message = wiadomość
field-method = sposób
field-note = uwaga
field-notice = informacja
field-complaint = skarga
field-objection = sprzeciw
field-objection-offered = zaproponowano sprzeciw
field-of-age = deklarowany wiek
field-paused-until = przerwa do
field-peer = drugi serwer
field-policy-url = polityka prywatności
field-published = sam opublikował adres
field-reason = powód
field-reference = numer
field-reply = odpowiedź serwera
field-row = wpis
field-rule = reguła
field-rules = reguły
field-scope = zakres
field-second = druga osoba
field-sha256 = SHA-256
field-source = źródło
field-status = status
field-stream = strumień
field-subscriber = rodzaj odbiorcy
field-suppression = lista wykluczeń
field-tls = TLS
field-until = do
field-url = strona
field-user-agent = przeglądarka
field-version = wersja
field-what = co
field-why = dlaczego
field-wide-assortment = szeroki asortyment
field-wording = treść
field-wording-version = wersja treści
actor-api = podłączony system (klucz { $key })
actor-cli = pracownik administratora
actor-clock = samoczynnie po upływie czasu
actor-confirmation = Ty, odnośnikiem potwierdzającym
actor-form = Ty, formularzem
actor-hook = inne narzędzie administratora ({ $name })
actor-import = import z pliku
actor-one-click = Ty, rezygnacją jednym kliknięciem
actor-page = Ty, na stronie
actor-preferences = Ty, na stronie preferencji
actor-renewal = Ty, odnośnikiem do odnowienia
why-completed = zakończone
why-kept = okres przechowywania minął
why-silent = długo bez odzewu
