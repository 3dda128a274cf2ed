// What the lines of the waterfall say, read off the page as it is drawn.
const rows = (page) => page.locator('#grid .body [role=row]');

/** `level sign title` of each line in sight. */
export async function linesOf(page) {
  const found = [];
  for (const row of await rows(page).all()) {
    const level = await row.getAttribute('aria-level');
    const glyph = await row.locator('.glyph').textContent();
    const kind = row.locator('.kind');
    const prefix = (await kind.count()) === 0 ? '' : `${await kind.textContent()} `;
    found.push(`${level} ${glyph} ${prefix}${await row.locator('.title').textContent()}`);
  }
  return found;
}

/** How many lines there are, in sight or not. */
export async function countOf(page) {
  return Number(await page.locator('#grid').getAttribute('aria-rowcount')) - 1;
}

/** The line that is walked on: its sentence. It has to exist, be selected and be in sight. */
export async function active(page) {
  const id = await page.locator('#grid').getAttribute('aria-activedescendant');
  const row = page.locator(`#${id}`);
  if ((await row.getAttribute('aria-selected')) !== 'true')
    throw new Error(`${id} is not selected`);
  const [line, grid] = [await row.boundingBox(), await page.locator('#grid').boundingBox()];
  if (line.y < grid.y + 30 || line.y + line.height > grid.y + grid.height + 1) {
    throw new Error(`${id} is out of sight`);
  }
  return row.getAttribute('aria-label');
}

export async function press(page, ...keys) {
  for (const key of keys) await page.keyboard.press(key);
}
