// Keeps addresses that scripts make under the prefix of the preview. Runs before every script of the page.
(() => {
  if (window.__previewPrefix) return;
  const prefix = document.currentScript.dataset.prefix;
  const { origin } = location;
  Object.defineProperty(window, '__previewPrefix', { value: prefix });

  /** The address under the prefix, or undefined when it is right as it is. */
  const moved = (url) => {
    let parsed;
    try {
      parsed = new URL(String(url), document.baseURI);
    } catch {
      return undefined;
    }
    // The origin of `blob:` addresses is the page's own, too.
    const own = parsed.host === location.host && /^(?:http|ws)s?:$/.test(parsed.protocol);
    if (!own || parsed.pathname.startsWith(prefix)) return undefined;
    const at = parsed.pathname.indexOf(prefix);
    const path = at < 0 ? parsed.pathname : parsed.pathname.slice(at + prefix.length);
    return `${parsed.protocol}//${parsed.host}` + prefix + path.replace(/^\/+/, '') + parsed.search + parsed.hash;
  };
  const kept = (url) => moved(url) ?? url;

  const wrap = (object, name, make) => {
    if (object?.[name]) object[name] = make(object[name]);
  };
  const wrapClass = (name) => {
    const Original = window[name];
    if (!Original) return;
    window[name] = new Proxy(Original, {
      construct: (target, [url, ...rest], newTarget) => Reflect.construct(target, [kept(url), ...rest], newTarget),
    });
  };

  const OriginalRequest = window.Request;
  wrap(window, 'fetch', (original) => function fetch(input, init) {
    if (!(input instanceof OriginalRequest)) return original.call(this, kept(input), init);
    const url = moved(input.url);
    return original.call(this, url ? new OriginalRequest(url, input) : input, init);
  });
  window.Request = new Proxy(OriginalRequest, {
    construct: (target, [input, ...rest], newTarget) =>
      Reflect.construct(target, [input instanceof OriginalRequest ? input : kept(input), ...rest], newTarget),
  });
  wrap(XMLHttpRequest.prototype, 'open', (original) => function open(method, url, ...rest) {
    return original.call(this, method, kept(url), ...rest);
  });
  wrap(navigator, 'sendBeacon', (original) => (url, data) => original.call(navigator, kept(url), data));
  for (const name of ['EventSource', 'WebSocket', 'Worker', 'SharedWorker']) wrapClass(name);
  for (const name of ['pushState', 'replaceState']) {
    wrap(History.prototype, name, (original) => function (state, title, url) {
      return original.call(this, state, title, url == null ? url : kept(url));
    });
  }
  wrap(window, 'open', (original) => (url, ...rest) => original.call(window, url ? kept(url) : url, ...rest));

  // Links and forms that a framework rendered keep the address it gave them until somebody reaches for them.
  const attributes = { A: 'href', AREA: 'href', FORM: 'action', BUTTON: 'formaction', INPUT: 'formaction' };
  const fix = (element, event) => {
    const attribute = attributes[element.nodeName];
    if (!attribute || !element.hasAttribute?.(attribute)) return;
    // Before hydration the framework still compares; a click cannot wait for that.
    if (event && event.type !== 'click' && event.type !== 'auxclick' && element.closest('astro-island[ssr]')) return;
    const url = moved(element.getAttribute(attribute));
    if (url) element.setAttribute(attribute, url.slice(origin.length));
  };
  const reach = (event) => {
    for (const element of event.composedPath()) if (element instanceof Element) fix(element, event);
  };
  for (const type of ['pointerover', 'focusin', 'touchstart', 'contextmenu', 'click', 'auxclick', 'dragstart']) {
    window.addEventListener(type, reach, { capture: true, passive: true });
  }
  window.addEventListener('submit', (event) => {
    fix(event.target);
    if (event.submitter) fix(event.submitter);
  }, { capture: true });
  wrap(HTMLFormElement.prototype, 'submit', (original) => function submit() {
    fix(this);
    return original.call(this);
  });

  // `location` cannot be replaced; where the browser tells about navigations, they are corrected on the way.
  window.navigation?.addEventListener('navigate', (event) => {
    if (!event.cancelable || event.formData || event.downloadRequest !== null || event.navigationType === 'traverse') return;
    const url = moved(event.destination.url);
    if (!url) return;
    event.preventDefault();
    if (event.navigationType === 'replace') location.replace(url);
    else location.assign(url);
  });
})();
