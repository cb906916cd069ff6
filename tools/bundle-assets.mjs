// Makes what browsers are sent: bundles each entry (esbuild, terser), names it by its hash, compresses it
// as well as can be, and writes assets.inc, the table that C and the assembler read.
//
//     node bundle-assets.mjs NODE_MODULES OUT_FOLDER NAME.EXTENSION=ENTRY ...
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const [modules, folder, ...wishes] = process.argv.slice(2);
const require = createRequire(join(modules, 'any.js'));
const { build } = require('esbuild');
const { minify } = require('terser');

const TYPES = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' };

/* Pages of ours are seen by browsers of today. What other sites load runs in old ones, and leaves no
 * names behind. */
const OURS = { format: 'esm', ecma: 2020 };
const FORMS = { 'count.js': { format: 'iife', ecma: 2017 } };

/* terser makes scripts a twentieth smaller than esbuild does. */
async function bundle(file, entry, extension) {
  const isScript = extension === 'js';
  const { format, ecma } = FORMS[file] ?? OURS;
  const { outputFiles } = await build({
    entryPoints: [entry],
    nodePaths: [modules],
    bundle: true,
    minify: !isScript,
    write: false,
    format,
    target: format === 'esm' ? 'es2022' : `es${ecma}`,
    charset: 'utf8',
    legalComments: 'none',
  });
  const { text } = outputFiles[0];
  const shrink = { compress: { passes: 3, ecma }, ecma, module: true };
  return Buffer.from(isScript ? (await minify(text, shrink)).code : text);
}

const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });

async function make(wish) {
  const [file, entry] = wish.split('=');
  const [name, extension] = file.split('.');
  const bytes = await bundle(file, entry, extension);
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const path = join(folder, file);
  writeFileSync(path, bytes);
  writeFileSync(`${path}.gz`, execFileSync('zopfli', ['-c', path])); /* 3 % less than gzip -9 */
  writeFileSync(`${path}.br`, brotli(bytes));
  const id = `${name}_${extension}`.toUpperCase();
  return `ASSET(${id}, "/assets/${name}.${hash}.${extension}", "${TYPES[extension]}", "${hash}", "${file}", "${file}.gz", "${file}.br")\n`;
}

mkdirSync(folder, { recursive: true });
const rows = await Promise.all(wishes.map(make));
writeFileSync(join(folder, 'assets.inc'),
  `/* Made by tools/bundle-assets.mjs: a name in C, its address, type, hash, and its three files. */\n${rows.join('')}`);
