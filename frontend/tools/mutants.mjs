// Does each test in the browser fail when the console does not do what it looks at? `e2e/mutants/<file>.yaml` names one wrong change of a source
// file (a mutant) for each test of `e2e/<file>.e2e.ts`; with it built in, that test has to fail, and in the place that the mutant names.
// `--check` only compares the lists with the tests and the sources. Called by `./dev mutants`; e2e/mutants/README.md has the form of the lists.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { parse } from 'yaml';

const frontend = fileURLToPath(new URL('..', import.meta.url));
const lists = join(frontend, 'e2e/mutants');
const work = fileURLToPath(new URL('../../build/mutants', import.meta.url));

function run(program, args, env = {}) {
  return new Promise((resolve) => {
    const options = { cwd: frontend, env: { ...process.env, ...env }, maxBuffer: 64 << 20 };
    execFile(program, args, options, (failed, out, err) => resolve({ failed: failed !== null, out, said: `${out}${err}` }));
  });
}

function vitest(args, env) {
  return run('node', ['node_modules/vitest/vitest.mjs', ...args, '--config', 'vitest.e2e.config.ts'], env);
}

// The tests that there are: `file` (without .e2e.ts) and `name`.
async function allTests() {
  const listed = await vitest(['list', '--json']);
  if (listed.failed) throw new Error(`the tests could not be listed:\n${listed.said}`);
  return JSON.parse(listed.out.slice(listed.out.indexOf('['))).map((one) => ({ file: basename(one.file, '.e2e.ts'), name: one.name }));
}

function allMutants() {
  return readdirSync(lists).filter((name) => name.endsWith('.yaml')).flatMap((name) =>
    (parse(readFileSync(join(lists, name), 'utf8')) ?? []).map((mutant) => ({ ...mutant, list: basename(name, '.yaml') })));
}

// What is wrong with the lists themselves, a line each.
function problemsOf(tests, mutants) {
  const problems = [];
  for (const mutant of mutants) {
    const which = `e2e/mutants/${mutant.list}.yaml, "${mutant.test}"`;
    const lacks = ['test', 'file', 'from', 'to', 'fails'].filter((key) => typeof mutant[key] !== 'string');
    if (lacks.length > 0) { problems.push(`${which}: ${lacks.join(', ')} missing, or no text`); continue; }
    if (!tests.some((test) => test.file === mutant.list && test.name === mutant.test)) problems.push(`${which}: no such test in e2e/${mutant.list}.e2e.ts`);
    let source = '';
    try {
      source = readFileSync(join(frontend, mutant.file), 'utf8');
    } catch {
      problems.push(`${which}: ${mutant.file} cannot be read`);
      continue;
    }
    const times = source.split(mutant.from).length - 1;
    if (times !== 1) problems.push(`${which}: what it changes stands ${times} times in ${mutant.file}, it has to be once`);
    if (mutant.from === mutant.to) problems.push(`${which}: changes nothing`);
  }
  for (const test of tests) {
    if (!mutants.some((mutant) => mutant.list === test.file && mutant.test === test.name)) {
      problems.push(`e2e/${test.file}.e2e.ts, "${test.name}": no mutant in e2e/mutants/${test.file}.yaml; a test has to be seen failing`);
    }
  }
  return problems;
}

// The console with one source file changed.
async function build(mutant, folder) {
  const changed = join(frontend, mutant.file);
  const { build: viteBuild } = await import('vite');
  process.env.CONSOLE_OUT = folder;
  await viteBuild({
    root: frontend, configFile: join(frontend, 'vite.config.ts'), logLevel: 'error', build: { outDir: folder },
    plugins: [{
      name: 'mutant', enforce: 'pre',
      transform: (code, id) => (id.split('?')[0] === changed ? { code: code.replace(mutant.from, () => mutant.to), map: null } : null),
    }],
  });
}

const plain = (text) => stripVTControlCharacters(text).replaceAll(/\s+/g, ' ');

// Why the mutant was not found out; empty when it was.
async function tried(mutant, number) {
  const folder = join(work, String(number));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // A process of its own, because the place of the output is one of the whole process.
  const built = await run('node', [fileURLToPath(import.meta.url), '--build', JSON.stringify(mutant), join(folder, 'console')]);
  if (built.failed) return { why: `the console could not be built: ${plain(built.said).slice(-300)}`, said: '' };
  const result = join(folder, 'result.json');
  const pattern = `^${mutant.test.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$`;
  await vitest(['run', `e2e/${mutant.list}.e2e.ts`, '-t', pattern, '--reporter', 'json', '--outputFile', result],
    { MESHSCOPE_CONSOLE_ROOT: join(folder, 'console'), E2E_PATIENCE: process.env.E2E_PATIENCE ?? '12000', E2E_SHOTS: join(folder, 'shots') });
  rmSync(join(folder, 'console'), { recursive: true, force: true });
  let ran = [];
  try {
    ran = JSON.parse(readFileSync(result, 'utf8')).testResults.flatMap((one) => one.assertionResults).filter((one) => one.status !== 'skipped' && one.status !== 'pending');
  } catch { /* said below */ }
  if (ran.length !== 1) return { why: `${ran.length} tests ran instead of one`, said: '' };
  const said = plain((ran[0].failureMessages ?? []).join(' '));
  if (ran[0].status !== 'failed') return { why: 'the test passed', said };
  if (!said.includes(plain(mutant.fails).trim())) return { why: `the test failed elsewhere, "${mutant.fails.trim()}" was expected`, said };
  return { why: '', said };
}

async function main(args) {
  if (args[0] === '--build') return build(JSON.parse(args[1]), args[2]);
  const option = (name) => { const at = args.indexOf(name); return at < 0 ? undefined : args.splice(at, 2)[1]; };
  const only = option('-t') ?? '';
  const jobs = Number(option('--jobs') ?? 2);
  const check = args.includes('--check');
  const files = args.filter((one) => !one.startsWith('--'));
  const wanted = (one) => files.length === 0 || files.includes(one);
  const mutants = allMutants().filter((mutant) => wanted(mutant.list) && String(mutant.test).includes(only));
  const tests = (await allTests()).filter((test) => wanted(test.file) && test.name.includes(only));
  const problems = problemsOf(tests, mutants);
  for (const problem of problems) console.log(problem);
  if (check) {
    if (problems.length > 0) process.exit(1);
    console.log(`mutants: ${mutants.length} for ${tests.length} tests, each fits its source`);
    return;
  }
  mkdirSync(work, { recursive: true });
  const rows = [];
  let next = 0;
  await Promise.all(Array.from({ length: jobs }, async () => {
    while (next < mutants.length) {
      const number = next++;
      const mutant = mutants[number];
      const { why, said } = await tried(mutant, number);
      rows.push({ list: mutant.list, test: mutant.test, file: mutant.file, why, said: said.slice(0, 400) });
      console.log(`${why === '' ? 'found out' : 'NOT FOUND OUT'}  ${mutant.list}: ${mutant.test}${why === '' ? '' : `\n    ${why}\n    ${said.slice(0, 600)}`}`);
      writeFileSync(join(work, 'result.json'), JSON.stringify(rows, null, 1));
    }
  }));
  const missed = rows.filter((row) => row.why !== '').length;
  console.log(`mutants: ${rows.length - missed} of ${rows.length} found out; what the tests said is in build/mutants/result.json`);
  if (missed > 0 || problems.length > 0) process.exit(1);
}

await main(process.argv.slice(2));
