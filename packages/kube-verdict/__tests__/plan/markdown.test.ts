import fc from 'fast-check';
import { join } from 'node:path';
import type { Plan } from '../../src/plan/plan-types';
import { LONGEST_MARKDOWN, markdownOf } from '../../src/plan/render/markdown';
import { mermaidOf } from '../../src/plan/render/mermaid';
import { run } from '../command';
import { deployment } from './manifests';
import { HOSTILE, NEW, OLD, planned, withTexts } from './planned';

const PACKAGE = join(__dirname, '..', '..');

/** What GitHub's Markdown makes of documents: micromark with GitHub's extensions. */
async function toHtml(documents: readonly string[]): Promise<string[]> {
  const code = `
    import { micromark } from 'micromark';
    import { gfm, gfmHtml } from 'micromark-extension-gfm';
    const options = { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true };
    let text = '';
    for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
    console.log(JSON.stringify(JSON.parse(text).map((one) => micromark(one, options))));`;
  const { out, err } = await run(process.execPath, ['--input-type=module', '-e', code], {
    cwd: PACKAGE,
    input: JSON.stringify(documents),
  });
  expect(err).toBe('');
  return JSON.parse(out) as string[];
}

/** The tags of a document, one after the other. */
function tagsOf(html: string): string[] {
  return [...html.matchAll(/<(?:!--|\/?\w[^>]*)>?/g)].map(([tag]) => tag);
}

/** Its text where GitHub would link a mention. */
function prose(html: string): string {
  return html
    .replace(/<(code|pre)\b[^]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&lt;|&gt;|&quot;|&amp;/g, ' ');
}

let plan: Plan;
beforeAll(async () => {
  plan = await planned(OLD, NEW, { name: 'production', from: 'main', to: 'the change' });
});

describe('the Markdown of a plan', () => {
  it('says what is refused, down and lost before the table, and never in a fold', () => {
    const text = markdownOf([plan]);
    const order = [
      '### Plan of production: 1 refused',
      '> **Refused**',
      'spec.selector</code>: Invalid value',
      'way out: ',
      '> **Downtime**',
      '> **Data loss**',
      '| | object | what happens |',
      '<details>',
      '```mermaid',
    ].map((part) => text.indexOf(part));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  it('says it before the folds of several environments as well, with a line for each', () => {
    const calm = { ...plan, name: 'calm', objects: [], findings: [], common: [], images: [] };
    const text = markdownOf([
      { ...plan, name: 'one' },
      { ...calm, outcomes: [], verdict: 'nothing changes' },
      { ...plan, name: 'two' },
    ]);
    const [open = ''] = text.split('<details>');
    expect(text).toContain('### Plan of 3 environments, 2 of which change\n');
    expect(open).toContain('| 🛑 | <code>one</code> | 1 refused, ');
    expect(open).toContain('| ✅ | <code>calm</code> | nothing changes |');
    expect(open.match(/> \*\*Data loss\*\*/g)).toHaveLength(2);
    expect(text.match(/<details><summary>🛑 <code>(one|two)<\/code>/g)).toHaveLength(2);
    expect(text).not.toMatch(/<details><summary>[^\n]*calm/);
  });

  it('begins with its marker', () => {
    expect(markdownOf([plan], { marker: 'dist' })).toMatch(
      /^<!-- kube-verdict plan: dist -->\n###/,
    );
  });

  it('shows no value of a Secret', () => {
    expect(markdownOf([plan])).not.toContain('hunter');
  });

  it('takes no text of a manifest for markup, a mention, a link or a command', async () => {
    const parts = fc.constantFrom(...HOSTILE.filter(({ length }) => length < 100), ' ', '\n', 'x');
    const joined = fc.array(parts, { maxLength: 4 }).map((some) => some.join(''));
    const texts = [...HOSTILE, ...fc.sample(joined, { numRuns: 100, seed: 1 })];
    const hostile = (other: string): string =>
      markdownOf([withTexts(plan, (text) => text + other)]) +
      markdownOf([withTexts(plan, (text) => other + text)]);
    const documents = [hostile(' innocent'), ...texts.map(hostile)];
    const [innocent = '', ...rest] = await toHtml(documents);
    for (const [i, html] of rest.entries()) {
      expect([texts[i], ...tagsOf(html)]).toEqual([texts[i], ...tagsOf(innocent)]);
      expect(prose(html)).not.toMatch(/@\w|#\d|GH-\d|https?:\/|www\.\w|\p{Cf}(?<!\u200b)/u);
    }
    for (const text of documents) {
      expect(text).not.toMatch(/^\s*::|##\[/m);
      expect(text.length).toBeLessThanOrEqual(2 * LONGEST_MARKDOWN);
    }
  });

  it.each([10, 300])(
    'of %i rollouts fits into a comment, and says what it leaves out',
    async (n) => {
      const set = (image: string) =>
        Array.from({ length: n }, (_, i) =>
          deployment({ name: `web-${i}`, container: { image: `${image}-${i}` } }),
        );
      const text = markdownOf([await planned(set('nginx:1.29'), set('nginx:1.30'))]);
      expect(text.length).toBeLessThanOrEqual(LONGEST_MARKDOWN);
      expect(text).toContain(`${n} rollouts`);
      expect(text.includes('Left out: ')).toBe(n >= 100);
    },
  );

  it('fits whatever is in it', () => {
    const worst = withTexts(plan, (text) => text + '<`|@'.repeat(500));
    const many = { ...worst, objects: Array.from({ length: 200 }, () => worst.objects).flat() };
    for (const plans of [[worst], [many], Array.from({ length: 4 }, () => many)]) {
      const text = markdownOf(plans);
      expect(text.length).toBeLessThanOrEqual(LONGEST_MARKDOWN);
      expect(text).toContain('Left out: ');
    }
  });
});

describe('the Mermaid diagram', () => {
  it('joins what changes to what is around it', () => {
    const lines = mermaidOf(plan.topology) ?? [];
    expect(lines[0]).toBe('flowchart LR');
    expect(lines.join('\n')).toMatch(
      / {2}(n\d+)\["Deployment<br>web<br>rolls out"\]:::is-rollout\n/,
    );
    expect(lines.join('\n')).toMatch(/-\.->\|"sends to#44; gone"\|/);
  });

  it.each(HOSTILE)('has nothing in a label but letters and entities: %j', (name) => {
    const nodes = plan.topology.nodes.map((node) => ({ ...node, name, kind: name }));
    const innocent = mermaidOf(plan.topology) ?? [];
    const lines = mermaidOf({ ...plan.topology, nodes }) ?? [];
    expect(lines.length).toBe(innocent.length);
    for (const line of lines) {
      expect(line).toMatch(
        /^(flowchart LR| {2}classDef [\w -]+[\w:#,. -]+| {2}n\d+\["(?:[\p{L}\p{N} /._-]|#\d+;|<br>)*"\](:::is-[\w-]+)?| {2}n\d+ \S+\|"(?:[\w ]|#44;)+"\| n\d+)$/u,
      );
    }
  });

  it('of too much is none', async () => {
    const set = (image: string) =>
      Array.from({ length: 50 }, (_, i) => [
        deployment({ name: `web-${i}`, container: { image } }),
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: `web-${i}` },
          spec: { ports: [{ port: 1 }], selector: { app: `web-${i}` } },
        },
      ]).flat();
    expect(mermaidOf((await planned(set('a'), set('b'))).topology)).toBeUndefined();
  });
});
