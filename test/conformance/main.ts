// npm run conformance: runs this folder's tests and prints what holds of each requirement of RFC 9293 and RFC 1122.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Given, runCommand } from '../../boards/command-line.mjs';
import { idsOf, isMust, REQUIREMENTS } from './requirements';
import type { Requirement } from './row';

const root = join(__dirname, '../..');

/** A test as vitest's JSON report has it. */
interface Outcome {
  title: string;
  fullName: string;
  status: string;
}

interface Report {
  testResults: { name: string; status: string; message: string; assertionResults: Outcome[] }[];
}

interface Row {
  requirement: Requirement;
  tests: Outcome[];
  holds: boolean;
}

/** Runs the suite. @throws Error with what it said when there is no report */
function run(): Report {
  const folder = mkdtempSync(join(tmpdir(), 'enc28j60-tcp-conformance-'));
  const file = join(folder, 'report.json');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const words = ['run', '--config', 'test/vitest.config.mts', '--reporter', 'json', '--outputFile', file, 'test/conformance'];
  const done = spawnSync(process.execPath, [vitest, ...words], { cwd: root, encoding: 'utf8' });
  const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : null;
  rmSync(folder, { recursive: true });
  if (report === null) throw new Error(`The conformance suite did not run: ${done.stderr || done.stdout}`);
  return report;
}

function matrix(report: Report): Row[] {
  const outcomes = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  return REQUIREMENTS.map((requirement) => {
    const tests = outcomes.filter(({ title }) => idsOf(title).includes(requirement.id));
    const passed = tests.length > 0 && tests.every(({ status }) => status === 'passed');
    return { requirement, tests, holds: requirement.declined === undefined && passed };
  });
}

function print(rows: Row[]): void {
  for (const { requirement: { id, level, rfc, section, asks, declined, notApplicable }, tests, holds } of rows) {
    console.log(`${id}  ${level}  RFC ${rfc} section ${section}\n    ${asks}`);
    if (declined !== undefined) console.log(`    declined: ${declined}`);
    else if (notApplicable !== undefined) console.log(`    not applicable${holds ? '' : ', AND THE TEST FAILS'}: ${notApplicable}`);
    else console.log(holds ? '    holds' : '    DOES NOT HOLD');
    for (const { fullName, status } of tests) console.log(`      ${status === 'passed' ? ' ' : status + ':'} ${fullName}`);
  }
  const declined = rows.filter(({ requirement }) => requirement.declined !== undefined).length;
  const holding = rows.filter(({ holds }) => holds).length;
  const empty = rows.filter(({ requirement, holds }) => holds && requirement.notApplicable !== undefined).length;
  const counts = `${holding - empty} hold, ${empty} are not applicable, ${declined} are declined, ${rows.length - holding - declined} do not hold`;
  console.log(`\n${rows.length} requirements: ${counts}.`);
}

const usage = `npm run conformance -- [--json]

Runs the conformance suite, and lists what holds of each requirement of RFC 9293 and RFC 1122, with the tests that show it.

  --json   one JSON object
  --help   shows this`;

const options = { json: { type: 'boolean', default: false } } as const;

/** What the suite has shown, on standard output. @returns whether all holds that is not declined @throws Error when it did not run */
function main({ json }: Given<typeof options>): boolean {
  const report = run();
  const rows = matrix(report);
  const musts = rows.filter(({ requirement }) => isMust(requirement));
  const must = { total: musts.length, holding: musts.filter(({ holds }) => holds).length };

  if (json) {
    const requirements = rows.map(({ requirement: { id, level, notApplicable }, tests, holds }) => ({
      id, level, holds, tests: tests.map(({ fullName }) => fullName), ...(notApplicable === undefined ? {} : { notApplicable }),
    }));
    console.log(JSON.stringify({ requirements, must }));
  } else {
    print(rows);
    console.log(`MUST and MUST NOT: ${must.holding} of ${must.total} hold.`);
  }
  for (const { name, message, assertionResults } of report.testResults) {
    if (assertionResults.length === 0) console.error(`${name} could not be loaded: ${message}`);
  }
  return rows.every(({ requirement, holds }) => holds || requirement.declined !== undefined);
}

void runCommand(usage, options, main);
