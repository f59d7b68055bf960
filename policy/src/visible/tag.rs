//! What the parsing rules of HTML say of each element (WHATWG HTML §13.2.4.2), by name.

use super::token::Name;

/// Never has content.
pub(super) fn is_void(name: &Name) -> bool {
    matches!(
        name.as_bytes(),
        b"area"
            | b"base"
            | b"basefont"
            | b"bgsound"
            | b"br"
            | b"col"
            | b"embed"
            | b"frame"
            | b"hr"
            | b"image"
            | b"img"
            | b"input"
            | b"keygen"
            | b"link"
            | b"meta"
            | b"param"
            | b"source"
            | b"track"
            | b"wbr"
    )
}

/// Shown as a block, and closed by the end tag of an outer block.
pub(super) fn is_block(name: &Name) -> bool {
    matches!(
        name.as_bytes(),
        b"address"
            | b"article"
            | b"aside"
            | b"blockquote"
            | b"body"
            | b"caption"
            | b"center"
            | b"dd"
            | b"details"
            | b"dialog"
            | b"dir"
            | b"div"
            | b"dl"
            | b"dt"
            | b"fieldset"
            | b"figcaption"
            | b"figure"
            | b"footer"
            | b"form"
            | b"frameset"
            | b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"head"
            | b"header"
            | b"hgroup"
            | b"hr"
            | b"html"
            | b"legend"
            | b"li"
            | b"listing"
            | b"main"
            | b"menu"
            | b"nav"
            | b"ol"
            | b"optgroup"
            | b"option"
            | b"p"
            | b"plaintext"
            | b"pre"
            | b"search"
            | b"section"
            | b"summary"
            | b"table"
            | b"tbody"
            | b"tfoot"
            | b"thead"
            | b"tr"
            | b"ul"
            | b"xmp"
    )
}

/// Not closed by the end tag of an inline element inside which it stands ("special").
pub(super) fn is_special(name: &Name) -> bool {
    is_block(name)
        || matches!(
            name.as_bytes(),
            b"applet"
                | b"button"
                | b"marquee"
                | b"object"
                | b"select"
                | b"td"
                | b"template"
                | b"th"
        )
}

/// Ends the search for an open element ("scope").
pub(super) fn bounds_scope(name: &Name) -> bool {
    matches!(
        name.as_bytes(),
        b"applet"
            | b"caption"
            | b"html"
            | b"marquee"
            | b"object"
            | b"table"
            | b"td"
            | b"template"
            | b"th"
    )
}

/// Ends what formatting elements reach ("marker").
pub(super) fn is_marker(name: &Name) -> bool {
    matches!(
        name.as_bytes(),
        b"applet" | b"caption" | b"marquee" | b"object" | b"td" | b"template" | b"th"
    )
}

/// Opened again after a block around it was closed ("formatting").
pub(super) fn is_formatting(name: &Name) -> bool {
    matches!(
        name.as_bytes(),
        b"a" | b"b"
            | b"big"
            | b"code"
            | b"em"
            | b"font"
            | b"i"
            | b"nobr"
            | b"s"
            | b"small"
            | b"strike"
            | b"strong"
            | b"tt"
            | b"u"
    )
}

/// A start tag that closes an open paragraph.
pub(super) fn closes_paragraph(name: &Name) -> bool {
    is_block(name)
        && !matches!(
            name.as_bytes(),
            b"body"
                | b"caption"
                | b"frameset"
                | b"head"
                | b"html"
                | b"legend"
                | b"optgroup"
                | b"option"
                | b"tbody"
                | b"tfoot"
                | b"thead"
                | b"tr"
        )
}

/// Grows with what is in it, whatever size it is given.
pub(super) fn is_table(name: &Name) -> bool {
    matches!(
        name.as_bytes(),
        b"table" | b"tbody" | b"thead" | b"tfoot" | b"tr" | b"td" | b"th" | b"caption"
    )
}

/// Drawn as a box of its own in a line of text.
pub(super) fn is_replaced(name: &Name) -> bool {
    matches!(name.as_bytes(), b"img" | b"image" | b"button" | b"marquee" | b"iframe")
}

/// Stands before the body, or shows nothing where it stands.
pub(super) fn is_of_head(name: &Name) -> bool {
    matches!(
        name.as_bytes(),
        b"html"
            | b"head"
            | b"meta"
            | b"title"
            | b"link"
            | b"base"
            | b"style"
            | b"script"
            | b"noscript"
            | b"template"
            | b"frameset"
    )
}

/// Has the old attributes that colour what is behind it.
pub(super) fn has_bgcolor(name: &Name) -> bool {
    name.is("body") || name.is("marquee") || (is_table(name) && !name.is("caption"))
}

/// Shows its content only where it has the attribute `open`.
pub(super) fn opens(name: &Name) -> bool {
    name.is("details") || name.is("dialog")
}

/// Its content is never shown by a reader of mail.
pub(super) fn is_hidden(name: &Name) -> bool {
    matches!(
        name.as_bytes(),
        b"audio"
            | b"canvas"
            | b"datalist"
            | b"iframe"
            | b"math"
            | b"noembed"
            | b"noframes"
            | b"noscript"
            | b"object"
            | b"script"
            | b"select"
            | b"style"
            | b"svg"
            | b"template"
            | b"textarea"
            | b"title"
            | b"video"
    )
}
