// npm run bench [-- --engines | --chip] [--only NAME] [--json | --readme]: tables for a person, one JSON object on standard
// output, or the engines' tables put into the README.
import { optionsGiven } from '../../boards/command-line.mjs';
import { writeTable } from '../../boards/virtual/readme';
import { chipTable, measureChip } from './chip';
import { enginesTable, measureEspruino } from './engines';
import { jerryTable, measureJerry } from './jerry';
import { scenarios } from './scenarios';

/** Without a choice, all that this machine can; what it cannot is said. */
async function main(): Promise<void> {
  const values = optionsGiven({
    engines: { type: 'boolean' }, chip: { type: 'boolean' }, only: { type: 'string' }, json: { type: 'boolean' }, readme: { type: 'boolean' },
  });
  if (values.readme && values.only !== undefined) throw new Error('--readme: the tables are of all scenarios, so leave --only out.');
  const names = scenarios.map(({ name }) => name);
  if (values.only !== undefined && !names.includes(values.only)) {
    throw new Error(`--only ${values.only}: there is no such scenario. There are: ${names.join(', ')}.`);
  }
  if (values.only !== undefined && !values.engines) throw new Error('--only: it chooses among the scenarios of --engines.');
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

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
