// What was recorded is shown, and never obeyed.
import assert from 'node:assert/strict';
import { press } from './lines.mjs';

const markup = '<img src=x onerror="document.title=1"><script>document.title=2</script>';

export const hostileNames = {
  'names, errors, files and clients that are markup are shown as text': {
    page: 'strange',
    async run({ page }) {
      await page.locator('#requests').focus();
      const shown = [];
      for (let index = 0; index < 4; index += 1) {
        if (index > 0) await press(page, ']');
        await page.locator('#grid .body [role=row]').first().click();
        shown.push((await page.locator('body').textContent()) ?? '');
      }
      const text = shown.join('\n');
      assert.ok(text.includes(markup));
      assert.ok(text.includes('/ws/</script><!--'));
      assert.equal(await page.locator('img, iframe, object, embed, link, a').count(), 0);
      assert.equal(await page.locator('script').count(), 2);
      // Neither 1 nor 2: the title is a text, too.
      assert.equal(await page.title(), `tool ${markup} · throughline`);
    },
  },

  'characters that turn a text around are shown as signs': {
    page: 'strange',
    async run({ page }) {
      const text = await page.locator('#requests').textContent();
      assert.ok(text.includes('safe\ufffdgnp.exe\ufffd'));
      assert.ok(!/[\u202a-\u202e\u2066-\u2069]/.test(await page.locator('body').innerText()));
    },
  },

  'a name of 10,000 characters pushes nothing aside': {
    page: 'strange',
    async run({ page }) {
      await page.getByRole('option', { name: /xxxx/ }).click();
      await page.locator('#grid .body [role=row]').first().click();
      const [width, wide] = await page.evaluate(
        '[innerWidth, document.documentElement.scrollWidth]',
      );
      assert.equal(wide, width);
      for (const id of ['search', 'grid', 'detail', 'truth']) {
        const box = await page.locator(`#${id}`).boundingBox();
        assert.ok(
          box.y >= 0 && box.y + box.height <= 900 && box.width > 40,
          `${id} is out of sight: ${JSON.stringify(box)}`,
        );
      }
      assert.ok((await page.locator('#grid').boundingBox()).height > 300);
    },
  },

  'a script that gets into the page all the same does not run, and nothing is read as markup': {
    page: 'wide',
    async run({ page, complaints }) {
      const said = await page.evaluate(`(() => {
        const said = [];
        addEventListener('securitypolicyviolation', ({ effectiveDirective }) => said.push(effectiveDirective));
        const script = document.createElement('script');
        try { script.textContent = 'document.title = "ran"'; document.body.append(script); } catch (error) { said.push(error.name); }
        try { document.body.innerHTML = '<p>replaced</p>'; } catch (error) { said.push(error.name); }
        return new Promise((done) => setTimeout(() => done(said), 200));
      })()`);
      assert.equal(await page.title(), 'codeAction format · throughline');
      assert.equal(await page.locator('#grid').count(), 1);
      assert.ok(said.includes('TypeError'), said.join());
      // What it complained about is what this check did.
      complaints.length = 0;
    },
  },
};
