//! What the public pages say, in each language.

use policy::Language;

/// All texts of the pages in one language.
#[derive(Debug)]
pub(super) struct Words {
    pub lang: &'static str,
    pub who: &'static str,
    pub company_id: &'static str,
    pub privacy: &'static str,
    pub unsubscribe_title: &'static str,
    pub unsubscribe_lead: &'static str,
    pub unsubscribe_from: &'static str,
    pub everything: &'static str,
    pub only: &'static str,
    pub unsubscribe_button: &'static str,
    pub nothing_yet: &'static str,
    pub preferences_link: &'static str,
    pub done_title: &'static str,
    pub done_everything: &'static str,
    pub done_purpose: &'static str,
    pub done_next: &'static str,
    pub preferences_title: &'static str,
    pub preferences_lead: &'static str,
    pub no_purposes: &'static str,
    pub refused_all: &'static str,
    pub purposes: &'static str,
    pub valid_until: &'static str,
    /// How a day is written, for `strftime`.
    pub day: &'static str,
    pub not_sent: &'static str,
    pub save_button: &'static str,
    pub refuse_all_button: &'static str,
    pub saved: &'static str,
    pub renew_title: &'static str,
    /// `{name}` is the controller, `{purpose}` the purpose; kept as evidence.
    pub renew_wording: &'static str,
    pub renew_button: &'static str,
    pub confirm_title: &'static str,
    pub confirm_wording: &'static str,
    pub confirm_button: &'static str,
    pub revocable: &'static str,
    pub agreed_title: &'static str,
    pub agreed: &'static str,
    pub forged_title: &'static str,
    pub forged: &'static str,
    pub forged_next: &'static str,
    pub expired_title: &'static str,
    pub expired: &'static str,
    pub expired_next: &'static str,
    pub busy_title: &'static str,
    pub busy: &'static str,
    pub busy_next: &'static str,
    pub bad_title: &'static str,
    pub bad: &'static str,
    pub bad_next: &'static str,
}

impl Words {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::Czech => &CZECH,
            Language::Slovak => &SLOVAK,
            Language::English => &ENGLISH,
        }
    }

    /// For a page whose controller is not known: the first language of `Accept-Language` that the
    /// pages are written in, else English.
    pub(super) fn accepted(header: &str) -> &'static Self {
        let first = header.split(',').find_map(|range| {
            let tag = range.split([';', '-']).next().unwrap_or("").trim();
            [&CZECH, &SLOVAK, &ENGLISH]
                .into_iter()
                .find(|words| words.lang.eq_ignore_ascii_case(tag))
        });
        first.unwrap_or(&ENGLISH)
    }
}

static CZECH: Words = Words {
    lang: "cs",
    who: "Zprávy posílá:",
    company_id: "IČO",
    privacy: "Zpracování osobních údajů",
    unsubscribe_title: "Odhlášení obchodních sdělení",
    unsubscribe_lead: "Potvrďte, že si je už nepřejete dostávat. Odhlášení platí okamžitě.",
    unsubscribe_from: "Nechci dostávat",
    everything: "žádná obchodní sdělení",
    only: "jen",
    unsubscribe_button: "Odhlásit",
    nothing_yet: "Dokud tlačítko nestisknete, nic se nezmění.",
    preferences_link: "Vybrat, co chci dostávat",
    done_title: "Odhlášeno",
    done_everything: "Žádná další obchodní sdělení vám už nepošleme.",
    done_purpose: "Zprávy k tomuto účelu vám už nepošleme:",
    done_next: "Zprávy nutné k vyřízení vašich objednávek a smluv mohou chodit dál.",
    preferences_title: "Co chci dostávat",
    preferences_lead: "Zrušte zaškrtnutí u toho, co už dostávat nechcete.",
    no_purposes: "K vaší adrese teď žádný souhlas neevidujeme.",
    refused_all: "Obchodní sdělení jste odmítli. Žádná vám neposíláme.",
    purposes: "Druhy zpráv",
    valid_until: "platí do",
    day: "%-d. %-m. %Y",
    not_sent: "neposíláme",
    save_button: "Uložit",
    refuse_all_button: "Nechci dostávat nic",
    saved: "Uloženo. Platí to okamžitě.",
    renew_title: "Prodloužení souhlasu",
    renew_wording: "Souhlasím, aby mi odesílatel {name} dál zasílal obchodní sdělení k účelu „{purpose}“.",
    renew_button: "Souhlasím a prodlužuji",
    confirm_title: "Potvrzení souhlasu",
    confirm_wording: "Souhlasím, aby mi odesílatel {name} zasílal obchodní sdělení k účelu „{purpose}“.",
    confirm_button: "Potvrzuji souhlas",
    revocable: "Souhlas můžete kdykoli odvolat odkazem v každé zprávě.",
    agreed_title: "Děkujeme",
    agreed: "Váš souhlas jsme zaznamenali.",
    forged_title: "Tento odkaz neplatí",
    forged: "Odkaz není úplný, nebo nevznikl u nás. Nic se nezměnilo.",
    forged_next: "Otevřete celý odkaz přímo ze zprávy. Nepomůže-li to, napište odesílateli na adresu uvedenou ve zprávě.",
    expired_title: "Platnost odkazu skončila",
    expired: "Tento odkaz už nelze použít. Nic se nezměnilo.",
    expired_next: "Použijte odkaz z novější zprávy, nebo napište odesílateli na adresu uvedenou ve zprávě.",
    busy_title: "Teď to nejde",
    busy: "Vaši volbu se nepodařilo uložit. Nic se nezměnilo.",
    busy_next: "Zkuste to prosím za několik minut znovu.",
    bad_title: "Formuláři nerozumíme",
    bad: "Odeslaný formulář není úplný. Nic se nezměnilo.",
    bad_next: "Vraťte se na předchozí stránku a odešlete ji znovu.",
};

static SLOVAK: Words = Words {
    lang: "sk",
    who: "Správy posiela:",
    company_id: "IČO",
    privacy: "Spracúvanie osobných údajov",
    unsubscribe_title: "Odhlásenie reklamných správ",
    unsubscribe_lead: "Potvrďte, že si ich už neželáte dostávať. Odhlásenie platí okamžite.",
    unsubscribe_from: "Nechcem dostávať",
    everything: "žiadne reklamné správy",
    only: "iba",
    unsubscribe_button: "Odhlásiť",
    nothing_yet: "Kým tlačidlo nestlačíte, nič sa nezmení.",
    preferences_link: "Vybrať, čo chcem dostávať",
    done_title: "Odhlásené",
    done_everything: "Žiadne ďalšie reklamné správy vám už nepošleme.",
    done_purpose: "Správy na tento účel vám už nepošleme:",
    done_next: "Správy potrebné na vybavenie vašich objednávok a zmlúv môžu chodiť ďalej.",
    preferences_title: "Čo chcem dostávať",
    preferences_lead: "Zrušte zaškrtnutie pri tom, čo už dostávať nechcete.",
    no_purposes: "K vašej adrese teraz neevidujeme žiadny súhlas.",
    refused_all: "Reklamné správy ste odmietli. Žiadne vám neposielame.",
    purposes: "Druhy správ",
    valid_until: "platí do",
    day: "%-d. %-m. %Y",
    not_sent: "neposielame",
    save_button: "Uložiť",
    refuse_all_button: "Nechcem dostávať nič",
    saved: "Uložené. Platí to okamžite.",
    renew_title: "Predĺženie súhlasu",
    renew_wording: "Súhlasím, aby mi odosielateľ {name} naďalej zasielal reklamné správy na účel „{purpose}“.",
    renew_button: "Súhlasím a predlžujem",
    confirm_title: "Potvrdenie súhlasu",
    confirm_wording: "Súhlasím, aby mi odosielateľ {name} zasielal reklamné správy na účel „{purpose}“.",
    confirm_button: "Potvrdzujem súhlas",
    revocable: "Súhlas môžete kedykoľvek odvolať odkazom v každej správe.",
    agreed_title: "Ďakujeme",
    agreed: "Váš súhlas sme zaznamenali.",
    forged_title: "Tento odkaz neplatí",
    forged: "Odkaz nie je úplný, alebo nevznikol u nás. Nič sa nezmenilo.",
    forged_next: "Otvorte celý odkaz priamo zo správy. Ak to nepomôže, napíšte odosielateľovi na adresu uvedenú v správe.",
    expired_title: "Platnosť odkazu sa skončila",
    expired: "Tento odkaz sa už nedá použiť. Nič sa nezmenilo.",
    expired_next: "Použite odkaz z novšej správy, alebo napíšte odosielateľovi na adresu uvedenú v správe.",
    busy_title: "Teraz to nejde",
    busy: "Vašu voľbu sa nepodarilo uložiť. Nič sa nezmenilo.",
    busy_next: "Skúste to prosím o niekoľko minút znova.",
    bad_title: "Formuláru nerozumieme",
    bad: "Odoslaný formulár nie je úplný. Nič sa nezmenilo.",
    bad_next: "Vráťte sa na predchádzajúcu stránku a odošlite ju znova.",
};

static ENGLISH: Words = Words {
    lang: "en",
    who: "These messages are sent by:",
    company_id: "Company ID",
    privacy: "How personal data are used",
    unsubscribe_title: "Unsubscribe from marketing messages",
    unsubscribe_lead: "Confirm that you no longer want to receive them. It takes effect at once.",
    unsubscribe_from: "I do not want to receive",
    everything: "any marketing messages",
    only: "only",
    unsubscribe_button: "Unsubscribe",
    nothing_yet: "Nothing changes until you press the button.",
    preferences_link: "Choose what I receive",
    done_title: "You are unsubscribed",
    done_everything: "We will not send you any more marketing messages.",
    done_purpose: "We will not send you any more messages for this purpose:",
    done_next: "Messages needed for your orders and contracts may still arrive.",
    preferences_title: "What I receive",
    preferences_lead: "Clear the boxes of what you no longer want.",
    no_purposes: "There is no consent on record for your address.",
    refused_all: "You have refused marketing messages. We send you none.",
    purposes: "Kinds of messages",
    valid_until: "valid until",
    day: "%-d %B %Y",
    not_sent: "not sent",
    save_button: "Save",
    refuse_all_button: "Send me nothing",
    saved: "Saved. It takes effect at once.",
    renew_title: "Renew your consent",
    renew_wording: "I agree that {name} may go on sending me marketing messages for the purpose “{purpose}”.",
    renew_button: "I agree, renew",
    confirm_title: "Confirm your consent",
    confirm_wording: "I agree that {name} may send me marketing messages for the purpose “{purpose}”.",
    confirm_button: "I confirm",
    revocable: "You can withdraw your consent at any time by the link in every message.",
    agreed_title: "Thank you",
    agreed: "Your consent is on record.",
    forged_title: "This link is not valid",
    forged: "The link is not complete, or was not made here. Nothing has changed.",
    forged_next: "Open the whole link from the message itself. If that does not help, write to the sender at the address given in the message.",
    expired_title: "This link has expired",
    expired: "It can no longer be used. Nothing has changed.",
    expired_next: "Use the link from a newer message, or write to the sender at the address given in the message.",
    busy_title: "Not possible right now",
    busy: "Your choice could not be saved. Nothing has changed.",
    busy_next: "Please try again in a few minutes.",
    bad_title: "The form is not complete",
    bad: "What was sent is not a complete form. Nothing has changed.",
    bad_next: "Go back to the previous page and send it again.",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_is_taken() {
        for (header, lang) in [
            ("sk-SK,sk;q=0.9,en;q=0.8", "sk"),
            ("cs", "cs"),
            ("de-DE,de;q=0.9,cs;q=0.5", "cs"),
            ("de", "en"),
            ("", "en"),
            (";;;,,,-", "en"),
        ] {
            assert_eq!(Words::accepted(header).lang, lang, "{header}");
        }
    }
}
