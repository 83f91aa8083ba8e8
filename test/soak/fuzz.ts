import { fuzz } from '../fuzz/run';

/** Feeds so many frames to two stacks and prints what became of them. @returns true when nothing went wrong */
export function fuzzSoak(frames: number, seed: number, json: boolean): boolean {
  const started = Date.now();
  const result = fuzz(frames, seed, (done) => void (json || console.log(`${done} frames`)));
  const { ends, reached, mostAccesses, failures } = result;
  if (json) {
    console.log(JSON.stringify(result));
  } else {
    for (const [name, count] of Object.entries({ ...ends, ...reached })) console.log(`${String(count).padStart(9)}  ${name}`);
    const seconds = Math.round((Date.now() - started) / 1000);
    console.log(`${result.frames} frames, seed ${seed}, in ${seconds} s: at most ${mostAccesses.toFixed(1)} accesses for each octet of a frame`);
    for (const failure of failures) console.log(`FAILED: ${failure}`);
  }
  return failures.length === 0;
}
