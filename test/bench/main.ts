// npm run bench: what the stack costs on a bus, on a wire and in the real interpreters.
import { type Given, UsageError, runCommand } from '../../boards/command-line.mjs';
import { writeTable } from '../../boards/virtual/readme';
import { chipTable, measureChip } from './chip';
import { enginesTable, measureEspruino } from './engines';
import { jerryTable, measureJerry } from './jerry';
import { scenarios } from './scenarios';

const usage = `npm run bench -- [--engines | --chip] [--only SCENARIO] [--json | --readme]

  --engines         instructions and variables of each way through, in the interpreters that ESPRUINO and JERRY name
  --chip            bus transactions a frame, and throughput
                    (without either: all that this machine can)
  --only SCENARIO   one scenario of --engines
  --json            one JSON object
  --readme          puts the tables of --engines into the README
  --help            shows this`;

const options = {
  engines: { type: 'boolean' }, chip: { type: 'boolean' }, only: { type: 'string' }, json: { type: 'boolean' }, readme: { type: 'boolean' },
} as const;

/** Without a choice, all that this machine can; what it cannot is said. */
async function main(values: Given<typeof options>): Promise<void> {
  if (values.readme && values.only !== undefined) throw new UsageError('--readme: the tables are of all scenarios, so leave --only out.');
  const names = scenarios.map(({ name }) => name);
  if (values.only !== undefined && !names.includes(values.only)) {
    throw new UsageError(`--only ${values.only}: there is no such scenario. There are: ${names.join(', ')}.`);
  }
  if (values.only !== undefined && !values.engines) throw new UsageError('--only: it chooses among the scenarios of --engines.');
  const all = !values.engines && !values.chip;
  const figures: Record<string, unknown> = {};
  const tables: string[][] = [];
  if (values.chip || all) {
    const chip = measureChip();
    figures['chip'] = chip;
    tables.push(chipTable(chip));
  }
  const engines: Record<string, unknown> = {};
  if (process.env['ESPRUINO'] || (values.engines && !process.env['JERRY'])) {
    if (values.engines || all) {
      const espruino = engines['espruino'] = await measureEspruino(values.only);
      tables.push(enginesTable(espruino));
      if (values.readme) writeTable('espruino', enginesTable(espruino));
    }
  }
  if (process.env['JERRY'] && (values.engines || all)) {
    const jerryscript = engines['jerryscript'] = measureJerry(values.only);
    tables.push(jerryTable(jerryscript));
    if (values.readme) writeTable('jerryscript', jerryTable(jerryscript));
  }
  if (Object.keys(engines).length > 0) figures['engines'] = engines;
  for (const [variable, engine] of [['ESPRUINO', 'Espruino'], ['JERRY', 'JerryScript']] as const) {
    if ((values.engines || all) && !process.env[variable]) console.error(`Not measured: ${engine}. ${variable} names no interpreter.`);
  }
  console.log(values.json ? JSON.stringify(figures) : tables.map((lines) => lines.join('\n')).join('\n\n'));
}

void runCommand(usage, options, main);
