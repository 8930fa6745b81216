import { expect, test } from 'vitest';
import { healthQuestion, rateRows } from './requestHealth';

const rows = rateRows({
  healthAnnotations: {},
  inbound: { http: { '200': 3, '503': 0.5, '404': 0.25, '-': 0.25, '500': 0 }, tcp: {} },
  outbound: { grpc: { '0': 1, '14': 1 } },
});

test('requests by direction and protocol: what failed comes first, in percent of all', () => {
  expect(rows.map(({ direction, protocol, rate, failed }) => [direction, protocol, rate, failed])).toEqual([
    ['inbound', 'http', 4, 18.75], ['outbound', 'grpc', 2, 50],
  ]);
  expect(rows[0]?.codes.map((one) => [one.code, one.bad])).toEqual([['503', true], ['-', true], ['200', false], ['404', false]]);
  expect(rows[1]?.codes.map((one) => [one.code, one.bad])).toEqual([['14', true], ['0', false]]);
});

test('health is asked for of the range of the page, a day at most', () => {
  expect(healthQuestion({ kind: 'last', seconds: 600 }, true)).toEqual({ rateInterval: '600s' });
  expect(healthQuestion({ kind: 'last', seconds: 604_800 }, true)).toEqual({ rateInterval: '86400s' });
  expect(healthQuestion({ kind: 'between', from: 1_000_000, to: 1_300_400 }, true)).toEqual({ rateInterval: '300s', queryTime: 1300 });
  expect(healthQuestion({ kind: 'between', from: 1_000_000, to: 1_300_400 }, false)).toEqual({ rateInterval: '300s' });
});
