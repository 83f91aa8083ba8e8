/** The text of a source file with the calls of one-line functions replaced by what they return. */
export function inlineCalls(path: string, text: string): string;
