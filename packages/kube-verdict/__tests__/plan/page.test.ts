import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { Plan } from '../../src/plan/plan-types';
import { pageOf } from '../../src/plan/render/page/page';
import { launchChromium } from '../chromium';
import { folderOf } from '../command';
import { deployment, service } from './manifests';
import { HOSTILE, NEW, OLD, planned, withTexts } from './planned';

const FOLDER = folderOf({ none: '' });

let browser: Browser;
let plan: Plan;
/** What pages asked for, or were kept from doing. */
let strayed: string[];
beforeAll(async () => {
  browser = await launchChromium();
  plan = await planned(OLD, NEW, { from: 'main', to: 'the change' });
});
beforeEach(() => {
  strayed = [];
});
afterAll(async () => {
  await browser.close();
});

/** Opens plans as somebody would who was sent the file. */
async function opened(
  plans: readonly Plan[],
  colorScheme: 'light' | 'dark' = 'light',
): Promise<Page> {
  const file = join(FOLDER, 'plan.html');
  writeFileSync(file, await pageOf(plans));
  const page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 900 } });
  const url = pathToFileURL(file).href;
  page.setDefaultTimeout(0);
  page.on('request', (request) => {
    if (request.url().replace(/#.*/, '') !== url) strayed.push(request.url());
  });
  page.on('console', (message) => strayed.push(message.text()));
  page.on('pageerror', (error) => strayed.push(error.message));
  await page.goto(url);
  return page;
}

/** The names and classes of all elements, in their order, but for where a line may break. */
const SKELETON = `[...document.querySelectorAll(':not(wbr)')].map(({ localName, attributes }) =>
  localName + [...attributes].map(({ name }) => ' ' + name).join('')).join('\\n')`;

describe('the page of a plan', () => {
  it('shows the worst first, the change of each object and what it means', async () => {
    const page = await opened([plan]);
    expect(await page.textContent('h1')).toBe(plan.verdict);
    expect(await page.locator('.blockers li .badge').allTextContents()).toEqual([
      'refused',
      'downtime',
      'data loss',
    ]);
    expect(await page.locator('details.object').count()).toBe(plan.objects.length);
    const refused = page.locator('details.object').first();
    expect(await refused.locator('.fields tbody tr').count()).toBeGreaterThan(0);
    expect(await refused.locator('.meaning').textContent()).toContain('way out: ');
    expect(await page.content()).not.toContain('hunter');
    expect(strayed).toEqual([]);
    await page.close();
  });

  it('draws who talks to whom from left to right, and marks what changes', async () => {
    const page = await opened([plan]);
    const left = async (node: string): Promise<number> => {
      const box = await page.locator(`.node[data-id="${node}"]`).boundingBox();
      return box?.x ?? NaN;
    };
    const chain = await Promise.all(
      [
        'networking.k8s.io/Ingress/default/web',
        '/Service/default/web',
        'apps/Deployment/default/web',
        '/ConfigMap/default/web',
      ].map(left),
    );
    expect(chain).toEqual([...chain].sort((a, b) => a - b));
    expect(new Set(chain).size).toBe(4);
    expect(await page.locator('.node.rollout').count()).toBe(1);
    expect(await page.locator('.edge.removed').count()).toBe(1);
    await page.locator('.node.rollout').click();
    expect(await page.evaluate(`document.activeElement.closest('details').dataset.id`)).toBe(
      'apps/Deployment/default/web',
    );
    await page.close();
  });

  it('draws a rollout as a bar for each of its states, as high as there are Pods', async () => {
    const page = await opened([plan]);
    const rollout = plan.objects.find(({ action }) => action === 'rollout')?.rollout;
    const states = rollout?.timeline ?? [];
    expect(states.length).toBeGreaterThan(3);
    const svg = page.locator('details[data-id="apps/Deployment/default/web"] svg.timeline');
    expect(await svg.locator('g').count()).toBe(states.length);
    const heights = await svg
      .locator('g')
      .evaluateAll((bars) =>
        bars.map((bar) =>
          [...bar.querySelectorAll('rect')]
            .map((rect) => Number(rect.getAttribute('height')))
            .reduce((sum, height) => sum + height, 0),
        ),
      );
    const pods = states.map(
      ({ old, oldStarting, starting, updated, ending }) =>
        old + oldStarting + starting + updated + ending,
    );
    const most = Math.max(...pods);
    expect(heights.map((height) => Math.round((height / 130) * most))).toEqual(pods);
    expect(await svg.locator('.promise, .available').count()).toBe(2);
    await page.close();
  });

  it('is filtered by words and by actions, by hand and by keys', async () => {
    const page = await opened([plan]);
    const visible = () => page.locator('details.object:not([hidden])').count();
    await page.keyboard.press('/');
    await page.keyboard.type('configmap web');
    expect(await visible()).toBe(1);
    expect(await page.inputValue('#filter')).toBe('configmap web');
    expect(await page.textContent('#shown')).toBe(`1 of ${plan.objects.length} objects`);
    await page.keyboard.press('Escape');
    expect(await visible()).toBe(plan.objects.length);
    await page.locator('.chip.rollout').click();
    expect(await visible()).toBe(1);
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    const focused = `document.activeElement.closest('details')`;
    expect(await page.evaluate(`${focused} === document.querySelectorAll('details')[1]`)).toBe(
      true,
    );
    const isOpen = await page.evaluate<boolean>(`${focused}.open`);
    await page.keyboard.press('Enter');
    expect(await page.evaluate(`${focused}.open`)).toBe(!isOpen);
    expect(strayed).toEqual([]);
    await page.close();
  });

  it('is dark where the system is, and the other on request', async () => {
    const brightness = `Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])`;
    for (const [scheme, isDark] of [
      ['light', false],
      ['dark', true],
    ] as const) {
      const page = await opened([plan], scheme);
      expect((await page.evaluate<number>(brightness)) < 128).toBe(isDark);
      await page.keyboard.press('t');
      expect((await page.evaluate<number>(brightness)) < 128).toBe(!isDark);
      await page.close();
    }
  });

  it('is printed with everything open, and nothing to click on', async () => {
    const page = await opened([plan]);
    await page.keyboard.press('e');
    await page.keyboard.press('e');
    await page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('details.object:not([open])').count()).toBe(0);
    expect(await page.locator('.toolbar').isVisible()).toBe(false);
    expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
    await page.close();
  });

  it('holds several environments, the unchanged ones too', async () => {
    const calm = await planned(OLD, OLD, { name: 'calm' });
    const page = await opened([{ ...plan, name: 'one' }, calm]);
    expect(await page.locator('.overview tr').allInnerTexts()).toEqual([
      expect.stringContaining('one'),
      expect.stringContaining('calm\tnothing changes'),
    ]);
    expect(strayed).toEqual([]);
    await page.close();
  });

  it('takes no text of a manifest for markup, and fetches nothing', async () => {
    const skeleton = async (text: string): Promise<unknown> => {
      const page = await opened([withTexts(plan, (one) => text + one + text)]);
      const found = await page.evaluate(SKELETON);
      await page.close();
      return found;
    };
    const innocent = await skeleton('x');
    for (const text of HOSTILE) {
      expect([text, await skeleton(text)]).toEqual([text, innocent]);
      expect([text, ...strayed]).toEqual([text]);
    }
  });

  it('shows 300 objects, each of which is found', async () => {
    const set = (image: string) =>
      Array.from({ length: 150 }, (_, i) => [
        deployment({ name: `web-${i}`, container: { image: `${image}-${i}` } }),
        service({ app: `web-${i}` }, `web-${i}`),
      ]).flat();
    const page = await opened([await planned(set('a:1'), set('a:2'))]);
    expect(await page.locator('.node').count()).toBe(300);
    const boxes = await page.locator('.node').evaluateAll((nodes) =>
      nodes.map((node) => {
        const { x, y, width, height } = node.getBoundingClientRect();
        return { x, y, right: x + width, bottom: y + height };
      }),
    );
    const overlaps = boxes.filter((a, i) =>
      boxes.some(
        (b, j) => j > i && a.x < b.right && b.x < a.right && a.y < b.bottom && b.y < a.bottom,
      ),
    );
    expect(overlaps).toEqual([]);
    await page.fill('#filter', 'deployment web-142');
    expect(await page.locator('details.object:not([hidden])').count()).toBe(1);
    expect(await page.locator('.node:not(.dim)').count()).toBe(1);
    expect(strayed).toEqual([]);
    await page.close();
  });
});
