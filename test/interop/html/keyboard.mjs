// Everything without a mouse.
import assert from 'node:assert/strict';
import { active, countOf, linesOf, press } from './lines.mjs';

export const keyboard = {
  'arrows, Home, End and Enter walk and fold': {
    page: 'wide',
    async run({ page }) {
      await page.locator('#grid').focus();
      assert.match(await active(page), /^run format, failed/);
      await press(page, 'End');
      assert.match(
        await active(page),
        /^handler ruff_format, failed, starts after 5\.04 s, lasts 14 ms/,
      );
      await press(page, 'ArrowUp');
      assert.match(await active(page), /^handler ruff_format ×60, completed/);
      await press(page, 'Enter');
      assert.equal(await countOf(page), 65);
      await press(page, 'ArrowDown', 'ArrowDown');
      assert.match(await active(page), /^handler ruff_format, completed/);
      await press(page, 'ArrowLeft');
      assert.match(await active(page), /×60/);
      await press(page, 'ArrowLeft');
      assert.equal(await countOf(page), 5);
      await press(page, 'ArrowRight', 'ArrowRight');
      assert.equal(await countOf(page), 65);
      assert.match(await active(page), /^handler ruff_format, completed/);
      await press(page, 'PageDown');
      assert.match(await active(page), /^handler ruff_format, completed/);
      await press(page, 'Home', 'ArrowUp');
      assert.match(await active(page), /^run format, failed/);
      await press(page, 'ArrowLeft');
      assert.deepEqual(await linesOf(page), ['1 ✗ run format']);
      await press(page, 'Enter');
      assert.equal(await countOf(page), 65);
    },
  },

  'a long list is walked to its end, and the line that is walked on is always in sight': {
    page: 'large',
    async run({ page }) {
      await page.getByRole('button', { name: 'unfold all' }).click();
      await page.locator('#grid').focus();
      for (const key of ['PageDown', 'PageDown', 'ArrowDown', 'End', 'PageUp', 'ArrowUp', 'Home']) {
        await press(page, key);
        await active(page);
      }
      await press(page, 'End', 'End', 'ArrowDown');
      await active(page);
    },
  },

  'slash searches, Enter goes to what was found, Esc shows everything again': {
    page: 'wide',
    async run({ page }) {
      await page.locator('#grid').focus();
      await press(page, '/');
      assert.equal(await page.evaluate('document.activeElement.id'), 'search');
      await page.keyboard.type('failed');
      await press(page, 'Enter');
      assert.equal(await page.evaluate('document.activeElement.id'), 'grid');
      assert.deepEqual(await linesOf(page), [
        '1 ✗ run format',
        '2 ✗ run format_part',
        '3 ✗ handler ruff_format',
      ]);
      await press(page, 'Escape');
      assert.equal(await page.locator('#search').inputValue(), '');
      assert.equal(await countOf(page), 5);
    },
  },

  'brackets go from request to request, and the list is walked like any list': {
    page: 'some',
    async run({ page }) {
      const id = () => page.locator('#request .copyable code').first().textContent();
      const first = await id();
      await page.locator('#grid').focus();
      await press(page, ']', ']', '[');
      const second = await id();
      assert.notEqual(second, first);
      await page.locator('#requests').focus();
      await press(page, 'Home');
      assert.equal(await id(), first);
      await press(page, 'End');
      const option = await page.locator('#requests').getAttribute('aria-activedescendant');
      assert.equal(option, 'request-299');
      assert.equal(await page.locator(`#${option}`).getAttribute('aria-posinset'), '300');
    },
  },

  'the Tab key reaches everything that does something, in the order in which it is read': {
    page: 'some',
    async run({ page }) {
      const seen = [];
      for (let index = 0; index < 12; index += 1) {
        await press(page, 'Tab');
        seen.push(
          await page.evaluate('document.activeElement.id || document.activeElement.className'),
        );
      }
      const order = ['search', 'failed', 'open', 'close', 'requests', 'grid', 'detail'];
      const places = order.map((id) => seen.indexOf(id));
      assert.ok(
        places.every((place, index) => place > (places[index - 1] ?? -1)),
        seen.join(' '),
      );
    },
  },
};
