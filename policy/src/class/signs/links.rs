//! Links, images and what counts their readers. Not whether a link unsubscribes.

use super::{Class, Message, Sign, View, place};
use crate::{Evidence, LinkTarget, message::shown};

pub(super) fn all(message: &Message, views: &[View], signs: &mut Vec<Sign>) {
    let Some(view) = views.iter().max_by_key(|view| view.links.len()) else { return };
    let web = |target: &LinkTarget| matches!(target, LinkTarget::Https(_) | LinkTarget::Http(_));
    let whole = |name, weight, shown: String| {
        let body = message.parts().get(view.part).map(|part| part.body.clone());
        let evidence =
            Evidence { place: place(message, view.part), range: body.unwrap_or_default(), shown };
        Sign::new(name, Class::Commercial, weight, evidence)
    };
    let tracked = view.links.iter().find(|link| link.href.contains("utm_"));
    if let Some(link) = tracked {
        let mut sign = whole("tracking", 6, shown(&link.href));
        sign.range = link.raw.clone();
        signs.push(sign);
    } else if views.iter().any(|view| view.pixels > 0) {
        signs.push(whole("tracking", 6, String::new()));
    }
    let count = view.links.iter().filter(|link| web(&link.target)).count();
    if count >= LINKS_MANY {
        signs.push(whole("many-links", 8, format!("{count} links")));
    }
    let images = views.iter().map(|view| view.images).max().unwrap_or_default();
    if images >= IMAGES_MANY {
        signs.push(whole("many-images", 8, format!("{images} images")));
    }
}

const LINKS_MANY: usize = 15;
const IMAGES_MANY: usize = 8;
