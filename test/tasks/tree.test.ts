import { WriteStream } from 'node:tty';
import { expect, it } from 'vitest';
import { treeView } from '../../src/tasks/tree.ts';

/** A terminal that only remembers. */
function terminal(): { readonly stream: WriteStream; readonly text: () => string } {
  let text = '';
  const stream: WriteStream = Object.create(WriteStream.prototype);
  const members = {
    isTTY: true,
    columns: 80,
    rows: 24,
    write(chunk: string | Uint8Array) {
      text += chunk.toString();
      return true;
    },
  };
  for (const [name, value] of Object.entries(members))
    Object.defineProperty(stream, name, { value, writable: true, enumerable: true, configurable: true });
  return { stream, text: () => text };
}

it('has a receipt on the terminal while the run goes on, once and whole, and leaves the stream as it was', async () => {
  const { stream, text } = terminal();
  const { write } = stream;
  const view = await treeView(stream);
  const row = { title: 'flow m', finished: false, bad: [] };
  view.open([row] as unknown as Parameters<typeof view.open>[0]);
  const receipt = `receipt  flow:m  ${'0'.repeat(100)}`;
  view.line(receipt);
  await expect.poll(text, { timeout: 5_000 }).toContain(`${receipt}\n`);
  await view.close();
  expect(text().split(receipt)).toHaveLength(2);
  expect(text()).toContain('flow m');
  expect(stream.write).toBe(write);
});

it('writes at the end what came after the last frame', async () => {
  const { stream, text } = terminal();
  const view = await treeView(stream);
  view.open([]);
  view.line('receipt  flow:m  late');
  await view.close();
  expect(text()).toContain('receipt  flow:m  late\n');
});
