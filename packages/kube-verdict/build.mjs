// Bundles each entry of the package into dist. Types are written by tsc.
import { readFileSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

process.chdir(import.meta.dirname);
rmSync('dist', { recursive: true, force: true });

const shared = { bundle: true, target: 'es2022', logLevel: 'warning', legalComments: 'none' };
await build({
  ...shared,
  entryPoints: {
    index: 'src/index.ts',
    cdk8s: 'src/cdk8s/judge.ts',
    cli: 'src/cli/cli.ts',
    worker: 'src/workers/worker.ts',
  },
  outdir: 'dist',
  platform: 'node',
  packages: 'external',
  format: 'cjs',
});
await build({
  ...shared,
  entryPoints: { browser: 'src/browser.ts' },
  outExtension: { '.js': '.mjs' },
  outdir: 'dist',
  platform: 'browser',
  format: 'esm',
  define: {
    MODULE_SHA256: JSON.stringify(readFileSync('module/verdict.wasm.sha256', 'utf8').slice(0, 64)),
  },
});
// What the page of a plan holds.
await build({
  ...shared,
  entryPoints: {
    page: 'src/plan/render/page/client.ts',
    'page-style': 'src/plan/render/page/page.css',
  },
  entryNames: '[name]',
  outdir: 'dist',
  platform: 'browser',
  format: 'iife',
  minify: true,
});
