// One colour for each service, the same for every viewer: by the name, not by the order of arrival. Colours that people with
// colour blindness tell apart, all with at least 3:1 against both themes' backgrounds.
const kColors = [
  '#3f8fd9', '#b8741a', '#2f9e7a', '#b65fb0', '#8a8f1f', '#d0604c', '#6f7fd8', '#28979f',
  '#a2772f', '#c2567f', '#5d9a3a', '#8f72c9', '#557f99', '#a8743f', '#3e9a5c', '#b26a8f',
] as const;

export function serviceColor(service: string | null): string {
  if (service === null || service === '') return '#8a8d90';
  let hash = 2166136261;
  for (let at = 0; at < service.length; at += 1) {
    hash = Math.imul(hash ^ service.charCodeAt(at), 16777619);
  }
  return kColors[(hash >>> 0) % kColors.length] ?? '#8a8d90';
}
