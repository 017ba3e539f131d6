// Scrolls through the table from its first line to its last, and tells the rows that it shows.
// Nothing while the answer is not there yet.
(async () => {
  const shown = document.querySelector('section.rows');
  const many = Number(document.querySelector('.rowshead .count b')?.textContent.replaceAll(',', '') || NaN);
  if (!shown || shown.getAttribute('aria-busy') !== 'false' || Number.isNaN(many)) return null;
  if (many === 0) return [];
  const list = document.querySelector('.tableroom .virtual');
  if (!list || Number(list.getAttribute('aria-rowcount')) !== many) return null;
  const frames = () => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); });
  const height = list.querySelector('.clip').clientHeight;
  const found = new Set();
  for (let top = 0; ; top += Math.max(28, height - 28)) {
    list.scrollTop = top;
    for (let tries = 0; ; tries += 1) {
      await frames();
      const lines = [...list.querySelectorAll('.line:not(.head)')];
      if (lines.length > 0 && lines.every((line) => !line.classList.contains('is-empty'))) break;
      if (tries > 600) return null;
    }
    for (const box of list.querySelectorAll('[aria-label^="select row "]')) found.add(Number(box.getAttribute('aria-label').slice(11)));
    if (list.scrollTop + list.clientHeight >= list.scrollHeight - 1) break;
  }
  list.scrollTop = 0;
  return [...found];
})()
