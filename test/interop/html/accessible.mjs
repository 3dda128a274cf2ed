// What a screen reader is told.
import assert from 'node:assert/strict';

export const accessible = {
  'a screen reader is told a tree of lines, each with a sentence': {
    page: 'wide',
    async run({ page }) {
      const tree = await page.locator('#grid').ariaSnapshot();
      const rows = tree.split('\n').filter((line) => /^\s*- row /.test(line));
      assert.deepEqual(
        rows.map((line) => line.trim()),
        [
          '- row "what ran start duration 0 2 s 4 s 6 s":',
          '- row "run format, failed, starts with the request, lasts 6.74 s, 1 exit 1" [expanded] [level=1] [selected]:',
          '- row "run format_part ×7, completed, half within 2.5 ms, longest 2.5 ms, 434 spans folded" [level=2]:',
          '- row "run format_part, failed, starts after 4.20 s, lasts 854 ms, 1 exit 1" [expanded] [level=2]:',
          '- row "handler ruff_format ×60, completed, half within 14 ms, longest 14 ms, 60 spans folded" [level=3]:',
          '- row "handler ruff_format, failed, starts after 5.04 s, lasts 14 ms, 1 exit 1" [level=3]:',
        ],
      );
      const all = await page.locator('body').ariaSnapshot();
      for (const role of [
        'banner',
        'searchbox',
        'checkbox "only failed"',
        'treegrid',
        'region',
        'contentinfo',
        'status',
      ]) {
        assert.ok(all.includes(`- ${role}`), `no ${role} in\n${all}`);
      }
    },
  },

  'every role stands where it may, and every line knows its place': {
    page: 'some',
    async run({ page }) {
      const faults = await page.evaluate(`(${audit})()`);
      assert.deepEqual(faults, []);
    },
  },

  'what was found is said aloud, politely': {
    page: 'wide',
    async run({ page }) {
      const status = page.getByRole('status');
      assert.equal(await status.getAttribute('aria-live'), 'polite');
      await page.getByRole('searchbox').fill('failed');
      await status.getByText('3 spans').waitFor();
    },
  },

  'a state is a sign and a word, never a colour alone': {
    page: 'some',
    async run({ page }) {
      for (const option of (await page.locator('#requests [role=option]').all()).slice(0, 8)) {
        const text = await option.textContent();
        assert.match(text, /[✓✗].*(completed|failed)/);
      }
    },
  },
};

// In the page, and so as a text. What a checker of roles would say.
const audit = `() => {
  const faults = [];
  const owner = { row: ['treegrid', 'rowgroup'], gridcell: ['row'], columnheader: ['row'], option: ['listbox', 'presentation'], rowgroup: ['treegrid'] };
  for (const element of document.querySelectorAll('[role]')) {
    const role = element.getAttribute('role');
    const above = element.parentElement.closest('[role]')?.getAttribute('role');
    if (owner[role] !== undefined && !owner[role].includes(above)) faults.push(role + ' in ' + above);
  }
  for (const element of document.querySelectorAll('button, input, [tabindex="0"]')) {
    const label = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent;
    if (label.trim() === '') faults.push('no name: ' + element.outerHTML.slice(0, 80));
  }
  for (const row of document.querySelectorAll('#grid .body [role=row]')) {
    const number = (name) => Number(row.getAttribute(name));
    if (!(number('aria-level') >= 1)) faults.push('no level');
    if (!(number('aria-posinset') >= 1 && number('aria-posinset') <= number('aria-setsize'))) faults.push('no place');
    if (!(number('aria-rowindex') >= 2)) faults.push('no index');
    if (row.querySelectorAll('[role=gridcell]').length !== 4) faults.push('cells');
    if (row.querySelector('.time').getAttribute('aria-label') !== row.getAttribute('aria-label')) faults.push('no sentence');
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  if (new Set(ids).size !== ids.length) faults.push('an id twice');
  for (const element of document.querySelectorAll('[aria-activedescendant]')) {
    if (document.getElementById(element.getAttribute('aria-activedescendant')) === null) faults.push('active and not there');
  }
  if (document.documentElement.lang !== 'en') faults.push('no language');
  return faults;
}`;
