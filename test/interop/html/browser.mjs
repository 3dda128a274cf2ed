// Debian's Chromium with a profile of its own. Locators only: functions that wait inside the page hang under its policy.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const program = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const quiet = ['background-networking', 'component-update', 'sync'].map(
  (one) => `--disable-${one}`,
);

export function missing() {
  return existsSync(program)
    ? undefined
    : `did not run: no browser at ${program}; apt-get install -y chromium, or CHROMIUM=path names another one`;
}

export async function browser() {
  const profile = mkdtempSync(join(tmpdir(), 'tl-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: program,
    headless: true,
    viewport: { width: 1440, height: 900 },
    timezoneId: 'Europe/Berlin',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', ...quiet],
  });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  return {
    /** A page that is ready, and everything it complained about or asked the network for. */
    async open(url) {
      const page = await context.newPage();
      const complaints = [];
      page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
      page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
      page.on('request', (request) => {
        if (request.url() !== url) complaints.push(`asked for ${request.url()}`);
      });
      const before = performance.now();
      await page.goto(url);
      await page.locator('#page[data-ready=yes]').waitFor();
      return { page, complaints, openMs: performance.now() - before };
    },
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
