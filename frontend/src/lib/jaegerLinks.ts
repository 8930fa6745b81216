// Addresses in Jaeger's own pages. `url` is what the server says: http or https, without a slash at its end.

export type JaegerSearch = {
  service?: string;
  operation?: string;
  startMicros?: number;
  endMicros?: number;
  limit?: number;
  tags?: Record<string, string>;
  minDuration?: string;
};

// undefined when there is no address that may be shown as a link.
export function jaegerHome(url: string | undefined): string | undefined {
  if (!url || !/^https?:\/\//i.test(url)) return undefined;
  return url.replace(/\/+$/, '');
}

export function jaegerTrace(url: string | undefined, traceId: string, spanId?: string): string | undefined {
  const home = jaegerHome(url);
  if (!home) return undefined;
  return `${home}/trace/${encodeURIComponent(traceId)}${spanId ? `?uiFind=${encodeURIComponent(spanId)}` : ''}`;
}

export function jaegerSearch(url: string | undefined, search: JaegerSearch): string | undefined {
  const home = jaegerHome(url);
  if (!home) return undefined;
  const query = new URLSearchParams();
  if (search.service) query.set('service', search.service);
  if (search.operation) query.set('operation', search.operation);
  if (search.startMicros !== undefined) query.set('start', String(Math.round(search.startMicros)));
  if (search.endMicros !== undefined) query.set('end', String(Math.round(search.endMicros)));
  if (search.limit !== undefined) query.set('limit', String(search.limit));
  if (search.tags && Object.keys(search.tags).length > 0) query.set('tags', JSON.stringify(search.tags));
  if (search.minDuration) query.set('minDuration', search.minDuration);
  const text = query.toString();
  return `${home}/search${text ? `?${text}` : ''}`;
}

// `cohort`: what can be chosen there instead of the two.
export function jaegerCompare(url: string | undefined, first: string, second: string, cohort: readonly string[] = []): string | undefined {
  const home = jaegerHome(url);
  if (!home) return undefined;
  const query = new URLSearchParams(cohort.map((id) => ['cohort', id])).toString();
  return `${home}/trace/${encodeURIComponent(first)}...${encodeURIComponent(second)}${query ? `?${query}` : ''}`;
}
