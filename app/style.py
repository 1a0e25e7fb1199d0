"""Looks of the page. Fonts are the reader's own: nothing is loaded from elsewhere."""

FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica", "Arial", "sans-serif")

# Of the theme; each with its dark twin.
COLOURS = {
    "body_background_fill": "#f7f5f1",
    "body_background_fill_dark": "#12141c",
    "background_fill_primary": "#ffffff",
    "background_fill_primary_dark": "#1b1e29",
    "background_fill_secondary": "#f7f5f1",
    "background_fill_secondary_dark": "#161923",
    "block_background_fill": "#ffffff",
    "block_background_fill_dark": "#1b1e29",
    "border_color_primary": "#e2ddd3",
    "border_color_primary_dark": "#2d3243",
    "body_text_color_subdued": "#5b6070",
    "body_text_color_subdued_dark": "#a9b0c3",
    "input_background_fill": "#ffffff",
    "input_background_fill_dark": "#12141c",
    "input_placeholder_color": "#6b7080",
    "input_placeholder_color_dark": "#98a0b5",
    "button_border_width": "1px",
    "button_secondary_background_fill": "#ffffff",
    "button_secondary_background_fill_dark": "#262b3a",
    "button_secondary_background_fill_hover": "#efece5",
    "button_secondary_border_color": "#cfc9bd",
    "button_secondary_border_color_dark": "#3a4158",
    "button_primary_background_fill": "*primary_600",
    "button_primary_background_fill_dark": "*primary_600",
    "button_primary_background_fill_hover": "*primary_700",
    "button_primary_text_color": "#ffffff",
}

CSS = """
.gradio-container { max-width: 1360px !important; margin: 0 auto !important; }
.gradio-container .html-container { padding: 0 !important; }
.gradio-container a { text-underline-offset: 3px; }
.ilm-head { display: flex; align-items: baseline; gap: .25rem .75rem; flex-wrap: wrap; }
.ilm-head h1 { margin: 0; font: 700 1.6rem/1.2 Georgia, 'Times New Roman', serif; }
.ilm-head p { margin: 0; color: var(--body-text-color-subdued); }
.ilm-head .ilm-jump { display: none; gap: .25rem; margin-left: auto; }
.ilm-jump a { padding: .6rem .4rem; color: var(--body-text-color); }
#ilm-main { gap: 1.5rem; align-items: flex-start; }
.gradio-container:has(#ilm-film) :is(#ilm-main, .ilm-jump) { display: none !important; }
#ilm-talk:has(#ilm-welcome) :is(#ilm-chat, #ilm-turns) { display: none; }

.ilm-card { display: flex; gap: 1rem; padding: .75rem; margin: .35rem 0;
  border: 1px solid var(--border-color-primary); border-radius: 14px;
  background: var(--background-fill-primary); color: var(--body-text-color); max-width: 720px; }
.ilm-cover { width: 104px; height: 156px; flex: none; border-radius: 9px; display: block;
  object-fit: cover; box-shadow: 0 2px 10px rgb(0 0 0 / 28%); }
.ilm-body { min-width: 0; display: flex; flex-direction: column; gap: .4rem; }
.ilm-card h3.ilm-title, .ilm-film h2.ilm-title { margin: 0; color: var(--body-text-color);
  font: 700 1.12rem/1.25 Georgia, 'Times New Roman', serif; }
.ilm-card .ilm-title a, #ilm-chat .message .ilm-title a { color: inherit; margin: 0; padding: 0;
  text-decoration: none; font: inherit; }
.ilm-card .ilm-title a:hover { text-decoration: underline; }
#ilm-chat .message a[href*="film="] { color: inherit; text-decoration-thickness: 1px;
  text-decoration-color: var(--border-color-accent); }
.ilm-year { font-weight: 400; color: var(--body-text-color-subdued); }
.ilm-genres { display: flex; flex-wrap: wrap; gap: .3rem; }
.ilm-genre { font-size: .75rem; line-height: 1; padding: .3rem .5rem; border-radius: 99px;
  background: var(--secondary-100); color: var(--secondary-800); }
.dark .ilm-genre { background: var(--secondary-900); color: var(--secondary-100); }
.ilm-card p.ilm-why { margin: 0; font-size: .92rem; line-height: 1.4;
  color: var(--body-text-color); }
.ilm-card details { font-size: .88rem; color: var(--body-text-color-subdued); }
.ilm-card summary { cursor: pointer; min-height: 28px; display: flex; align-items: center; }
.ilm-card summary::before { content: '▸'; margin-right: .35rem; }
.ilm-card details[open] summary::before { content: '▾'; }
.ilm-card details p { margin: .1rem 0 0; line-height: 1.45; }

#ilm-chat .options { display: flex; flex-wrap: wrap; gap: .5rem; width: auto;
  margin: .4rem 0 1rem .6rem; }
#ilm-chat .option { width: auto; min-height: 44px; padding: .3rem .9rem; border-radius: 99px;
  border: 1px solid var(--border-color-primary); background: var(--background-fill-primary);
  color: var(--body-text-color); font-size: .9rem; }
#ilm-chat .option:is(:hover, :focus-visible) { border-color: var(--primary-500); }

.ilm-welcome h2 { margin: 0 0 .3rem; font: 700 1.35rem/1.25 Georgia, 'Times New Roman', serif; }
.ilm-welcome > p { margin: 0 0 1rem; color: var(--body-text-color-subdued); }
.ilm-grid { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: .8rem; }
.ilm-tile { display: block; position: relative; padding: 0; border: 0; border-radius: 10px;
  background: none; color: var(--body-text-color); cursor: pointer; text-decoration: none;
  font-size: .82rem; line-height: 1.3; text-align: left; }
.ilm-tile .ilm-cover { width: 100%; height: auto; aspect-ratio: 2 / 3; transition: transform .15s; }
.ilm-tile:hover .ilm-cover { transform: translateY(-3px); }
.ilm-tile > span { display: block; margin-top: .35rem; }
/* A drawn cover shows the name itself; a screen reader still has it from the text. */
.ilm-tile svg + span { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }
.ilm-tile[aria-pressed=true] .ilm-cover { outline: 3px solid var(--primary-500);
  outline-offset: 2px; }
.ilm-tile[aria-pressed=true]::after { content: '✓'; position: absolute; top: 6px; right: 6px;
  width: 26px; height: 26px; border-radius: 50%; background: var(--primary-600); color: #fff;
  font: 700 15px/26px system-ui, sans-serif; text-align: center; }
.ilm-bar { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; margin-top: 1rem; }
.ilm-do { min-height: 44px; padding: 0 1.1rem; border-radius: 10px; font-weight: 600;
  cursor: pointer; border: 1px solid var(--button-secondary-border-color);
  background: var(--button-secondary-background-fill); color: var(--body-text-color); }
.ilm-do.ilm-main { background: var(--primary-600); border-color: var(--primary-600); color: #fff; }
.ilm-do:disabled { opacity: .45; cursor: default; }
.ilm-count { color: var(--body-text-color-subdued); font-size: .9rem; }

#ilm-film { max-width: 940px; margin: 0 auto; gap: 1.25rem; }
#ilm-film .ilm-back { align-self: flex-start; width: auto; min-height: 44px; padding: 0 1rem; }
.ilm-film { display: flex; gap: 1.75rem; align-items: flex-start; }
.ilm-film .ilm-cover { width: 220px; height: 330px; }
.ilm-film .ilm-body { gap: .8rem; }
.ilm-film h2.ilm-title { font-size: 1.8rem; outline: none; }
.ilm-film p { margin: 0; line-height: 1.6; max-width: 62ch; }
.ilm-film dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.25rem;
  margin: 0; font-size: .92rem; line-height: 1.45; }
.ilm-film dt { color: var(--body-text-color-subdued); }
.ilm-film dd { margin: 0; }
#ilm-film .ilm-buttons { max-width: 420px; }
#ilm-film .ilm-buttons button { min-height: 44px; }
#ilm-film h3 { margin: .5rem 0 1rem; font: 700 1.15rem/1.3 Georgia, 'Times New Roman', serif; }
.ilm-quiet { color: var(--body-text-color-subdued); }

#ilm-chat .message { font-size: 1rem; line-height: 1.55; }
#ilm-chat .bot.message, #ilm-chat .message-row.bot-row .message { max-width: 100%;
  background: transparent; border: none; box-shadow: none; }
#ilm-chat .user.message { background: var(--primary-600); border-color: var(--primary-600); }
#ilm-chat .user.message, #ilm-chat .user.message * { color: #fff; }
#ilm-side, #ilm-history { gap: .6rem; }
#ilm-side h3, #ilm-history h3 { font-size: 1rem; margin: .2rem 0; }
#ilm-actions { gap: .5rem; padding: 0 0 .6rem; }
#ilm-actions .ilm-slot { gap: .3rem; }
.ilm-buttons { gap: .35rem !important; flex-wrap: nowrap; }
#ilm-actions .ilm-name { font: 600 .95rem/1.3 Georgia, 'Times New Roman', serif; }
:is(#ilm-actions, #ilm-send, #ilm-turns, #ilm-side, #ilm-history) button { min-height: 44px; }
#ilm-side .token { background: var(--background-fill-secondary);
  border: 1px solid var(--border-color-primary); }
#ilm-side .token-remove svg { width: 13px; height: 13px; }
#ilm-side .token button, #ilm-side .token-remove { min-height: 28px; min-width: 28px; }

#ilm-history .form, #ilm-entries, #ilm-entries fieldset { padding: 0; border: 0;
  background: none; box-shadow: none; }
#ilm-entries .wrap { display: flex; flex-direction: column; gap: 2px; max-height: 46vh;
  overflow-y: auto; padding: 3px; }
#ilm-entries label { width: 100%; min-height: 44px; padding: .45rem .7rem; border: 0;
  box-shadow: none; background: none; border-radius: 10px; font-size: .92rem; line-height: 1.35; }
#ilm-entries label:hover { background: var(--button-secondary-background-fill-hover); }
#ilm-entries label.selected { background: var(--secondary-100); color: var(--secondary-900);
  font-weight: 600; }
.dark #ilm-entries label.selected { background: var(--secondary-900); color: #fff; }
#ilm-entries label:has(:focus-visible) { outline: 3px solid var(--primary-500); }
#ilm-entries input { position: absolute; opacity: 0; pointer-events: none; }
#ilm-entries label > span { margin: 0; overflow-wrap: anywhere; }
#ilm-this { gap: .35rem; padding-top: .5rem; border-top: 1px solid var(--border-color-primary); }
#ilm-history .ilm-wipe { background: none; border: 0; box-shadow: none; font-weight: 400;
  color: var(--body-text-color-subdued); text-decoration: underline; text-underline-offset: 3px; }
#ilm-sure p { font-size: .9rem; }

#ilm-feet { gap: .2rem; padding-top: .5rem; }
.ilm-foot { margin: 0 auto !important; max-width: 92ch; font-size: .84rem; line-height: 1.55;
  text-align: center; color: var(--body-text-color-subdued); text-wrap: balance; }
:is(button, summary, textarea, input, a, .ilm-tile):focus-visible {
  outline: 3px solid var(--primary-500) !important; outline-offset: 2px; }

@media (max-width: 1100px) {
  #ilm-main { flex-wrap: wrap; }
  #ilm-history { order: 3; flex: 1 1 100%; }
  .ilm-head .ilm-jump { display: flex; }
}
@media (max-width: 860px) {
  :is(#ilm-talk, #ilm-side) { flex: 1 1 100% !important; }
}
@media (max-width: 640px) {
  .ilm-card .ilm-cover { width: 76px; height: 114px; }
  .ilm-card { gap: .7rem; padding: .6rem; }
  .ilm-head p { display: none; }
  .ilm-do { padding: 0 .7rem; }
  #ilm-send { flex-wrap: wrap; }
  #ilm-send > :first-child { flex-basis: 100%; }
  .ilm-grid { grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .55rem; }
  .ilm-welcome .ilm-tile:nth-child(n + 17) { display: none; } /* whole rows */
  .ilm-film { flex-direction: column; gap: 1rem; }
  .ilm-film .ilm-cover { width: 150px; height: 225px; }
  .ilm-film dl { grid-template-columns: 1fr; gap: .1rem; }
  .ilm-film dd { margin-bottom: .5rem; }
}
@media (prefers-reduced-motion: reduce) {
  * { animation: none !important; transition: none !important; }
}
"""
