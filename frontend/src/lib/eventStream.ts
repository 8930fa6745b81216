export type StreamEvent = { event: string; data: string; id: string | undefined };

// Cuts the text of server-sent events into events, wherever the pieces that come were cut.
export class EventReader {
  private rest = '';
  private event = '';
  private data: string[] = [];
  private id: string | undefined;

  take(text: string): StreamEvent[] {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    const events: StreamEvent[] = [];
    for (const line of lines) {
      const done = this.line(line.replace(/\r$/, ''));
      if (done) events.push(done);
    }
    return events;
  }

  private line(line: string): StreamEvent | undefined {
    if (line === '') {
      const made = this.data.length > 0 ? { event: this.event || 'message', data: this.data.join('\n'), id: this.id } : undefined;
      this.event = '';
      this.data = [];
      this.id = undefined;
      return made;
    }
    const [name = '', ...rest] = line.split(':');
    const value = rest.join(':').replace(/^ /, '');
    if (name === 'event') this.event = value;
    else if (name === 'data') this.data.push(value);
    else if (name === 'id') this.id = value;
    return undefined;
  }
}

// How long to wait before the next attempt, ms: 1 s, doubled with every failure in a row, at most 30 s.
export const pauseAfter = (failures: number): number => Math.min(30_000, 1000 * 2 ** Math.max(0, failures - 1));
