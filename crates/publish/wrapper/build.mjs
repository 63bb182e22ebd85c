// Builds the site in the current directory with its own Astro, as `astro build` does, and says what came of it.
//
// Started as `node build.mjs <Astro's program> build`: the first word goes away, so that the site's code finds the
// same arguments as under Astro's program. After a build that ended well the last line on standard output is the tag
// and JSON: {"base": path, "dir": absolute path, "output": "static" or "server"}. Anything else is Astro's or the
// site's own, and so are the words and the exit code of a build that failed.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const TAG = 'webordinary:built ';

process.argv.splice(1, 1);

/** The directory of the site's Astro, and the file that a plain import of it loads. */
function astroOf(root) {
  const manifest = createRequire(path.join(root, 'package.json')).resolve('astro/package.json');
  const { exports } = JSON.parse(fs.readFileSync(manifest, 'utf8'));
  const entry = typeof exports['.'] === 'string' ? exports['.'] : (exports['.'].import ?? exports['.'].default);
  const home = path.dirname(manifest);
  return { home, entry: path.resolve(home, entry) };
}

/** Ends as Astro's program does after an error. */
async function fail(home, error) {
  try {
    const { throwAndExit } = await import(pathToFileURL(path.join(home, 'dist/cli/throw-and-exit.js')).href);
    await throwAndExit('build', error);
  } catch {
    // Another Astro, which keeps this elsewhere.
  }
  const place = error?.loc?.file ? `\n${error.loc.file}:${error.loc.line ?? 1}:${error.loc.column ?? 1}` : '';
  process.stderr.write(`[ERROR] ${error?.message ?? error}${place}\n${error?.stack ?? ''}\n`, () => process.exit(1));
}

async function main({ entry }, root) {
  const { build } = await import(pathToFileURL(entry).href);
  let settled;
  let dir;
  await build({
    root,
    integrations: [
      {
        name: 'webordinary',
        hooks: {
          // Kept whole: an integration after this one may still decide about `buildOutput`.
          'astro:config:done': (done) => (settled = done),
          'astro:build:done': (done) => (dir = done.dir),
        },
      },
    ],
  });
  const { config } = settled;
  const said = {
    // As a browser reads the addresses in the pages: escaped, without dot segments.
    base: new URL(`http://site.invalid${config.base}`).pathname,
    dir: fileURLToPath(dir ?? config.outDir),
    output: settled.buildOutput ?? (config.output === 'static' ? 'static' : 'server'),
  };
  process.stdout.write(`\n${TAG}${JSON.stringify(said)}\n`, () => process.exit(0));
}

const root = process.cwd();
const astro = astroOf(root);
main(astro, root).catch((error) => fail(astro.home, error));
