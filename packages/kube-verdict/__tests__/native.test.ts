import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { instantiate } from '../src/module/instance';
import { applyRequest, createRequest, type Prepared } from '../src/verdict/request';
import { manifests } from './arbitraries';
import { run } from './command';
import { podWithVariables } from './manifests';
import { nativeCommand } from './native';

const MODULE = join(__dirname, '..', 'module', 'verdict.wasm.br');

function text(prepared: Prepared): string {
  if ('answer' in prepared) throw new Error('answered without the module');
  return prepared.request;
}

const requests = fc.sample(
  fc.oneof(
    manifests.map((manifest) => text(createRequest(manifest))),
    fc
      .tuple(manifests, fc.constantFrom('baseline' as const, 'restricted' as const))
      .map(([manifest, podSecurity]) => text(createRequest(manifest, { podSecurity }))),
    fc
      .tuple(manifests, fc.object({ maxDepth: 3 }))
      .map(([manifest, spec]) => text(createRequest({ ...manifest, spec }))),
    fc
      .tuple(manifests, manifests, fc.boolean())
      .map(([a, b, serverSide]) => text(applyRequest(a, b, { serverSide }))),
    fc
      .tuple(manifests, fc.jsonValue(), fc.boolean())
      .map(([manifest, value, serverSide]) =>
        text(applyRequest(manifest, { ...manifest, spec: value }, { serverSide })),
      ),
    fc
      .tuple(manifests, manifests)
      .map(([a, b]) => text(applyRequest(a, { ...b, metadata: a.metadata }))),
    fc.json().filter((json) => !json.includes('\n')),
  ),
  { numRuns: 3_000, seed: 20_260_101 },
);

it('WebAssembly answers as native code does, byte for byte', async () => {
  const all = [
    '{"op":"about"}',
    text(createRequest(podWithVariables(500, 'x'))),
    text(applyRequest(podWithVariables(100, 'a'), podWithVariables(100, 'b'))),
    ...requests,
  ];
  const native = await run(await nativeCommand('verdict-native'), [], {
    input: `${all.join('\n')}\n`,
  });
  expect({ code: native.code, err: native.err }).toEqual({ code: 0, err: '' });
  const answers = native.out.trimEnd().split('\n');
  expect(answers).toHaveLength(all.length);

  const bytes = new Uint8Array(brotliDecompressSync(readFileSync(MODULE)));
  const instance = await instantiate(await WebAssembly.compile(bytes));
  const accepted = { true: 0, false: 0, null: 0 };
  all.forEach((request, i) => {
    const answer = instance.answer(request);
    if (answer !== answers[i]) expect({ request, answer }).toEqual({ request, answer: answers[i] });
    const verdict = /"accepted":(true|false|null)/.exec(answer)?.[1];
    if (verdict !== undefined) accepted[verdict as keyof typeof accepted]++;
  });
  // The requests are worth something only if they meet every kind of answer.
  expect(Math.min(accepted.true, accepted.false)).toBeGreaterThan(300);
});
