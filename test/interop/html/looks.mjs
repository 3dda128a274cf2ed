// Light, dark, on paper, with the system's colours, and on a narrow screen.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { press } from './lines.mjs';

const ground = (page) => page.evaluate('getComputedStyle(document.body).backgroundColor');

async function keep(page, folder, name) {
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) });
}

export const looks = {
  'is dark where the system is dark': {
    page: 'some',
    async run({ page, screenshots }) {
      await keep(page, screenshots, 'light');
      assert.equal(await ground(page), 'rgb(246, 245, 242)');
      await page.emulateMedia({ colorScheme: 'dark' });
      assert.equal(await ground(page), 'rgb(19, 21, 25)');
      await keep(page, screenshots, 'dark');
    },
  },

  'has text that stands out from its ground, light and dark': {
    page: 'wide',
    async run({ page }) {
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        const weak = await page.evaluate(`(${contrast})()`);
        assert.deepEqual(weak, [], colorScheme);
      }
    },
  },

  'draws no text over a bar, also where that takes the whole line': {
    page: 'some',
    async run({ page }) {
      let both = 0;
      for (let request = 0; request < 20; request += 1) {
        const { covered, full } = await page.evaluate(`(${overlaps})()`);
        assert.deepEqual(covered, []);
        both += full;
        await page.keyboard.press(']');
      }
      assert.ok(both > 0, 'no bar took a whole line');
    },
  },

  'moves nothing where that is not wanted': {
    page: 'wide',
    async run({ page }) {
      const moves = () =>
        page.evaluate(
          'getComputedStyle(document.querySelector("#grid .body [role=row]")).transitionDuration',
        );
      await page.emulateMedia({ reducedMotion: 'no-preference' });
      assert.equal(await moves(), '0.08s');
      await page.emulateMedia({ reducedMotion: 'reduce' });
      assert.equal(await moves(), '0s');
    },
  },

  'keeps its bars where the system chooses the colours': {
    page: 'wide',
    async run({ page, screenshots }) {
      await page.emulateMedia({ forcedColors: 'active' });
      const bar = await page.evaluate(
        'getComputedStyle(document.querySelector(".bar")).backgroundColor',
      );
      assert.notEqual(bar, await ground(page));
      await keep(page, screenshots, 'forced');
    },
  },

  'prints every line, and no buttons': {
    page: 'wide',
    async run({ page, screenshots }) {
      await page.locator('#grid').focus();
      await press(page, 'End', 'ArrowUp', 'Enter');
      const paper = await page.pdf({ format: 'A4', landscape: true });
      assert.ok(paper.length > 10_000);
      await page.evaluate('dispatchEvent(new Event("beforeprint"))');
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      assert.equal(await page.locator('#grid .body [role=row]').count(), 65);
      assert.equal(await page.locator('button:visible').count(), 0);
      const ink = await page.evaluate('getComputedStyle(document.body).color');
      assert.equal(ink, 'rgb(29, 33, 38)');
      const box = await page.locator('#truth').boundingBox();
      assert.ok(box.y > 65 * 28);
      if (screenshots !== undefined) {
        await page.screenshot({ path: join(screenshots, 'paper.png'), fullPage: true });
      }
    },
  },

  'is of use on a narrow screen': {
    page: 'some',
    async run({ page, screenshots }) {
      await page.setViewportSize({ width: 700, height: 900 });
      for (const id of ['requests', 'grid', 'detail', 'truth']) {
        const box = await page.locator(`#${id}`).boundingBox();
        assert.ok(box.width > 100 && box.height > 15 && box.x + box.width <= 700, id);
      }
      await keep(page, screenshots, 'narrow');
    },
  },
};

// In the page, and so as a text: notes that have a bar behind them, and in how many lines there is only room above it.
const overlaps = `() => {
  const covered = [];
  for (const note of document.querySelectorAll('#grid .note')) {
    const text = note.getBoundingClientRect();
    for (const bar of note.parentElement.querySelectorAll('.bar, .band')) {
      const box = bar.getBoundingClientRect();
      const apart = box.right <= text.left || box.left >= text.right || box.bottom <= text.top || box.top >= text.bottom;
      if (!apart) covered.push(note.textContent);
    }
  }
  return { covered, full: document.querySelectorAll('#grid .full').length };
}`;

// In the page, and so as a text: texts whose contrast is less than 4.5, as WCAG 2 counts it.
const contrast = `() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const groundOf = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      const parts = parse(color);
      if (color.startsWith('rgb') && (parts.length === 3 || parts[3] === 1)) return parts;
    }
    return [255, 255, 255];
  };
  const weak = new Set();
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
    if (!own || element.closest('script, noscript, style') !== null) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(groundOf(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) weak.add(element.className + ' ' + ratio.toFixed(2));
  }
  return [...weak];
}`;
