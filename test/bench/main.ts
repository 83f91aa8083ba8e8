// npm run bench [-- --engines | --chip] [--only NAME] [--json]: tables for a person, or one JSON object on standard output.
import { parseArgs } from 'node:util';
import { chipTable, measureChip } from './chip';
import { enginesTable, measureEspruino } from './engines';

/** Without a choice, all that this machine can; what it cannot is said. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { engines: { type: 'boolean' }, chip: { type: 'boolean' }, only: { type: 'string' }, json: { type: 'boolean' } },
  });
  const all = !values.engines && !values.chip;
  const figures: Record<string, unknown> = {};
  const tables: string[][] = [];
  if (values.chip || all) {
    const chip = measureChip();
    figures['chip'] = chip;
    tables.push(chipTable(chip));
  }
  if (values.engines || (all && process.env['ESPRUINO'])) {
    const espruino = await measureEspruino(values.only);
    figures['engines'] = { espruino };
    tables.push(enginesTable(espruino));
  } else if (all) {
    console.error('Not measured: the engines. ESPRUINO names no interpreter.');
  }
  console.log(values.json ? JSON.stringify(figures) : tables.map((lines) => lines.join('\n')).join('\n\n'));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
