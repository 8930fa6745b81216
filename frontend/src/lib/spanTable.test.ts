import { expect, test } from 'vitest';
import { facts } from './fixtures';
import { endOf, sortSpans } from './spanTable';

const status = (more: object) => ({ http: null, httpRaw: null, noResponse: false, grpc: null, grpcRaw: null, ...more });
const error = { class: 'server' as const, rule: 'http.status_code' };
const spans = [
  facts('a', null, 0, 100, { selfTime: 5, service: 'gateway', status: status({ http: 503 }), error: error as never }),
  facts('b', 'a', 10, 40, { selfTime: 40, service: 'details', status: status({ http: 200 }) }),
  facts('c', 'a', 10, 40, { selfTime: 20, service: 'ratings', status: status({ grpc: 14 }), redacted: true }),
];
const ids = (...how: [Parameters<typeof sortSpans>[1], boolean]) => sortSpans(spans, ...how).map((one) => one.spanID).join('');

test('spans by what is told of them; equals stay as they are', () => {
  expect([ids('start', true), ids('duration', false), ids('self', false), ids('service', true)]).toEqual(['abc', 'abc', 'bca', 'bac']);
  expect(ids('status', false)[0]).toBe('a'); // what failed comes first
  expect(ids('operation', true)).toBe('cab'); // the name of a hidden one orders nothing
});

test('how a request ended', () => {
  expect(spans.map(endOf)).toEqual(['503', '200', 'gRPC 14']);
  expect(endOf(facts('d', null, 0, 1, { status: status({ httpRaw: '0' }) }))).toBe('0');
  expect(endOf(facts('e', null, 0, 1))).toBe('');
});
