// What is on the page.
import assert from 'node:assert/strict';
import { countOf, linesOf, press } from './lines.mjs';

export const shown = {
  'a failed request with 498 spans is five lines, and its failure is among them': {
    page: 'wide',
    async run({ page }) {
      assert.deepEqual(await linesOf(page), [
        '1 ✗ run format',
        '2 ✓ run format_part ×7',
        '2 ✗ run format_part',
        '3 ✓ handler ruff_format ×60',
        '3 ✗ handler ruff_format',
      ]);
      const head = page.locator('#request');
      assert.match(await head.textContent(), /failed.*codeAction format.*498 spans · 988 records/);
      // Whoever looks sits in Berlin, and the page was written in UTC.
      assert.match(await head.textContent(), /2025-11-21 15:02:11\.480/);
    },
  },

  'the truth about what was read is always in sight': {
    page: 'wide',
    async run({ page }) {
      assert.equal(
        await page.locator('#truth').textContent(),
        '3 streams: 3 complete · 994 records read',
      );
      for (const [width, height] of [
        [1440, 900],
        [800, 600],
        [400, 700],
      ]) {
        await page.setViewportSize({ width, height });
        const box = await page.locator('#truth').boundingBox();
        assert.ok(box.y >= 0 && box.y + box.height <= height, `out of sight at ${width}×${height}`);
      }
    },
  },

  'a page that could not hold everything says what it left out and what to do': {
    page: 'cut',
    async run({ page }) {
      assert.equal(
        await page.locator('#truth .left').textContent(),
        'Left out: 290 older requests with 1,160 spans: a page holds 40 spans; name a request, or use --since or a match',
      );
      assert.equal(await page.locator('#requests [role=option]').count(), 10);
    },
  },

  'details tell the error, the files and the ids, which can be copied': {
    page: 'wide',
    async run({ page }) {
      await page.locator('#grid').focus();
      await press(page, 'End');
      const detail = page.locator('#detail');
      assert.match(await detail.locator('h2').textContent(), /handler.*ruff_format/);
      assert.equal(await detail.locator('.error').textContent(), '1 exit 1');
      const text = await detail.textContent();
      for (const name of [
        'started',
        'ended',
        'took',
        'writer',
        'records',
        'span',
        'caused by',
        'run',
      ]) {
        assert.ok(text.includes(name), `no ${name}`);
      }
      await detail.getByRole('button', { name: 'copy span id' }).click();
      await detail.getByRole('button', { name: 'copy span id' }).getByText('copied').waitFor();
      const copied = await page.evaluate('navigator.clipboard.readText()');
      assert.equal(copied, await detail.locator('.copyable code').first().textContent());
      assert.match(copied, /^[0-9a-f]{16}$/);
    },
  },

  '10,000 spans are less than 400 kB, and of 10,000 lines only those in sight exist': {
    page: 'large',
    async run({ page, bytes, openMs }) {
      assert.ok(bytes < 400_000, `${bytes} bytes`);
      await page.getByRole('button', { name: 'unfold all' }).click();
      assert.ok((await countOf(page)) >= 10_000);
      const nodes = Number(await page.evaluate('document.querySelectorAll("*").length'));
      assert.ok(nodes < 1500, `${nodes} nodes`);
      await page.locator('#grid').focus();
      await press(page, 'End');
      const last = await page
        .locator('#grid .body [role=row]')
        .last()
        .getAttribute('aria-rowindex');
      assert.equal(Number(last), (await countOf(page)) + 1);
      return `${bytes} bytes, open in ${Math.round(openMs)} ms, ${nodes} elements`;
    },
  },
};
