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
    "button_border_width": "1px",
    "button_secondary_background_fill": "#ffffff",
    "button_secondary_background_fill_dark": "#262b3a",
    "button_secondary_background_fill_hover": "#efece5",
    "button_secondary_border_color": "#cfc9bd",
    "button_secondary_border_color_dark": "#3a4158",
    "button_primary_background_fill": "*primary_600",
    "button_primary_background_fill_dark": "*primary_500",
    "button_primary_background_fill_hover": "*primary_700",
    "button_primary_text_color": "#ffffff",
}

CSS = """
.gradio-container { max-width: 1240px !important; margin: 0 auto !important; }
.ilm-head { display: flex; align-items: baseline; gap: .75rem; flex-wrap: wrap; padding: .25rem 0; }
.ilm-head h1 { margin: 0; font: 700 1.6rem/1.2 Georgia, 'Times New Roman', serif; }
.ilm-head p { margin: 0; color: var(--body-text-color-subdued); }

.ilm-card { display: flex; gap: 1rem; padding: .75rem; margin: .35rem 0;
  border: 1px solid var(--border-color-primary); border-radius: 14px;
  background: var(--background-fill-primary); color: var(--body-text-color); max-width: 720px; }
.ilm-cover { width: 104px; height: 156px; flex: none; border-radius: 9px; display: block;
  box-shadow: 0 2px 10px rgb(0 0 0 / 28%); }
.ilm-body { min-width: 0; display: flex; flex-direction: column; gap: .4rem; }
.ilm-card h3.ilm-title { margin: 0; font: 700 1.12rem/1.25 Georgia, 'Times New Roman', serif;
  color: var(--body-text-color); }
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

#ilm-chat .message { font-size: 1rem; line-height: 1.55; }
#ilm-chat .bot.message, #ilm-chat .message-row.bot-row .message { max-width: 100%;
  background: transparent; border: none; box-shadow: none; }
#ilm-chat .user.message { background: var(--primary-600); border-color: var(--primary-600); }
#ilm-chat .user.message, #ilm-chat .user.message * { color: #fff; }
#ilm-side { gap: .6rem; }
#ilm-side h3 { font-size: 1rem; margin: .2rem 0; }
#ilm-actions { gap: .5rem; padding: .2rem 0 .6rem; }
#ilm-actions .ilm-slot { gap: .3rem; }
#ilm-actions .ilm-buttons { gap: .35rem; flex-wrap: nowrap; }
#ilm-actions .ilm-name { font: 600 .95rem/1.3 Georgia, 'Times New Roman', serif; }
#ilm-actions button, #ilm-send button, #ilm-turns button, #ilm-side button { min-height: 44px; }
#ilm-side .token { background: var(--background-fill-secondary);
  border: 1px solid var(--border-color-primary); }
#ilm-side .token-remove svg { width: 13px; height: 13px; }
#ilm-side .token button, #ilm-side .token-remove { min-height: 28px; min-width: 28px; }
.ilm-foot { font-size: .84rem; color: var(--body-text-color-subdued); text-align: center;
  padding: .5rem 0; }
button:focus-visible, summary:focus-visible, textarea:focus-visible {
  outline: 3px solid var(--primary-500) !important; outline-offset: 2px; }

@media (max-width: 640px) {
  .ilm-cover { width: 76px; height: 114px; }
  .ilm-card { gap: .7rem; padding: .6rem; }
}
@media (prefers-reduced-motion: reduce) {
  * { animation: none !important; transition: none !important; }
}
"""
