/**
 * How many columns `count` equal cards take in a space so that their state word is largest.
 *
 * A word of `aspect` times its height must fit the card's width, and takes `share` of its height.
 * @returns {{columns: number, rows: number}}
 */
export function grid(count, width, height, { gap = 8, aspect = 2.6, share = 0.42 } = {}) {
  let best = { columns: 1, rows: Math.max(1, count), word: 0, spare: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const [w, h] = [(width - gap * (columns - 1)) / columns, (height - gap * (rows - 1)) / rows];
    const word = Math.min(w / aspect, h * share);
    const spare = columns * rows - count;
    // Nearly as large and without a hole is better: a slot is found by its place.
    if (word > best.word * 1.04 || (word > best.word * 0.86 && spare < best.spare)) {
      best = { columns, rows, word, spare };
    }
  }
  return { columns: best.columns, rows: best.rows };
}
