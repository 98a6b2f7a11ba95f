import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { loadVerdict } from '../src/index';
import { launchChromium } from './chromium';
import { deployment, pod } from './manifests';

const PACKAGE = join(__dirname, '..');

let server: Server | undefined;
let browser: Browser | undefined;
let page: Page;

/** Serves the package as a web server would: the compressed module with its encoding. */
function serve(): Promise<Server> {
  const files: Record<string, { path: string; headers: Record<string, string> }> = {
    '/kube-verdict.mjs': {
      path: join(PACKAGE, 'dist', 'browser.mjs'),
      headers: { 'content-type': 'text/javascript' },
    },
    '/verdict.wasm': {
      path: join(PACKAGE, 'module', 'verdict.wasm.br'),
      headers: { 'content-type': 'application/wasm', 'content-encoding': 'br' },
    },
  };
  const listening = createServer((request, response) => {
    const file = files[request.url ?? ''];
    if (request.url === '/') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>');
    } else if (file === undefined) {
      response.writeHead(404).end();
    } else {
      response.writeHead(200, file.headers).end(readFileSync(file.path));
    }
  });
  return new Promise((resolve) => {
    listening.listen(0, '127.0.0.1', () => {
      resolve(listening);
    });
  });
}

beforeAll(async () => {
  server = await serve();
  browser = await launchChromium();
  page = await browser.newPage();
  page.setDefaultTimeout(0);
  await page.goto(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`);
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** Judges in the page; in a Web Worker when asked. */
function judgeInPage(manifests: readonly object[], worker: boolean): Promise<unknown> {
  const script = (where: string) => `
    const { loadVerdict } = await import('${where}/kube-verdict.mjs');
    const verdict = await loadVerdict({ module: await fetch('${where}/verdict.wasm') });
    const judgements = [];
    for (const manifest of ${JSON.stringify(manifests)}) judgements.push(await verdict.create(manifest));
    const result = { kubernetes: verdict.kubernetes, judgements };`;
  return page.evaluate(
    worker
      ? `new Promise((resolve, reject) => {
          const code = ${JSON.stringify(`${script('ORIGIN')} postMessage(result);`)};
          const text = code.replaceAll('ORIGIN', location.origin);
          const worker = new Worker(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })), { type: 'module' });
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
        })`
      : `(async () => { ${script('')} return result; })()`,
  );
}

const MANIFESTS = [
  pod('web'),
  deployment('web', { replicas: -1 }),
  { apiVersion: 'example.com/v1', kind: 'Y' },
];

describe('in a browser', () => {
  it.each([
    ['the page', false],
    ['a Web Worker', true],
  ])('%s judges as Node.js does', async (_name, worker) => {
    await using verdict = await loadVerdict();
    const judgements = await Promise.all(MANIFESTS.map((manifest) => verdict.create(manifest)));
    expect(judgements.map((j) => j.accepted)).toEqual([true, false, null]);
    expect(await judgeInPage(MANIFESTS, worker)).toEqual({ kubernetes: '1.34.10', judgements });
  });

  it('a module that is not this version’s is refused', async () => {
    const message = await page.evaluate(`(async () => {
      const { loadVerdict } = await import('/kube-verdict.mjs');
      const module = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
      return loadVerdict({ module }).catch((error) => error.message);
    })()`);
    expect(message).toMatch(/^the module's SHA-256 is 93a44bbb/);
  });

  it('a module that the server does not have is refused', async () => {
    const message = await page.evaluate(`(async () => {
      const { loadVerdict } = await import('/kube-verdict.mjs');
      return loadVerdict({ module: await fetch('/nothing.wasm') }).catch((error) => error.message);
    })()`);
    expect(message).toMatch(/cannot be fetched: .*\/nothing\.wasm answered 404/);
  });
});
