import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFailed } from 'vitest';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shots = process.env['E2E_SHOTS'] ?? `${root}build/e2e`;

export type Consoles = 'full' | 'nourl' | 'badurl' | 'linkonly' | 'off' | 'down' | 'noprefix' | 'restarted' | 'login' | 'metered' | 'bench'
  | 'aliases' | 'neither' | 'mismatch' | 'http' | 'cut' | 'skewed';
type Told = { now: number; consoles: Record<Consoles, string>; token: string; traces?: Record<string, string> };

// The known traces of the fixture; `at` is seconds before its present.
export const known = {
  A: 'f66d96593b4636f485e2dea4c360909d',
  B: 'cdbf6a47ea714549319b8eabaf0fdca7',
  C: '106b8c4d7913d1f61592cd043303de60',
  D: 'd177e97f03fa8ee2f973e029ac2a1964',
  E: '0e5b6a13094c28c1600a823b9708f00c',
  F: '4c081fee5761696c',
  G: 'c7a84f499a80b11360081f5a149a9152',
};

// All that the page asked for is answered and drawn: nothing turns, nothing is pale, nothing holds the place of what comes.
export const atRest = async (page: Page): Promise<void> => {
  await page.waitForFunction(() => !document.querySelector('.ms-busy, .ms-superseded, [data-testid=loading]'));
};

// An answer that is held back until it is let go.
export const gate = () => {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
};

export type Seen = { page: Page; context: BrowserContext; complaints: string[]; requests: string[] };

// What the address of the page says under this name.
export const parameter = ({ page }: Pick<Seen, 'page'>, name: string): string | null => new URL(page.url()).searchParams.get(name);

// The servers and a browser. Every page that a test opens tells what the browser complained of.
export class World {
  private constructor(
    private readonly process: ChildProcess,
    private readonly lines: Interface,
    readonly told: Told,
    readonly browser: Browser,
  ) {}

  // `script`: what prints where its servers are.
  static async start(script = `${root}tools/dev/e2e_world.py`, names: readonly Consoles[] = []): Promise<World> {
    const build = process.env['MESHSCOPE_BUILD_DIR'] ?? `${root}build/dev`;
    const child = spawn('/usr/bin/python3', [script, build, ...names], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const told = await new Promise<Told>((resolve, reject) => {
      lines.once('line', (line) => resolve(JSON.parse(line) as Told));
      child.once('exit', (code) => reject(new Error(`the servers ended with ${code}`)));
    });
    const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
    mkdirSync(shots, { recursive: true });
    return new World(child, lines, told, browser);
  }

  // Only these of the servers.
  static of(...names: Consoles[]): Promise<World> {
    return World.start(undefined, names);
  }

  // With a Prometheus.
  static metered(): Promise<World> {
    return World.start(fileURLToPath(new URL('metered_world.py', import.meta.url)));
  }

  async stop(): Promise<void> {
    await this.browser.close();
    this.process.stdin?.end();
    await new Promise((resolve) => this.process.once('exit', resolve));
  }

  async jaeger(state: 'on' | 'off'): Promise<void> {
    const done = new Promise((resolve) => this.lines.once('line', resolve));
    this.process.stdin?.write(`jaeger ${state}\n`);
    await done;
  }

  // The range of ten minutes that ends with the fixture's present.
  range(seconds = 600): string {
    return `from=${this.told.now / 1000 - seconds * 1000}&to=${this.told.now / 1000 + 1}`;
  }

  url(console: Consoles, path: string): string {
    return `${this.told.consoles[console]}/console${path}`;
  }

  async open(console: Consoles, path: string, settings: Record<string, unknown> = {}, more: BrowserContextOptions = {}): Promise<Seen> {
    const context = await this.browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US', colorScheme: 'light', ...more });
    await context.addInitScript((kept) => {
      if (localStorage.getItem('meshscope.settings') === null) localStorage.setItem('meshscope.settings', kept);
    }, JSON.stringify({ language: 'en', theme: 'light', utc: true, refresh: 0, ...settings }));
    const page = await context.newPage();
    page.setDefaultTimeout(Number(process.env['E2E_PATIENCE'] ?? 60_000));
    const seen: Seen = { page, context, complaints: [], requests: [] };
    page.on('console', (message) => {
      if (message.type() === 'error') seen.complaints.push(message.text());
    });
    page.on('pageerror', (error) => seen.complaints.push(error.message));
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.pathname.includes('/api/')) seen.requests.push(url.pathname.replace(/^.*\/api\//, 'api/') + url.search);
    });
    onTestFailed(async ({ task }) => {
      const name = task.name.replaceAll(/[^\w]+/g, '-').slice(0, 60);
      if (!page.isClosed()) await this.shot(page, `failed-${name}`);
      if (seen.complaints.length > 0) process.stderr.write(`the browser complained: ${seen.complaints.join('\n')}\n`);
    });
    await page.goto(this.url(console, path));
    return seen;
  }

  // Kept for people to look at.
  async shot(page: Page, name: string): Promise<void> {
    await page.screenshot({ path: `${shots}/${name}.png` });
  }
}
