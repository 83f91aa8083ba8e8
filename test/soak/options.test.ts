import { expect, test } from 'vitest';
import { optionsGiven } from '../../boards/command-line.mjs';
import { chosen, options } from './options';

test.each([
  [['--fuzz', '--frames', '1.5'], '--frames 1.5 is not a whole number above 0.'],
  [['--chip', '--hours', '0'], '--hours 0 is not a number above 0.'],
  [['--chip', '--seed', 'x'], '--seed x is not a whole number.'],
  [['--engine', 'jerry'], '--engine jerry is not known: it is espruino.'],
  [['--fuzz', '--chip'], '--chip --fuzz: these are runs of their own. Choose one of them.'],
  [['--chip', '--frames', '5'], '--frames 5: how long --chip runs is said with --hours.'],
  [['--fuzz', '--hours', '2'], '--hours 2: how long --fuzz runs is said with --frames.'],
  [['--engine', 'espruino', '--hours', '1'], '--hours 1: how long --engine runs is said with --frames.'],
])('%j is refused', (words, text) => {
  expect(() => chosen(optionsGiven(options, words))).toThrow(text);
});

test.each([
  [['--chip'], { kind: 'chip', hours: 24, frames: 100_000, seed: 1 }],
  [['--fuzz', '--seed=-3'], { kind: 'fuzz', hours: 24, frames: 1_000_000, seed: -3 }],
  [['--engine', 'espruino', '--frames', '500'], { kind: 'engine', hours: 24, frames: 500, seed: 1 }],
])('%j is a run', (words, run) => {
  expect(chosen(optionsGiven(options, words))).toEqual(run);
});
