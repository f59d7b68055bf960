//! A form for a page of the controller's own: plain HTML that sends to the relay, or a frame.

use askama::Template;

use super::{Desk, forms::Sheet, page::Choice};
use crate::{
    config::{Business, Form},
    consent::Consent,
    db::Unavailable,
    words::Words,
};

/// What to put into a page.
#[derive(Clone, Debug)]
pub struct Snippet {
    /// The form's own page.
    pub url: String,
    pub form: String,
    /// `None` where no page may frame it.
    pub frame: Option<String>,
}

/// A purpose that a form offers and nobody can agree to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lacking {
    pub form: String,
    pub purpose: String,
}

#[derive(Template)]
#[template(path = "snippet.html")]
struct Html<'a> {
    words: &'static Words,
    url: &'a str,
    main: Option<&'a str>,
    boxes: Vec<Choice<'a>>,
    age: Option<String>,
    notice: String,
    privacy_url: &'a str,
}

#[derive(Template)]
#[template(
    source = r#"<iframe src="{{ url }}" title="{{ title }}" style="width:100%;height:46rem;border:0"></iframe>"#,
    ext = "html"
)]
struct Frame<'a> {
    url: &'a str,
    title: &'a str,
}

/// In one language; below `base`, which has no slash at its end.
pub async fn snippet(
    business: &Business,
    form: &Form,
    consent: Consent,
    base: &str,
    words: &'static Words,
) -> Result<Snippet, Unavailable> {
    let sheet = Sheet::open(business, form, words, &Desk::new(consent)).await?;
    let mut url = format!("{base}/f/{}", form.id);
    if words.lang != Words::of(form.controller.language).lang {
        url = format!("{url}?lang={}", words.lang);
    }
    let html = Html {
        words,
        url: &url,
        main: sheet.main(),
        boxes: sheet.boxes(|_| false),
        age: sheet.age_text(),
        notice: sheet.notice(),
        privacy_url: &form.privacy_url,
    };
    let broken = |_| Unavailable("a form's template broke".into());
    let written = html.render().map_err(broken)?;
    let title = sheet.title();
    let frame = Frame { url: &url, title: &title }.render().map_err(broken)?;
    let frame = (!form.embed_from.is_empty()).then_some(frame);
    Ok(Snippet { form: written, frame, url })
}

/// Every purpose of a form that the store does not know, or that is closed (S66).
pub async fn lacking(business: &Business, consent: &Consent) -> Result<Vec<Lacking>, Unavailable> {
    let mut found = Vec::new();
    for form in &business.forms {
        let known = consent.purposes_of(&form.controller.id).await?;
        let is_open =
            |id: &str| known.iter().any(|purpose| purpose.id == id && purpose.closed_at.is_none());
        let lacks = form.offers.iter().filter(|offer| !is_open(&offer.purpose));
        found.extend(
            lacks.map(|offer| Lacking { form: form.id.clone(), purpose: offer.purpose.clone() }),
        );
    }
    Ok(found)
}
