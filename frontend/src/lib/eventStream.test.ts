import { expect, test } from 'vitest';
import { EventReader, pauseAfter } from './eventStream';

const text = ': hello\n\nevent: entry\nid: 7\ndata: {"a":\ndata: 1}\n\nevent: lagged\r\ndata: {"dropped":3}\r\n\r\n';

test('events, however the text is cut', () => {
  const wanted = [
    { event: 'entry', data: '{"a":\n1}', id: '7' },
    { event: 'lagged', data: '{"dropped":3}', id: undefined },
  ];
  for (let size = 1; size <= text.length; size += 1) {
    const reader = new EventReader();
    const found = [];
    for (let at = 0; at < text.length; at += size) found.push(...reader.take(text.slice(at, at + size)));
    expect(found, `pieces of ${size}`).toEqual(wanted);
  }
});

test('pauses grow, and have an end', () => {
  expect([0, 1, 2, 3, 6, 60].map(pauseAfter)).toEqual([1000, 1000, 2000, 4000, 30_000, 30_000]);
});
