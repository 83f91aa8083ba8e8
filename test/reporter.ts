import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** What `npm test` wants to know of a run beyond vitest's own report. */
export interface Results {
  passed: number;
  failed: number;
  /** A line for each skipped test: its name and why. */
  skipped: string[];
}

/** Writes the counts, and why what was skipped was skipped, to the file that RESULTS names. */
export default class ResultsReporter implements Reporter {
  private readonly results: Results = { passed: 0, failed: 0, skipped: [] };

  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    if (result.state === 'passed') this.results.passed++;
    else if (result.state === 'failed') this.results.failed++;
    else {
      const why = result.state === 'skipped' && result.note ? `: ${result.note}` : '';
      this.results.skipped.push(`${test.module.relativeModuleId}: ${test.fullName}${why}`);
    }
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    // A file that could not be loaded, or an error outside of any test, is a failure as well.
    this.results.failed += errors.length;
    for (const module of modules) this.results.failed += module.errors().length;
    const path = process.env['RESULTS'];
    if (path) writeFileSync(path, JSON.stringify(this.results));
  }
}
