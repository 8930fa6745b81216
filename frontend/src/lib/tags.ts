// Tags as people type them: key=value pairs with spaces between, values in quotes when they hold spaces.
export function parseTags(text: string): Record<string, string> | undefined {
  const tags: Record<string, string> = {};
  const pattern = /\s*([^\s="]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))(?=\s|$)/y;
  const trimmed = text.trim();
  while (pattern.lastIndex < trimmed.length) {
    const at = pattern.exec(trimmed);
    if (!at) return undefined;
    tags[at[1] ?? ''] = at[2] !== undefined ? at[2].replaceAll(/\\(.)/g, '$1') : (at[3] ?? '');
  }
  return tags;
}

export function formatTags(tags: Record<string, string>): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${/^[^\s"]+$/.test(value) ? value : JSON.stringify(value)}`)
    .join(' ');
}
