// Makes what browsers are sent: bundles each entry (esbuild), names it by its hash, compresses it
// as well as can be, and writes assets.inc, the table that C and the assembler read.
//
//     node bundle-assets.mjs NODE_MODULES OUT_FOLDER NAME.EXTENSION=ENTRY ...
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const [modules, folder, ...wishes] = process.argv.slice(2);
const { buildSync } = createRequire(join(modules, 'any.js'))('esbuild');

const TYPES = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' };

function bundle(entry) {
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    nodePaths: [modules],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
  });
  return outputFiles[0].contents;
}

const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });

function make(wish) {
  const [file, entry] = wish.split('=');
  const [name, extension] = file.split('.');
  const bytes = bundle(entry);
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const path = join(folder, file);
  writeFileSync(path, bytes);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(`${path}.br`, brotli(bytes));
  const id = `${name}_${extension}`.toUpperCase();
  return `ASSET(${id}, "/assets/${name}.${hash}.${extension}", "${TYPES[extension]}", "${hash}", "${file}", "${file}.gz", "${file}.br")\n`;
}

mkdirSync(folder, { recursive: true });
const rows = wishes.map(make);
writeFileSync(join(folder, 'assets.inc'),
  `/* Made by tools/bundle-assets.mjs: a name in C, its address, type, hash, and its three files. */\n${rows.join('')}`);
