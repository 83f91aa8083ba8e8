import { interpreterOf } from '../../boards/virtual/interpreters';
import { build } from '../../boards/virtual/product';
import { isInstalled } from '../tools';
import { type Variables, countInstructions, measureSeconds, record } from './espruino-run';
import { floorScript, type Scenario, scenarios } from './scenarios';

/** What one repetition of a scenario costs. */
export interface EngineFigures {
  /** Interpreter instructions, and those of the same native copies and sums alone; null where they cannot be counted. */
  instructions: number | null;
  floor: number | null;
  /** The one by the other; of times where instructions cannot be counted. */
  ratio: number;
  limit: number | null;
  variables: Variables;
}

/** Repetitions: to warm up, then so many, then twice as many. Even, for every second segment is acknowledged. */
const COUNTED = [4, 8, 16];
const TIMED = [4, 10, 30];

async function measure(binary: string, module: string, scenario: Scenario): Promise<EngineFigures> {
  const counted = isInstalled('valgrind');
  const common = { module, parts: counted ? COUNTED : TIMED };
  const { recording, variables } = await record(binary, scenario, common);
  const take = counted ? countInstructions : measureSeconds;
  const cost = await take(binary, { ...common, scenario: scenario.script, recording });
  const floor = await take(binary, { ...common, scenario: floorScript(scenario) });
  return {
    instructions: counted ? Math.round(cost) : null,
    floor: counted ? Math.round(floor) : null,
    ratio: Math.round((cost / floor) * 100) / 100,
    limit: scenario.limit ?? null,
    variables,
  };
}

/**
 * What the built module costs in the real interpreter.
 * @param only the name of one scenario; all of them when left out
 * @throws Error with a sentence when ESPRUINO names no interpreter
 */
export async function measureEspruino(only?: string): Promise<Record<string, EngineFigures>> {
  const binary = interpreterOf('ESPRUINO');
  const { module } = build('pico', 'hello');
  const results: Record<string, EngineFigures> = {};
  for (const scenario of scenarios) {
    if (only === undefined || scenario.name === only) results[scenario.name] = await measure(binary, module, scenario);
  }
  return results;
}

const grouped = (number: number | null): string => number === null ? '-' : number.toLocaleString('en-US');

/** The figures as a table of Markdown. */
export function enginesTable(figures: Record<string, EngineFigures>): string[] {
  const rows = scenarios.filter(({ name }) => name in figures).map(({ name, title }) => {
    const { instructions, floor, ratio, limit, variables: v } = figures[name]!;
    return `| ${title} | ${grouped(instructions)} | ${grouped(limit)} | ${grouped(floor)} | ${ratio} | ${v.before} | ${v.highest} | ${v.after} |`;
  });
  const head = '| in Espruino | instructions | limit | floor | ratio | variables before | highest | after |';
  return [head, '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |', ...rows];
}
