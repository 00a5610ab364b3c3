"""The words of HTML, CSS, SVG and MathML that may stand in a feed."""

from __future__ import annotations

SAFE_ELEMENTS = frozenset(
    "a abbr acronym address area article aside audio b bdi bdo big blockquote br button canvas caption center cite "
    "code col colgroup command data datagrid datalist dd del details dfn dialog dir div dl dt em eventsource fieldset "
    "figcaption figure font footer form h1 h2 h3 h4 h5 h6 header hgroup hr i img input ins kbd label legend li m main "
    "map mark menu meter nav noscript ol optgroup option output p picture pre progress q rp rt ruby s samp section "
    "select small source span strike strong sub summary sup table tbody td template textarea tfoot th thead time tr "
    "track tt u ul var video wbr".split()
)
"""Elements that readers show and that do nothing by themselves."""
HTML_ELEMENTS = SAFE_ELEMENTS | frozenset(
    "applet base basefont body comment embed frame frameset head html iframe isindex link listing meta noframes "
    "object param plaintext script slot style title xmp".split()
)
SAFE_ATTRIBUTES = frozenset(
    "abbr accept accept-charset accesskey action align allow allowfullscreen alt as autocapitalize autocomplete "
    "autofocus autoplay axis background balance bgcolor bgproperties border bordercolor bordercolordark "
    "bordercolorlight bottompadding cellpadding cellspacing ch challenge char charoff charset checked choff cite class "
    "clear color cols colspan compact contenteditable controls coords crossorigin data datafld datapagesize datasrc "
    "datetime decoding default delay dir dirname disabled download draggable dynsrc enctype end enterkeyhint face for "
    "fetchpriority form formenctype frame galleryimg gutter headers height hidden hidefocus high href hreflang hspace "
    "icon id inputmode is ismap itemid itemprop itemref itemscope itemtype keytype kind label lang leftspacing list "
    "loading longdesc loop loopcount loopend loopstart low lowsrc max maxlength media method min minlength multiple "
    "muted name nohref nonce noshade novalidate nowrap open optimum pattern ping placeholder playsinline point-size "
    "poster pqg preload prompt radiogroup readonly referrerpolicy rel repeat-max repeat-min replace required rev "
    "reversed rightspacing role rows rowspan rules scope selected shape size sizes span spellcheck src srclang srcset "
    "start step summary suppress tabindex target template title toppadding translate type unselectable urn usemap "
    "valign value variable volume vrml vspace width wrap xml:lang xmlns".split()
)
SAFE_STYLES = frozenset(
    "azimuth background background-color border border-bottom border-bottom-color border-bottom-style "
    "border-bottom-width border-collapse border-color border-left border-left-color border-left-style "
    "border-left-width border-right border-right-color border-right-style border-right-width border-spacing "
    "border-style border-top border-top-color border-top-style border-top-width border-width clear color cursor "
    "direction display elevation float font font-family font-size font-style font-variant font-weight height "
    "letter-spacing line-height list-style-type margin margin-bottom margin-left margin-right margin-top overflow "
    "padding padding-bottom padding-left padding-right padding-top pause pause-after pause-before pitch pitch-range "
    "richness speak speak-header speak-numeral speak-punctuation speech-rate stress text-align text-decoration "
    "text-indent unicode-bidi vertical-align voice-family volume white-space width".split()
)
SAFE_STYLE_WORDS = frozenset(
    "aqua auto black block blue bold both bottom brown center collapse dashed dotted fuchsia gray green !important "
    "italic left lime maroon medium none navy normal nowrap olive pointer purple red right solid silver teal top "
    "transparent underline white yellow".split()
)
SVG_ELEMENTS = frozenset(
    "a animate animateColor animateMotion animateTransform circle defs desc ellipse font-face font-face-name "
    "font-face-src g glyph hkern line linearGradient marker metadata missing-glyph mpath path polygon polyline "
    "radialGradient rect set stop svg switch text title tspan use".split()
)
SVG_ATTRIBUTES = frozenset(
    "accent-height accumulate additive alphabetic arabic-form ascent attributeName attributeType baseProfile bbox "
    "begin by calcMode cap-height class color color-rendering content cx cy d descent display dur dx dy end fill "
    "fill-opacity fill-rule font-family font-size font-stretch font-style font-variant font-weight from fx fy g1 g2 "
    "glyph-name gradientUnits hanging height horiz-adv-x horiz-origin-x id ideographic k keyPoints keySplines keyTimes "
    "lang marker-end marker-mid marker-start markerHeight markerUnits markerWidth mathematical max min name offset "
    "opacity orient origin overline-position overline-thickness panose-1 path pathLength points preserveAspectRatio r "
    "refX refY repeatCount repeatDur requiredExtensions requiredFeatures restart rotate rx ry slope stemh stemv "
    "stop-color stop-opacity strikethrough-position strikethrough-thickness stroke stroke-dasharray stroke-dashoffset "
    "stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width style systemLanguage target "
    "text-anchor to transform type u1 u2 underline-position underline-thickness unicode unicode-range units-per-em "
    "values version viewBox visibility width widths x x-height x1 x2 y y1 y2 zoomAndPan".split()
)
MATHML_ELEMENTS = frozenset(
    "annotation annotation-xml maction math merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts "
    "mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none semantics".split()
)
MATHML_ATTRIBUTES = frozenset(
    "actiontype align columnalign columnlines columnspacing columnspan depth display displaystyle encoding "
    "equalcolumns equalrows fence fontstyle fontweight frame height linethickness lspace mathbackground mathcolor "
    "mathvariant maxsize minsize other rowalign rowlines rowspacing rowspan rspace scriptlevel selection separator "
    "stretchy width".split()
)
