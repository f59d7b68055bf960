//! The table's lines: a page has one, an action another.

use super::{
    account_change, account_invite, account_list, account_show, audit_export, audit_list,
    bulk_change, bulk_make, bulk_show, codes_renew, contact_copy, contact_correct, contact_end,
    contact_erase, contact_export, contact_grant, contact_inform, contact_list, contact_refuse,
    contact_review, contact_show, decision_export, decision_list, decision_show, delivery_list,
    draft_decide, draft_edit, draft_list, draft_make, draft_show, draft_try, email_confirm,
    exception_make, factor_check, factor_enrol, filter_change, filter_save, held_consent,
    held_decide, held_desk, held_list, held_show, home_show, import_make, language_choose,
    law_list, letter_choose, link_follow, message_frame, message_show, mistake_export,
    mistake_list, mistake_note, order_end, order_give, own_show, password_change, policy_read,
    policy_show, policy_try, provider_begin, provider_return, purpose_add, purpose_assign,
    purpose_list, purpose_show, queue_list, report_export,
    routes::{Asks, Route, act, page},
    rule_show, sender_change, sender_list, sender_show, session_end, sign_in, sign_out,
    system_show, try_judge, try_show, wish_list, wish_show,
};
use crate::{openid, staff::Action};
use Action::{
    ChangeAccounts, ChangeContacts, ChangePolicy, ChangePurposes, ChangeQueue, ChangeSenders,
    Decide, Export, Import, Own, Refuse, SeeAccounts, SeeAudit, SeeContacts, SeeContent,
    SeeMessages, SeePolicy, SeePurposes, SeeQueue, SeeReports, SeeSenders, Try,
};
use Asks::{Enrol, Factor, May, Nothing};

/// All of them.
pub(super) fn all() -> Vec<Route> {
    [overview(), way_in(), messages(), rules(), people(), relay(), staff()]
        .into_iter()
        .flatten()
        .collect()
}

/// What there is to know at a glance.
fn overview() -> Vec<Route> {
    vec![
        page("/", May(Own), home_show::page),
        page("/reports", May(SeeReports), report_export::file),
    ]
}

/// Who sends through the relay, and what waits in it.
fn relay() -> Vec<Route> {
    vec![
        page("/senders", May(SeeSenders), sender_list::page),
        page("/senders/{name}", May(SeeSenders), sender_show::page),
        act("/senders/{name}/suspend", May(ChangeSenders), sender_change::suspend),
        act("/senders/{name}/resume", May(ChangeSenders), sender_change::resume),
        page("/queue", May(SeeQueue), queue_list::page),
        page("/queue/each", May(SeeQueue), delivery_list::page),
        page("/queue/order", May(ChangeQueue), order_give::page),
        act("/queue/order", May(ChangeQueue), order_give::act),
        act("/queue/orders/{id}/end", May(ChangeQueue), order_end::act),
        page("/system", May(SeeSenders), system_show::page),
    ]
}

/// Signing in and out.
fn way_in() -> Vec<Route> {
    vec![
        page("/sign-in", Nothing, sign_in::page),
        act("/sign-in", Nothing, sign_in::act),
        page("/sign-in/factor", Factor, factor_check::page),
        act("/sign-in/factor", Factor, factor_check::act),
        page("/sign-in/enrol", Enrol, factor_enrol::page),
        act("/sign-in/enrol", Enrol, factor_enrol::act),
        page("/sign-in/provider", Nothing, provider_begin::page),
        page(openid::RETURN, Nothing, provider_return::page),
        act("/sign-out", Nothing, sign_out::act),
        act("/language", Nothing, language_choose::act),
        page("/link/{token}", Nothing, link_follow::page),
        act("/link/{token}", Nothing, link_follow::act),
    ]
}

/// What was decided, and what is held.
fn messages() -> Vec<Route> {
    vec![
        page("/decisions", May(SeeMessages), decision_list::page),
        page("/decisions/export", May(Export), decision_export::file),
        page("/decisions/{id}", May(SeeMessages), decision_show::page),
        act("/decisions/{id}/mistake", May(Decide), mistake_note::act),
        page("/held", May(SeeMessages), held_list::page),
        page("/held/bulks", May(SeeMessages), bulk_show::list),
        page("/held/bulk", May(Decide), bulk_make::page),
        act("/held/bulk", May(Decide), bulk_make::act),
        page("/held/bulk/{id}", May(SeeMessages), bulk_show::page),
        act("/held/bulk/{id}/begin", May(Decide), bulk_change::begin),
        act("/held/bulk/{id}/agree", May(Decide), bulk_change::agree),
        act("/held/bulk/{id}/cancel", May(Decide), bulk_change::cancel),
        page("/held/{id}", May(SeeMessages), held_show::page),
        act("/held/{id}/release", May(Decide), held_decide::release),
        act("/held/{id}/reject", May(Decide), held_decide::reject),
        act("/held/{id}/again", May(Decide), held_decide::decide_again),
        act("/held/{id}/approve", May(Decide), held_decide::approve),
        act("/held/{id}/decline", May(Decide), held_decide::decline),
        act("/held/{id}/lock", May(Decide), held_desk::lock),
        act("/held/{id}/unlock", May(Decide), held_desk::unlock),
        act("/held/{id}/comment", May(Decide), held_desk::comment),
        act("/filters", May(Own), filter_save::act),
        act("/filters/{id}/rename", May(Own), filter_change::rename),
        act("/filters/{id}/delete", May(Own), filter_change::delete),
        act("/held/{id}/consent", May(Refuse), held_consent::act),
        page("/messages/{id}", May(SeeContent), message_show::page),
        page("/messages/{id}/frame", May(SeeContent), message_frame::page),
    ]
}

/// What is decided by.
fn rules() -> Vec<Route> {
    vec![
        page("/try", May(Try), try_show::page),
        Route { body_max: MESSAGE_BYTES_MAX, ..act("/try", May(Try), try_judge::act) },
        page("/policy", May(SeePolicy), policy_show::page),
        Route { body_max: POLICY_BYTES_MAX, ..act("/policy/try", May(SeePolicy), policy_try::act) },
        page("/policy/drafts", May(SeePolicy), draft_list::page),
        Route {
            body_max: POLICY_BYTES_MAX,
            ..act("/policy/drafts", May(ChangePolicy), draft_make::act)
        },
        page("/policy/drafts/new", May(ChangePolicy), exception_make::page),
        act("/policy/drafts/new", May(ChangePolicy), exception_make::act),
        page("/policy/drafts/{id}", May(SeePolicy), draft_show::page),
        Route {
            body_max: POLICY_BYTES_MAX,
            ..act("/policy/drafts/{id}", May(ChangePolicy), draft_edit::act)
        },
        page("/policy/drafts/{id}/file", May(SeePolicy), draft_show::file),
        page("/policy/drafts/{id}/try", May(SeePolicy), draft_try::page),
        act("/policy/drafts/{id}/propose", May(ChangePolicy), draft_decide::propose),
        act("/policy/drafts/{id}/answer", May(ChangePolicy), draft_decide::answer),
        act("/policy/drafts/{id}/withdraw", May(ChangePolicy), draft_decide::withdraw),
        act("/policy/drafts/{id}/activate", May(ChangePolicy), draft_decide::activate),
        page("/policy/rules/{id}", May(SeePolicy), rule_show::page),
        page("/policy/versions/{version}", May(SeePolicy), policy_read::page),
        page("/law", May(Own), law_list::page),
        page("/mistakes", May(SeeReports), mistake_list::page),
        page("/mistakes/export", May(Export), mistake_export::file),
    ]
}

/// People, and why they may be written to.
fn people() -> Vec<Route> {
    vec![
        page("/contacts", May(SeeContacts), contact_list::page),
        act("/contacts/find", May(SeeContacts), contact_list::find),
        page("/contacts/export", May(Export), contact_export::file),
        page("/yearly-review", May(SeeContacts), contact_review::page),
        act("/yearly-review", May(ChangeContacts), contact_review::act),
        page("/contacts/new", May(ChangeContacts), contact_grant::page),
        act("/contacts/new", May(ChangeContacts), contact_grant::act),
        page("/contacts/new/refusal", May(Refuse), contact_refuse::page),
        act("/contacts/new/refusal", May(Refuse), contact_refuse::act),
        page("/contacts/{id}", May(SeeContacts), contact_show::page),
        page("/contacts/{id}/copy", May(Export), contact_copy::file),
        page("/contacts/{id}/case", May(Export), contact_copy::case),
        page("/contacts/{id}/grant", May(ChangeContacts), contact_grant::page),
        act("/contacts/{id}/grant", May(ChangeContacts), contact_grant::act),
        page("/contacts/{id}/refuse", May(Refuse), contact_refuse::page),
        act("/contacts/{id}/refuse", May(Refuse), contact_refuse::act),
        page("/contacts/{id}/end", May(ChangeContacts), contact_end::page),
        act("/contacts/{id}/end", May(ChangeContacts), contact_end::act),
        page("/contacts/{id}/correct", May(ChangeContacts), contact_correct::page),
        act("/contacts/{id}/correct", May(ChangeContacts), contact_correct::act),
        page("/contacts/{id}/inform", May(ChangeContacts), contact_inform::page),
        act("/contacts/{id}/inform", May(ChangeContacts), contact_inform::act),
        page("/contacts/{id}/erase", May(ChangeContacts), contact_erase::page),
        act("/contacts/{id}/erase", May(ChangeContacts), contact_erase::act),
        page("/wishes", May(SeeContacts), wish_list::page),
        page("/wishes/{id}", May(SeeContacts), wish_show::page),
        act("/wishes/{id}", May(Refuse), wish_show::act),
        page("/purposes", May(SeePurposes), purpose_list::page),
        page("/purposes/new", May(ChangePurposes), purpose_add::page),
        act("/purposes/new", May(ChangePurposes), purpose_add::act),
        page("/purposes/{id}", May(SeePurposes), purpose_show::page),
        act("/purposes/{id}/topics", May(ChangePurposes), purpose_show::topics),
        page("/purposes/{id}/close", May(ChangePurposes), purpose_show::close_page),
        act("/purposes/{id}/close", May(ChangePurposes), purpose_show::close),
        page("/purposes/{id}/assign", May(Import), purpose_assign::page),
        Route {
            body_max: LIST_BYTES_MAX,
            ..act("/purposes/{id}/assign", May(Import), purpose_assign::act)
        },
        page("/import", May(Import), import_make::page),
        Route { body_max: FILE_BYTES_MAX, ..act("/import", May(Import), import_make::act) },
    ]
}

/// One's own account, everybody's, and what they did.
fn staff() -> Vec<Route> {
    vec![
        page("/own", May(Own), own_show::page),
        act("/own/password", May(Own), password_change::act),
        act("/own/letters", May(Own), letter_choose::act),
        page("/own/email/{token}", May(Own), email_confirm::page),
        act("/own/email/{token}", May(Own), email_confirm::act),
        page("/own/factor", May(Own), factor_enrol::page),
        act("/own/factor", May(Own), factor_enrol::act),
        act("/own/codes", May(Own), codes_renew::act),
        act("/own/sessions", May(Own), session_end::act),
        page("/accounts", May(SeeAccounts), account_list::page),
        page("/accounts/new", May(ChangeAccounts), account_invite::page),
        act("/accounts/new", May(ChangeAccounts), account_invite::act),
        page("/accounts/{id}", May(SeeAccounts), account_show::page),
        act("/accounts/{id}/rights", May(ChangeAccounts), account_change::rights),
        act("/accounts/{id}/disable", May(ChangeAccounts), account_change::disable),
        act("/accounts/{id}/enable", May(ChangeAccounts), account_change::enable),
        act("/accounts/{id}/link", May(ChangeAccounts), account_change::link),
        act("/accounts/{id}/sessions", May(ChangeAccounts), account_change::sessions),
        page("/audit", May(SeeAudit), audit_list::page),
        page("/audit/export", May(SeeAudit), audit_export::file),
    ]
}

/// With a message in it.
const MESSAGE_BYTES_MAX: usize = 32 << 20;
/// With a policy.toml in it.
const POLICY_BYTES_MAX: usize = 1 << 20;
/// Of one with a file; what is larger is the command line's.
const FILE_BYTES_MAX: usize = 16 << 20;
/// Of one with ten thousand addresses.
const LIST_BYTES_MAX: usize = 4 << 20;
