// The bench in JerryScript: a first run, in Node beside a simulated chip, writes down what bus, pin and clock answer; the
// runs that are counted take the answers from arrays, by `Array.pop`, so that only our script is counted.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { VirtualClock } from '../../hal/mock/clock';
import { Enc28j60Chip } from '../../hal/mock/enc28j60/chip';
import { Wire } from '../../hal/mock/wire';
import { interpreterOf } from '../../boards/virtual/interpreters';
import { build } from '../../boards/virtual/product';
import { isInstalled } from '../tools';
import { BenchPeer } from './bench-peer';
import { type Scenario, scenarios } from './scenarios';

/** What one repetition of a scenario costs. */
export interface JerryFigures {
  /** Interpreter instructions; null where they cannot be counted. */
  instructions: number | null;
  /** Times what a ping costs; of times where instructions cannot be counted. */
  ratio: number;
}

/** Scenarios that are of this engine too: Espruino's idle loop and its watches are not. */
const OURS = scenarios.filter(({ name }) => name !== 'idleTurn' && name !== 'idleEdge');
/** Repetitions to warm up, in a short run and in a long one besides. Even, for every second segment is acknowledged. */
const WARM = 4;
const COUNTED = [8, 16] as const;
const TIMED = 16;
/** How often a time is taken, of the interpreter's own clock of milliseconds: the sum counts. */
const TRIES = 30;
/** Microseconds between two transfers, from power-on to the script, and of the peer's step. */
const BETWEEN = 2000;
const POWER_ON = 10_000;
const PATIENCE = 120_000;

interface Recording {
  exchanges: number[][];
  levels: number[];
  times: number[];
}

/**
 * The same text for Node and for JerryScript, around what differs: `bus`, `irq`, `step` and the clock. Our `net` tells from
 * inside a poll, so what a scenario does then comes after it; and Espruino's tells of `drain` and of a response's
 * `close` when the stack has taken it all.
 */
function harness(module: string, scenario: Scenario, hardware: string, repetitions: number): string {
  return `(function(){
var eth={},fire,rep,go,left=0,parts=[${WARM},${repetitions}],later,after,working=false,wanted=0,step=function(){};
var clock=Date.now,marks=[];
function finish(){print("done "+(marks[2]-marks[1]));}
${hardware}
Math.random=function(){return 0.25;};
globalThis.setTimeout=function(f,ms){if(ms<1)later=f;return 1;};
globalThis.clearTimeout=function(){later=undefined;};
function run(){var f=later;later=undefined;f();}
function drained(f){f();while(later)run();}
function passes(seconds){shift+=seconds*1000;}
function soon(f){if(working)after=f;else f();}
function again(){if(working){soon(again);return;}marks.push(clock());left=parts.shift();if(left===undefined)finish();else rep();}
function next(){again();}
(function(exports,require){${module}
})(eth);
function http(answer){return eth.http.createServer(function(q,r){
  var end=r.end;
  r.on=function(name,f){r.end=function(data){end.call(r,data);soon(f);};};
  answer(q,r);
});}
function net(accepted){return eth.net.createServer(function(s){
  var write=s.write;
  s.write=function(data){write.call(s,data);soon(function(){s.emit("drain");});};
  accepted(s);
});}
var require=function(name){return {createServer:name==="http"?http:net};};
eth.connect(bus,{irq:irq,ip:"10.0.0.1",mac:"02:00:00:00:00:01",entropy:function(){return 1234567;}});
function tick(){go();}
function due(){go();}
go=function(){
  wanted++;
  if(working)return;
  for(working=true;wanted;wanted--){step();drained(irq.onChange);}
  working=false;
  if(after){var f=after;after=undefined;f();}
};
fire=go;
while(later)run();
${scenario.script}
})();`;
}

/** Runs a scenario in Node over the simulated chip. */
function record(module: string, scenario: Scenario, repetitions: number): Recording {
  const recording: Recording = { exchanges: [], levels: [], times: [] };
  const clock = new VirtualClock();
  const wire = new Wire(clock);
  const chip = new Enc28j60Chip(clock, { strict: true });
  chip.plug(wire.attach(chip, 'board'));
  const peer = new BenchPeer(wire, clock);
  const steps = scenario.steps(peer);
  clock.advance(POWER_ON);
  const keep = <T>(list: T[], value: T): T => {
    list.push(value);
    return value;
  };
  let finished = false;
  const world = {
    transfer(octets: number[]): number[] {
      clock.advance(BETWEEN);
      chip.select();
      const answer = Array.from(octets, (octet) => chip.transfer(octet));
      chip.deselect();
      keep(recording.exchanges, answer.slice());
      return answer;
    },
    level: (): number => keep(recording.levels, chip.int ? 1 : 0),
    time: (shift: number): number => keep(recording.times, Math.floor((clock.now += 20) / 1000) + shift),
    takeStep(): void {
      peer.listens();
      steps.next();
    },
    print: (): void => { finished = true; },
  };
  const hardware = `var shift=0,bus={transferSync:transfer},irq={readSync:level,writeSync:function(){}};step=takeStep;
Date.now=function(){return time(shift);};`;
  runInNewContext(harness(module, scenario, hardware, repetitions), world);
  if (!finished) throw new Error(`${scenario.name} has not come to its end.`);
  if (chip.violations.length > 0) throw new Error(chip.violations.join('\n'));
  return recording;
}

/** Answers what was recorded, by native functions; a shorter run leaves some of it. */
function replay({ exchanges, levels, times }: Recording): string {
  const backwards = <T>(list: readonly T[]): string => JSON.stringify(list.slice().reverse());
  return `var shift=0,bus=${backwards(exchanges)},irq=${backwards(levels)},times=${backwards(times)};
bus.transferSync=bus.pop;irq.readSync=irq.pop;irq.writeSync=function(){};Date.now=times.pop.bind(times);`;
}

/** Runs a text in the interpreter. @returns the instructions that the whole run took, or the milliseconds of its last part */
function cost(binary: string, text: string, counted: boolean): number {
  const directory = mkdtempSync(join(tmpdir(), 'bench-jerry-'));
  try {
    const script = join(directory, 'script.js');
    writeFileSync(script, text);
    const words = counted ? ['valgrind', '-q', '--tool=callgrind', `--callgrind-out-file=${join(directory, 'counts')}`] : [];
    const [command, ...rest] = [...words, binary, script];
    let sum = 0;
    for (let attempt = 0; attempt < (counted ? 1 : TRIES); attempt++) {
      const output = execFileSync(command!, rest, { encoding: 'utf8', timeout: PATIENCE });
      const taken = /^done (\d+)$/m.exec(output);
      if (taken === null) throw new Error(`JerryScript has not come to the end: ${output}`);
      sum += Number(taken[1]);
    }
    return counted ? Number(/^totals: (\d+)/m.exec(readFileSync(join(directory, 'counts'), 'latin1'))![1]) : sum / TRIES;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function perRepetition(binary: string, module: string, scenario: Scenario, counted: boolean): number {
  const [few, many] = counted ? COUNTED : [0, TIMED];
  const recording = replay(record(module, scenario, many));
  const run = (repetitions: number): number => cost(binary, harness(module, scenario, recording, repetitions), counted);
  return counted ? (run(many) - run(few)) / (many - few) : run(many) / many;
}

/**
 * What the module for JerryScript costs in the real interpreter.
 * @param only the name of one scenario; all of them when left out
 * @throws Error with a sentence when JERRY names no interpreter
 */
export function measureJerry(only?: string): Record<string, JerryFigures> {
  const binary = interpreterOf('JERRY');
  const { module } = build('jerryscript-raspberry-pi', 'hello');
  const counted = isInstalled('valgrind');
  const ping = perRepetition(binary, module, OURS.find(({ name }) => name === 'echo')!, counted);
  const results: Record<string, JerryFigures> = {};
  for (const scenario of OURS) {
    if (only !== undefined && scenario.name !== only) continue;
    const taken = scenario.name === 'echo' ? ping : perRepetition(binary, module, scenario, counted);
    results[scenario.name] = { instructions: counted ? Math.round(taken) : null, ratio: Math.round((taken / ping) * 100) / 100 };
  }
  return results;
}

/** The figures as a table of Markdown. */
export function jerryTable(figures: Record<string, JerryFigures>): string[] {
  const rows = OURS.filter(({ name }) => name in figures).map(({ name, title }) => {
    const { instructions, ratio } = figures[name]!;
    return `| ${title} | ${instructions === null ? '-' : instructions.toLocaleString('en-US')} | ${ratio} |`;
  });
  return ['| in JerryScript | instructions | times a ping |', '| --- | ---: | ---: |', ...rows];
}
