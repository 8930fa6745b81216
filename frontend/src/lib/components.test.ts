import { expect, test } from 'vitest';
import type { ComponentStatus } from '@/api/schema.gen';
import { componentName, overall } from './components';
import { serviceColor } from './serviceColors';

const one = (status: ComponentStatus['status'], isCore = false): ComponentStatus => ({ cluster: 'c', name: 'tracing', status, isCore });

test('the colour of all components together', () => {
  expect(overall(undefined).light).toBe('grey');
  expect(overall([]).light).toBe('green');
  expect(overall([one('Healthy'), one('NotReady'), one('Unknown')]).light).toBe('green');
  expect(overall([one('Unreachable'), one('Healthy', true)])).toEqual({ light: 'orange', troubled: [one('Unreachable')] });
  expect(overall([one('Unreachable'), one('Unhealthy', true)]).light).toBe('red');
});

test('the tracing backend goes by its provider', () => {
  expect(componentName('tracing', 'jaeger')).toBe('Jaeger');
  expect(componentName('tracing', '')).toBe('Jaeger');
  expect(componentName('Kubernetes-east')).toBe('Kubernetes');
  expect(componentName('custom')).toBe('custom');
});

test('a service has one colour', () => {
  expect(serviceColor('a')).toBe(serviceColor('a'));
  expect(serviceColor('a')).toMatch(/^#[0-9a-f]{6}$/);
  expect(serviceColor(null)).toBe('#8a8d90');
});
