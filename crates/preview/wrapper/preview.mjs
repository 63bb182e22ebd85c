// Serves one worktree with its own Astro, behind a path prefix, without touching the worktree.
//
// The first line of standard input is the configuration, as JSON:
//   root, nodeModules, cacheDir (absolute paths), prefix ("/" or "/session/<id>/"), origin (as browsers see it), tag,
//   port (0: any)
// Lines on standard output that begin with the tag carry JSON: {"ready": port, "base": path} and {"starting": true}.
// Everything else that is printed is the site's own. The end of standard input ends the program.

import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const tell = (tag, message) => process.stdout.write(`\n${tag}${JSON.stringify(message)}\n`);

/** The first line of standard input; the end of input ends this process. */
function configuration() {
  return new Promise((resolve) => {
    let text = '';
    process.stdin.setEncoding('utf8');
    process.stdin.on('data', (chunk) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(JSON.parse(text.slice(0, end)));
    });
    process.stdin.on('end', () => process.exit(0));
    process.stdin.on('error', () => process.exit(0));
  });
}

/** The `dev` function of the Astro that the worktree would use. */
async function astroOf(root) {
  const require = createRequire(path.join(root, 'package.json'));
  const manifest = require.resolve('astro/package.json');
  const { exports } = JSON.parse(fs.readFileSync(manifest, 'utf8'));
  const entry = typeof exports['.'] === 'string' ? exports['.'] : (exports['.'].import ?? exports['.'].default);
  return await import(pathToFileURL(path.resolve(path.dirname(manifest), entry)).href);
}

/** `url` as the site knows it: without our prefix, and without what was wrongly put before or after it. */
function withoutPrefix(url, prefix) {
  if (prefix === '/') return url;
  const query = url.search(/[?#]/);
  const at = url.indexOf(prefix);
  if (at < 0 || (query >= 0 && at > query)) return url;
  const rest = url.slice(at + prefix.length).replace(/^\/+/, '');
  return '/' + rest;
}

/** The Vite plugin that lets every middleware, whoever added it, see addresses without the prefix. */
function prefixPlugin(config, events) {
  const strip = (request, response, next) => {
    events.seen(request);
    request.url = withoutPrefix(request.url, config.prefix);
    next();
  };
  return {
    name: 'webordinary:prefix',
    enforce: 'post',
    configureServer: {
      order: 'post',
      handler(server) {
        events.created(server);
        return () => {
          const { stack } = server.middlewares;
          const base = stack.findIndex(({ handle }) => handle.name === 'viteBaseMiddleware');
          if (base >= 0) stack.splice(base, 1);
          stack.unshift({ route: '', handle: strip });
        };
      },
    },
  };
}

/** Makes the site's own fetch of its public address reach this server instead of leaving the machine. */
function answerOwnFetches(hosts, port, prefix) {
  const original = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    let url;
    try {
      url = new URL(input instanceof Request ? input.url : String(input));
    } catch {
      return original(input, init);
    }
    if (!port() || !/^https?:$/.test(url.protocol) || !hosts.has(url.host)) return original(input, init);
    const inside = new URL(url);
    inside.protocol = 'http:';
    inside.host = `127.0.0.1:${port()}`;
    if (!inside.pathname.startsWith(prefix)) inside.pathname = prefix + inside.pathname.slice(1);
    return original(input instanceof Request ? new Request(inside, input) : inside, init);
  };
}

/** One plain request to this server, with the Host that browsers will send. */
function get(port, host, target, accept) {
  return new Promise((resolve, reject) => {
    const headers = { host, accept, connection: 'close' };
    const request = http.get({ host: '127.0.0.1', port, path: target, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => resolve(body));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

/** Loads the first page and what it loads, so that the dependency cache is complete before anybody looks. */
async function warmUp(server, port, host, target, prefix) {
  const page = await get(port, host, target, 'text/html');
  const wanted = /\s(?:component-url|renderer-url|before-hydration-url|src)="([^"]+)"/g;
  const urls = new Set([...page.matchAll(wanted)].map((match) => match[1]));
  const modules = [...urls].filter((url) => url.startsWith('/') && !url.startsWith('//')).slice(0, 40);
  const own = (url) => prefix + withoutPrefix(url.replaceAll('&amp;', '&').replaceAll('&#38;', '&'), prefix).slice(1);
  await Promise.allSettled(modules.map((url) => get(port, host, own(url), '*/*')));
  await server.waitForRequestsIdle?.();
  await dependenciesBundled(server);
}

/**
 * Listens as a browser would while nobody else does. Vite keeps the last "reload" that found no listener for the
 * first one to come, so that without this the first page would always load twice.
 */
async function listener(server, port, prefix) {
  const token = server.config.webSocketToken;
  if (!globalThis.WebSocket || !token) return { close: async () => {} };
  const socket = new WebSocket(`ws://127.0.0.1:${port}${prefix}?token=${token}`, 'vite-hmr');
  await new Promise((resolve) => {
    socket.onopen = socket.onerror = resolve;
  });
  const closed = new Promise((resolve) => (socket.onclose = resolve));
  const close = () => {
    socket.close();
    return closed;
  };
  return { close };
}

/** Resolves once what the pages import from packages is bundled: Vite reloads every open page after that. */
async function dependenciesBundled(server) {
  const optimizer = server.environments?.client?.depsOptimizer;
  await optimizer?.scanProcessing;
  for (let round = 0; round < 5; round += 1) {
    const pending = Object.values(optimizer?.metadata?.discovered ?? {}).map(({ processing }) => processing);
    if (pending.length === 0) return;
    await Promise.allSettled(pending);
  }
}

async function main() {
  const config = await configuration();
  const host = new URL(config.origin).host;
  const hosts = new Set([host]);
  let base = '/';
  let port = 0;
  let announced = false;
  let current;

  const announce = async (server) => {
    port = server.httpServer.address().port;
    server.httpServer.keepAliveTimeout = 0; // the proxy closes what it no longer needs, never this side
    const target = (config.prefix + base.replace(/^\//, '')).replace(/\/?$/, '/');
    const limit = new Promise((resolve) => setTimeout(resolve, 20_000).unref());
    const ear = await Promise.race([listener(server, port, config.prefix), limit]);
    await Promise.race([warmUp(server, port, host, target, config.prefix).catch(() => {}), limit]);
    await Promise.race([ear?.close(), limit]);
    announced = true;
    tell(config.tag, { ready: port, base });
  };
  const events = {
    seen: ({ headers }) => headers.host && hosts.size < 16 && hosts.add(headers.host),
    created(server) {
      // A changed configuration makes Astro start another server, which may listen elsewhere.
      server.httpServer.once('listening', () => announced && announce(server));
      server.httpServer.once('close', () => tell(config.tag, { starting: true }));
      current = server;
    },
  };
  process.on('SIGTERM', () => process.exit(0));
  answerOwnFetches(hosts, () => port, config.prefix);

  const { dev } = await astroOf(config.root);
  await dev({
    root: config.root,
    logLevel: 'info',
    cacheDir: path.join(config.cacheDir, 'astro'),
    devToolbar: { enabled: false },
    server: { host: '127.0.0.1', port: config.port, open: false, allowedHosts: [host.replace(/:\d+$/, '')] },
    security: { allowedDomains: [{ hostname: host.replace(/:\d+$/, '') }] },
    integrations: [{ name: 'webordinary', hooks: { 'astro:config:done': ({ config }) => (base = config.base) } }],
    vite: {
      ...(config.prefix === '/' ? {} : { base: config.prefix }),
      cacheDir: path.join(config.cacheDir, 'vite'),
      clearScreen: false,
      plugins: [prefixPlugin(config, events)],
      server: {
        strictPort: config.port > 0,
        fs: { allow: [config.root, config.nodeModules, fs.realpathSync(config.nodeModules), config.cacheDir] },
      },
    },
  });
  await announce(current);
}

main().catch((error) => {
  process.stderr.write(`${error?.stack ?? error}\n`, () => process.exit(1));
});
