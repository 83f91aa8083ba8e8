import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** What `npm test` wants to know of a run beyond vitest's own report. */
export interface Results {
  passed: number;
  failed: number;
  /** A few lines for each failed test, or file that could not be loaded: its name, and the error's message. */
  failures: string[];
  /** A line for each skipped test: its name and why. */
  skipped: string[];
}

/** Writes the counts, and why what was skipped was skipped, to the file that RESULTS names. */
export default class ResultsReporter implements Reporter {
  private readonly results: Results = { passed: 0, failed: 0, failures: [], skipped: [] };

  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    if (result.state === 'passed') this.results.passed++;
    else if (result.state === 'failed') this.fails(`${test.module.relativeModuleId}: ${test.fullName}`, result.errors);
    else {
      const why = result.state === 'skipped' && result.note ? `: ${result.note}` : '';
      this.results.skipped.push(`${test.module.relativeModuleId}: ${test.fullName}${why}`);
    }
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    // A file that could not be loaded, or an error outside of any test, is a failure as well.
    for (const error of errors) this.fails('outside of any test', [error]);
    for (const module of modules) for (const error of module.errors()) this.fails(module.relativeModuleId, [error]);
    const path = process.env['RESULTS'];
    if (path) writeFileSync(path, JSON.stringify(this.results));
  }

  private fails(name: string, errors: readonly unknown[]): void {
    this.results.failed++;
    this.results.failures.push([name, ...errors.map(described)].join('\n    '));
  }
}

/** An error's message, and where it was thrown. */
function described(error: unknown): string {
  const { message, stack } = error as { message?: unknown; stack?: unknown };
  const where = typeof stack === 'string' ? /\n\s*at [^\n]*/.exec(stack)?.[0].trim() : undefined;
  return [String(message ?? error), where].filter((line) => line !== undefined).join('\n    ');
}
