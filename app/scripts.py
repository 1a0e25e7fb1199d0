"""The little that runs in the browser; all of it is ours, none is made from data."""

LINKS = """
const filmOf = address => new URL(address, location.href).searchParams.get('film') || '';
document.addEventListener('click', event => {
  const link = event.target.closest('a[href*="?film="]');
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  const here = new URL(location.href);
  here.searchParams.set('film', filmOf(link.href));
  history.pushState({}, '', here);
  trigger('select', {film: filmOf(link.href)});
}, true);
addEventListener('popstate', () => trigger('select', {film: filmOf(location.href)}));
"""
"""Links to a film's page open it in place, and Back closes it: no reload, so nothing is lost."""

DRAFT = """
document.addEventListener('input', event => {
  if (event.target.closest('#ilm-box')) sessionStorage.setItem('ilm-draft', event.target.value);
});
"""
"""What is being written outlives a reload, also the one by which Gradio finds its server again:
until then it takes no message, and one that was on its way is gone with the old server."""

HELD = """() => {
  const box = document.querySelector('#ilm-box textarea');
  if (box) sessionStorage.setItem('ilm-draft', box.value);
}"""
"""After every answer: what the text box holds by then is all that is not yet sent."""

DRAFTED = "(box, view) => [box || sessionStorage.getItem('ilm-draft') || '', view]"

CLOSE = """() => {
  const here = new URL(location.href);
  here.searchParams.delete('film');
  history.pushState({}, '', here);
}"""

TO_FILM = """() => {
  const title = document.querySelector('#ilm-film h2');
  if (!title) return;
  scrollTo(0, 0);
  title.tabIndex = -1;
  title.focus({preventScroll: true});
}"""
"""A page that opens is read from its title on."""

PICKING = """
const picked = () => [...element.querySelectorAll('[data-pick][aria-pressed=true]')]
  .map(tile => tile.dataset.pick);
const count = () => {
  const frame = element.querySelector('.ilm-welcome');
  if (!frame) return;
  const found = picked().length;
  element.querySelector('[data-do=submit]').disabled = !found;
  element.querySelector('.ilm-count').textContent =
    found ? `${found} of ${frame.dataset.wanted} picked` : '';
};
element.addEventListener('click', event => {
  const tile = event.target.closest('[data-pick]');
  if (tile) {
    tile.setAttribute('aria-pressed', tile.getAttribute('aria-pressed') !== 'true');
    count();
    return;
  }
  const button = event.target.closest('[data-do]');
  if (button) trigger(button.dataset.do, {picked: picked()});
});
watch('value', count);
"""

DOWNLOAD = """file => {
  if (!file || !file.text) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([file.text], {type: file.type}));
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}"""
"""Made in the browser, so that no copy of a conversation is left on the server."""

LABELS = """() => setTimeout(() => {
  for (const slot of document.querySelectorAll('.ilm-slot')) {
    slot.setAttribute('role', 'group');
    slot.setAttribute('aria-label', slot.querySelector('.ilm-name')?.textContent || '');
  }
  for (const button of document.querySelectorAll('.ilm-feel'))
    button.setAttribute('aria-pressed', button.classList.contains('primary'));
}, 100)"""
"""Which film a button is about and whether it is pressed, for those who do not see it; once the
page has drawn what is new."""
