// On a page of a saved version: says so, and turns into the live preview as soon as that answers.
(() => {
  const { status } = document.currentScript.dataset;
  const note = document.createElement('div');
  note.setAttribute('role', 'status');
  // Set one by one: a site's own policy may forbid styles in text.
  Object.assign(note.style, {
    all: 'initial', position: 'fixed', left: '12px', bottom: '12px', zIndex: '2147483647', pointerEvents: 'none',
    padding: '6px 12px', borderRadius: '999px', background: 'rgba(22, 24, 29, .86)', color: '#f7f5f0',
    font: '13px/1.4 system-ui, sans-serif', boxShadow: '0 1px 6px rgba(0, 0, 0, .25)',
  });
  const say = (text) => { note.textContent = text; };
  say('Last saved version — waking');
  document.body.append(note);

  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const visible = () => new Promise((resolve) => {
    if (!document.hidden) return resolve();
    document.addEventListener('visibilitychange', () => resolve(), { once: true });
  });
  const look = async () => {
    for (;;) {
      // A tab that nobody looks at wakes nothing.
      await visible();
      try {
        // Answered as soon as something changes.
        const answer = await fetch(status, { cache: 'no-store' });
        const { state } = answer.ok ? await answer.json() : {};
        if (state === 'ready') return location.reload();
        if (state === 'failed') return say('Last saved version — the live preview could not start');
      } catch {
        say('Last saved version — no connection');
      }
      await pause(500);
    }
  };
  look();
})();
