//! Links, images and what counts their readers. Not whether a link unsubscribes.

use super::{Class, Role, Spot, View, Weighed};
use crate::LinkTarget;

pub(super) fn all(views: &[View], signs: &mut Vec<Weighed>) {
    let most = views.iter().enumerate().max_by_key(|(_, view)| view.links.len());
    let Some((index, view)) = most else { return };
    let web = |target: &LinkTarget| matches!(target, LinkTarget::Https(_) | LinkTarget::Http(_));
    let mut add = |name, weight, spot| {
        signs.push(Weighed::new(name, Role::Bulk, Class::Commercial, weight, spot));
    };
    let whole = |shown: String| Spot::View { view: index, shown };
    if let Some(link) = view.links.iter().position(|link| link.href.contains("utm_")) {
        add("tracking", 6, Spot::Link { view: index, link });
    } else if views.iter().any(|view| view.pixels > 0) {
        add("tracking", 6, whole("an image of one pixel".into()));
    }
    let count = view.links.iter().filter(|link| web(&link.target)).count();
    if count >= LINKS_MANY {
        add("many-links", 8, whole(format!("{count} links")));
    }
    let images = views.iter().map(|view| view.images).max().unwrap_or_default();
    if images >= IMAGES_MANY {
        add("many-images", 8, whole(format!("{images} images")));
    }
}

const LINKS_MANY: usize = 15;
const IMAGES_MANY: usize = 8;
