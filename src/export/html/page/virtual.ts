/// <reference lib="dom" />
/** A long list of which only the rows in sight exist. */

export interface Rows {
  readonly scroller: HTMLElement;
  readonly body: HTMLElement;
  readonly rowPixels: number;
  /** What covers the top of the scroller. */
  readonly headPixels: number;
  readonly render: (index: number) => HTMLElement;
}

/** Rows outside of sight that exist, too, so that scrolling shows no gaps. */
const around = 8;
/** So many rows are printed. */
const printedMax = 2000;

export class VirtualRows {
  readonly #rows: Rows;
  #count = 0;
  #isDue = false;
  #isPrinting = false;

  constructor(rows: Rows) {
    this.#rows = rows;
    rows.scroller.addEventListener('scroll', () => this.#soon(), { passive: true });
    new ResizeObserver(() => this.#soon()).observe(rows.scroller);
    addEventListener('beforeprint', () => {
      this.#isPrinting = true;
      this.draw();
    });
    addEventListener('afterprint', () => {
      this.#isPrinting = false;
      this.draw();
    });
  }

  /** How many whole rows are in sight. */
  get inSight(): number {
    const { scroller, headPixels, rowPixels } = this.#rows;
    return Math.max(1, Math.floor((scroller.clientHeight - headPixels) / rowPixels));
  }

  show(count: number): void {
    this.#count = count;
    this.#rows.body.style.height = `${count * this.#rows.rowPixels}px`;
    this.draw();
  }

  /** Scrolls as little as it takes to have the row in sight. */
  reveal(index: number): void {
    const { scroller, rowPixels, headPixels } = this.#rows;
    const top = index * rowPixels;
    const room = scroller.clientHeight - headPixels - rowPixels;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top > scroller.scrollTop + room) scroller.scrollTop = top - room;
    this.draw();
  }

  draw(): void {
    const { scroller, body, rowPixels, render } = this.#rows;
    const first = Math.max(0, Math.floor(scroller.scrollTop / rowPixels) - around);
    const from = this.#isPrinting ? 0 : first;
    const many = this.#isPrinting ? printedMax : this.inSight + 2 * around + 1;
    const shown: HTMLElement[] = [];
    for (let index = from; index < Math.min(this.#count, from + many); index += 1) {
      const row = render(index);
      row.style.top = `${index * rowPixels}px`;
      shown.push(row);
    }
    body.replaceChildren(...shown);
  }

  #soon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.draw();
    });
  }
}
