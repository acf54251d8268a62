import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { asset, type Client, fill, lineage, metadata, ref, sandboxClient } from '../support/sandbox-data.ts';
import { openBrowser, type Window } from './support/browser.ts';

/** Where pictures of the page go when one wants to look at them; unset: nowhere. */
const SHOTS = process.env['MC_INGEST_SCREENSHOTS'];
const WINDOWS: readonly Window[] = [
  { width: 390, height: 844, scheme: 'light' },
  { width: 390, height: 844, scheme: 'dark' },
  { width: 2560, height: 1440, scheme: 'light' },
  { width: 2560, height: 1440, scheme: 'dark' },
];

const closers: (() => Promise<void>)[] = [];
const troubles: string[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  expect(troubles.splice(0)).toEqual([]);
});

/** Opens the page, and notes whatever it should not do: errors on the console, requests to elsewhere. */
async function open(client: Client, window: Window): Promise<Page> {
  const { context, close } = await openBrowser(window);
  closers.push(close);
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text());
  });
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(client.running.endpoint) && !request.url().startsWith('data:'))
      troubles.push(`a request to ${request.url()}`);
  });
  await page.goto(client.running.page);
  await page.locator('#rows > *').first().waitFor();
  return page;
}

async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

const small = (window: Window): boolean => window.width < 720;

async function pane(page: Page, window: Window, name: 'List' | 'Graph' | 'Item'): Promise<void> {
  if (small(window)) await page.getByRole('button', { name, exact: true }).click();
}

/** Nothing sticks out at the right, and text stands out from its ground as the scheme promises. */
async function readable(page: Page, window: Window): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(window.width);
  const [ground, text] = await page.evaluate(() => {
    const style = getComputedStyle(document.body);
    return [style.backgroundColor, style.color].map((color) => Number(/\d+/.exec(color)?.[0]));
  });
  if (window.scheme === 'dark') expect(ground).toBeLessThan(text ?? 0);
  else expect(ground).toBeGreaterThan(text ?? 255);
}

for (const tables of [0, 20, 2_000])
  describe(`the page with ${tables} assets`, () => {
    let client: Client;
    beforeAll(async () => {
      client = await sandboxClient();
      await fill(client, tables);
    });
    afterAll(() => client.running.close());

    for (const window of WINDOWS)
      it(`shows them at ${window.width} pixels, ${window.scheme}`, async () => {
        const page = await open(client, window);
        const name = `${tables}-${window.width}-${window.scheme}`;
        await readable(page, window);
        await shoot(page, `${name}-list`);
        const tab = page.getByRole('tab', { name: /^Assets/ });
        expect((await tab.textContent())?.replaceAll(/\D/g, '')).toBe(String(tables));
        if (tables === 0) {
          for (const command of ['mc-ingest init --source postgres', 'mc-ingest plan', 'mc-ingest apply'])
            expect(await page.getByText(command, { exact: true }).locator('visible=true').count()).toBe(1);
          return;
        }
        await page.getByRole('option', { name: /t_0001/ }).click();
        await page.locator('#item h2').filter({ hasText: 'shop:public.t_0001' }).waitFor();
        const item = page.locator('#item');
        for (const text of [
          'numeric(12,2)',
          '← shop:public.t_0000.total',
          'Upstream',
          'Downstream',
          '1,158',
          '"row_count": 1158',
        ])
          expect(await item.getByText(text).first().isVisible(), text).toBe(true);
        expect(await item.locator('.chart polyline').count()).toBe(3);
        await readable(page, window);
        await shoot(page, `${name}-item`);
        await pane(page, window, 'Graph');
        const drawn = page.locator('#canvas .node');
        expect(await drawn.count()).toBeLessThanOrEqual(150);
        expect(await page.locator('#canvas .node.chosen').count()).toBe(1);
        expect(await page.locator('#canvas .node.custom.soon').textContent()).toContain('lapses');
        if (tables > 150) expect(await page.locator('#note').textContent()).toMatch(/of 2,002 items: what is within/);
        await shoot(page, `${name}-graph`);
      });

    it('finds one by the filter in well under a second, with few rows in the page', async () => {
      const page = await open(client, { width: 1440, height: 900, scheme: 'light' });
      if (tables === 0) {
        expect(await page.getByText('No asset has arrived').isVisible()).toBe(true);
        return;
      }
      expect(await page.locator('.row').count()).toBeLessThan(60);
      const last = `t_${String(tables - 1).padStart(4, '0')}`;
      const started = Date.now();
      await page.getByLabel('Filter the list').fill(last);
      await page.getByRole('option', { name: new RegExp(last) }).waitFor();
      expect(Date.now() - started).toBeLessThan(1_000);
      expect(await page.getByRole('option').count()).toBe(1);
      await page.getByRole('option').click();
      await page.locator(`#canvas .chosen[aria-label*="${last}"]`).waitFor();
      expect(Date.now() - started).toBeLessThan(3_000);
    });
  });

describe('the page', () => {
  const window: Window = { width: 1440, height: 900, scheme: 'light' };
  let client: Client;
  beforeAll(async () => {
    client = await sandboxClient();
    await fill(client, 20);
  });
  afterAll(() => client.running.close());

  it('shows what was refused, with the reason, the checkpoint and the push', async () => {
    const page = await open(client, window);
    await page.getByRole('tab', { name: /^Refused/ }).click();
    await page.getByRole('option', { name: /Unsupported ingest query-log/ }).click();
    await page.getByText('checkpoint 4 of 5').waitFor();
    await page.locator('#item .link').click();
    await page.locator('#item h2').filter({ hasText: 'querylogs, 1 event' }).waitFor();
    expect(await page.locator('#item pre').textContent()).toContain('"log_type": "hive"');
    await page.getByRole('tab', { name: /^Queries/ }).click();
    await page.getByRole('option').first().click();
    await page.locator('#item').getByText('select id, total').waitFor();
  });

  it('is used with the keyboard alone', async () => {
    const page = await open(client, window);
    await page.keyboard.press('/');
    await page.keyboard.type('t_00');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.locator('#item h2').filter({ hasText: 't_0001' }).waitFor();
    await page.locator('#canvas .chosen').focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await page.locator('#item h2').filter({ hasText: 't_0000' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toContain('t_0000');
    await page.keyboard.press('Escape');
    await page.locator('#item h2').filter({ hasText: 'Overview' }).waitFor();
    const unnamed = await page.evaluate(
      () =>
        [...document.querySelectorAll('button, input, [tabindex="0"]')].filter(
          (one) => !(one.textContent || one.getAttribute('aria-label')),
        ).length,
    );
    expect(unnamed).toBe(0);
  });

  it('keeps names as text, whatever they hold', async () => {
    const other = await sandboxClient();
    const evil = '<img src=x onerror=document.title=1>"\'&😀\n.</script>';
    const job = `mutation($id: String!) { createOrUpdateLineageNode(objectType: "<i>job</i>", objectId: $id, name: $id, properties: [{ propertyName: "<b>", propertyValue: "<u>" }]) { node { mcon } } }`;
    await other.push(
      'metadata',
      metadata(
        asset(evil, { fields: [{ name: evil, type: evil, description: evil }], tags: [{ key: evil, value: evil }] }),
      ),
    );
    await other.push('lineage', lineage({ destination: ref(evil), sources: [ref('plain')] }));
    await other.graphql(job, { id: evil });
    const page = await open(other, window);
    for (const tab of [/^Assets/, /^Custom nodes/, /^Pushes/]) {
      await page.getByRole('tab', { name: tab }).click();
      await page.getByRole('option').first().click();
      await page.locator('#item dl').first().waitFor();
      expect(await page.locator('#item').textContent()).toContain('<img src=x');
    }
    expect(await page.locator('img, i, u, main script').count()).toBe(0);
    expect(await page.title()).toBe('Monte Carlo sandbox');
    await other.running.close();
  });

  it('shows at once what arrives while it is open', async () => {
    const page = await open(client, window);
    await client.push('metadata', metadata(asset('just_arrived')));
    await page.getByRole('option', { name: /just_arrived/ }).waitFor({ timeout: 10_000 });
  });

  it('moves the clock, and says what vanished', async () => {
    const page = await open(client, window);
    const node = page.locator('#canvas .node.custom', { hasText: 'load_orders' });
    expect(await node.count()).toBe(1);
    await page.getByRole('button', { name: '+8 days' }).click();
    await page.locator('#moved').getByText('3 things vanished').waitFor();
    expect(await page.locator('#moved').textContent()).toContain('node airflow://load_orders, lapsed');
    await node.waitFor({ state: 'detached' });
    expect(await page.locator('#ahead').textContent()).toMatch(/8 days ahead/);
    await shoot(page, 'moved');
    await page.getByRole('button', { name: 'now', exact: true }).click();
    await page.locator('#ahead').waitFor({ state: 'hidden' });
    await page.keyboard.press('Escape');
    expect(await page.locator('#item').textContent()).toContain('airflow://load_orders');
  });

  it('says so when the sandbox has ended', async () => {
    const other = await sandboxClient();
    const page = await open(other, window);
    await other.running.close();
    await page.getByText('The sandbox does not answer').waitFor({ timeout: 10_000 });
    // The browser itself notes each request that could not be made.
    troubles.splice(0);
  });
});
