// Looking for spans.
import assert from 'node:assert/strict';
import { countOf, linesOf } from './lines.mjs';

/** Types it, and waits until the count of what was found is told. */
async function look(page, query, status) {
  await page.locator('#search').fill(query);
  await page.locator('#status').getByText(status, { exact: true }).waitFor();
}

export const searching = {
  'a span is found by its name, its state, the end of its id and its error': {
    page: 'wide',
    async run({ page }) {
      await look(page, 'RUFF_FORMAT failed', '1 span');
      assert.deepEqual(await linesOf(page), [
        '1 ✗ run format',
        '2 ✗ run format_part',
        '3 ✗ handler ruff_format',
      ]);
      await page.locator('#grid .body [role=row]').last().click();
      const id = await page.locator('#detail dd code').first().textContent();
      await look(page, 'nothing of this kind', 'nothing matches');
      assert.equal(await countOf(page), 0);
      await look(page, id.slice(-7), '1 span');
      assert.equal(await countOf(page), 3);
      await look(page, 'exit 1', '3 spans');
      await look(page, 'er-01', '489 spans');
      await page.locator('#search').fill('');
      await page.locator('#grid[aria-rowcount="6"]').waitFor();
      assert.equal(await page.locator('#status').textContent(), '');
    },
  },

  'a file is found by its path, in whichever request wrote it': {
    page: 'some',
    async run({ page }) {
      await page.locator('#requests').focus();
      const detail = page.locator('#detail');
      await page.locator('#grid .body [role=row]').last().click();
      const path = await detail.locator('li code').textContent();
      assert.match(path, /^\/home\/me\/project\/src\/module_\d+\.py$/);
      await page.locator('#search').fill(path);
      await page
        .locator('#status')
        .getByText(/^\d spans? in \d requests?$/)
        .waitFor();
      assert.ok((await page.locator('#requests [role=option]').count()) < 10);
    },
  },

  'the list narrows to requests in which something is found, also by what was asked for and by id':
    {
      page: 'some',
      async run({ page }) {
        const id = await page.locator('#request .copyable code').first().textContent();
        await page.locator('#search').fill(id.slice(-7));
        await page
          .locator('#status')
          .getByText(/in 1 request$/)
          .waitFor();
        assert.equal(await page.locator('#requests [role=option]').count(), 1);
        assert.equal(await countOf(page), 3);
      },
    },

  'only what failed is shown when asked, with what caused it': {
    page: 'some',
    async run({ page }) {
      await page.locator('#failed').check();
      await page
        .locator('#status')
        .getByText(/ in 42 requests$/)
        .waitFor();
      for (const line of await linesOf(page)) assert.match(line, /✗/);
      await page.locator('#failed').uncheck();
      assert.equal(
        await page.locator('#requests').locator('#request-0').getAttribute('aria-setsize'),
        '300',
      );
    },
  },
};
