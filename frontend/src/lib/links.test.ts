import { expect, test } from 'vitest';
import { jaegerCompare, jaegerHome, jaegerSearch, jaegerTrace } from './jaegerLinks';
import { shortHost } from './names';
import { appOf, tracingService } from './tracingService';
import { keepShared, subjectPath } from './urls';

test('a slash at the end of the address is not doubled', () => {
  expect(jaegerTrace('http://jaeger.example.com/', '2a')).toBe('http://jaeger.example.com/trace/2a');
  expect(jaegerTrace('http://jaeger.example.com/jaeger', '2a', 'b7')).toBe('http://jaeger.example.com/jaeger/trace/2a?uiFind=b7');
  expect(jaegerCompare('https://j', 'a', 'b')).toBe('https://j/trace/a...b');
});

test('only http and https are shown as links', () => {
  for (const bad of ['javascript:alert(1)', 'data:text/html,x', '//j', '', undefined]) {
    expect(jaegerHome(bad)).toBeUndefined();
    expect(jaegerSearch(bad, { service: 'a' })).toBeUndefined();
  }
});

test('a search says what was asked here', () => {
  const link = new URL(
    jaegerSearch('http://j', { service: 'details.bookinfo', startMicros: 1, endMicros: 2, limit: 20, tags: { error: 'true' } }) ?? '',
  );
  expect(Object.fromEntries(link.searchParams)).toEqual({ service: 'details.bookinfo', start: '1', end: '2', limit: '20', tags: '{"error":"true"}' });
});

test('links keep what pages share and drop the rest', () => {
  const present = new URLSearchParams('rangeDuration=60&traceId=2a&namespaces=a,b');
  expect(keepShared('/traces', present)).toBe('/traces?rangeDuration=60&namespaces=a%2Cb');
  expect(keepShared('/traces', new URLSearchParams(), { tab: 'traces', none: undefined })).toBe('/traces?tab=traces');
  expect(subjectPath('workloads', 'a b', 'c/d')).toBe('/namespaces/a%20b/workloads/c%2Fd');
});

test('spans are searched for by application: of a workload it is in its labels', () => {
  expect(appOf({ app: 'details', version: 'v1' }, 'details-v1')).toBe('details');
  expect(appOf({ app: 'a', 'service.istio.io/canonical-name': 'c', 'app.kubernetes.io/name': 'b' }, 'x')).toBe('c');
  expect(appOf({ app: '' }, 'x')).toBe('x');
  expect(appOf(undefined, 'x')).toBe('x');
  expect([tracingService('details', 'bookinfo', true), tracingService('details', 'bookinfo', false)]).toEqual(['details.bookinfo', 'details']);
});

test('hosts of the cluster are shorter where there is little room', () => {
  expect(shortHost('productpage.bookinfo.svc.cluster.local:9080/productpage')).toBe('productpage.bookinfo:9080/productpage');
  expect(shortHost('api.svc.cluster.localhost')).toBe('api.svc.cluster.localhost');
});
