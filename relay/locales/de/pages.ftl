who = Diese Nachrichten sendet:
company-id = Registernummer
privacy = Verarbeitung personenbezogener Daten
unsubscribe-title = Abmeldung von Werbenachrichten
unsubscribe-lead = Bestätigen Sie, dass Sie keine mehr erhalten möchten. Die Abmeldung gilt sofort.
unsubscribe-from = Ich möchte nicht erhalten:
everything = gar keine Werbenachrichten
only = nur
unsubscribe-button = Abmelden
nothing-yet = Solange Sie den Knopf nicht drücken, ändert sich nichts.
preferences-link = Auswählen, was ich erhalte
done-title = Sie sind abgemeldet
done-everything = Wir senden Ihnen keine Werbenachrichten mehr.
done-next = Nachrichten zu Ihren Bestellungen und Verträgen können weiterhin kommen.
preferences-title = Was ich erhalte
preferences-lead = Entfernen Sie die Häkchen bei dem, was Sie nicht mehr möchten.
no-purposes = Zu Ihrer Adresse ist derzeit keine Einwilligung gespeichert.
refused-all = Sie haben Werbenachrichten abgelehnt. Wir senden Ihnen keine.
purposes = Arten von Nachrichten
valid-until = gilt bis
not-sent = wird nicht gesendet
save-button = Speichern
refuse-all-button = Nichts senden
saved = Gespeichert. Es gilt sofort.
renew-title = Einwilligung verlängern
renew-wording = Ich willige ein, dass { $name } mir weiterhin Werbenachrichten zum Zweck „{ $purpose }“ sendet.
renew-button = Ich willige ein und verlängere
confirm-title = Einwilligung bestätigen
confirm-wording = Ich willige ein, dass { $name } mir Werbenachrichten zum Zweck „{ $purpose }“ sendet.
confirm-button = Ich bestätige
revocable = Sie können Ihre Einwilligung jederzeit über den Link in jeder Nachricht widerrufen.
agreed-title = Vielen Dank
agreed = Ihre Einwilligung ist gespeichert.
dossier-title = Über Sie gespeicherte personenbezogene Daten
dossier-intro = Eine Kopie Ihrer personenbezogenen Daten nach Artikel 15 und 20 der Datenschutz-Grundverordnung (DSGVO), erstellt am { $day }.
dossier-address = Adresse
dossier-since = Gespeichert seit
dossier-country = Land
dossier-active = Letztes Lebenszeichen
dossier-erased = Gelöscht am
dossier-none = Es ist nichts gespeichert.
dossier-purposes = Wofür Ihre Adresse verwendet werden darf
dossier-purpose = Zweck
dossier-basis = Rechtsgrundlage
dossier-from = Von
dossier-until = Bis
dossier-how = Wie erlangt
dossier-ended = Beendet
dossier-refusals = Was Sie abgelehnt haben
dossier-scope = Was
dossier-when = Wann
dossier-all = jede Werbung
dossier-relations = Käufe, Verträge und Anfragen
dossier-kind = Art
dossier-goods = Kategorien
dossier-wishes = Wie oft Sie Nachrichten möchten
dossier-most = Höchstens
dossier-paused = Nichts vor dem
dossier-messages = Was über Nachrichten an Sie entschieden wurde
dossier-what = Was geschah
dossier-message = Nachricht
dossier-events = Alle Einträge mit ihrem Nachweis
dossier-by = Eingetragen von
dossier-proof = Nachweis
dossier-gone = keiner, oder gelöscht
dossier-rights = Sie können diese Daten jederzeit kostenlos berichtigen, löschen oder ihre Verarbeitung einschränken lassen, sie mitnehmen, eine Einwilligung widerrufen und der Werbung widersprechen. Sie können sich bei der Datenschutzbehörde des Landes beschweren, in dem Sie leben.
basis-consent = Einwilligung, Art. 6 Abs. 1 lit. a DSGVO
basis-contract = Vertrag, Art. 6 Abs. 1 lit. b DSGVO
basis-legal-obligation = rechtliche Verpflichtung, Art. 6 Abs. 1 lit. c DSGVO
basis-vital-interest = lebenswichtiges Interesse, Art. 6 Abs. 1 lit. d DSGVO
basis-public-interest = öffentliches Interesse, Art. 6 Abs. 1 lit. e DSGVO
basis-legitimate-interest = berechtigtes Interesse, Art. 6 Abs. 1 lit. f DSGVO
dpo = Datenschutzbeauftragte(r)
notice-title = Personenbezogene Daten in unseren E-Mails
notice-who = Verantwortlich für die Daten ist { $name }.
notice-why = Wofür wir Ihre E-Mail-Adresse verwenden
notice-lasts = { $term } ab Ihrer Einwilligung oder der Entstehung des Grundes
notice-active = { $term } ab Ihrer letzten Aktivität
notice-once = für eine Nachricht
notice-consent = Diese Einwilligung ist freiwillig und jederzeit über den Link in jeder Nachricht widerruflich.
notice-interest = Sie können jederzeit widersprechen, auch über den Link in jeder Nachricht; dann schreiben wir nicht mehr.
notice-other = Es hängt nicht von Ihrer Einwilligung ab.
notice-proof = Wie, wann und mit welchem Wortlaut Sie eingewilligt haben und von welcher IP-Adresse, bewahren wir als Nachweis auf: { $term } ab dem Ende der Einwilligung.
notice-review = Mindestens einmal in dieser Zeit gehen wir die Adressen durch: { $term }; wofür es keinen Grund mehr gibt, das entfernen wir.
notice-refusal = Wenn Sie ablehnen, behalten wir einen aus Ihrer Adresse gebildeten Code, damit Ihnen niemand aus Versehen schreibt.
notice-rights = Ihre Rechte
forged-title = Dieser Link ist ungültig
forged = Der Link ist unvollständig oder stammt nicht von uns. Es hat sich nichts geändert.
forged-next = Öffnen Sie den ganzen Link direkt aus der Nachricht. Hilft das nicht, schreiben Sie dem Absender an die in der Nachricht genannte Adresse.
expired-title = Dieser Link ist abgelaufen
expired = Er kann nicht mehr verwendet werden. Es hat sich nichts geändert.
expired-next = Verwenden Sie den Link aus einer neueren Nachricht, oder schreiben Sie dem Absender an die in der Nachricht genannte Adresse.
busy-title = Im Moment nicht möglich
busy = Ihre Auswahl konnte nicht gespeichert werden. Es hat sich nichts geändert.
busy-next = Bitte versuchen Sie es in einigen Minuten noch einmal.
bad-title = Das Formular ist unvollständig
bad = Was gesendet wurde, ist kein vollständiges Formular. Es hat sich nichts geändert.
bad-next = Gehen Sie zur vorherigen Seite zurück und senden Sie sie noch einmal.
done-purpose = Zum Zweck „{ $purpose }“ senden wir Ihnen keine Nachrichten mehr.
day = { $day }.{ $month }.{ $year }
refusal-letter-subject = Bestätigung Ihrer Abmeldung
refusal-letter-lead = Guten Tag, wir bestätigen, dass wir Ihre Ablehnung am { $day } erhalten haben.
refusal-letter-end = Sie müssen auf diese Nachricht nicht antworten. Wenn nicht Sie sich abgemeldet haben, schreiben Sie uns bitte.
form-title = Nachrichten abonnieren
form-lead = { $name } sendet Ihnen Nachrichten per E-Mail, bis Sie sich abmelden.
form-address = E-Mail-Adresse
form-choices = Wählen Sie
form-age = { $age ->
    [one] Ich bin mindestens { $age } Jahr alt.
   *[other] Ich bin mindestens { $age } Jahre alt.
}
form-data = { $name } speichert als Verantwortlicher Ihre E-Mail-Adresse, Ihre Auswahl und zum Nachweis der Einwilligung deren Zeitpunkt und IP-Adresse.
form-button = Abonnieren
form-then = Wir senden Ihnen eine Nachricht mit einem Link. Erst wenn Sie ihn bestätigen, beginnt das Abonnement.
form-trap = Dieses Feld bitte leer lassen
form-wrong = Es fehlt noch etwas
form-wrong-address = Schreiben Sie eine E-Mail-Adresse wie name@beispiel.de.
form-wrong-choice = Wählen Sie mindestens eine Möglichkeit.
form-wrong-age = Ohne diese Angabe ist ein Abonnement nicht möglich.
typo-title = Stimmt die Adresse?
typo-lead = Sie haben { $written } geschrieben. Meinten Sie { $suggested }?
typo-use = { $address } verwenden
typo-keep = { $address } behalten
sent-title = Sehen Sie in Ihr Postfach
sent = Wir haben an diese Adresse eine Nachricht mit einem Link gesendet. Erst wenn Sie ihn bestätigen, beginnt das Abonnement.
sent-next = Nichts angekommen? Sehen Sie auch im Spam-Ordner nach. An dieselbe Adresse senden wir { $hours ->
    [one] höchstens eine Nachricht pro Stunde.
   *[other] höchstens eine Nachricht in { $hours } Stunden.
}
ask-letter-subject = Bestätigen Sie Ihr Abonnement
ask-letter-lead = Guten Tag, für diese Adresse hat jemand E-Mail-Nachrichten bestellt. Absender ist { $name }, und die Einwilligung lautet:
ask-letter-button = Abonnement bestätigen
ask-letter-ignore = { $days ->
    [one] Waren Sie es nicht? Dann tun Sie nichts: Wir senden Ihnen nichts und löschen die Daten innerhalb von { $days } Tag.
   *[other] Waren Sie es nicht? Dann tun Sie nichts: Wir senden Ihnen nichts und löschen die Daten innerhalb von { $days } Tagen.
}
gone-title = Dieser Link ist nicht mehr gültig
gone = Das Abonnement wurde nicht rechtzeitig bestätigt, daher wurden die Daten gelöscht. Es hat sich nichts geändert.
gone-next = Wenn Sie die Nachrichten möchten, abonnieren Sie sie noch einmal.
form-again = Noch einmal abonnieren
already-title = Bereits bestätigt
already = Sie haben diesen Link schon verwendet. Ihre Einwilligung ist gespeichert.
language = Deutsch
languages = Sprache
lifts = Sie haben diese Nachrichten früher abgelehnt. Mit dieser Bestätigung nehmen Sie die Ablehnung zurück.
how-often = Wie oft
as-it-comes = wie der Absender sie sendet
at-most = { $days ->
    [7] { $count ->
        [1] höchstens einmal pro Woche
        [2] höchstens zweimal pro Woche
       *[other] höchstens { $count }-mal pro Woche
    }
    [30] { $count ->
        [1] höchstens einmal im Monat
        [2] höchstens zweimal im Monat
       *[other] höchstens { $count }-mal im Monat
    }
   *[other] höchstens { $count }-mal in { $days } Tagen
}
pause = Pause
no-pause = keine Pause
paused-until = nichts bis { $day }
pause-days = { $days ->
    [one] { $days } Tag lang nichts
   *[other] { $days } Tage lang nichts
}
object-title = Widerspruch gegen Werbung
object-lead = Sie können der Verarbeitung Ihrer personenbezogenen Daten zum Zweck der Direktwerbung jederzeit widersprechen (Art. 21 DSGVO). Der Absender darf sie dann nicht mehr dafür verwenden, gleich ob aufgrund einer Einwilligung oder seines Interesses.
object-wording = Ich widerspreche der Verarbeitung meiner personenbezogenen Daten zum Zweck der Direktwerbung.
object-button = Widersprechen
objected = Ihr Widerspruch ist gespeichert. Er gilt ab sofort.
form-main = Mit „Abonnieren“ geben Sie diese Einwilligung:
ask-letter-question = Waren Sie das, und stimmen Sie zu? Dann bestätigen Sie es mit der Schaltfläche.
typo-again = Eine andere Adresse schreiben
